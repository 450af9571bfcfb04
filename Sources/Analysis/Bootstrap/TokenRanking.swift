/// Tokens in ascending order of a number, ready for weighted quantiles.
///
/// A resample weighs tokens by their cluster. Cumulative counts per cluster at every `stepLength`-th token let a binary
/// search find the quantile's neighbourhood in a few dot products over clusters; a walk of about as long finds the token.
/// Steps as long as there are clusters keep the counts to one for each token. Eight
/// resamples are searched side by side: their quantiles lie close together, so most dot products serve all of them. A
/// quantile costs a few thousand operations instead of a pass over all tokens, and is exact: counts and weights are whole
/// numbers.
struct TokenRanking: Sendable {
  /// Ascending.
  let values: [Double]
  /// The cluster of each.
  let clusters: [Int32]
  let clusterCount: Int
  private let stepLength: Int
  /// [steps + 1, clusterCount]: tokens of a cluster among the first step·stepLength ones.
  private let cumulative: [Int32]

  /// - Parameters:
  ///   - values: ascending.
  ///   - clusters: the cluster of each value, in 0 ..< clusterCount.
  init(ascending values: [Double], clusters: [Int32], clusterCount: Int) {
    precondition(values.count == clusters.count, "one cluster per value")
    self.values = values
    self.clusters = clusters
    self.clusterCount = clusterCount
    let stepLength = max(256, clusterCount)
    self.stepLength = stepLength
    let steps = values.count / stepLength
    cumulative = [Int32](unsafeUninitializedCapacity: (steps + 1) * clusterCount) { cumulative, count in
      var counts = [Int32](repeating: 0, count: clusterCount)
      for step in 0...steps {
        if step > 0 {
          for index in (step - 1) * stepLength..<step * stepLength { counts[Int(clusters[index])] += 1 }
        }
        counts.withUnsafeBufferPointer { counts in
          guard let from = counts.baseAddress, let to = cumulative.baseAddress else { return }
          (to + step * clusterCount).initialize(from: from, count: clusterCount)
        }
      }
      count = (steps + 1) * clusterCount
    }
  }

  /// A quantile of the values under eight rows of weights, each value taken as often as its cluster's weight says: at the
  /// place share·(n − 1) among n ranked values from 0, interpolated linearly. NaN when no value has a weight.
  ///
  /// - Parameter weights: a whole number ≥ 0 per cluster and row.
  func quantiles(_ share: Double, weights: UnsafeBufferPointer<SIMD8<Double>>) -> SIMD8<Double> {
    precondition(weights.count == clusterCount, "one weight per cluster")
    let steps = values.count / stepLength
    // What the first step·stepLength values weigh in all rows, computed when first asked for.
    var known: [Int: SIMD8<Double>] = [:]
    func weighted(_ step: Int) -> SIMD8<Double> {
      if let total = known[step] { return total }
      var total = SIMD8<Double>.zero
      cumulative.withUnsafeBufferPointer { cumulative in
        let row = step * clusterCount
        for cluster in 0..<clusterCount { total += weights[cluster] * Double(cumulative[row + cluster]) }
      }
      known[step] = total
      return total
    }

    var totals = weighted(steps)
    for index in steps * stepLength..<values.count { totals += weights[Int(clusters[index])] }
    var quantiles = SIMD8<Double>(repeating: .nan)
    for lane in quantiles.indices where totals[lane] > 0 {
      let place = share * (totals[lane] - 1)
      let lower = place.rounded(.down)
      // The last step with at most `lower` tokens before it.
      var (low, high) = (0, steps)
      while low < high {
        let middle = (low + high + 1) / 2
        if weighted(middle)[lane] <= lower { low = middle } else { high = middle - 1 }
      }
      quantiles[lane] = value(from: low, passed: weighted(low)[lane], lower, place - lower) { weights[$0][lane] }
    }
    return quantiles
  }

  /// Walks from a step on, before which `passed` tokens lie, to the token of a rank and, for a share of the way, on to the
  /// next one.
  private func value(
    from step: Int, passed: Double, _ rank: Double, _ fraction: Double, weight: (Int) -> Double
  ) -> Double {
    var passed = passed
    var lower = Double.nan
    for index in step * stepLength..<values.count {
      passed += weight(Int(clusters[index]))
      if lower.isNaN, passed > rank {
        lower = values[index]
        if fraction == 0 { return lower }
      }
      if passed > rank + 1 {
        // Weighted like this, half-way is the mean to the last bit, and infinities stay.
        return lower == values[index] ? lower : lower * (1 - fraction) + values[index] * fraction
      }
    }
    return .nan
  }
}
