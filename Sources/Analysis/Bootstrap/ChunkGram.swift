import CKernels
import Dispatch

/// Inner products of the chunks' vector sums: S_a·S_b for all chunks b ≤ a.
///
/// The textbook FVU centres on a mean vector, so a resample needs ‖Σ_c w_c·S_c‖². From these products that is
/// arithmetic on C² numbers instead of C·D, and the products of the first chunks are those of any shorter run.
struct ChunkGram: Sendable, Equatable {
  let chunkCount: Int
  /// Rows of the lower triangle, one after another: row a holds a + 1 products.
  let products: [Double]

  /// - Parameters:
  ///   - vectors: [chunkCount, dimension], row-major.
  init(vectors: [Double], chunkCount: Int, dimension: Int) {
    precondition(vectors.count == chunkCount * dimension, "vectors must be [chunks, dimension]")
    self.chunkCount = chunkCount
    var products = [Double](repeating: 0, count: chunkCount * (chunkCount + 1) / 2)
    vectors.withUnsafeBufferPointer { vectors in
      products.withUnsafeMutableBufferPointer { products in
        guard let vectorStart = vectors.baseAddress, let productStart = products.baseAddress else { return }
        // Each iteration writes its own four rows alone.
        nonisolated(unsafe) let (read, write) = (vectorStart, productStart)
        // Longest first, so that no core is left with long rows at the end.
        let blocks = (chunkCount + 3) / 4
        DispatchQueue.concurrentPerform(iterations: blocks) { index in
          let first = (blocks - 1 - index) * 4
          clearbox_gram_rows(read, first, min(4, chunkCount - first), dimension, write)
        }
      }
    }
    self.products = products
  }

  /// Rows of the first `count` chunks in bands of some 128 KiB of products; each starts at a multiple of four rows.
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
}
