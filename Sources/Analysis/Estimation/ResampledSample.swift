import Digests
import Measures

/// A sample, how it is resampled, and what for.
struct ResampledSample: Sendable {
  let sample: Sample
  let resamples: Resamples
  private let sums: Set<Sum>
  private let strata: Set<Stratum>

  /// - Parameter strata: where it is resampled; all tokens always.
  init(_ sample: Sample, _ resamples: Resamples, for metrics: [Metric], in strata: [Stratum] = Stratum.allCases) {
    (self.sample, self.resamples) = (sample, resamples)
    (sums, self.strata) = (Set(metrics.flatMap(\.sums)), Set(strata + [.all]))
  }

  func wants(_ key: QuantityKey) -> Bool { sums.contains(key.sum) && strata.contains(key.stratum) }
}

/// Quantiles and squared norms of a run under a sample's resamples: what is no sum, and so is resampled where it is read.
struct ResampledQuantities: Sendable {
  let of: ResampledSample
  /// Over all weight rows.
  private(set) var values: [QuantityKey: [Double]] = [:]
  /// S_c·ΣS by cluster, of sums of vectors S.
  private(set) var productsWithTotal: [QuantityKey: [Double]] = [:]
  /// SHA-256 of what each was made from.
  private var sources: [QuantityKey: [UInt8]] = [:]

  init(of sample: ResampledSample) { of = sample }

  mutating func merge(_ other: ResampledQuantities) {
    values.merge(other.values) { first, _ in first }
    productsWithTotal.merge(other.productsWithTotal) { first, _ in first }
    sources.merge(other.sources) { first, _ in first }
  }

  /// Takes another run's rows under the same resamples where they were made from the same.
  private mutating func take(_ key: QuantityKey, from source: [UInt8], _ other: ResampledQuantities?) -> Bool {
    sources[key] = source
    guard let other, other.sources[key] == source else { return false }
    values[key] = other.values[key]
    productsWithTotal[key] = other.productsWithTotal[key]
    return true
  }

  // MARK: Quantiles

  /// - Parameters:
  ///   - keys: those of quantiles that rank the same tokens.
  ///   - order: tokens in ascending order of their values.
  ///   - clusters: of all tokens; −1 outside.
  mutating func addQuantiles(
    _ keys: [QuantityKey], _ values: [Double], _ order: [Int32], clusters: [Int32], like other: ResampledQuantities?
  ) {
    let keys = keys.filter { of.wants($0) && self.values[$0] == nil }
    guard !keys.isEmpty else { return }
    let inside = order.filter { clusters[Int($0)] >= 0 }
    let ranking = TokenRanking(
      ascending: inside.map { values[Int($0)] }, clusters: inside.map { clusters[Int($0)] },
      clusterCount: of.sample.count)
    let source = ranking.digest
    for key in keys {
      guard case .quantileOf(let share, _) = key.sum.form, !take(key, from: source, other) else { continue }
      self.values[key] = of.resamples.quantiles(share, of: ranking)
    }
  }

  // MARK: Squared norms

  /// - Parameter vectors: sums by piece, [pieces, dimension].
  static func addNorms(
    _ key: QuantityKey, _ vectors: UnsafeBufferPointer<Double>, dimension: Int, to all: inout [ResampledQuantities],
    like others: [ResampledQuantities]?
  ) {
    guard let start = vectors.baseAddress else { return }
    var (places, clusters): ([Int], [VectorNorms.Clusters]) = ([], [])
    for place in all.indices where all[place].of.wants(key) && all[place].values[key] == nil {
      let own = VectorNorms.Clusters(all[place].of.sample.cluster, all[place].of.resamples)
      if all[place].take(key, from: own.digest(of: start, dimension: dimension), others?[place]) { continue }
      places.append(place)
      clusters.append(own)
    }
    for (place, norms) in zip(places, VectorNorms.of(start, dimension: dimension, clusters)) {
      all[place].values[key] = norms.squared
      all[place].productsWithTotal[key] = norms.productsWithTotal
    }
  }
}

extension VectorNorms.Clusters {
  /// SHA-256 of the vectors, and of the clusters that they are in.
  fileprivate func digest(of vectors: UnsafePointer<Double>, dimension: Int) -> [UInt8] {
    var digest = SHA256()
    cluster.withUnsafeBytes { digest.update(bufferPointer: $0) }
    for place in order {
      digest.update(
        bufferPointer: UnsafeRawBufferPointer(
          UnsafeBufferPointer(start: vectors + Int(place) * dimension, count: dimension)))
    }
    return digest.finalize()
  }
}

extension TokenRanking {
  /// SHA-256 of the values, and of the clusters that they are in.
  fileprivate var digest: [UInt8] {
    var digest = SHA256()
    values.withUnsafeBytes { digest.update(bufferPointer: $0) }
    clusters.withUnsafeBytes { digest.update(bufferPointer: $0) }
    return digest.finalize()
  }
}
