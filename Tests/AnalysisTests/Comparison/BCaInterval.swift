@testable import Analysis

/// What symmetric studentized intervals were chosen over. Bias-corrected and accelerated (BCa) bootstrap intervals (Efron 1987), computed as `scipy.stats.bootstrap` does:
/// from replicates, the estimate itself, and leave-one-cluster-out values.
enum BCaInterval {
  /// The interval of a statistic whose values over all weight rows are known.
  ///
  /// - Parameter rows: `rowCount` values in the order of `resamples`' rows.
  /// - Returns: nil with fewer than two clusters, without replicates, or when more than one replicate in a hundred has no
  ///   value (a stratum so rare that whole resamples miss it).
  static func bca(_ rows: [Double], _ resamples: Resamples, level: Double) -> Interval? {
    guard resamples.clusterCount >= 2, resamples.replicateCount > 0 else { return nil }
    let estimate = rows[resamples.pointRow]
    let replicates = rows[..<resamples.replicateCount].filter { $0.isFinite }.sorted()
    guard estimate.isFinite, replicates.count * 100 >= resamples.replicateCount * 99 else { return nil }
    let tail = (1 - level) / 2
    let bias = biasCorrection(replicates, estimate)
    let acceleration = acceleration(Array(rows[resamples.leaveOneOutRows]))
    return Interval(
      low: percentile(replicates, corrected(tail, bias, acceleration)),
      high: percentile(replicates, corrected(1 - tail, bias, acceleration)), level: level)
  }

  /// z₀: how far the estimate lies from the replicates' median, in standard normal units. Ties count half.
  private static func biasCorrection(_ replicates: [Double], _ estimate: Double) -> Double {
    let below = firstIndex(in: replicates) { $0 >= estimate }
    let notAbove = firstIndex(in: replicates) { $0 > estimate }
    return NormalDistribution.quantile(Double(below + notAbove) / Double(2 * replicates.count))
  }

  /// a: skewness of the clusters' influence over six, from the jackknife; 0 when all clusters agree.
  private static func acceleration(_ leaveOneOut: [Double]) -> Double {
    let count = Double(leaveOneOut.count)
    let mean = leaveOneOut.reduce(0, +) / count
    var (squares, cubes) = (0.0, 0.0)
    for value in leaveOneOut {
      let influence = (count - 1) * (mean - value)
      squares += influence * influence
      cubes += influence * influence * influence
    }
    // As scipy: sums over n² and n³.
    let (second, third) = (squares / (count * count), cubes / (count * count * count))
    guard second > 0, third.isFinite else { return 0 }
    return third / (6 * second * second.squareRoot())
  }

  /// The share of replicates below the interval's end, instead of `share`. Falls back on `share` itself, the plain
  /// percentile interval, where the correction has no value: the estimate lies outside all replicates.
  private static func corrected(_ share: Double, _ bias: Double, _ acceleration: Double) -> Double {
    let z = bias + NormalDistribution.quantile(share)
    let denominator = 1 - acceleration * z
    guard bias.isFinite, denominator > 0 else { return share }
    return NormalDistribution.cumulative(bias + z / denominator)
  }

  /// Linear interpolation between order statistics, as `numpy.percentile` does by default.
  static func percentile(_ sorted: [Double], _ share: Double) -> Double {
    let position = share * Double(sorted.count - 1)
    let lower = min(max(Int(position.rounded(.down)), 0), sorted.count - 1)
    let upper = min(lower + 1, sorted.count - 1)
    let fraction = position - Double(lower)
    let step = sorted[upper] - sorted[lower]
    return fraction >= 0.5 ? sorted[upper] - step * (1 - fraction) : sorted[lower] + step * fraction
  }

  /// First index whose element fulfils a condition that holds from some index on.
  private static func firstIndex(in sorted: [Double], _ holds: (Double) -> Bool) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(sorted[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
