/// Tokens in ascending order of a number, ready for weighted medians.
///
/// A resample weighs tokens by their cluster. Cumulative counts per cluster at every `stepLength`-th token let a binary
/// search find the median's neighbourhood in a few dot products over clusters; a short walk finds the token. Eight
/// resamples are searched side by side: their medians lie close together, so most dot products serve all of them. A
/// median costs a few thousand operations instead of a pass over all tokens, and is exact: counts and weights are whole
/// numbers.
struct TokenRanking: Sendable, Equatable {
  private static let stepLength = 256

  private let values: [Double]
  /// Chunk of each value.
  private let clusters: [Int32]
  let clusterCount: Int
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
    let steps = values.count / Self.stepLength
    cumulative = [Int32](unsafeUninitializedCapacity: (steps + 1) * clusterCount) { cumulative, count in
      var counts = [Int32](repeating: 0, count: clusterCount)
      for step in 0...steps {
        if step > 0 {
          for index in (step - 1) * Self.stepLength..<step * Self.stepLength { counts[Int(clusters[index])] += 1 }
        }
        counts.withUnsafeBufferPointer { counts in
          guard let from = counts.baseAddress, let to = cumulative.baseAddress else { return }
          (to + step * clusterCount).initialize(from: from, count: clusterCount)
        }
      }
      count = (steps + 1) * clusterCount
    }
  }

  /// The medians of the values under eight rows of weights, each value taken as often as its cluster's weight says; the
  /// mean of the two middle ones where their number is even. NaN when no value has a weight.
  ///
  /// - Parameter weights: a whole number ≥ 0 per cluster and row.
  func medians(weights: UnsafeBufferPointer<SIMD8<Double>>) -> SIMD8<Double> {
    precondition(weights.count == clusterCount, "one weight per cluster")
    let steps = values.count / Self.stepLength
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
    for index in steps * Self.stepLength..<values.count { totals += weights[Int(clusters[index])] }
    var medians = SIMD8<Double>(repeating: .nan)
    for lane in medians.indices where totals[lane] > 0 {
      // Ranks from 0 of the two middle values; the same one when the number is odd.
      let total = totals[lane]
      let (lower, upper) = (((total - 1) / 2).rounded(.down), (total / 2).rounded(.down))
      // The last step with at most `lower` tokens before it.
      var (low, high) = (0, steps)
      while low < high {
        let middle = (low + high + 1) / 2
        if weighted(middle)[lane] <= lower { low = middle } else { high = middle - 1 }
      }
      medians[lane] = median(from: low, passed: weighted(low)[lane], lower, upper) { weights[$0][lane] }
    }
    return medians
  }

  /// Walks from a step on, before which `passed` tokens lie, to the tokens of two ranks.
  private func median(
    from step: Int, passed: Double, _ lower: Double, _ upper: Double, weight: (Int) -> Double
  ) -> Double {
    var passed = passed
    var lowerValue = Double.nan
    for index in step * Self.stepLength..<values.count {
      passed += weight(Int(clusters[index]))
      if lowerValue.isNaN, passed > lower { lowerValue = values[index] }
      if passed > upper { return lowerValue == values[index] ? lowerValue : (lowerValue + values[index]) / 2 }
    }
    return .nan
  }
}
