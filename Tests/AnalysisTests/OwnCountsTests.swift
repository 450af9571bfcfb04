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
      let expected = (finding.metric.experiment == "noise_floor" ? short : whole).findings[index]
      #expect(finding.metric == expected.metric && Self.isClose(finding.estimate, expected.estimate))
      #expect(Self.isClose(finding.change, expected.change), "\(finding.metric.id)")
    }
    #expect(short.findings != whole.findings)
    #expect(own.measured.tokens == 16 * 64 && own.measured(by: "noise_floor").tokens == 8 * 64)
    #expect(own.measured(by: "sae") == own.measured)
    #expect(own.sources == whole.sources && own.cells == whole.cells)
    for (snapshot, expected) in zip(own.snapshots, whole.snapshots) {
      #expect(Self.isClose(snapshot.estimate, expected.estimate))
    }
  }

  /// Sums are cut where samples end, so the same number may be added up in other steps.
  private static func isClose(_ a: Estimate?, _ b: Estimate?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    let scale = 1e-9 * max(abs(a.value), (a.interval?.high ?? 0) - (a.interval?.low ?? 0))
    return abs(a.value - b.value) <= scale && a.tokenCount == b.tokenCount && a.clusterCount == b.clusterCount
      && abs((a.interval?.low ?? 0) - (b.interval?.low ?? 0)) <= scale
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
    #expect(
      own.finding(.relativeErrorMedian, condition: "nf4")?.estimate.clusterCount == own.measured(by: "sae").documents)
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
