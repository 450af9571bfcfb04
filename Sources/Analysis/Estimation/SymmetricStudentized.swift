/// Symmetric studentized bootstrap intervals of a difference, and the p value that belongs to them (P. Hall, "On symmetric
/// bootstrap confidence intervals", J. R. Statist. Soc. B 50, 1988): estimate ± q·SE, q the quantile of |t*| over the resamples,
/// t* = (replicate − estimate) ∕ SE of the replicate.
///
/// SE is the jackknife's over clusters. In a resample the statistic's influence is read as that of a ratio: a cluster with
/// influence L and relative size e (its part of the metric's denominator, over the mean) contributes L − r*·e, where
/// r* = ΣwL ∕ Σwe, and SE*² = n∕(n − 1) · Σw(L − r*e)² ∕ (Σwe)². For a ratio of sums that is the exact influence in the
/// resample; with L alone (e left out) intervals of ratios over clusters of unequal sizes cover too little.
struct SymmetricStudentized {
  /// One run's part in a statistic: the same clusters in all columns.
  struct Influence {
    /// L: n − 1 times what leaving the cluster out takes away, less the mean over clusters.
    var values: [Double]
    /// e ≥ 0, mean 1.
    var sizes: [Double]

    /// - Parameters:
    ///   - leaveOneOut: the statistic without each cluster.
    ///   - denominator: each cluster's part of the metric's denominator.
    init(estimate: Double, leaveOneOut: [Double], denominator: [Double]) {
      let count = Double(leaveOneOut.count)
      let raw = leaveOneOut.map { (count - 1) * (estimate - $0) }
      let mean = raw.reduce(0, +) / count
      values = raw.map { $0 - mean }
      let total = denominator.reduce(0, +)
      sizes = total > 0 ? denominator.map { $0 * count / total } : [Double](repeating: 1, count: leaveOneOut.count)
    }

    /// SE² in the sample itself: ΣL² ∕ (n(n − 1)).
    var variance: Double {
      let count = Double(values.count)
      return values.reduce(0) { $0 + $1 * $1 } / (count * (count - 1))
    }

    /// ΣwL, ΣwL², ΣwLe, Σwe, Σwe² are what a resample's SE is made of.
    var columns: [[Double]] {
      [
        values, values.map { $0 * $0 }, zip(values, sizes).map { $0 * $1 }, sizes, sizes.map { $0 * $0 },
      ]
    }
    static let columnCount = 5

    /// SE*² of one resample from its five sums.
    static func variance(_ sums: (Double, Double, Double, Double, Double), clusters: Int) -> Double {
      let (sum, squares, products, sizes, squaredSizes) = sums
      let ratio = sum / sizes
      let centred = squares - 2 * ratio * products + ratio * ratio * squaredSizes
      return max(0, centred) / (sizes * sizes) * Double(clusters) / Double(clusters - 1)
    }
  }

  let estimate: Double
  /// SE, the jackknife's.
  let error: Double
  /// |t*| of every resample; NaN where it has no value.
  let distances: [Double]
  private let sorted: [Double]

  /// - Parameters:
  ///   - replicates: the statistic in each resample.
  ///   - variances: SE*² of each, in the same order.
  /// - Returns: nil when more than one resample in a hundred has no value.
  init?(estimate: Double, variance: Double, replicates: [Double], variances: [Double]) {
    guard estimate.isFinite, variance.isFinite else { return nil }
    distances = zip(replicates, variances).map { replicate, variance in
      let distance = abs(replicate - estimate)
      // Every cluster moves the statistic alike: nothing to judge a distance by, unless there is none.
      let studentized = distance == 0 ? 0 : distance / variance.squareRoot()
      return studentized.isFinite ? studentized : .nan
    }
    sorted = distances.filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty, sorted.count * 100 >= replicates.count * 99 else { return nil }
    self.estimate = estimate
    error = variance.squareRoot()
  }

  /// The interval at q standard errors; by default the level's quantile of its own |t*|.
  func interval(level: Double, reach q: Double? = nil) -> Interval {
    let reach = (q ?? quantile(level)) * error
    return Interval(low: estimate - reach, high: estimate + reach, level: level)
  }

  /// The quantile of |t*|.
  func quantile(_ share: Double) -> Double { Self.quantile(share, of: sorted) }

  private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let count = sorted.count
    return sorted[min(count - 1, max(0, Int((Double(count + 1) * share).rounded(.up)) - 1))]
  }

  /// The quantile of the largest |t*| of several statistics, resample by resample: intervals that reach so far hold all at
  /// once. Statistics of other samples have draws of their own. Nil when none varies.
  static func simultaneous(_ statistics: [SymmetricStudentized], level: Double) -> Double? {
    let varying = statistics.filter { $0.error > 0 }
    guard let count = varying.map(\.distances.count).min() else { return nil }
    let largest = (0..<count).compactMap { row -> Double? in
      let values = varying.map { $0.distances[row] }.filter { !$0.isNaN }
      return values.max()
    }
    return largest.isEmpty ? nil : quantile(level, of: largest.sorted())
  }

  /// Two-sided, of the hypothesis that the difference is 0.
  var pValue: Double {
    let count = sorted.count
    guard error > 0 else { return estimate == 0 ? 1 : 1 / Double(count + 1) }
    let observed = abs(estimate) / error
    let beyond = sorted.reversed().prefix { $0 >= observed }.count
    let counted = Double(beyond + 1) / Double(count + 1)
    if beyond >= Self.fewest { return counted }
    // Beyond what so many resamples can resolve: a normal tail, as much wider as the resamples' own 99th percentile is.
    let scale = max(1, quantile(0.99) / NormalDistribution.quantile(0.995))
    return min(Double(Self.fewest + 1) / Double(count + 1), 2 * NormalDistribution.cumulative(-observed / scale))
  }

  /// Resamples beyond the observation below which a p value is no longer counted.
  static let fewest = 10
}
