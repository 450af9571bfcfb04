/// Tokens in ascending order of a number, ready for weighted medians.
///
/// A resample weighs tokens by their chunk. Cumulative counts per chunk at every `stepLength`-th token let a binary
/// search find the median's neighbourhood in a few dot products over chunks; a short walk finds the token. So a
/// median costs about a thousand operations instead of a pass over all tokens, and is exact.
struct TokenRanking: Sendable {
  private static let stepLength = 256

  private let values: [Double]
  /// Chunk of each value.
  private let chunks: [Int32]
  private let chunkCount: Int
  /// [steps + 1, chunkCount]: tokens of a chunk among the first step·stepLength ones.
  private let cumulative: [Double]

  /// - Parameters:
  ///   - values: ascending.
  ///   - chunks: the chunk of each value, in 0 ..< chunkCount.
  init(ascending values: [Double], chunks: [Int32], chunkCount: Int) {
    precondition(values.count == chunks.count, "one chunk per value")
    self.values = values
    self.chunks = chunks
    self.chunkCount = chunkCount
    let steps = values.count / Self.stepLength
    var cumulative = [Double](repeating: 0, count: (steps + 1) * chunkCount)
    var counts = [Double](repeating: 0, count: chunkCount)
    for step in 0..<steps {
      for index in (step * Self.stepLength)..<((step + 1) * Self.stepLength) { counts[Int(chunks[index])] += 1 }
      for chunk in 0..<chunkCount { cumulative[(step + 1) * chunkCount + chunk] = counts[chunk] }
    }
    self.cumulative = cumulative
  }

  /// The median of the values, each taken as often as its chunk's weight says; the mean of the two middle ones where
  /// their number is even. NaN when no value has a weight.
  ///
  /// - Parameter weights: a whole number ≥ 0 per chunk.
  func median(weights: [Double]) -> Double {
    precondition(weights.count == chunkCount, "one weight per chunk")
    let steps = values.count / Self.stepLength
    var total = weighted(step: steps, weights)
    for index in (steps * Self.stepLength)..<values.count { total += weights[Int(chunks[index])] }
    guard total > 0 else { return .nan }
    // Ranks from 0 of the two middle values; the same one when the number is odd.
    let (lower, upper) = (((total - 1) / 2).rounded(.down), (total / 2).rounded(.down))

    // The last step with at most `lower` tokens before it.
    var (low, high) = (0, steps)
    while low < high {
      let middle = (low + high + 1) / 2
      if weighted(step: middle, weights) <= lower { low = middle } else { high = middle - 1 }
    }
    var passed = weighted(step: low, weights)
    var lowerValue = Double.nan
    for index in (low * Self.stepLength)..<values.count {
      passed += weights[Int(chunks[index])]
      if lowerValue.isNaN, passed > lower { lowerValue = values[index] }
      if passed > upper { return lowerValue == values[index] ? lowerValue : (lowerValue + values[index]) / 2 }
    }
    return .nan
  }

  private func weighted(step: Int, _ weights: [Double]) -> Double {
    var total = 0.0
    let row = step * chunkCount
    for chunk in 0..<chunkCount { total += weights[chunk] * cumulative[row + chunk] }
    return total
  }
}
