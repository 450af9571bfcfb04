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
        DispatchQueue.concurrentPerform(iterations: chunkCount) { row in
          Self.products(
            of: read + row * dimension, with: read, count: row + 1, dimension: dimension,
            into: write + row * (row + 1) / 2)
        }
      }
    }
    self.products = products
  }

  /// Inner products of `vector` with the first `count` of `others`, four at a time to load `vector` once for four.
  private static func products(
    of vector: UnsafePointer<Double>, with others: UnsafePointer<Double>, count: Int, dimension: Int,
    into products: UnsafeMutablePointer<Double>
  ) {
    typealias Lanes = SIMD4<Double>
    let whole = dimension / Lanes.scalarCount * Lanes.scalarCount
    func lanes(_ pointer: UnsafePointer<Double>) -> Lanes {
      UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
    }
    var index = 0
    while index < count {
      let width = min(4, count - index)
      let first = others + index * dimension
      var sums = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
      if width == 4 {
        for offset in stride(from: 0, to: whole, by: Lanes.scalarCount) {
          let x = lanes(vector + offset)
          sums.0 += x * lanes(first + offset)
          sums.1 += x * lanes(first + dimension + offset)
          sums.2 += x * lanes(first + 2 * dimension + offset)
          sums.3 += x * lanes(first + 3 * dimension + offset)
        }
      } else {
        for offset in stride(from: 0, to: whole, by: Lanes.scalarCount) {
          let x = lanes(vector + offset)
          sums.0 += x * lanes(first + offset)
          if width > 1 { sums.1 += x * lanes(first + dimension + offset) }
          if width > 2 { sums.2 += x * lanes(first + 2 * dimension + offset) }
        }
      }
      let totals = [sums.0.sum(), sums.1.sum(), sums.2.sum(), sums.3.sum()]
      for other in 0..<width {
        var total = totals[other]
        for offset in whole..<dimension { total += vector[offset] * first[other * dimension + offset] }
        products[index + other] = total
      }
      index += width
    }
  }
}
