/// Some of a stream's batches, spread evenly over it: those that reruns measure again, or that branches go on from.
struct BatchShare: Sendable, Equatable {
  /// Batches that are chosen.
  let count: Int
  /// Batches of the stream.
  let total: Int
  /// The first so many are never chosen.
  var skipped = 0

  /// Batch i of n after the skipped ones is chosen iff ⌊(i + 1) · count ∕ n⌋ > ⌊i · count ∕ n⌋.
  func contains(_ batch: Int) -> Bool { count(in: batch..<batch + 1) > 0 }

  func count(in batches: Range<Int>) -> Int {
    func before(_ batch: Int) -> Int { max(0, batch - skipped) * count / (total - skipped) }
    return total <= skipped ? 0 : before(batches.upperBound) - before(batches.lowerBound)
  }
}

extension Study.Reruns {
  /// The share of a run's batches that a study without the key measures again, in percent.
  static let usualPercent = 15

  /// What is measured again of a stream of so many batches.
  func batches(of total: Int, tokensPerBatch: Int) -> BatchShare {
    let asked = tokens.map { ($0 + tokensPerBatch - 1) / tokensPerBatch } ?? total
    let most = isCapped ? total * Self.usualPercent / 100 : total
    return BatchShare(count: min(asked, most), total: total)
  }
}

extension Study.Splice {
  /// What branches go on from, of a stream of so many batches: never its first, whose mean one of them takes, and no more
  /// than makes all branches together cost as much as the study's conditions.
  ///
  /// - Parameters:
  ///   - branches: of each condition.
  ///   - relativeCost: of a branch's token, against a token of a condition.
  func batches(of total: Int, tokensPerBatch: Int, branches: Int, relativeCost: Double) -> BatchShare {
    let asked = (tokens + tokensPerBatch - 1) / tokensPerBatch
    let most = branches == 0 ? 0 : Int(Double(total) / (Double(branches) * relativeCost))
    return BatchShare(count: max(0, min(asked, most, total - 1)), total: total, skipped: 1)
  }
}
