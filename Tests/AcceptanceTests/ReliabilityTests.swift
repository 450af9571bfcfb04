import FabricatedRuns
import Foundation
import RunFile
import Testing

/// What docs/reliability.md promises of the command: nothing is lost, and nothing crashes, where the system refuses to go on.
@Suite("Where the system refuses", .serialized)
struct ReliabilityTests {
  private func expectOneMessage(_ result: Command, _ words: [String], _ what: String) {
    #expect(result.status == 2, "\(what): \(result.status) \(result.errors)")
    let messages = result.errors.components(separatedBy: "clearbox: ").count - 1
    #expect(messages == 1, "\(what): \(result.errors)")
    for word in words + [""] where !word.isEmpty { #expect(result.errors.contains(word), "\(what): \(result.errors)") }
    for word in ["Backtrac", "crashed", "HDF5-DIAG", "Fatal"] { #expect(!result.errors.contains(word), "\(what)") }
  }

  @Test("A full standard output ends every command with code 2 and one message")
  func fullOutput() throws {
    let tiny = try StandIn()
    let (out, run) = (tiny.folder.file("out"), tiny.folder.file("out/tiny.h5"))
    #expect(try tiny.run(to: out).status == 0)
    for arguments in [
      ["--help"], ["--version"], ["help", "run"], ["inspect", run], ["log", out], ["diff", run, run],
      ["compare", run, run], ["verify", out], ["verify", out, "--json"], ["render", run],
      ["explain", run, "cross_entropy@1/int8/all/percent"], ["features", run], ["run", tiny.study, "--out", out],
      ["figure", run, "--kind", "fvu", "-o", tiny.folder.file("fvu.svg")], ["export", run, "--format", "saebench"],
      ["fetch", tiny.study, "--dry-run"], ["template", "init", tiny.folder.file("templates")],
    ] {
      let result = try StandIn.clearbox("exec \"$@\" >/dev/full", arguments)
      expectOneMessage(result, ["Standard output cannot be written"], arguments.joined(separator: " "))
      #expect(result.errors.hasSuffix(").\n") && !result.errors.dropLast().contains("\n"), "\(result.errors)")
    }
    // And a full standard error hides no result.
    let result = try StandIn.clearbox("exec \"$@\" 2>/dev/full", ["inspect", run])
    #expect(result.status == 0 && result.output.contains("complete run"))
  }

  /// Files of at most so many blocks of 512 bytes: the header, a part, the run file, the report.
  @Test("A limit on the size of files ends a run with code 2, and it goes on", arguments: [1, 40, 160, 400, 1000])
  func fileSizes(blocks: Int) throws {
    let tiny = try StandIn()
    let (whole, out) = (tiny.folder.file("whole"), tiny.folder.file("out"))
    #expect(try tiny.run(to: whole).status == 0)
    expectOneMessage(try tiny.run(to: out, after: "ulimit -f \(blocks)"), ["too large"], "\(blocks) blocks")
    let again = try tiny.run(to: out)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try StandIn.content(out) == StandIn.content(whole))
    #expect(try StandIn.clearbox("exec \"$@\"", ["verify", out]).status == 0)
  }

  /// Tried once, on a disk that goes again: a container often may not.
  private static let mayMount: Bool = {
    let folder = TemporaryFolder()
    let command = "mount -t tmpfs -o size=4k none '\(folder.path)' 2>/dev/null && umount '\(folder.path)'"
    return (try? StandIn.clearbox(command, []).status) == 0
  }()

  /// A disk of so many KiB.
  @Test(
    "A full disk ends a run with code 2, and it goes on once there is room",
    .enabled(if: mayMount, "this test mounts a disk of its own, which it may not here"),
    arguments: [4, 40, 120, 200, 260, 400, 1000, 1600])
  func fullDisk(size: Int) throws {
    let tiny = try StandIn()
    let (whole, disk) = (tiny.folder.file("whole"), tiny.folder.file("disk"))
    #expect(try tiny.run(to: whole).status == 0)
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    // The mount is the test's own and goes with it.
    try #require(try system("mount -t tmpfs -o size=\(size)k none '\(disk)'") == 0)
    defer { _ = try? system("umount '\(disk)'") }
    expectOneMessage(try tiny.run(to: disk + "/out"), ["No space left on device"], "\(size) KiB")
    #expect(try system("mount -o remount,size=64m '\(disk)'") == 0)
    let again = try tiny.run(to: disk + "/out")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try StandIn.content(disk + "/out") == StandIn.content(whole))
    #expect(try StandIn.clearbox("exec \"$@\"", ["verify", disk + "/out"]).status == 0)
  }

  private func system(_ command: String) throws -> Int32 {
    try StandIn.clearbox(command, []).status
  }

  @Test("Another run does not replace a finished one, and its parts beside it are no part of the study")
  func otherRun() throws {
    let tiny = try StandIn()
    let out = tiny.folder.file("out")
    #expect(try tiny.run(to: out).status == 0)
    let content = try StandIn.content(out)
    let other = try StandIn.clearbox("exec \"$@\"", ["run", tiny.study, "--out", out, "--tokens", "300"])
    expectOneMessage(other, ["tiny.h5: holds another run", "budget.headline (1500, now 300)"], "another run")
    #expect(try StandIn.content(out) == content)
    // Stopped while it was to replace the first.
    try FileManager.default.createDirectory(atPath: out + "/tiny.h5.parts", withIntermediateDirectories: true)
    try put(Data("{}".utf8), at: out + "/tiny.h5.parts/run-in-progress.json")
    let verified = try StandIn.clearbox("exec \"$@\"", ["verify", out])
    #expect(verified.status == 0 && verified.output.contains("tiny.h5.parts"), "\(verified.output)")
    #expect(
      try StandIn.clearbox("exec \"$@\"", ["run", tiny.study, "--out", tiny.folder.file("new"), "--tokens", "300"])
        .status == 0)
  }

  @Test("Two reports are not written into one folder at a time")
  func twoReports() throws {
    let tiny = try StandIn()
    let out = tiny.folder.file("out")
    #expect(try tiny.run(to: out).status == 0)
    let lock = try FolderLock(report: out)
    let second = try StandIn.clearbox("exec \"$@\"", ["render", out + "/tiny.h5"])
    expectOneMessage(second, ["is writing a report into this folder"], "second report")
    withExtendedLifetime(lock) {}
  }
}
