import Foundation
import Testing

@testable import Analysis

/// Goldens/comparison.json, made by tools/golden/comparison.py.
@Suite("A paired comparison agrees with scipy and numpy")
struct GoldenComparisonTests {
  private struct Golden: Decodable {
    struct Studentized: Decodable { var estimate, error, low, high: Double; var beyond: Int }
    struct Statistic: Decodable {
      var replicates: [Double]
      var bcaLow, bcaHigh, standardError: Double
      var studentized: Studentized
      var bigBCa, bigPercentile: [Double]
    }
    var replicates: Int
    var seed: UInt64
    var tokens, lossA, lossB, energy, errorA, errorB: [Double]
    var loss, fvu: Statistic
  }

  private let golden: Golden

  init() throws {
    let url = try #require(Bundle.module.url(forResource: "comparison", withExtension: "json", subdirectory: "Goldens"))
    golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }

  private func isClose(_ a: Double, _ b: Double, _ scale: Double) -> Bool { abs(a - b) <= 1e-11 * scale }

  @Test(
    "replicates and BCa interval are scipy's, the studentized interval is numpy's, on the same draws",
    arguments: [0, 1])
  func sameDraws(_ which: Int) throws {
    let (expected, m, a, b) =
      which == 0
      ? (golden.loss, golden.tokens, golden.lossA, golden.lossB)
      : (golden.fvu, golden.energy, golden.errorA, golden.errorB)
    let resamples = Resamples(clusterCount: m.count, replicates: golden.replicates, seed: golden.seed)
    let sums = resamples.sums(of: [m, a, b])
    let (x, y) = (zip(sums[1], sums[0]).map { $0 / $1 }, zip(sums[2], sums[0]).map { $0 / $1 })
    let statistic = ResampledStatistic(zip(x, y).map { $1 - $0 }, resamples, denominators: m)
    let scale = expected.studentized.error
    #expect(statistic.replicates.count == expected.replicates.count)
    for (own, scipy) in zip(statistic.replicates, expected.replicates) {
      #expect(isClose(own, scipy, abs(scipy) + scale))
    }
    let bca = try #require(BCaInterval.bca(zip(y, x).map { $0 - $1 }, resamples, level: 0.95))
    #expect(isClose(bca.low, expected.bcaLow, scale * 100) && isClose(bca.high, expected.bcaHigh, scale * 100))
    let own = try #require(ResampledStatistic.studentized([statistic], under: [resamples])[0])
    let interval = own.interval(level: 0.95)
    #expect(isClose(interval.low, expected.studentized.low, scale * 100))
    #expect(isClose(interval.high, expected.studentized.high, scale * 100))
    if expected.studentized.beyond >= SymmetricStudentized.fewest {
      #expect(own.pValue == Double(expected.studentized.beyond + 1) / Double(golden.replicates + 1))
    } else {
      #expect(own.pValue < 11.0 / Double(golden.replicates + 1) && own.pValue > 0)
    }
  }

  @Test(
    "intervals lie within a quarter of a standard error of scipy's BCa and percentile ones with other draws",
    arguments: [0, 1])
  func otherDraws(_ which: Int) throws {
    let (expected, m, a, b) =
      which == 0
      ? (golden.loss, golden.tokens, golden.lossA, golden.lossB)
      : (golden.fvu, golden.energy, golden.errorA, golden.errorB)
    let resamples = Resamples(clusterCount: m.count, replicates: 4000, seed: 99)
    let sums = resamples.sums(of: [m, a, b])
    let (x, y) = (zip(sums[1], sums[0]).map { $0 / $1 }, zip(sums[2], sums[0]).map { $0 / $1 })
    let statistic = ResampledStatistic(zip(x, y).map { $1 - $0 }, resamples, denominators: m)
    let interval = try #require(ResampledStatistic.studentized([statistic], under: [resamples])[0]).interval(
      level: 0.95)
    for other in [expected.bigBCa, expected.bigPercentile] {
      #expect(abs(interval.low - other[0]) < 0.35 * expected.standardError)
      #expect(abs(interval.high - other[1]) < 0.35 * expected.standardError)
    }
  }
}
