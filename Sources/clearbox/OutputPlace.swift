import Foundation
import Report

/// Where a command may write what it was asked for: a measurement is not to be lost to a slip of the hand.
enum OutputPlace {
  /// - Throws: `OutputError` where something else lies there: a run file, a folder, a device.
  static func check(_ path: String) throws {
    var information = stat()
    guard stat(path, &information) == 0 else { return }
    switch information.st_mode & S_IFMT {
    case S_IFDIR: throw OutputError.folder(path)
    case S_IFREG: break
    default: throw OutputError.noFile(path)
    }
    // The signature of HDF5, at the start of every run file.
    let start = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).read(upToCount: 8)
    if start == Data([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) { throw OutputError.runFile(path) }
  }

  /// To standard output, or into a file of this name; the folders above it are made.
  static func write(_ data: Data, to path: String?) throws {
    guard let path else { return try Terminal.deliver(data) }
    try check(path)
    try OutputFile.save(Array(data), at: URL(fileURLWithPath: path))
    Terminal.say(path)
  }
}

enum OutputError: Error, CustomStringConvertible {
  case runFile(String)
  case folder(String)
  case noFile(String)
  case closed(String)

  var description: String {
    switch self {
    case .runFile(let path): "\(path) is a run file, which is not replaced. Give another name to --output."
    case .folder(let path): "\(path) is a folder. Give the name of a file to --output."
    case .noFile(let path):
      "\(path) is a device or a pipe. Give the name of a file to --output, or leave it out for standard output."
    case .closed(let reason): "Standard output cannot be written (\(reason))."
    }
  }
}
