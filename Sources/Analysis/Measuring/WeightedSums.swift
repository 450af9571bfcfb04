/// Every quantity of a run over every weight row of its resamples.
struct WeightedSums: Sendable {
  let resamples: Resamples
  /// D.
  let dModel: Int
  private var values: [QuantityKey: [Double]] = [:]

  /// - Parameters:
  ///   - sums: sums per chunk, of at least as many chunks as are resampled.
  ///   - grams: inner products of the chunks' vector sums, per condition and stratum.
  ///   - rankings: tokens by relative error, per condition and stratum.
  ///   - known: the quantities of another run that `sameKeys` names, under the same resamples.
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

  /// The quantities of one condition over one stratum.
  struct View {
    fileprivate let sums: WeightedSums
    fileprivate let condition: Int
    fileprivate let stratum: Stratum

    var dimensions: Double { Double(sums.dModel) }

    /// Values over all weight rows; nil when it was not measured.
    subscript(quantity: Quantity) -> [Double]? {
      sums.values[QuantityKey(condition: condition, stratum: stratum, quantity: quantity)]
    }

    func combined(_ a: Quantity, _ b: Quantity, _ formula: (Double, Double) -> Double) -> [Double]? {
      guard let a = self[a], let b = self[b] else { return nil }
      return a.indices.map { formula(a[$0], b[$0]) }
    }

    func combined(
      _ a: Quantity, _ b: Quantity, _ c: Quantity, _ d: Quantity,
      _ formula: (Double, Double, Double, Double) -> Double
    ) -> [Double]? {
      guard let a = self[a], let b = self[b], let c = self[c], let d = self[d] else { return nil }
      return a.indices.map { formula(a[$0], b[$0], c[$0], d[$0]) }
    }
  }

  func view(condition: Int, stratum: Stratum) -> View {
    View(sums: self, condition: condition, stratum: stratum)
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
