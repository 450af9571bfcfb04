import Foundation
import Measures
import Testing

@testable import Analysis

@Suite("The rules of a comparison: correction, names, margins, p values")
struct ComparisonRulesTests {
  @Test("Holm's correction is that of R's p.adjust")
  func holm() {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"), and with ties and ones.
    let adjusted = HolmCorrection.adjusted([0.01, 0.04, 0.03, 0.005])
    for (own, expected) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(own - expected) < 1e-15) }
    #expect(HolmCorrection.adjusted([0.5, 0.5, 1]) == [1, 1, 1])
    #expect(HolmCorrection.adjusted([]) == [])
    #expect(HolmCorrection.adjusted([0.02]) == [0.02])
  }

  @Test(
    "patterns match names as a shell does",
    arguments: [
      ("*", "fvu", true), ("fvu*", "fvu", true), ("fvu*", "fvu_article", true), ("fvu", "fvu_article", false),
      ("*floor*", "noise_floor_article", true), ("?vu", "fvu", true), ("?vu", "vu", false), ("a*b*c", "aXbYbZc", true),
      ("a*b*c", "aXbYbZ", false), ("", "", true), ("", "a", false), ("**", "", true),
    ])
  func patterns(_ pattern: String, _ name: String, _ matches: Bool) {
    #expect(NamePattern(pattern).matches(name) == matches)
  }

  @Test("a metric's pattern knows strata, changes and versions, and refuses what does not exist")
  func metricPatterns() throws {
    #expect(try MetricPattern("fvu").matches(.fvu, .all, .value))
    #expect(try !MetricPattern("fvu").matches(.fvu, .ordinary, .value))
    #expect(try !MetricPattern("fvu").matches(.fvuArticle, .all, .value))
    #expect(try MetricPattern("fvu*/*").matches(.fvuArticle, .withoutMassive, .value))
    #expect(try MetricPattern("fvu@1/ordinary").matches(.fvu, .ordinary, .value))
    #expect(try MetricPattern("cross_entropy/change").matches(.crossEntropy, .all, .percentChange))
    #expect(try !MetricPattern("cross_entropy/change").matches(.crossEntropy, .all, .value))
    #expect(try MetricPattern("fvu/ordinary/change").matches(.fvu, .ordinary, .percentChange))
    #expect(throws: ComparisonInputError.metric("fuv", known: Metric.all.map(\.shortName))) { try MetricPattern("fuv") }
    #expect(throws: ComparisonInputError.metric("fvu@2", known: Metric.all.map(\.shortName))) {
      try MetricPattern("fvu@2")
    }
    #expect(throws: ComparisonInputError.stratum("fvu/odd")) { try MetricPattern("fvu/odd") }
    #expect(throws: ComparisonInputError.metric("fvu/all/all", known: Metric.all.map(\.shortName))) {
      try MetricPattern("fvu/all/all")
    }
  }

  @Test("margins are read in percent and in the unit; the last that fits holds")
  func margins() throws {
    var options = RunComparison.Options()
    options.margins = try [MarginRule("* 2%"), MarginRule("kl 0.25")]
    #expect(options.margin(.crossEntropy, .all, .value) == EquivalenceMargin(2, isRelative: true))
    #expect(options.margin(.kl, .all, .value) == EquivalenceMargin(0.25, isRelative: false))
    #expect(options.margin(.fvu, .ordinary, .value) == EquivalenceMargin(1, isRelative: true))
    for text in ["kl", "kl x", "kl -1", "kl nan%", "kl inf", "kl 1 2", ""] {
      #expect(throws: ComparisonInputError.margin(text)) { try MarginRule(text) }
    }
  }

  private func studentized(_ estimate: Double, _ replicates: [Double], error: Double = 1) -> SymmetricStudentized? {
    SymmetricStudentized(
      estimate: estimate, variance: error * error, replicates: replicates,
      variances: replicates.map { _ in error * error })
  }

  @Test("the p value is below 1 − level exactly when the interval leaves out 0, and falls with the distance")
  func duality() throws {
    // |t*| = 1 … 999 thousandths of 3.
    let replicates = (1...999).map { 3 * Double($0) / 999 }
    var last = 1.0
    for distance in stride(from: 0.0, through: 12, by: 0.01) {
      let own = try #require(studentized(distance, replicates.map { $0 + distance }))
      #expect((own.pValue <= 0.05) == !(own.interval(level: 0.95).low <= 0))
      #expect(own.pValue <= last && own.pValue >= 0)
      last = own.pValue
    }
    #expect(last < 1e-6)
    let counted = try #require(studentized(2, replicates.map { $0 + 2 }))
    // 334 of 999 lie at 2 or beyond.
    #expect(abs(counted.pValue - 335.0 / 1000) < 1e-12)
  }

  @Test("resamples without a value are left out up to one in a hundred, and no number is made of more")
  func missing() {
    var replicates = (1...200).map { Double($0) / 100 }
    replicates[0] = .nan
    replicates[1] = .nan
    #expect(studentized(1, replicates) != nil)
    replicates[2] = .infinity
    #expect(studentized(1, replicates) == nil)
    #expect(studentized(.nan, [1, 2, 3]) == nil)
    #expect(studentized(1, []) == nil)
  }

  @Test("a difference that every cluster shares has an interval of no width, and the smallest p value that was counted")
  func constant() throws {
    let resamples = Resamples(clusterCount: 50, replicates: 300, seed: 1)
    let (a, b) = ([Double](repeating: 2, count: resamples.rowCount), [Double](repeating: 3, count: resamples.rowCount))
    let statistic = ResampledStatistic(
      zip(a, b).map { $1 - $0 }, resamples, denominators: [Double](repeating: 1, count: 50))
    let own = try #require(ResampledStatistic.studentized([statistic], under: [resamples])[0])
    #expect(own.interval(level: 0.95) == Interval(low: 1, high: 1, level: 0.95))
    #expect(own.pValue == 1.0 / 301)
  }

  @Test("intervals that hold at once reach as far as the largest |t| of any of them")
  func simultaneous() throws {
    // Two statistics that are never far off together: the larger of both is beyond 1.9 in every resample.
    let first = try #require(studentized(0, (1...1000).map { $0 % 2 == 0 ? 2 : 0.1 }))
    let second = try #require(studentized(0, (1...1000).map { $0 % 2 == 1 ? 1.9 : 0.1 }, error: 1))
    let reach = try #require(SymmetricStudentized.simultaneous([first, second], level: 0.4))
    #expect(reach == 1.9 && first.quantile(0.4) == 0.1)
    #expect(first.interval(level: 0.4, reach: reach) == Interval(low: -1.9, high: 1.9, level: 0.4))
    // What does not vary takes no part.
    let constant = try #require(studentized(0, [Double](repeating: 0, count: 1000), error: 0))
    #expect(SymmetricStudentized.simultaneous([first, second, constant], level: 0.4) == reach)
    #expect(SymmetricStudentized.simultaneous([constant], level: 0.4) == nil)
  }
}
