import FabricatedRuns
import Foundation
import RunFile
import Testing

@testable import Analysis

@Suite("Against the published numbers")
struct PublishedReferenceTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("assets/references")
  private let reference: PublishedReference

  init() throws { reference = try PublishedReference.article(in: Self.folder) }

  private func estimate(_ value: Double, _ half: Double? = nil) -> Estimate {
    Estimate(
      value: value, interval: half.map { Interval(low: value - $0, high: value + $0, level: 0.95) }, tokenCount: 10,
      clusterCount: 5)
  }

  private func published(_ id: String) throws -> PublishedReference.Finding {
    try #require(reference.findings.first { $0.id == id })
  }

  // MARK: The file

  @Test("The shipped file has the published findings, and only ranges where only ranges are known")
  func shipped() throws {
    #expect(
      reference.findings.map(\.id) == [
        "cross_entropy/int8", "cross_entropy/nf4/4b", "cross_entropy/nf4/12b", "fvu/int8", "fvu/nf4", "stabilization",
        "noise_floor",
      ])
    #expect(reference.findings.filter { $0.model != nil }.map(\.printed) == ["+2.0%", "+2.7%"])
    let ratio = try published("noise_floor")
    #expect(ratio.low == 1.10 && ratio.high == 1.87)
    #expect(reference.tokens == .init(headlineInText: 200_000, crossEntropyInCode: 51_200, noiseFloorInCode: 50_176))
    #expect(reference.sources.count == 2 && reference.notKnown.count == 4)
  }

  @Test("A file that is missing, or says what cannot be, is an error that names file and key")
  func broken() throws {
    let folder = TemporaryFolder()
    let url = URL(fileURLWithPath: folder.path)
    let path = folder.file("black-box-part-4.json")
    func error(_ change: (inout PublishedReference) -> Void) throws -> ReferenceError? {
      var copy = reference
      change(&copy)
      try JSONEncoder().encode(copy).write(to: URL(fileURLWithPath: path))
      return #expect(throws: ReferenceError.self) { try PublishedReference.article(in: url) }
    }
    #expect(throws: ReferenceError.unreadable(path: path, reason: "no such file, or not readable")) {
      try PublishedReference.article(in: url)
    }
    let newer = try error { $0.schema = 2 }
    #expect(newer == .wrongSchema(path: path, found: 2))
    let wrong: [((inout PublishedReference.Finding) -> Void, String)] = [
      ({ $0.metric = "fvu@9" }, "there is no metric fvu@9"), ({ $0.low = 1 }, "low is above high"),
      (
        {
          $0.low = nil; $0.high = nil
        }, "it has neither low nor high"
      ),
      (
        {
          $0.claim = .value; $0.low = nil
        }, "a value needs both low and high"
      ),
      ({ $0.decimals = 40 }, "decimals must be from 0 to 9"), ({ $0.model = "GPT" }, "there is no model GPT"),
      ({ $0.kinds = ["q2"] }, "there is no condition of kind q2"),
      ({ $0.quantity = .snapshotDifference }, "a snapshot difference, and nothing else, has two snapshots"),
    ]
    for (change, reason) in wrong {
      let found = try error { change(&$0.findings[0]) }
      #expect(found == .wrongFinding(path: path, id: "cross_entropy/int8", reason: reason))
    }
    try Data("{\"schema\": 1}".utf8).write(to: URL(fileURLWithPath: path))
    let found = #expect(throws: ReferenceError.self) { try PublishedReference.article(in: url) }
    #expect(found?.description.contains("“id” is missing in the file") == true)
  }

  // MARK: The rule against_published@1

  @Test(
    "A bound is agreed with inside, contradicted outside, and undecided across its edge",
    arguments: [
      (0.1, 0.3, ReferenceComparison.Outcome.agrees), (0.6, 0.049, .agrees), (0.6, 0.06, .inconclusive),
      (0.0, 3.0, .inconclusive), (1.0, 0.3, .larger), (-1.0, 0.3, .smaller),
    ])
  func bound(value: Double, half: Double, outcome: ReferenceComparison.Outcome) throws {
    let finding = try published("cross_entropy/int8")
    #expect(PublishedReference.outcome(estimate(value, half), [finding]) == outcome)
  }

  @Test(
    "“Flat or lower” has no lower end, and is flat at the printed decimals",
    arguments: [
      (-0.01, 0.001, ReferenceComparison.Outcome.agrees), (0.00002, 0.00002, .agrees), (0.0002, 0.0001, .larger),
      (0.0001, 0.0002, .inconclusive),
    ])
  func openBound(value: Double, half: Double, outcome: ReferenceComparison.Outcome) throws {
    let finding = try published("fvu/int8")
    #expect(PublishedReference.outcome(estimate(value, half), [finding]) == outcome)
  }

  @Test(
    "A value is agreed with by a precise interval that reaches what rounds to it",
    arguments: [
      (2.2, 0.2, ReferenceComparison.Outcome.agrees), (2.04, 0.001, .agrees), (2.06, 0.001, .larger),
      (1.9, 0.04, .smaller), (2.0, 1.0, .agrees), (2.0, 1.1, .inconclusive), (0.5, 3.0, .inconclusive),
    ])
  func value(value: Double, half: Double, outcome: ReferenceComparison.Outcome) throws {
    let finding = try published("cross_entropy/nf4/4b")
    #expect(PublishedReference.outcome(estimate(value, half), [finding]) == outcome)
  }

  @Test(
    "Without an interval nothing is decided, except the difference of two snapshots; what is absent is not measured")
  func withoutInterval() throws {
    for (id, measured, outcome) in [
      ("cross_entropy/nf4/4b", estimate(2.0), ReferenceComparison.Outcome.inconclusive),
      ("stabilization", estimate(0.00014), .agrees), ("stabilization", estimate(-0.0002), .smaller),
      ("noise_floor", nil, .notMeasured),
    ] {
      let finding = try published(id)
      #expect(PublishedReference.outcome(measured, [finding]) == outcome, "\(id)")
    }
  }

  // MARK: Runs

  private func findings(_ change: (inout FabricatedRun) -> Void) throws -> Findings {
    var run = FabricatedRun()
    run.replicates = 200
    run.chunkCount = 8
    change(&run)
    let folder = TemporaryFolder()
    try run.write(to: folder.file("run.h5"))
    return try Findings(of: RunReader(folder.file("run.h5")))
  }

  private func asArticle(_ run: inout FabricatedRun) {
    (run.layer, run.layerCount, run.dModel) = (17, 34, 2560)
    run.chunkLength = 16
  }

  @Test("A model is recognized by width, layers and layer read, not by its name")
  func recognized() throws {
    let studied = try findings(asArticle)
    #expect(reference.model(of: studied.description)?.name == "Gemma 3 4B")
    var other = studied.description
    other.model.layer = 9
    #expect(reference.model(of: other) == nil)
    other.model = studied.description.model
    (other.model.layer, other.model.layerCount, other.model.dModel) = (24, 48, 3840)
    #expect(reference.model(of: other)?.name == "Gemma 3 12B")
  }

  @Test("A model of the study is set beside the numbers on it; another beside those on all, as context")
  func context() throws {
    let studied = reference.comparisons(with: try findings(asArticle))
    #expect(studied.allSatisfy { !$0.isContext })
    let nf4 = try #require(studied.first { $0.quantity == .percentChange && $0.condition == "nf4" })
    #expect(nf4.findings.map(\.printed) == ["+2.0%"])
    let context = reference.comparisons(with: try findings { _ in })
    #expect(context.allSatisfy { $0.isContext })
    let both = try #require(context.first { $0.quantity == .percentChange && $0.condition == "nf4" })
    #expect(both.findings.map(\.printed) == ["+2.0%", "+2.7%"])
    // FabricatedRun's NF4 raises the loss by 12 %.
    #expect(both.outcome == .larger)
    #expect(context.filter { $0.quantity == .snapshotDifference }.map(\.condition) == ["bf16", "int8", "nf4"])
    #expect(context.filter { $0.quantity == .snapshotDifference }.allSatisfy { $0.outcome == .notMeasured })
  }

  @Test("A condition with other settings is not the study's; a studied model without the condition is told so")
  func otherSettings() throws {
    let changed = try findings {
      asArticle(&$0)
      $0.effects[1].parameters = [.init(key: "double_quantization", value: "false")]
    }
    let comparisons = reference.comparisons(with: changed)
    #expect(!comparisons.contains { $0.condition == "nf4" && $0.quantity != .snapshotDifference })
    let missing = comparisons.filter { $0.condition == "4-bit, NF4" }
    #expect(missing.count == 3 && missing.allSatisfy { $0.outcome == .notMeasured && $0.measured == nil })
  }

  @Test("Snapshots are compared only at the published counts")
  func snapshots() throws {
    var run = try findings { _ in }
    func snapshot(_ asked: Int, _ tokens: Int, _ value: Double) -> Snapshot {
      Snapshot(
        condition: "bf16", requestedTokens: asked, tokens: tokens, metric: .fvuArticle, stratum: .all,
        estimate: estimate(value))
    }
    run.snapshots = [snapshot(200_000, 200_704, 0.01871), snapshot(500_000, 500_224, 0.01879)]
    func outcome() -> ReferenceComparison.Outcome? {
      reference.comparisons(with: run).first { $0.quantity == .snapshotDifference && $0.condition == "bf16" }?.outcome
    }
    #expect(outcome() == .agrees)
    // A run that ended before the count that was asked for has no such snapshot.
    run.snapshots[1].tokens = 300_032
    #expect(outcome() == .notMeasured)
  }
}
