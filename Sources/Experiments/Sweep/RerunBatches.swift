/// Which batches are measured again in another order of summation: some of a stream's, spread evenly over it.
struct RerunBatches: Sendable, Equatable {
  /// Batches that are measured again.
  let count: Int
  /// Batches of the stream.
  let total: Int

  /// Batch i is chosen iff ⌊(i + 1) · count ∕ total⌋ > ⌊i · count ∕ total⌋.
  func contains(_ batch: Int) -> Bool { count(in: batch..<batch + 1) > 0 }

  func count(in batches: Range<Int>) -> Int {
    total == 0 ? 0 : batches.upperBound * count / total - batches.lowerBound * count / total
  }
}

extension Study.Reruns {
  /// The share of a run's batches that a study without the key measures again, in percent.
  static let usualPercent = 15

  /// What is measured again of a stream of so many batches.
  func batches(of total: Int, tokensPerBatch: Int) -> RerunBatches {
    let asked = tokens.map { ($0 + tokensPerBatch - 1) / tokensPerBatch } ?? total
    let most = isCapped ? total * Self.usualPercent / 100 : total
    return RerunBatches(count: min(asked, most), total: total)
  }
}
