import Analysis
import FabricatedRuns
import Measures
import RunFile
import Testing

@Suite("Measures that stand on a token count of their own")
struct OwnCountsTests {
  private let folder = TemporaryFolder()

  private func findings(_ change: (inout FabricatedRun) -> Void) throws -> Findings {
    try smallFindings(in: folder, change)
  }

  @Test("a measure with a count is that of a run with this headline; the others keep theirs")
  func asIfAlone() throws {
    // Eight chunks are two batches: as a headline, and as a count, they are the same tokens.
    let whole = try findings { _ in }
    let short = try findings { $0.headline = 8 * $0.chunkLength }
    let own = try findings { $0.counts = [.init(experiment: "noise_floor", tokens: 8 * $0.chunkLength)] }
    #expect(own.findings.count == whole.findings.count)
    for (index, finding) in own.findings.enumerated() {
      let isNoiseFloor = [Metric.perturbation, .noiseFloor, .noiseFloorArticle, .movedFarther].contains(finding.metric)
      #expect(finding == (isNoiseFloor ? short : whole).findings[index])
    }
    #expect(short.findings != whole.findings)
    #expect(own.measured.tokens == 16 * 64 && own.measured(by: "noise_floor").tokens == 8 * 64)
    #expect(own.measured(by: "sae") == own.measured)
    #expect(own.sources == whole.sources && own.cells == whole.cells && own.snapshots == whole.snapshots)
  }

  @Test("a count is rounded up to a chunk, where a headline is rounded up to a batch")
  func boundaries() throws {
    let counts = ["accuracy", "noise_floor", "sae"].map {
      RunDescription.Budget.Count(experiment: $0, tokens: 6 * 64 + 1)
    }
    let own = try findings {
      $0.counts = counts; $0.headline = 6 * 64 + 1
    }
    #expect(own.measured.chunks == 8)
    #expect(own.ownCounts.mapValues(\.chunks) == ["accuracy": 7, "noise_floor": 7, "sae": 7])
    #expect(own.measured(by: "accuracy").predictions == 7 * 63)
    #expect(own.finding(.noiseFloor, condition: "nf4")?.estimate.tokenCount == 7 * 64)
    #expect(own.finding(.crossEntropy, condition: "nf4")?.estimate.tokenCount == 7 * 63)
    #expect(own.finding(.relativeErrorMedian, condition: "nf4")?.estimate.clusterCount == 7)
    #expect(own.cells.reduce(0) { $0 + $1.tokens } == 7 * 64)
  }

  @Test("counts are in the file only where there are any, so that older files keep their content hash")
  func storage() throws {
    var run = FabricatedRun()
    #expect(run.description.budget.counts.isEmpty)
    run.counts = [.init(experiment: "sae", tokens: 128)]
    try run.write(to: folder.file("run.h5"))
    let reader = try RunReader(folder.file("run.h5"))
    #expect(reader.description.budget.counts == run.counts)
    _ = try reader.verify()
  }
}
