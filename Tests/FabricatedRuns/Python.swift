import Foundation

/// Runs Python with h5py: another implementation's view of our files.
///
/// The interpreter is `CLEARBOX_PYTHON`, else Debian's `/usr/bin/python3`, whose h5py is the package `python3-h5py`.
public enum Python {
  public static var interpreter: String { ProcessInfo.processInfo.environment["CLEARBOX_PYTHON"] ?? "/usr/bin/python3" }

  public struct Failure: Error, CustomStringConvertible { public var description: String }

  /// Runs a program and returns what it printed; throws with what it complained of.
  public static func run(_ program: String, _ arguments: [String] = [], in folder: String? = nil) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: interpreter)
    process.arguments = ["-c", program] + arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let (output, complaints) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = complaints
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let complained = complaints.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(
        description: "\(interpreter) failed (h5py and numpy installed?):\n"
          + String(decoding: complained, as: UTF8.self))
    }
    return String(decoding: printed, as: UTF8.self)
  }
}
