import Analysis
import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

/// Compares every finding with numpy's of the same file.
@Suite("Findings agree with numpy")
struct GoldenFindingsTests {
  private struct Golden: Decodable {
    struct Value: Decodable {
      var value, low, high: Double
    }
    struct Entry: Decodable {
      var metric, condition, stratum: String
      var estimate: Value
      var change, percentChange, reference: Value?
    }
    struct Snapshot: Decodable {
      var condition, metric, stratum: String
      var requested, tokens: Int
      var value: Value
      var percentChange: Value?

      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        condition = try list.decode(String.self)
        metric = try list.decode(String.self)
        stratum = try list.decode(String.self)
        requested = try list.decode(Int.self)
        tokens = try list.decode(Int.self)
        value = try list.decode(Value.self)
        percentChange = try list.decodeIfPresent(Value.self)
      }
    }
    struct Source: Decodable {
      var source, condition: String
      var crossEntropy: Value
      var percentChange: Value?

      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        source = try list.decode(String.self)
        condition = try list.decode(String.self)
        crossEntropy = try list.decode(Value.self)
        percentChange = try list.decodeIfPresent(Value.self)
      }
    }
    var content_sha256: String
    var findings: [Entry]
    var snapshots: [Snapshot]
    var sources: [Source]
    var cells: [[Double]]
  }

  private let golden: Golden
  private let findings: Findings

  init() throws {
    golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: GoldenRun.url("findings.json")))
    let folder = TemporaryFolder()
    try GoldenRun.run.write(to: folder.file("run.h5"))
    let reader = try RunReader(folder.file("run.h5"))
    // The expected numbers belong to exactly this content.
    try #require(reader.contentSHA256 == golden.content_sha256, "the fabricated run changed: make the goldens anew")
    findings = try Findings(of: reader)
  }

  /// Sums differ in their order only (pairwise there, in token order here), so values agree to roundings. Interval ends
  /// interpolate between replicates; what differs is the normal quantile, in its last digits.
  private func expectEqual(
    _ estimate: Estimate?, _ expected: Golden.Value?, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard let expected else {
      #expect(estimate == nil, "\(what)", sourceLocation: sourceLocation)
      return
    }
    guard let estimate, let interval = estimate.interval else {
      Issue.record("\(what): missing", sourceLocation: sourceLocation)
      return
    }
    let scale = max(abs(expected.value), expected.high - expected.low)
    #expect(abs(estimate.value - expected.value) <= 1e-11 * scale, "\(what): value", sourceLocation: sourceLocation)
    #expect(abs(interval.low - expected.low) <= 1e-9 * scale, "\(what): low", sourceLocation: sourceLocation)
    #expect(abs(interval.high - expected.high) <= 1e-9 * scale, "\(what): high", sourceLocation: sourceLocation)
    #expect(interval.level == 0.95, sourceLocation: sourceLocation)
  }

  @Test(
    "Every metric, stratum and condition: value, change, percent change, with studentized intervals, those of primary measures at once"
  )
  func metrics() throws {
    for entry in golden.findings {
      let metric = try #require(Metric.all.first { $0.id == entry.metric })
      let stratum = try #require(Stratum(rawValue: entry.stratum))
      let finding = try #require(
        findings.finding(metric, condition: entry.condition, stratum: stratum),
        "\(entry.metric) \(entry.condition) \(entry.stratum)")
      let what = "\(entry.metric) of \(entry.condition), \(entry.stratum)"
      expectEqual(finding.estimate, entry.estimate, what)
      expectEqual(finding.change, entry.change, what + ", change")
      expectEqual(finding.percentChange, entry.percentChange, what + ", percent change")
      expectEqual(finding.reference, entry.reference, what + ", reference")
    }
    #expect(findings.findings.count == golden.findings.count)
  }

  @Test("Every snapshot, at the first batch boundary at or after its count")
  func snapshots() {
    #expect(findings.snapshots.count == golden.snapshots.count)
    for (snapshot, expected) in zip(findings.snapshots, golden.snapshots) {
      #expect(snapshot.condition == expected.condition)
      #expect(snapshot.metric.id == expected.metric)
      #expect(snapshot.stratum.rawValue == expected.stratum)
      #expect(snapshot.requestedTokens == expected.requested)
      #expect(snapshot.tokens == expected.tokens)
      expectEqual(snapshot.estimate, expected.value, "\(expected.metric) at \(expected.requested)")
      expectEqual(snapshot.percentChange, expected.percentChange, "\(expected.metric) at \(expected.requested), change")
    }
    #expect(findings.snapshots.prefix(3).map(\.tokens) == [512, 1280, 2944])
  }

  @Test("Cross-entropy per source, and its change")
  func sources() {
    #expect(findings.sources.count == golden.sources.count)
    for (source, expected) in zip(findings.sources, golden.sources) {
      #expect(source.bucket.name == expected.source)
      #expect(source.condition == expected.condition)
      expectEqual(source.estimate, expected.crossEntropy, expected.source)
      expectEqual(source.percentChange, expected.percentChange, expected.source + ", change")
    }
  }

  @Test("Shares of the four cells")
  func cells() {
    for (cell, expected) in zip(findings.cells, golden.cells) {
      #expect(Double(cell.tokens) == expected[0])
      for (share, expected) in zip(
        [cell.tokenShare, cell.energyShare, cell.varianceShare, cell.errorShare], expected.dropFirst())
      {
        #expect(abs(share - expected) < 1e-12)
      }
    }
    #expect(findings.cells.count == 4)
    #expect(abs(findings.cells.reduce(0) { $0 + $1.varianceShare } - 1) < 1e-12)
  }

  @Test("The counts are those of the headline, not of the longer run")
  func counts() {
    #expect(findings.measured.chunks == 40)
    #expect(findings.measured.batches == 10)
    #expect(findings.measured.tokens == 2560)
    #expect(findings.measured.predictions == 40 * 63)
    #expect(findings.measured.shortBatch == nil)
    let crossEntropy = findings.finding(.crossEntropy, condition: "bf16")?.estimate
    #expect(crossEntropy?.tokenCount == 40 * 63)
    #expect(crossEntropy?.clusterCount == findings.measured.documents && findings.unit == .document)
    #expect(findings.finding(.fvu, condition: "int8")?.estimate.tokenCount == 2560)
  }

  @Test("Findings are sorted by metric, then condition in the study's order, then stratum")
  func order() {
    let metrics = Metric.all.map(\.id)
    let keys = findings.findings.map { finding in
      [
        metrics.firstIndex(of: finding.metric.id)!,
        findings.description.conditions.firstIndex { $0.name == finding.condition }!,
        Stratum.allCases.firstIndex(of: finding.stratum)!,
      ]
    }
    #expect(keys == keys.sorted { $0.lexicographicallyPrecedes($1) })
  }
}
