import Measures
import RunFile

/// A run's sums over the clusters of a sample, resampled.
struct SampledRun: Sendable {
  let sample: Sample
  let conditions: RunConditions
  let resamples: Resamples
  private let dModel: Int
  /// Per cluster.
  private let columns: [QuantityKey: [Double]]
  /// Over all weight rows.
  private let values: [QuantityKey: [Double]]
  /// S_c·ΣS by cluster, of sums of vectors S.
  private let productsWithTotal: [QuantityKey: [Double]]

  /// - Parameters:
  ///   - place: of the sample among those that the sums were made for.
  ///   - other: another run under the same resamples: what both have alike is resampled once.
  init(_ sums: PieceSums, at place: Int, like other: SampledRun? = nil) {
    let own = sums.resampled[place]
    (sample, resamples, conditions, dModel) = (own.of.sample, own.of.resamples, sums.conditions, sums.dModel)
    let sample = own.of.sample
    columns = sums.columns.filter { own.of.wants($0.key) }.mapValues { sample.sums($0) }
    productsWithTotal = own.productsWithTotal
    var known = own.values
    // Places of conditions name the same data only where the data is the same.
    if let other {
      for (key, own) in columns where other.columns[key] == own { known[key] = other.values[key] }
    }
    let new = columns.filter { known[$0.key] == nil }.map { ($0.key, $0.value) }
    for ((key, _), rows) in zip(new, resamples.sums(of: new.map(\.1))) { known[key] = rows }
    values = known
  }

  // MARK: Metrics

  /// A metric over all weight rows; nil where a sum that it needs was not measured.
  func rows(_ metric: Metric, at place: Place) -> [Double]? {
    var columns: [[Double]] = []
    for term in metric.terms {
      let column: [Double]? =
        switch term {
        case .sum(let sum, let side):
          place.condition(at: side).flatMap { values[key(sum, $0, place)] }
        case .metric(let metric, let side): place.moved(to: side).flatMap { rows(metric, at: $0) }
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

  private func key(_ sum: Sum, _ condition: Int, _ place: Place) -> QuantityKey {
    conditions.key(condition, place.mask, place.stratum, sum, bucket: place.bucket)
  }

  /// The tokens that a metric stands on, and the clusters that hold any of them.
  func size(_ metric: Metric, at place: Place) -> (tokens: Int, clusters: Int) {
    let counts = columns[key(metric.counted, place.condition, place)] ?? []
    return (Int(counts.reduce(0, +)), counts.count { $0 > 0 })
  }

  /// Each cluster's part of a metric's denominator, which is what its weight in the metric is.
  func denominators(_ metric: Metric, at place: Place) -> [Double] {
    func column(_ sum: Sum, _ side: Metric.Side = .own) -> [Double]? {
      place.condition(at: side).flatMap { columns[key(sum, $0, place)] }
    }
    let counts = column(metric.counted) ?? column(metric.counted, .reference) ?? sample.tokenCounts
    switch metric.weight {
    case .count: return counts
    case .sum(let sum, let side): return column(sum, side) ?? counts
    case .variance(let energy, let sum):
      guard let energy = column(energy), let sum = column(sum) else { return counts }
      let dimensions = Double(dModel)
      let mean = sum.reduce(0, +) / (counts.reduce(0, +) * dimensions)
      return energy.indices.map { energy[$0] - 2 * mean * sum[$0] + counts[$0] * dimensions * mean * mean }
    case .vectorVariance(let energy, let vector):
      guard let energy = column(energy), let products = productsWithTotal[key(vector, place.condition, place)]
      else { return counts }
      let tokens = counts.reduce(0, +)
      let squaredMean = products.reduce(0, +) / (tokens * tokens)
      return energy.indices.map { energy[$0] - 2 * products[$0] / tokens + counts[$0] * squaredMean }
    }
  }
}

extension Sample {
  /// Sums per cluster of sums per piece.
  func sums(_ perPiece: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: count)
    for (piece, cluster) in cluster.enumerated() where cluster >= 0 { sums[Int(cluster)] += perPiece[piece] }
    return sums
  }

  /// The cluster of each token, −1 outside.
  func clusterOfTokens(_ pieces: Pieces) -> [Int32] {
    var clusters: [Int32] = []
    for piece in 0..<pieces.count {
      clusters += repeatElement(cluster[piece], count: Int(pieces.tokenCount[piece]))
    }
    return clusters
  }
}
