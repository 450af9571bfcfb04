import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@testable import Analysis

@Suite("Two runs set against each other")
struct RunComparisonTests {
  private let folder = TemporaryFolder()

  private func run(_ name: String, _ change: (inout FabricatedRun) -> Void = { _ in }) throws -> RunReader {
    var run = FabricatedRun()
    run.chunkCount = 24
    run.documentLength = 40
    run.replicates = 200
    change(&run)
    try run.write(to: folder.file(name))
    return try RunReader(folder.file(name))
  }

  private func compare(
    _ a: RunReader, _ b: RunReader, _ change: (inout RunComparison.Options) throws -> Void = { _ in }
  ) throws -> RunComparison {
    var options = RunComparison.Options()
    options.replicates = 400
    try change(&options)
    return try RunComparison([a], [b], options)
  }

  private func row(
    _ comparison: RunComparison, _ metric: Metric, _ condition: String, _ stratum: Stratum = .all,
    _ quantity: MetricDifference.Quantity = .value
  ) throws -> MetricDifference {
    try #require(
      comparison.differences.first {
        $0.metric.id == metric.id && $0.conditionB == condition && $0.stratum == stratum && $0.quantity == quantity
      })
  }

  @Test(
    "a column of another version forbids exactly the metrics that are made of it, as denominators and in the baseline too",
    arguments: ["int8/sae/squared_norm", "bf16/sae/squared_norm", "int8/noise_floor/squared_perturbation"])
  func otherVersion(column: String) throws {
    let (a, b) = (try run("a.h5"), try run("b.h5") { $0.title = "Another title" })
    _ = try Python.run(
      """
      import h5py, sys
      with h5py.File(sys.argv[1], "r+") as file:
          file["measurements/" + sys.argv[2]].attrs["definition"] = "changed@2"
      """, [b.path, column])
    let comparison = try compare(a, RunReader(b.path, verifyingContent: false, checkingBytes: false))
    let isOwn = column.hasPrefix("int8")
    for row in comparison.differences where row.conditionA == "int8" && row.quantity == .value {
      let columns = row.metric.columns(isOwn ? .own : .reference).map { "\($0.experiment)/\($0.name)" }
      let isMadeOfIt = columns.contains { column.hasSuffix($0) }
      #expect((row.reason?.contains("another version of") == true) == isMadeOfIt, "\(row.id): \(row.reason ?? "none")")
      #expect((row.verdict == .notComparable) == isMadeOfIt, "\(row.id)")
    }
    let forbidden = comparison.differences.filter { $0.verdict == .notComparable }.map(\.metric)
    #expect(forbidden.contains(column.contains("norm") && isOwn ? .noiseFloorArticle : .noiseFloor))
  }

  @Test("the same file is identical without a row; the same content in another file is identical in every row")
  func identical() throws {
    let a = try run("a.h5")
    try FileManager.default.copyItem(atPath: a.path, toPath: folder.file("copy.h5"))
    let copy = try compare(a, RunReader(folder.file("copy.h5")))
    #expect(copy.isIdentical && copy.models[0].isSameFile && copy.differences.isEmpty && copy.models[0].causes.isEmpty)
    // Another title: other bytes, the same measurements.
    let titled = try compare(a, run("b.h5") { $0.title = "Another title" })
    #expect(titled.isIdentical && !titled.models[0].isSameFile)
    #expect(!titled.differences.isEmpty && titled.differences.allSatisfy { $0.difference == 0 })
    #expect(titled.models[0].causes.map(\.name) == ["title"])
    #expect(titled.familySize == 0)
  }

  @Test("values are the report's, differences are B minus A, and documents or chunks make no difference to them")
  func values() throws {
    let a = try run("a.h5")
    let b = try run("b.h5") { $0.effects[1].lossChange = 0.14 }
    let (inA, inB) = (try Findings(of: a), try Findings(of: b))
    for unit in ResamplingUnit.allCases {
      let comparison = try compare(a, b) { $0.unit = unit }
      #expect(comparison.models[0].samples.allSatisfy { $0.isPaired && $0.unit == unit })
      #expect(comparison.models[0].samples[0].clustersA == (unit == .chunk ? 24 : inA.measured.documents))
      for row in comparison.differences {
        let metric = row.metric
        let (x, y) = (
          try #require(inA.finding(metric, condition: row.conditionA, stratum: row.stratum)),
          try #require(inB.finding(metric, condition: row.conditionB, stratum: row.stratum))
        )
        let (expectedA, expectedB) =
          row.quantity == .value
          ? (x.estimate.value, y.estimate.value) : (x.percentChange!.value, y.percentChange!.value)
        let scale = 1e-9 * max(abs(expectedA), abs(expectedB), 1)
        #expect(abs(row.a! - expectedA) < scale && abs(row.b! - expectedB) < scale, "\(row.id)")
        #expect(abs(row.difference! - (expectedB - expectedA)) < 2 * scale, "\(row.id)")
      }
    }
  }

  @Test("what was made worse is called worse, the baseline identical, and the rest neither")
  func verdicts() throws {
    let comparison = try compare(run("a.h5"), run("b.h5") { $0.effects[1].lossChange = 0.16 })
    #expect(try row(comparison, .crossEntropy, "bf16").verdict == .identical)
    #expect(try row(comparison, .crossEntropy, "int8").verdict == .identical)
    let worse = try row(comparison, .crossEntropy, "nf4")
    #expect(worse.verdict == .worse)
    #expect(try #require(worse.interval).low > 0)
    #expect(abs(try #require(worse.relative) - 100 * (worse.b! - worse.a!) / worse.a!) < 1e-9)
    // The baseline is the same: the change against it is no second hypothesis, nor is perplexity.
    let change = try row(comparison, .crossEntropy, "nf4", .all, .percentChange)
    #expect(change.sameHypothesisAs == worse.id && change.adjustedPValue == worse.adjustedPValue)
    #expect(try row(comparison, .perplexity, "nf4").sameHypothesisAs == worse.id)
    // Errors were not touched.
    #expect(try row(comparison, .fvu, "nf4").verdict == .identical)
    let back = try compare(RunReader(folder.file("b.h5")), RunReader(folder.file("a.h5")))
    #expect(try row(back, .crossEntropy, "nf4").verdict == .better)
    #expect(back.familySize == comparison.differences.count { $0.pValue != nil && $0.sameHypothesisAs == nil })
  }

  @Test("the same text measured with other noise is paired and within noise; a wide margin makes it equivalent")
  func noise() throws {
    let (a, b) = (try run("a.h5"), try run("b.h5") { $0.measurementSeed = 77 })
    let comparison = try compare(a, b)
    #expect(comparison.models[0].samples.allSatisfy { $0.isPaired })
    #expect(try row(comparison, .crossEntropy, "bf16").verdict == .withinNoise)
    let wide = try compare(a, b) { $0.margins = try [MarginRule("* 90%")] }
    #expect(try row(wide, .crossEntropy, "bf16").verdict == .equivalent)
    #expect(try row(wide, .crossEntropy, "bf16").isInsideMargin == true)
    // Of 24 chunks an interval is indicative.
    let chunks = try compare(a, b) { $0.unit = .chunk }
    #expect(try row(chunks, .crossEntropy, "bf16").isIndicative)
  }

  @Test("other texts are unpaired; an unpaired interval is that of two independent samples")
  func unpaired() throws {
    let (a, b) = (try run("a.h5"), try run("b.h5") { $0.seed = 2 })
    let comparison = try compare(a, b)
    let sample = comparison.models[0].samples[0]
    #expect(!sample.isPaired && sample.leftOutA == 0 && sample.leftOutB == 0)
    let row = try row(comparison, .crossEntropy, "bf16")
    let interval = try #require(row.interval)
    #expect(row.isPaired == false && interval.low < row.difference! && row.difference! < interval.high)
    // The half-width is about that of both runs' intervals added in squares.
    let (x, y) = (
      try #require(try Findings(of: a).finding(.crossEntropy, condition: "bf16")?.estimate.interval),
      try #require(try Findings(of: b).finding(.crossEntropy, condition: "bf16")?.estimate.interval)
    )
    let expected = (pow((x.high - x.low) / 2, 2) + pow((y.high - y.low) / 2, 2)).squareRoot()
    #expect((0.6...1.7).contains((interval.high - interval.low) / 2 / expected))
  }

  @Test("conditions of other names are paired on request, and listed otherwise")
  func matching() throws {
    let a = try run("a.h5")
    let b = try run("b.h5") { $0.effects[1].name = "nf4-dq" }
    let apart = try compare(a, b)
    #expect(apart.models[0].conditionsOnlyInA == ["nf4"] && apart.models[0].conditionsOnlyInB == ["nf4-dq"])
    #expect(!apart.isIdentical)
    let matched = try compare(a, b) { $0.matches = [.init(a: "nf4", b: "nf4-dq")] }
    #expect(matched.models[0].conditionsOnlyInA.isEmpty && matched.models[0].conditionsOnlyInB.isEmpty)
    #expect(try row(matched, .crossEntropy, "nf4-dq").conditionA == "nf4")
    #expect(try row(matched, .crossEntropy, "nf4-dq").verdict == .identical)
    #expect(throws: ComparisonInputError.self) { try compare(a, b) { $0.matches = [.init(a: "nf5", b: "nf4-dq")] } }
  }

  @Test("what cannot be compared says why, and has no number of a difference")
  func notComparable() throws {
    let a = try run("a.h5")
    let other = String(repeating: "f", count: 64)
    let model = try compare(a, run("model.h5") { $0.checkpointSHA256 = other })
    #expect(!model.isComparable && !model.differences.isEmpty)
    #expect(model.differences.allSatisfy { $0.difference == nil && $0.reason!.contains("another model") })
    let sae = try compare(a, run("sae.h5") { $0.saeSHA256 = other })
    #expect(try row(sae, .fvu, "nf4").reason!.contains("another SAE"))
    #expect(try row(sae, .crossEntropy, "nf4").verdict == .identical)
    #expect(try row(sae, .perturbation, "nf4").verdict == .identical)
    let layer = try compare(a, run("layer.h5") { $0.layer = 3 })
    #expect(try row(layer, .perturbation, "nf4").reason!.contains("another layer"))
    #expect(try row(layer, .kl, "nf4").verdict == .identical)
    let less = try compare(a, run("less.h5") { $0.experiments = ["accuracy"] })
    #expect(try row(less, .fvu, "nf4").reason == "not measured in B")
    let name = try compare(a, run("name.h5") { $0.modelName = "another" })
    #expect(name.models.isEmpty && name.modelsOnlyInA == ["fabricated-270m"] && name.modelsOnlyInB == ["another"])
    #expect(!name.isComparable && !name.isIdentical)
    let one = try compare(
      run("one.h5") { ($0.chunkCount, $0.measurementSeed) = (1, 5) }, run("one-b.h5") { $0.chunkCount = 1 }
    ) { $0.unit = .chunk }
    #expect(try row(one, .crossEntropy, "nf4").reason!.contains("one chunk only"))
    #expect(one.differences.allSatisfy { $0.interval == nil })
  }

  @Test("experiments with token counts of their own are compared on those")
  func ownCounts() throws {
    let a = try run("a.h5") { $0.counts = [.init(experiment: "accuracy", tokens: 512)] }
    let b = try run("b.h5") {
      $0.counts = [.init(experiment: "accuracy", tokens: 512)]
      $0.effects[1].lossChange = 0.2
    }
    let comparison = try compare(a, b)
    #expect(comparison.models[0].samples.map(\.tokensA) == [512, 1536])
    let finding = try #require(try Findings(of: a).finding(.crossEntropy, condition: "nf4"))
    #expect(abs(try row(comparison, .crossEntropy, "nf4").a! - finding.estimate.value) < 1e-12)
  }

  @Test("a shorter run of the same text is compared with the same tokens of the longer one")
  func overlap() throws {
    let (a, b) = (try run("a.h5"), try run("b.h5") { ($0.chunkCount, $0.measurementSeed) = (16, 77) })
    let comparison = try compare(a, b)
    for sample in comparison.models[0].samples {
      #expect(sample.isPaired && sample.tokensA == 1024 && sample.tokensB == 1024)
      #expect(sample.leftOutA == 512 && sample.leftOutB == 0)
    }
    #expect(
      comparison.models[0].notes.contains {
        $0.contains("on the 1024 tokens that both runs hold; 512 of A are left out.")
      })
    // As if the longer run had ended there.
    let short = try compare(run("c.h5") { $0.chunkCount = 16 }, b)
    for (row, other) in zip(comparison.differences, short.differences) {
      #expect(row.id == other.id)
      guard let difference = row.difference, let expected = other.difference else { continue }
      #expect(abs(difference - expected) <= 1e-9 * max(1, abs(expected)), "\(row.id)")
      #expect(abs((row.interval?.low ?? 0) - (other.interval?.low ?? 0)) <= 1e-6, "\(row.id)")
    }
    // Values of the same measurements are the same, token by token.
    #expect(try row(compare(a, run("c.h5") { $0.chunkCount = 16 }), .crossEntropy, "nf4").verdict == .identical)
  }

  @Test("results depend on the seed alone, and metrics asked for make the family")
  func options() throws {
    let (a, b) = (try run("a.h5"), try run("b.h5") { $0.measurementSeed = 77 })
    let first = try compare(a, b)
    #expect(try first == compare(a, b))
    let seeded = try compare(a, b) { $0.seed = 3 }
    #expect(seeded != first)
    let few = try compare(a, b) { $0.metrics = try [MetricPattern("cross_entropy"), MetricPattern("fvu/*")] }
    #expect(few.familySize == 3 * 5)
    #expect(Set(few.differences.map(\.metric.id)) == [Metric.crossEntropy.id, Metric.fvu.id])
  }

  @Test("causes name what differs, by kind, and nothing else")
  func causes() throws {
    let text = """
      title: T
      models:
        - { name: m, layer: 9 }
      packing: { style: article, length: 64 }
      conditions: [bf16, {nf4: {double_quantization: true}}]
      seed: 1
      """
    let a = try run("a.h5") { $0.studyText = text }
    let b = try run("b.h5") {
      $0.studyText =
        text.replacingOccurrences(of: "length: 64", with: "length: 32")
        .replacingOccurrences(of: "double_quantization: true", with: "block: 128")
        .replacingOccurrences(of: "layer: 9", with: "layer: 3") + "\ntokens: { limit: 5 }"
      ($0.layer, $0.saeSHA256) = (3, String(repeating: "f", count: 64))
    }
    let causes = Cause.differences(a.description, b.description)
    #expect(
      causes.map { "\($0.kind) \($0.name): \($0.a ?? "–") | \($0.b ?? "–")" } == [
        "study models.m.layer: 9 | 3", "study packing.length: 64 | 32",
        "study conditions.nf4.double_quantization: true | –", "study conditions.nf4.block: – | 128",
        "study tokens.limit: – | 5", "input layer: 9 | 3",
        "input SHA-256 of the SAE: \(String(repeating: "0123456789abcdef", count: 4)) | \(String(repeating: "f", count: 64))",
      ])
    var other = b.description
    other.studyText = "no: [yaml"
    #expect(Cause.differences(a.description, other).first?.name == "text of the study")
  }
}
