import FabricatedRuns
import Foundation
import Testing

@Suite("Where commands write")
struct OutputPlaceTests {
  private let folder = TemporaryFolder()

  @Test(
    "no command replaces a run file, a folder or a device by what it writes",
    arguments: [
      ["diff", "a.h5", "b.h5"], ["compare", "a.h5", "b.h5"], ["export", "a.h5"],
      ["export", "a.h5", "--format", "run"], ["figure", "a.h5", "--kind", "performance", "--format", "csv"],
    ])
  func guarded(arguments: [String]) throws {
    for name in ["a.h5", "b.h5"] { try FabricatedRun().write(to: folder.file(name)) }
    let named = arguments.map { $0.hasSuffix(".h5") ? folder.file($0) : $0 }
    let before = try bytes(of: folder.file("a.h5"))
    for (place, word) in [
      (folder.file("a.h5"), "is a run file"), (folder.path, "is a folder"), ("/dev/null", "is a device"),
    ] {
      let result = try Command.run(named + ["-o", place])
      #expect(result.status == 2 && result.errors.contains(word), "\(place): \(result.status) \(result.errors)")
    }
    #expect(try bytes(of: folder.file("a.h5")) == before)
  }

  @Test("a disk that is full, at the other end of a pipe, is an error in words")
  func full() throws {
    for name in ["a.h5", "b.h5"] { try FabricatedRun().write(to: folder.file(name)) }
    let program = try #require(Bundle.main.executableURL).deletingLastPathComponent().appendingPathComponent("clearbox")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c",
      "'\(program.path)' diff '\(folder.file("a.h5"))' '\(folder.file("b.h5"))' --format json > /dev/full 2> /dev/null",
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
  }
}
