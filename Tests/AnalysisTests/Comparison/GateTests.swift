import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@testable import Analysis

@Suite("Gates")
struct GateTests {
  @Test("a gate is read as it is written, with any spaces")
  func grammar() throws {
    #expect(
      try Gate("  cross_entropy   nf4 <= +0.5% ").demand == .bound(.atMost, 0.5, isPercent: true, isSure: false))
    #expect(try Gate("kl nf4 < 0.01 surely").demand == .bound(.below, 0.01, isPercent: false, isSure: true))
    #expect(try Gate("fvu nf4 >= \u{2212}2%").demand == .bound(.atLeast, -2, isPercent: true, isSure: false))
    #expect(try Gate("fvu * within noise").demand == .withinNoise)
    #expect(try Gate("fvu*/* int8 equivalent").demand == .equivalent)
    #expect(try Gate("* * identical").text == "* * identical")
  }

  @Test(
    "what is no gate is refused",
    arguments: [
      "", "fvu", "fvu nf4", "fvu nf4 within", "fvu nf4 <= ", "fvu nf4 <= x%", "fvu nf4 <= nan", "fvu nf4 <= inf%",
      "fvu nf4 = 1%", "fvu nf4 <= 1% maybe", "fuv nf4 identical", "fvu/odd nf4 identical", "fvu nf4 <= 1 %",
    ])
  func refused(_ text: String) { #expect(throws: ComparisonInputError.self) { try Gate(text) } }

  private func row(
    _ metric: Metric, _ condition: String, difference: Double?, half: Double, relative: Double?,
    _ verdict: MetricDifference.Verdict
  ) -> MetricDifference {
    var row = MetricDifference(
      model: "m", metric: metric, stratum: .all, conditionA: condition, conditionB: condition, quantity: .value, a: 2,
      b: difference.map { 2 + $0 }, isPaired: true, clustersA: 50, clustersB: 50, margin: .init(1, isRelative: true),
      verdict: verdict, reason: verdict == .notComparable ? "another SAE" : nil)
    row.difference = difference
    row.interval = difference.map { Interval(low: $0 - half, high: $0 + half, level: 0.95) }
    row.relative = relative
    row.relativeInterval = relative.map { Interval(low: $0 - 50 * half, high: $0 + 50 * half, level: 0.95) }
    row.adjustedPValue = verdict == .notComparable ? nil : verdict.isDifferent ? 0.001 : 0.5
    row.isInsideMargin = row.relativeInterval.map { abs($0.low) <= 1 && abs($0.high) <= 1 }
    return row
  }

  /// A ‒ B of 2: cross-entropy +0.008 ± 0.004 (0.4 ± 0.2 %) in nf4; nothing comparable in FVU.
  private var comparison: RunComparison {
    var model = RunComparison.Model(
      model: "m", causes: [], conditions: ["bf16", "nf4"], samples: [], differences: [], conditionsOnlyInA: [],
      conditionsOnlyInB: [], notes: [], isSameFile: false)
    model.differences = [
      row(.crossEntropy, "nf4", difference: 0.008, half: 0.004, relative: 0.4, .worse),
      row(.crossEntropy, "bf16", difference: 0, half: 0, relative: 0, .identical),
      row(.fvu, "nf4", difference: nil, half: 0, relative: nil, .notComparable),
      row(.kl, "nf4", difference: .nan, half: 0, relative: .nan, .withinNoise),
    ]
    return RunComparison(
      options: .init(), models: [model], modelsOnlyInA: [], modelsOnlyInB: [], familySize: 3)
  }

  @Test(
    "each demand judges the number that it says",
    arguments: [
      ("cross_entropy nf4 <= +0.5%", 0.4, Gate.Judgement.Outcome.passed), ("cross_entropy nf4 <= 0.3%", 0.4, .failed),
      ("cross_entropy nf4 < 0.4%", 0.4, .failed), ("cross_entropy nf4 <= 0.4%", 0.4, .passed),
      ("cross_entropy nf4 <= 0.5% surely", 0.6, .failed), ("cross_entropy nf4 <= 0.61% surely", 0.6, .passed),
      ("cross_entropy nf4 >= 0.3% surely", 0.2, .failed), ("cross_entropy nf4 <= 0.01", 0.008, .passed),
      ("cross_entropy nf4 > 0.01", 0.008, .failed), ("cross_entropy nf4 <= 0.01 surely", 0.012, .failed),
      ("cross_entropy nf4 within noise", 0.001, .failed), ("cross_entropy nf4 equivalent", 0.6, .passed),
      ("cross_entropy nf4 identical", 0.008, .failed), ("cross_entropy bf16 identical", 0, .passed),
      ("cross_entropy bf16 <= 0.1% surely", 0, .passed), ("cross_entropy bf16 < 0", 0, .failed),
    ])
  func judged(_ text: String, _ value: Double, _ outcome: Gate.Judgement.Outcome) throws {
    let judgements = try Gate(text).judge(comparison)
    #expect(judgements.count == 1)
    #expect(judgements[0].outcome == outcome)
    #expect(abs(try #require(judgements[0].value) - value) < 1e-12)
  }

  @Test("NaN and what is not comparable never pass")
  func neverPasses() throws {
    for text in [
      "fvu nf4 <= 100%", "fvu nf4 >= -100", "fvu nf4 within noise", "fvu nf4 equivalent", "fvu nf4 identical",
    ] {
      #expect(try Gate(text).judge(comparison).map(\.outcome) == [.notComparable], "\(text)")
    }
    for text in ["kl nf4 <= 100%", "kl nf4 >= -100", "kl nf4 < 5 surely", "kl nf4 identical", "kl nf4 equivalent"] {
      #expect(try Gate(text).judge(comparison).allSatisfy { $0.outcome != .passed }, "\(text)")
    }
  }

  @Test("wildcards judge every row that they name, and nothing is bad input")
  func wildcards() throws {
    #expect(try Gate("* nf4 <= 1%").judge(comparison).count == 3)
    #expect(try Gate("cross_entropy * <= 1%").judge(comparison).count == 2)
    #expect(throws: ComparisonInputError.self) { try Gate("cross_entropy int8 <= 1%").judge(comparison) }
    #expect(throws: ComparisonInputError.self) { try Gate("l0 * within noise").judge(comparison) }
    #expect(throws: ComparisonInputError.self) { try Gate("cross_entropy/change nf4 <= 1%").judge(comparison) }
    let results = try GateResults([Gate("* nf4 <= 1%")], comparison)
    #expect(results.anyNotComparable && !results.anyFailed)
  }

  @Test("the same file passes what a difference of zero passes, for conditions that it has")
  func sameFile() throws {
    var same = comparison
    (same.models[0].differences, same.models[0].isSameFile) = ([], true)
    #expect(try Gate("fvu nf4 identical").judge(same).map(\.outcome) == [.passed])
    #expect(try Gate("fvu * <= 0%").judge(same).map(\.outcome) == [.passed])
    #expect(try Gate("fvu nf4 <= -1%").judge(same).map(\.outcome) == [.failed])
    #expect(throws: ComparisonInputError.self) { try Gate("fvu int8 identical").judge(same) }
  }

  @Test("a file has a gate a line with comments, or a YAML list")
  func files() throws {
    let folder = TemporaryFolder()
    let path = folder.file("gates")
    for (text, count) in [
      ("# what may change\ncross_entropy nf4 <= 0.5%  # as agreed\n\n  fvu * within noise\r\n", 2),
      ("- cross_entropy nf4 <= 0.5%\n- fvu * within noise # why\n", 2),
      ("gates:\n  - cross_entropy nf4 <= 0.5%\n", 1), ("---\n- 'fvu nf4 identical'\n", 1),
    ] {
      try put(Data(text.utf8), at: path)
      #expect(try GateFile.read(path).count == count, "\(text)")
    }
    for text in ["", "# nothing\n", "gates: 3\n", "- {a: b}\n", "- fvu\n", "- [\n", "fvu nf4 <= x\n"] {
      try put(Data(text.utf8), at: path)
      #expect(throws: ComparisonInputError.self, "\(text)") { try GateFile.read(path) }
    }
    #expect(throws: ComparisonInputError.self) { try GateFile.read(folder.file("none")) }
  }
}
