import CBootstrap
import Dispatch

/// Inner products of the chunks' vector sums: S_a·S_b for all chunks b ≤ a.
///
/// The textbook FVU centres on a mean vector, so a resample needs ‖Σ_c w_c·S_c‖². From these products that is
/// arithmetic on C² numbers instead of C·D, and the products of the first chunks are those of any shorter run.
struct ChunkGram: Sendable {
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
        // Each iteration writes its own row alone.
        nonisolated(unsafe) let (read, write) = (vectorStart, productStart)
        // Longest first, so that no core is left with a long row at the end.
        DispatchQueue.concurrentPerform(iterations: chunkCount) { index in
          let row = chunkCount - 1 - index
          clearbox_inner_products(read + row * dimension, read, row + 1, dimension, write + row * (row + 1) / 2)
        }
      }
    }
    self.products = products
  }
}
