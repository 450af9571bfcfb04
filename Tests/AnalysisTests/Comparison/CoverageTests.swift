import Foundation
import Testing

@testable import Analysis

/// How often 95 % intervals hold the true value of a population that is known (docs/diff.md has the table).
///
///     CLEARBOX_COVERAGE_STUDIES=2000 swift test -c release -Xswiftc -enable-testing --filter CoverageTests
///
/// runs as many studies of 100 and of 400 documents, and prints the table.
@Suite("Coverage of a comparison's intervals")
struct CoverageTests {
  struct Line: Hashable {
    var documents: Int
    var statistic: String
    var method: String
  }

  /// Coverage, and shares of intervals wholly above and wholly below the true value.
  struct Tally {
    var (inside, above, below, studies) = (0, 0, 0, 0)
    mutating func count(_ interval: Interval?, _ truth: Double) {
      studies += 1
      guard let interval else { return }
      if interval.contains(truth) { inside += 1 } else if interval.low > truth { above += 1 } else { below += 1 }
    }
    var coverage: Double { Double(inside) / Double(studies) }
  }

  @Test("95 % intervals of means, ratios and differences hold the true value in 93 to 97 % of studies")
  func coverage() {
    let asked = ProcessInfo.processInfo.environment["CLEARBOX_COVERAGE_STUDIES"].flatMap(Int.init)
    let studies = asked ?? 150
    let replicates = asked == nil ? 399 : 2000
    // Three standard errors of the simulation itself, where it has few studies.
    let slack = asked == nil ? 3 * (0.05 * 0.95 / Double(studies)).squareRoot() - 0.005 : 0
    for documents in asked == nil ? [100] : [100, 400] {
      let tallies = Self.tallies(documents: documents, studies: studies, replicates: replicates)
      for (line, tally) in tallies {
        if asked != nil {
          let percent = { (count: Int) in String(format: "%.1f", 100 * Double(count) / Double(tally.studies)) }
          print(
            "| \(documents) | \(line.statistic) | \(line.method) | \(percent(tally.inside)) | \(percent(tally.above)) | \(percent(tally.below)) |"
          )
        }
        guard line.method == "studentized" else { continue }
        #expect(
          (0.93 - slack...0.97 + slack).contains(tally.coverage), "\(line.statistic), \(documents): \(tally.coverage)")
      }
    }
  }

  static func tallies(documents: Int, studies: Int, replicates: Int) -> [(Line, Tally)] {
    let outcomes = concurrently(studies) { study in
      intervals(documents: documents, study: UInt64(study), replicates: replicates)
    }
    guard let first = outcomes.first else { return [] }
    return first.indices.map { index in
      var tally = Tally()
      for outcome in outcomes { tally.count(outcome[index].interval, outcome[index].truth) }
      return (Line(documents: documents, statistic: first[index].statistic, method: first[index].method), tally)
    }
  }

  private typealias Outcome = (statistic: String, method: String, interval: Interval?, truth: Double)

  /// All intervals of one study, and of a second one that is independent of it.
  private static func intervals(documents: Int, study: UInt64, replicates: Int) -> [Outcome] {
    var chance = Chance(seed: 1000 + study)
    let (one, two) = (SimulatedStudy(documents: documents, &chance), SimulatedStudy(documents: documents, &chance))
    let resamples = Resamples(clusterCount: documents, replicates: replicates, seed: 2 * study)
    let others = Resamples(clusterCount: documents, replicates: replicates, seed: 2 * study + 1)
    let (x, y) = (Rows(one, resamples), Rows(two, others))
    let none = [Double](repeating: 0, count: resamples.rowCount)
    let paired: [(String, [Double], [Double], [Double], Double)] = [
      ("mean", none, x.lossA, one.tokens, SimulatedStudy.trueLoss),
      ("ratio (FVU)", none, x.fvuA, one.energy, SimulatedStudy.trueFVU),
      ("textbook FVU of vectors", none, x.vectorFVU, x.vectorVariance, SimulatedStudy.trueVectorFVU),
      ("paired difference of means", x.lossA, x.lossB, one.tokens, SimulatedStudy.trueLossDifference),
      ("paired difference of ratios", x.fvuA, x.fvuB, one.energy, SimulatedStudy.trueFVUDifference),
    ]
    let unpaired: [(String, [Double], [Double], [Double], [Double], Double)] = [
      ("unpaired difference of means", x.lossA, y.lossB, one.tokens, two.tokens, SimulatedStudy.trueLossDifference),
      ("unpaired difference of ratios", x.fvuA, y.fvuB, one.energy, two.energy, SimulatedStudy.trueFVUDifference),
    ]
    let judged = ResampledStatistic.studentized(
      paired.map { ResampledStatistic(zip($0.1, $0.2).map { $1 - $0 }, resamples, denominators: $0.3) },
      under: [resamples])
    let judgedApart = ResampledStatistic.studentized(
      unpaired.map {
        ResampledStatistic(
          .difference, unpaired: $0.1, resamples, denominatorsA: $0.3, $0.2, others, denominatorsB: $0.4)
      }, under: [resamples, others])
    var outcomes: [Outcome] = []
    for (entry, result) in zip(paired, judged) {
      outcomes.append((entry.0, "studentized", result?.interval(level: 0.95), entry.4))
      let rows = zip(entry.2, entry.1).map { $0 - $1 }
      outcomes.append((entry.0, "BCa", BCaInterval.bca(rows, resamples, level: 0.95), entry.4))
    }
    for (entry, result) in zip(unpaired, judgedApart) {
      outcomes.append((entry.0, "studentized", result?.interval(level: 0.95), entry.5))
    }
    return outcomes
  }

  /// The statistics of one study over all weight rows.
  private struct Rows {
    var lossA, lossB, fvuA, fvuB, vectorFVU, vectorVariance: [Double]

    init(_ study: SimulatedStudy, _ resamples: Resamples) {
      let sums = resamples.sums(of: [
        study.tokens, study.lossA, study.lossB, study.energy, study.errorA, study.errorB, study.vectorEnergy,
        study.vectorError,
      ])
      func ratio(_ a: Int, _ b: Int) -> [Double] { zip(sums[a], sums[b]).map { $0 / $1 } }
      (lossA, lossB, fvuA, fvuB) = (ratio(1, 0), ratio(2, 0), ratio(4, 3), ratio(5, 3))
      let count = study.tokens.count
      let norms = VectorNorms(study.vectors, dimension: SimulatedStudy.dimension, resamples)
      let squares = norms.squared
      vectorFVU = squares.indices.map { sums[7][$0] / (sums[6][$0] - squares[$0] / sums[0][$0]) }
      let products = norms.productsWithTotal
      let tokens = study.tokens.reduce(0, +)
      let squaredMean = products.reduce(0, +) / (tokens * tokens)
      vectorVariance = (0..<count).map {
        study.vectorEnergy[$0] - 2 * products[$0] / tokens + study.tokens[$0] * squaredMean
      }
    }
  }
}
