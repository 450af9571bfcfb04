import FabricatedRuns
import Foundation
import RunFile
import Testing

/// A study small enough to be run dozens of times, and the program run on it by a shell, which sets limits.
struct StandIn {
  let folder = TemporaryFolder()
  var study: String { folder.file("study.yaml") }

  init(tokens: Int = 1500) throws {
    let script = Command.root.appendingPathComponent("tools/reliability/standin.py").path
    let made = try Self.shell("exec python3 \"$0\" \"$@\"", [script, folder.file(""), "\(tokens)"])
    try #require(made.status == 0, "\(made.errors)")
  }

  /// Runs the program where the script says `"$@"`.
  static func clearbox(_ script: String, _ arguments: [String]) throws -> Command {
    let program = try #require(Bundle.main.executableURL).deletingLastPathComponent().appendingPathComponent("clearbox")
    return try shell(script, ["sh", program.path] + arguments)
  }

  private static func shell(_ script: String, _ arguments: [String]) throws -> Command {
    let folder = TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script] + arguments
    process.currentDirectoryURL = Command.root
    process.environment = ProcessInfo.processInfo.environment.merging(["CLEARBOX_HOME": Command.root.path]) { $1 }
    let (out, err) = (folder.file("out"), folder.file("err"))
    for file in [out, err] { try put(Data(), at: file) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: err))
    try process.run()
    process.waitUntilExit()
    return Command(
      status: process.terminationStatus, output: String(decoding: try bytes(of: out), as: UTF8.self),
      errors: String(decoding: try bytes(of: err), as: UTF8.self))
  }

  /// Measures into a folder, in a shell that was given some limits before; ends where it does.
  func run(to out: String, after limits: String = ":") throws -> Command {
    try Self.clearbox("\(limits); exec \"$@\"", ["run", study, "--out", out])
  }

  static func content(_ out: String) throws -> String {
    try #require(try RunReader(out + "/tiny.h5").contentSHA256)
  }
}
