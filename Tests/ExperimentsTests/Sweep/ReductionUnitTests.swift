import RunFile
import Testing

@testable import Experiments

@Suite("Reduction units")
struct ReductionUnitTests {
  @Test(
    "a block of one, two or seven units, on one, two or four threads: the same content, reruns and branches included",
    arguments: [(0, false), (100, true)])
  func sameContent(rerunTokens: Int, splices: Bool) throws {
    var tiny = try TinyRun()
    tiny.chunkLength = 10
    tiny.tokens = 2000
    // Five of a hundred batches: some blocks have none.
    tiny.reruns.tokens = rerunTokens
    if splices { tiny.experiments.append("splice") }
    let whole = try tiny.measure("whole.h5")
    #expect(whole.chunkCount == 200)
    for (units, blocks) in [(1, 13), (2, 7), (7, 2)] {
      for threads in [1, 2, 4] {
        var seen = 0
        let run = try tiny.measure("\(units)-\(threads).h5", threads: threads, blockScale: units) { event in
          if case .progress(let progress, _) = event { seen = progress.blockCount }
        }
        #expect(seen == blocks)
        #expect(run.contentSHA256 == whole.contentSHA256, "\(units) units, \(threads) threads")
      }
    }
  }

  @Test("a block is whole batches and whole units", arguments: [1, 2, 3, 4, 5, 8, 16, 24, 64])
  func wholeUnits(batch: Int) {
    let batches = ReductionUnit.batches(ofChunks: batch, atLeast: 4)
    #expect(batches >= 4 && batches * batch % ReductionUnit.chunkCount == 0)
    #expect(batches <= 16)
  }
}
