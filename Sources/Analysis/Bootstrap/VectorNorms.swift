import CKernels
import Dispatch

/// What resamples make of clusters' vector sums S, which are no numbers that could be added up by themselves.
///
/// The textbook FVU centres on a mean vector, so a resample needs ‖Σ_c w_c·S_c‖². From the inner products S_a·S_b that is
/// arithmetic on C² numbers instead of C·D for every resample. They are made some rows at a time, for all samples that
/// begin alike, and never held together: there are a hundred million of them for fifteen thousand documents.
struct VectorNorms: Sendable {
  /// ‖Σ_c w_c·S_c‖²: [rowCount].
  let squared: [Double]
  /// S_c·ΣS for each cluster c, the sum over all.
  let productsWithTotal: [Double]

  /// The clusters that vectors belong to, and how these are resampled.
  struct Clusters {
    /// Places of the vectors in the order of their clusters.
    let order: [Int32]
    /// The cluster of each, ascending.
    let cluster: [Int32]
    let resamples: Resamples

    /// - Parameter cluster: of each vector; −1 for those outside.
    init(_ cluster: [Int32], _ resamples: Resamples) {
      let inside = cluster.indices.filter { cluster[$0] >= 0 }
      let isAscending = zip(inside, inside.dropFirst()).allSatisfy { cluster[$0] <= cluster[$1] }
      let order = isAscending ? inside : inside.sorted { (cluster[$0], $0) < (cluster[$1], $1) }
      self.order = order.map(Int32.init)
      self.cluster = order.map { cluster[$0] }
      self.resamples = resamples
    }
  }

  /// - Parameters:
  ///   - vectors: [n, dimension], row-major.
  ///   - samples: each of them, or some, in clusters.
  ///   - held: how many inner products are held at a time.
  /// - Returns: one for each sample.
  static func of(
    _ vectors: UnsafePointer<Double>, dimension: Int, _ samples: [Clusters], holding held: Int = 1 << 20
  ) -> [VectorNorms] {
    var sums = samples.map(ClusterSums.init)
    // Longest first: shorter samples that begin like it take the products of its first vectors.
    var left = samples.indices.sorted { samples[$0].order.count > samples[$1].order.count }
    while let longest = left.first {
      let order = samples[longest].order
      let alike = left.filter { order.starts(with: samples[$0].order) }
      left.removeAll(where: alike.contains)
      let isInPlace = order.indices.allSatisfy { Int(order[$0]) == $0 }
      let gathered =
        isInPlace
        ? []
        : order.flatMap { place in
          UnsafeBufferPointer(start: vectors + Int(place) * dimension, count: dimension)
        }
      gathered.withUnsafeBufferPointer { gathered in
        let source = gathered.baseAddress.flatMap { isInPlace ? nil : $0 } ?? vectors
        forEachBand(source, count: order.count, dimension: dimension, holding: held) { rows, products in
          for sample in alike { sums[sample].add(rows, products) }
        }
      }
    }
    return sums.map(\.norms)
  }

  /// Hands out the inner products of all vectors, some rows of the lower triangle after others.
  private static func forEachBand(
    _ vectors: UnsafePointer<Double>, count: Int, dimension: Int, holding held: Int,
    _ body: (Range<Int>, UnsafePointer<Double>) -> Void
  ) {
    let bands = Triangle.bands(of: 0..<count, products: held)
    let most = bands.map { Triangle.size($0.upperBound) - Triangle.size($0.lowerBound) }.max() ?? 0
    var products = [Double](repeating: 0, count: most)
    for band in bands {
      products.withUnsafeMutableBufferPointer { products in
        guard let start = products.baseAddress else { return }
        // Each iteration writes its own four rows alone.
        nonisolated(unsafe) let (read, write) = (vectors, start)
        DispatchQueue.concurrentPerform(iterations: (band.count + 3) / 4) { index in
          let first = band.lowerBound + 4 * index
          clearbox_gram_rows(
            read, first, min(4, band.upperBound - first), dimension,
            write + (Triangle.size(first) - Triangle.size(band.lowerBound)))
        }
        body(band, start)
      }
    }
  }
}

/// What one sample makes of inner products, as they come.
private struct ClusterSums {
  private let clusters: VectorNorms.Clusters
  private var squaredNorms: Resamples.SquaredNorms
  /// S_c·ΣS and ‖S_c‖².
  private var withTotal: [Double]
  private var squares: [Double]
  /// The products of a cluster with those up to it, of which some vectors are still to come.
  private var unfinished: [Double] = []

  init(_ clusters: VectorNorms.Clusters) {
    self.clusters = clusters
    squaredNorms = Resamples.SquaredNorms(clusters.resamples)
    withTotal = [Double](repeating: 0, count: clusters.resamples.clusterCount)
    squares = withTotal
  }

  /// - Parameter products: those of some vectors with all up to them, as far as the sample goes and beyond.
  mutating func add(_ rows: Range<Int>, _ products: UnsafePointer<Double>) {
    let rows = rows.clamped(to: 0..<clusters.order.count)
    guard !rows.isEmpty else { return }
    // As many clusters as vectors: these are the clusters' own products.
    if clusters.order.count == clusters.resamples.clusterCount { return addClusters(rows, products) }
    let (first, end) = (Int(clusters.cluster[rows.lowerBound]), Int(clusters.cluster[rows.upperBound - 1]) + 1)
    var merged = [Double](repeating: 0, count: Triangle.size(end) - Triangle.size(first))
    for index in unfinished.indices { merged[index] = unfinished[index] }
    var start = 0
    for a in rows {
      let own = Int(clusters.cluster[a])
      let row = Triangle.size(own) - Triangle.size(first)
      for b in 0...a {
        let other = Int(clusters.cluster[b])
        // A pair that falls into one cluster is there twice, once for each order.
        merged[row + other] += (other == own && a != b ? 2 : 1) * products[start + b]
      }
      start += a + 1
    }
    let isWhole = rows.upperBound == clusters.order.count || Int(clusters.cluster[rows.upperBound]) == end
    let whole = first..<(isWhole ? end : end - 1)
    merged.withUnsafeBufferPointer { merged in
      if let start = merged.baseAddress { addClusters(whole, start) }
    }
    unfinished = Array(merged[(Triangle.size(whole.upperBound) - Triangle.size(first))...])
  }

  private mutating func addClusters(_ rows: Range<Int>, _ products: UnsafePointer<Double>) {
    guard !rows.isEmpty else { return }
    squaredNorms.add(rows, products)
    var row = products
    for a in rows {
      for b in 0..<a {
        withTotal[a] += row[b]
        withTotal[b] += row[b]
      }
      withTotal[a] += row[a]
      squares[a] = row[a]
      row += a + 1
    }
  }

  var norms: VectorNorms {
    // Without a cluster c it is ‖ΣS‖² − 2 S_c·ΣS + ‖S_c‖², so that only the rows before need all products.
    let drawn = squaredNorms.drawn
    let without = withTotal.indices.map { drawn[clusters.resamples.pointRow] - 2 * withTotal[$0] + squares[$0] }
    return VectorNorms(squared: drawn + without, productsWithTotal: withTotal)
  }
}
