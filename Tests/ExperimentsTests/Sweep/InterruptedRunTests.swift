import FabricatedRuns
import Foundation
import Synchronization
import Testing

@testable import Experiments
@testable import RunFile

@Suite("A model's run that was interrupted")
struct InterruptedRunTests {
  @Test(
    "ends with the same content, whichever block was the last to be finished", arguments: [(0, false), (300, true)])
  func sameContent(rerunTokens: Int, splices: Bool) throws {
    var tiny = try TinyRun()
    tiny.reruns.tokens = rerunTokens
    if splices { tiny.experiments.append("splice") }
    let folder = tiny.folder
    // What lies on the disk after each block is what a crash at that moment leaves.
    var left: [String] = []
    func keepParts() throws {
      let name = "after-\(left.count).h5"
      try FileManager.default.copyItem(atPath: folder.file("whole.h5.parts"), toPath: folder.file(name + ".parts"))
      left.append(name)
    }
    var failure: (any Error)?
    let whole = try tiny.measure("whole.h5", profiles: true) { event in
      do {
        switch event {
        case .progress(let progress, _) where progress.block == left.count: try keepParts()
        case .timingProducts: try keepParts()
        default: break
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
    #expect(whole.description.strata.medianNorm != nil)
    // The last one holds all blocks: the run stopped before it put them together.
    #expect(left.count == 4)
    for name in left {
      let resumed = try tiny.measure(name)
      #expect(resumed.contentSHA256 == whole.contentSHA256, "\(name)")
      #expect(resumed.description.strata.medianNorm == whole.description.strata.medianNorm, "\(name)")
    }
  }

  @Test(
    "ends with the same content and leaves nothing behind, at whatever change of the disk it stopped",
    // With as many tokens as there are, the last batch is short.
    arguments: [1000, 100_000])
  func everyMoment(tokens: Int) throws {
    var tiny = try TinyRun()
    tiny.tokens = tokens
    let folder = tiny.folder
    let file = folder.file("whole.h5")
    let moments = Mutex<[(passed: String, copy: String)]>([])
    // The disk as it is between two changes is what a crash there leaves.
    DurableFile.observers.withLock {
      $0[file] = { passed in
        moments.withLock { moments in
          let copy = "copy-\(moments.count).h5"
          for ending in ["", ".partial", ".parts"] {
            let place = (file as NSString).deletingLastPathComponent + "/" + copy + ending
            try? FileManager.default.copyItem(atPath: file + ending, toPath: place)
          }
          moments.append((passed, copy))
        }
      }
    }
    defer { DurableFile.observers.withLock { $0[file] = nil } }
    let whole = try tiny.measure("whole.h5")
    let passed = moments.withLock(\.self)
    let text = passed.map(\.passed).joined(separator: "\n")
    for word in ["block-000002.h5.partial", "renamed \(file)\n", ".parts/.lock", ".parts\n"] {
      #expect((text + "\n").contains(word), "\(word)")
    }
    #expect(passed.count >= 18)
    for (passed, copy) in passed {
      let resumed = try tiny.measure(copy)
      #expect(resumed.contentSHA256 == whole.contentSHA256, "\(passed)")
      #expect(!folder.names("").contains { $0.hasPrefix(copy + ".") }, "\(passed)")
    }
  }

  @Test("is not cleared away where its parts are another run's")
  func othersParts() throws {
    var tiny = try TinyRun()
    let folder = tiny.folder
    try tiny.measure("run.h5")
    let parts = folder.file("run.h5.parts")
    tiny.tokens = 500
    // Stopped: only its first block is there.
    _ = try? tiny.measure("other.h5") { event in
      guard case .progress(let progress, _) = event, progress.block == 1 else { return }
      try? FileManager.default.copyItem(atPath: folder.file("other.h5.parts"), toPath: parts)
    }
    tiny.tokens = 1000
    try #require(folder.names("").contains("run.h5.parts"))
    try tiny.measure("run.h5")
    #expect(folder.names("run.h5.parts").contains("block-000000.h5"))
  }
}

@Suite("A run file that is there already")
struct FinishedRunTests {
  @Test("is not replaced by another run without a word, and is with one")
  func otherRun() throws {
    var tiny = try TinyRun()
    let first = try tiny.measure("run.h5").contentSHA256
    tiny.tokens = 500
    let text = message { try tiny.measure("run.h5") } ?? ""
    for word in ["run.h5: holds another run", "budget.headline (1000, now 500)", "--out", "--replace"] {
      #expect(text.contains(word), "\(text)")
    }
    #expect(try RunReader(tiny.folder.file("run.h5")).contentSHA256 == first)
    #expect(!tiny.folder.names("").contains("run.h5.parts"))
    tiny.replaces = true
    #expect(try tiny.measure("run.h5").contentSHA256 != first)
  }

  @Test("is not replaced where it cannot be read either")
  func unreadable() throws {
    var tiny = try TinyRun()
    try tiny.measure("run.h5")
    let path = tiny.folder.file("run.h5")
    let half = try bytes(of: path).prefix(5000)
    try put(half, at: path)
    let text = message { try tiny.measure("run.h5") } ?? ""
    for word in ["run.h5", "cannot be read", "--replace"] { #expect(text.contains(word), "\(text)") }
    #expect(try bytes(of: path) == half)
    tiny.replaces = true
    #expect(try tiny.measure("run.h5").contentSHA256 != nil)
  }
}
