import NumpyRandom
import Testing

@testable import Analysis

extension VectorNorms {
  /// Of clusters that have one vector each, in their order.
  init(_ vectors: [Double], dimension: Int, _ resamples: Resamples, holding held: Int = 1 << 20) {
    self =
      Self.of(
        vectors, dimension: dimension, [Clusters((0..<Int32(resamples.clusterCount)).map { $0 }, resamples)],
        holding: held)[0]
  }
}

@Suite("Norms of resampled vector sums")
struct VectorNormsTests {
  private static func vectors(_ count: Int, _ dimension: Int) -> [Double] {
    var generator = PCG64(seed: 5)
    return (0..<count * dimension).map { _ in generator.random() - 0.5 }
  }

  @Test("They are right in every width", arguments: [1, 3, 4, 8, 13])
  func widths(dimension: Int) {
    let vectors = Self.vectors(11, dimension)
    let norms = VectorNorms(vectors, dimension: dimension, Resamples(clusterCount: 11, replicates: 0, seed: 0))
    let total = (0..<dimension).map { d in (0..<11).reduce(0) { $0 + vectors[$1 * dimension + d] } }
    #expect(abs(norms.squared[0] - total.reduce(0) { $0 + $1 * $1 }) < 1e-13)
    for cluster in 0..<11 {
      let own = vectors[cluster * dimension..<(cluster + 1) * dimension]
      #expect(abs(norms.productsWithTotal[cluster] - zip(own, total).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-13)
      let rest = zip(total, own).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      #expect(abs(norms.squared[1 + cluster] - rest) < 1e-13)
    }
  }

  @Test("How many products are held at a time does not matter to a bit", arguments: [1, 40, 300])
  func bands(held: Int) {
    let resamples = Resamples(clusterCount: 37, replicates: 19, seed: 1)
    let (own, all) = (
      VectorNorms(Self.vectors(37, 6), dimension: 6, resamples, holding: held),
      VectorNorms(Self.vectors(37, 6), dimension: 6, resamples)
    )
    #expect(own.squared == all.squared)
    #expect(own.productsWithTotal == all.productsWithTotal)
  }

  /// Documents of which some are cut into pieces, some left out; samples that end within a document, and one in another order.
  @Test("Samples that share products have the norms that they have alone", arguments: [1, 60, 1 << 20])
  func samples(held: Int) {
    let pieces: [Int32] = [0, 1, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 8, 8, 9]
    let (dimension, vectors) = (5, Self.vectors(pieces.count, 5))
    let first = { (count: Int) in pieces.enumerated().map { $0.offset < count ? $0.element : -1 } }
    let turned = pieces.map { 9 - $0 }
    let evens = pieces.map { $0 % 2 == 0 ? $0 / 2 : -1 }
    let samples = [first(7), first(15), turned, first(3), evens].enumerated().map { place, clusters in
      VectorNorms.Clusters(
        clusters, Resamples(clusterCount: Int(clusters.max() ?? 0) + 1, replicates: 21, seed: UInt64(place)))
    }
    let together = VectorNorms.of(vectors, dimension: dimension, samples, holding: held)
    for (sample, norms) in zip(samples, together) {
      let alone = VectorNorms.of(vectors, dimension: dimension, [sample])[0]
      #expect(norms.squared == alone.squared)
      #expect(norms.productsWithTotal == alone.productsWithTotal)
      let count = sample.resamples.clusterCount
      var sums = [Double](repeating: 0, count: count * dimension)
      for (piece, cluster) in zip(sample.order, sample.cluster) {
        for d in 0..<dimension { sums[Int(cluster) * dimension + d] += vectors[Int(piece) * dimension + d] }
      }
      let merged = VectorNorms(sums, dimension: dimension, sample.resamples)
      for (a, b) in zip(norms.squared, merged.squared) { #expect(abs(a - b) < 1e-12) }
      for (a, b) in zip(norms.productsWithTotal, merged.productsWithTotal) { #expect(abs(a - b) < 1e-12) }
    }
  }
}
