/// A statistic's values over weight rows, on its way to an interval.
struct ResampledStatistic {
  let estimate: Double
  let replicates: [Double]
  /// Of the clusters: one list where both runs are resampled together, one per run otherwise.
  let influences: [SymmetricStudentized.Influence]

  /// - Parameters:
  ///   - rows: its values over all weight rows.
  ///   - denominators: each cluster's part of the metric's denominator.
  init(_ rows: [Double], _ resamples: Resamples, denominators: [Double]) {
    estimate = rows[resamples.pointRow]
    replicates = Array(rows[..<resamples.replicateCount])
    influences = [
      .init(estimate: estimate, leaveOneOut: Array(rows[resamples.leaveOneOutRows]), denominator: denominators)
    ]
  }

  /// Of two runs' values, each under resamples of its own, as many of them.
  init(
    _ form: DifferenceForm, unpaired a: [Double], _ resamplesA: Resamples, denominatorsA: [Double], _ b: [Double],
    _ resamplesB: Resamples, denominatorsB: [Double]
  ) {
    let (pointA, pointB) = (a[resamplesA.pointRow], b[resamplesB.pointRow])
    estimate = form(pointA, pointB)
    replicates = (0..<resamplesA.replicateCount).map { form(a[$0], b[$0]) }
    influences = [
      .init(
        estimate: estimate, leaveOneOut: resamplesA.leaveOneOutRows.map { form(a[$0], pointB) },
        denominator: denominatorsA),
      .init(
        estimate: estimate, leaveOneOut: resamplesB.leaveOneOutRows.map { form(pointA, b[$0]) },
        denominator: denominatorsB),
    ]
  }

  /// Several statistics under the same resamples, studentized: one set of resamples, or one per run.
  static func studentized(_ statistics: [ResampledStatistic], under sides: [Resamples]) -> [SymmetricStudentized?] {
    let variances = variances(of: statistics, under: sides)
    return concurrently(statistics.count) { index in
      let one = statistics[index]
      return SymmetricStudentized(
        estimate: one.estimate, variance: one.influences.reduce(0) { $0 + $1.variance },
        replicates: one.replicates, variances: variances[index])
    }
  }

  /// SE*² of every statistic in every resample, both runs' added up where they are resampled apart.
  private static func variances(of statistics: [ResampledStatistic], under sides: [Resamples]) -> [[Double]] {
    var totals = statistics.map { [Double](repeating: 0, count: $0.replicates.count) }
    let width = SymmetricStudentized.Influence.columnCount
    for (side, resamples) in sides.enumerated() {
      // A few at a time, so that their columns stay in cache.
      for first in stride(from: 0, to: statistics.count, by: 16) {
        let some = first..<min(first + 16, statistics.count)
        let sums = resamples.sums(of: some.flatMap { statistics[$0].influences[side].columns })
        for (position, index) in some.enumerated() {
          let start = position * width
          for row in 0..<resamples.replicateCount {
            totals[index][row] += SymmetricStudentized.Influence.variance(
              (
                sums[start][row], sums[start + 1][row], sums[start + 2][row], sums[start + 3][row], sums[start + 4][row]
              ),
              clusters: resamples.clusterCount)
          }
        }
      }
    }
    return totals
  }
}

/// What is made of a value of A and one of B.
enum DifferenceForm: CaseIterable {
  /// B − A.
  case difference
  /// 100·(B − A) ∕ |A|.
  case relative

  func callAsFunction(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .difference: b - a
    case .relative: 100 * (b - a) / abs(a)
    }
  }
}
