import CKernels
import Dispatch

/// Inner products of the clusters' vector sums: S_a·S_b for all clusters b ≤ a.
///
/// The textbook FVU centres on a mean vector, so a resample needs ‖Σ_c w_c·S_c‖². From these products that is
/// arithmetic on C² numbers instead of C·D, and the products of the first clusters are those of any shorter run.
struct ClusterGram: Sendable, Equatable {
  let clusterCount: Int
  /// Rows of the lower triangle, one after another: row a holds a + 1 products.
  let products: [Double]

  /// - Parameters:
  ///   - vectors: [clusterCount, dimension], row-major.
  init(vectors: [Double], clusterCount: Int, dimension: Int) {
    precondition(vectors.count == clusterCount * dimension, "vectors must be [clusters, dimension]")
    self.clusterCount = clusterCount
    var products = [Double](repeating: 0, count: clusterCount * (clusterCount + 1) / 2)
    vectors.withUnsafeBufferPointer { vectors in
      products.withUnsafeMutableBufferPointer { products in
        guard let vectorStart = vectors.baseAddress, let productStart = products.baseAddress else { return }
        // Each iteration writes its own four rows alone.
        nonisolated(unsafe) let (read, write) = (vectorStart, productStart)
        // Longest first, so that no core is left with long rows at the end.
        let blocks = (clusterCount + 3) / 4
        DispatchQueue.concurrentPerform(iterations: blocks) { index in
          let first = (blocks - 1 - index) * 4
          clearbox_gram_rows(read, first, min(4, clusterCount - first), dimension, write)
        }
      }
    }
    self.products = products
  }

  /// Rows of the first `count` clusters in bands of some 128 KiB of products; each starts at a multiple of four rows.
  func bands(of count: Int) -> [Range<Int>] {
    let most = 1 << 14
    var bands: [Range<Int>] = []
    var first = 0
    while first < count {
      var end = first
      while end < count, (end + 4) * (end + 5) / 2 - first * (first + 1) / 2 <= most || end == first { end += 4 }
      bands.append(first..<min(end, count))
      first = min(end, count)
    }
    return bands
  }

  /// The products of merged clusters' sums.
  ///
  /// - Parameters:
  ///   - targets: where each cluster goes, in 0 ..< count; −1 for those left out.
  func merged(_ targets: [Int32], count: Int) -> ClusterGram {
    precondition(targets.count == clusterCount, "one target per cluster")
    var merged = [Double](repeating: 0, count: count * (count + 1) / 2)
    var start = 0
    for a in 0..<clusterCount {
      defer { start += a + 1 }
      let own = Int(targets[a])
      if own < 0 { continue }
      for b in 0...a where targets[b] >= 0 {
        let (high, low) = (max(own, Int(targets[b])), min(own, Int(targets[b])))
        // A pair that falls into one cluster is there twice, once for each order.
        merged[high * (high + 1) / 2 + low] += (high == low && a != b ? 2 : 1) * products[start + b]
      }
    }
    return ClusterGram(clusterCount: count, products: merged)
  }

  private init(clusterCount: Int, products: [Double]) {
    (self.clusterCount, self.products) = (clusterCount, products)
  }

  /// ‖S_c‖² of each cluster c.
  var squares: [Double] { (0..<clusterCount).map { products[$0 * ($0 + 3) / 2] } }

  /// S_c·ΣS for each cluster c, the sum over all.
  var productsWithTotal: [Double] {
    var totals = [Double](repeating: 0, count: clusterCount)
    var start = 0
    for a in 0..<clusterCount {
      for b in 0..<a {
        totals[a] += products[start + b]
        totals[b] += products[start + b]
      }
      totals[a] += products[start + a]
      start += a + 1
    }
    return totals
  }
}
