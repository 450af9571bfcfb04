import FabricatedRuns
import Foundation
import RunFile
import Testing

@testable import Experiments

@Suite("A model's run that was interrupted")
struct InterruptedRunTests {
  @Test("ends with the same content, whichever block was the last to be finished", arguments: [0, 300])
  func sameContent(rerunTokens: Int) throws {
    var tiny = try TinyRun()
    tiny.reruns.tokens = rerunTokens
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
}
