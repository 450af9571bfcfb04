import FabricatedRuns
import Foundation
import Testing

/// The built program, run as a user runs it.
struct Command {
  var status: Int32
  var output: String
  var errors: String

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func run(
    _ arguments: [String], program name: String = "clearbox", environment: [String: String] = [:]
  ) throws -> Command {
    let program = try #require(Bundle.main.executableURL).deletingLastPathComponent().appendingPathComponent(name)
    let folder = TemporaryFolder()
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = root
    process.environment = ProcessInfo.processInfo.environment
      .merging(["CLEARBOX_HOME": root.path]) { $1 }.merging(environment) { $1 }
    // Files take any amount of text; a pipe that nobody reads would block the program.
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
}

@Suite("The command", .serialized)
struct CommandTests {
  /// The default study with some text replaced, in a folder of its own.
  private func study(_ folder: TemporaryFolder, replacing changes: [(String, String)] = []) throws -> String {
    var text = try String(contentsOf: Command.root.appendingPathComponent("studies/gemma-3-270m.yaml"), encoding: .utf8)
      .replacingOccurrences(of: "../assets", with: Command.root.path + "/assets")
      .replacingOccurrences(of: "${CLEARBOX_CACHE}/gemma-3-270m-q4_k_m.gguf", with: try RealModel.path())
    for (old, new) in changes {
      try #require(text.contains(old), "the default study no longer says '\(old)'")
      text = text.replacingOccurrences(of: old, with: new)
    }
    let path = folder.file("study.yaml")
    try put(Data(text.utf8), at: path)
    return path
  }

  @Test(
    "bad input ends with exit code 2, one message that says what and where, and nothing written",
    arguments: [
      (["  layer: 9": "  layer: 18"], ["layer", "18", "0 to 17"]),
      (["headline: 50000": "headlines: 50000"], ["headlines", "headline"]),
      (["[accuracy, sae, splice, stabilization, noise_floor, features]": "[accuracy, say, splice]"], ["say", "sae"]),
      (["gemma-3-270m-layer9-8192": "no-such-sae"], ["no-such-sae"]),
      (["study.jsonl": "README.md"], ["README.md", "line 1"]),
      (["  - int8": "  - int7"], ["int7", "int8"]),
    ])
  func badStudies(change: [String: String], words: [String]) throws {
    let folder = TemporaryFolder()
    let path = try study(folder, replacing: change.map { ($0.key, $0.value) })
    let result = try Command.run(["run", path, "--out", folder.file("out"), "--tokens", "2048"])
    #expect(result.status == 2)
    for word in words { #expect(result.errors.contains(word), "'\(result.errors)' does not say '\(word)'") }
    #expect(!folder.names("out").contains { $0.hasSuffix(".h5") || $0.hasSuffix(".html") })
  }

  @Test("a checkpoint that is none, or is cut short, is named with what is wrong")
  func badCheckpoints() throws {
    let folder = TemporaryFolder()
    try put(Data("hello".utf8), at: folder.file("hello.gguf"))
    let whole = try FileHandle(forReadingFrom: URL(fileURLWithPath: RealModel.path()))
    try put(try #require(try whole.read(upToCount: 100_000_000)), at: folder.file("cut.gguf"))
    for (name, words) in [
      ("hello.gguf", ["hello.gguf", "no checkpoint"]), ("cut.gguf", ["cut.gguf", "bytes"]),
      ("missing.gguf", ["missing.gguf"]),
    ] {
      let path = try study(folder, replacing: [(try RealModel.path(), folder.file(name))])
      let result = try Command.run(["run", path, "--out", folder.file("out")])
      #expect(result.status == 2)
      for word in words { #expect(result.errors.contains(word), "'\(result.errors)' does not say '\(word)'") }
    }
  }

  @Test("run files that are none get exit code 2", arguments: ["render", "inspect"])
  func badRunFiles(command: String) throws {
    let folder = TemporaryFolder()
    try put(Data("not HDF5".utf8), at: folder.file("x.h5"))
    for name in ["x.h5", "missing.h5"] {
      let result = try Command.run([command, folder.file(name)])
      #expect(result.status == 2)
      #expect(result.errors.contains(name))
    }
    #expect(folder.names() == ["x.h5"])
  }

  @Test("wrong usage is bad input; help and version are not")
  func usage() throws {
    #expect(try Command.run(["run"]).status == 2)
    #expect(try Command.run(["rum", "x"]).status == 2)
    #expect(try Command.run(["run", "x", "--tokens", "0"]).status == 2)
    for kernels in [
      try Command.run(["run", "x", "--kernels", "fast"]),
      try Command.run(["run", "x"], environment: ["CLEARBOX_KERNELS": "fast"]),
    ] {
      #expect(
        kernels.status == 2 && kernels.errors.contains("kernels: 'fast' is unknown. Known are onednn, portable, "))
    }
    let help = try Command.run(["--help"])
    #expect(help.status == 0 && help.output.contains("EXIT CODES"))
    let version = try Command.run(["--version"]).output
    #expect(version.wholeMatch(of: /0\.1\.0, commit ([0-9a-f]{12}\+?|unknown)\n/) != nil, "\(version)")
  }

  @Test("a study is measured once, and its report follows from the run file alone, byte for byte")
  func wholeWay() throws {
    let folder = TemporaryFolder()
    let path = try study(folder)
    let out = folder.file("out")
    let first = try Command.run(["run", path, "--out", out, "--tokens", "2048", "--profile"])
    try #require(first.status == 0, "\(first.errors)")
    #expect(
      first.output.contains("Cross-entropy: bf16 ") && first.output.contains("FVU")
        && first.output.contains("Noise floor"))
    #expect(first.output.contains("Where the time went") && first.output.contains("SAE encoder"))
    #expect(folder.names("out").contains("gemma-3-270m.h5"))
    #expect(!folder.names("out").contains { $0.hasSuffix(".parts") })

    let second = try Command.run(["run", path, "--out", out, "--tokens", "2048"])
    #expect(second.status == 0 && second.output.contains("measured already"))

    let again = folder.file("again")
    let render = try Command.run(
      ["render", out + "/gemma-3-270m.h5", "--out", again], environment: ["TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8"])
    #expect(render.status == 0)
    for name in ["report.html", "report.md", "figures/fvu.svg", "figures/fvu.pdf", "figures/fvu.png"] {
      #expect(try bytes(of: out + "/" + name) == bytes(of: again + "/" + name), "\(name) differs")
    }
    let inspect = try Command.run(["inspect", out + "/gemma-3-270m.h5", "--verify"])
    #expect(
      inspect.status == 0 && inspect.output.contains("squared_error") && inspect.output.contains("Where the time went")
        && inspect.output.contains("Content verified"))

    // A flipped byte in the data is found.
    var damaged = try bytes(of: out + "/gemma-3-270m.h5")
    damaged[damaged.count / 2] ^= 0x40
    try put(damaged, at: folder.file("damaged.h5"))
    #expect(try Command.run(["inspect", folder.file("damaged.h5"), "--verify"]).status != 0)
  }
}
