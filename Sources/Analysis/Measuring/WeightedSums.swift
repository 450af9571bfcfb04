import Measures

/// Every named sum of a run over every weight row of its resamples.
struct WeightedSums: Sendable {
  let resamples: Resamples
  /// D.
  let dModel: Int
  private var values: [QuantityKey: [Double]] = [:]

  /// - Parameters:
  ///   - sums: sums per chunk, of at least as many chunks as are resampled.
  ///   - grams: inner products of the chunks' vector sums, per condition and stratum.
  ///   - rankings: tokens by relative error, per condition and stratum.
  ///   - known: the sums of another run that `sameKeys` names, under the same resamples.
  init(
    resamples: Resamples, dModel: Int, sums: [(key: QuantityKey, perChunk: [Double])],
    grams: [(key: QuantityKey, gram: ChunkGram)], rankings: [(key: QuantityKey, ranking: TokenRanking)],
    known: WeightedSums? = nil, sameKeys: Set<QuantityKey> = []
  ) {
    self.resamples = resamples
    self.dModel = dModel
    if let known { values = known.values.filter { sameKeys.contains($0.key) } }
    for (entry, weighted) in zip(sums, resamples.sums(of: sums.map(\.perChunk))) { values[entry.key] = weighted }
    for (key, gram) in grams { values[key] = resamples.squaredNorms(of: gram) }
    for (key, ranking) in rankings { values[key] = resamples.medians(of: ranking) }
  }

  /// The sums of one condition over one stratum, or one text source.
  struct View {
    fileprivate let sums: WeightedSums
    fileprivate let condition: Int
    fileprivate let stratum: Stratum
    fileprivate let source: Int?

    /// Values over all weight rows; nil when it was not measured.
    subscript(sum: Sum) -> [Double]? {
      sums.values[QuantityKey(condition: condition, stratum: stratum, sum: sum, source: source)]
    }
  }

  func view(condition: Int, stratum: Stratum = .all, source: Int? = nil) -> View {
    View(sums: self, condition: condition, stratum: stratum, source: source)
  }

  /// A metric over all weight rows; nil where a sum that it needs was not measured.
  func values(of metric: Metric, _ own: View, against reference: View) -> [Double]? {
    var columns: [[Double]] = []
    for term in metric.terms {
      let column: [Double]? =
        switch term {
        case .sum(let sum, let side): (side == .own ? own : reference)[sum]
        case .metric(let metric, let side): values(of: metric, side == .own ? own : reference, against: reference)
        case .width: [Double](repeating: Double(dModel), count: resamples.rowCount)
        }
      guard let column else { return nil }
      columns.append(column)
    }
    var row = [Double](repeating: 0, count: columns.count)
    return (0..<resamples.rowCount).map { index in
      for (place, column) in columns.enumerated() { row[place] = column[index] }
      return metric.evaluate(row)
    }
  }

  /// A statistic's value and interval, from its values over all weight rows; nil when it has no finite value.
  func estimate(_ rows: [Double], level: Double, tokens: Int, clusters: Int) -> Estimate? {
    let value = rows[resamples.pointRow]
    guard value.isFinite else { return nil }
    return Estimate(
      value: value, interval: BootstrapInterval.bca(rows, resamples, level: level), tokenCount: tokens,
      clusterCount: clusters)
  }
}
