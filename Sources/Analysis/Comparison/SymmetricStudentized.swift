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

  var interval: Interval
  /// Two-sided, of the hypothesis that the difference is 0.
  var pValue: Double

  /// - Parameters:
  ///   - replicates: the statistic in each resample.
  ///   - variances: SE*² of each, in the same order.
  /// - Returns: nil when more than one resample in a hundred has no value.
  init?(estimate: Double, variance: Double, replicates: ArraySlice<Double>, variances: [Double], level: Double) {
    guard estimate.isFinite, variance.isFinite else { return nil }
    let error = variance.squareRoot()
    var distances: [Double] = []
    distances.reserveCapacity(replicates.count)
    for (replicate, variance) in zip(replicates, variances) {
      let distance = abs(replicate - estimate)
      // Every cluster moves the statistic alike: nothing to judge a distance by, unless there is none.
      let studentized = distance == 0 ? 0 : distance / variance.squareRoot()
      if studentized.isFinite { distances.append(studentized) }
    }
    guard !distances.isEmpty, distances.count * 100 >= replicates.count * 99 else { return nil }
    distances.sort()
    let count = distances.count
    func quantile(_ share: Double) -> Double {
      distances[min(count - 1, max(0, Int((Double(count + 1) * share).rounded(.up)) - 1))]
    }
    let reach = quantile(level) * error
    interval = Interval(low: estimate - reach, high: estimate + reach, level: level)
    guard error > 0 else {
      pValue = estimate == 0 ? 1 : 1 / Double(count + 1)
      return
    }
    let observed = abs(estimate) / error
    let beyond = distances.reversed().prefix { $0 >= observed }.count
    let counted = Double(beyond + 1) / Double(count + 1)
    guard beyond < Self.fewest else {
      pValue = counted
      return
    }
    // Beyond what so many resamples can resolve: a normal tail, as much wider as the resamples' own 99th percentile is.
    let scale = max(1, quantile(0.99) / NormalDistribution.quantile(0.995))
    pValue = min(Double(Self.fewest + 1) / Double(count + 1), 2 * NormalDistribution.cumulative(-observed / scale))
  }

  /// Resamples beyond the observation below which a p value is no longer counted.
  static let fewest = 10
}
