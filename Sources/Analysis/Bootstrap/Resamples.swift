import CKernels
import Dispatch
import NumpyRandom

/// Weights of the chunks in every resample of a run: how often each chunk was drawn.
///
/// One set of rows serves every number of a report, so that conditions are resampled together (paired) and numerators
/// with their denominators. Rows, in order:
///
///     replicateCount rows    chunks drawn with replacement, as many as there are
///     1 row                  every chunk once: the estimate itself
///     chunkCount rows        every chunk but one: the jackknife, for BCa's acceleration
///
/// Draws are those of `numpy.random.default_rng(seed).integers(0, C, (B, C))`, hence of `scipy.stats.bootstrap` with
/// the same generator.
struct Resamples: Sendable {
  typealias Lanes = SIMD8<Double>

  let chunkCount: Int
  let replicateCount: Int
  var rowCount: Int { replicateCount + 1 + chunkCount }
  var pointRow: Int { replicateCount }
  var leaveOneOutRows: Range<Int> { (replicateCount + 1)..<rowCount }

  /// Rows in groups of eight, side by side: [group][chunk], each entry eight rows' weights.
  private let weights: [Lanes]
  private var groupCount: Int { (rowCount + Lanes.scalarCount - 1) / Lanes.scalarCount }

  init(chunkCount: Int, replicates: Int, seed: UInt64) {
    self.chunkCount = chunkCount
    replicateCount = replicates
    let rowCount = replicates + 1 + chunkCount
    let groups = (rowCount + Lanes.scalarCount - 1) / Lanes.scalarCount
    var weights = [Lanes](repeating: .zero, count: groups * chunkCount)
    var generator = PCG64(seed: seed)
    weights.withUnsafeMutableBytes { bytes in
      let scalars = bytes.assumingMemoryBound(to: Double.self)
      for row in 0..<rowCount {
        let start = row / Lanes.scalarCount * chunkCount * Lanes.scalarCount + row % Lanes.scalarCount
        if row < replicates {
          for _ in 0..<chunkCount { scalars[start + generator.integer(below: chunkCount) * Lanes.scalarCount] += 1 }
        } else {
          for chunk in 0..<chunkCount where chunk != row - replicates - 1 {
            scalars[start + chunk * Lanes.scalarCount] = 1
          }
        }
      }
    }
    self.weights = weights
  }

  /// Weighted sums Σ_c w_c·q_c of each column q over the chunks.
  ///
  /// - Parameter columns: [K] columns of at least `chunkCount` values; further ones are ignored.
  /// - Returns: [K] columns of `rowCount` values. Each is summed in the order of chunks, whatever the thread count.
  func sums(of columns: [[Double]]) -> [[Double]] {
    let width = columns.count
    guard width > 0 else { return [] }
    var table = [Double](repeating: 0, count: chunkCount * width)
    for (index, column) in columns.enumerated() {
      for chunk in 0..<chunkCount { table[chunk * width + index] = column[chunk] }
    }
    var sums = [Lanes](repeating: .zero, count: groupCount * width)
    table.withUnsafeBufferPointer { table in
      inParallel(groups: &sums, width: width) { weights, sums in
        clearbox_weighted_sums(
          Self.scalars(weights), table.baseAddress, chunkCount, width, Self.scalars(sums))
      }
    }
    return (0..<width).map { rows(of: sums, width: width, column: $0) }
  }

  /// ‖Σ_c w_c·S_c‖² of the chunks' vector sums S, from their inner products.
  ///
  /// - Returns: [rowCount].
  func squaredNorms(of gram: ChunkGram) -> [Double] {
    precondition(gram.chunkCount >= chunkCount, "the inner products must cover the resampled chunks")
    var norms = [Lanes](repeating: .zero, count: groupCount)
    gram.products.withUnsafeBufferPointer { products in
      // Bands of the triangle that stay in cache from group to group, in the order of rows.
      for band in gram.bands(of: chunkCount) {
        inParallel(groups: &norms, width: 1) { weights, norms in
          clearbox_squared_norms(
            Self.scalars(weights), products.baseAddress, band.lowerBound, band.upperBound, Self.scalars(norms))
        }
      }
    }
    return rows(of: norms, width: 1, column: 0)
  }

  /// The weighted median of tokens, each counted as often as its chunk was drawn.
  ///
  /// - Returns: [rowCount]; NaN for a row without tokens.
  func medians(of ranking: TokenRanking) -> [Double] {
    var medians = [Lanes](repeating: Lanes(repeating: .nan), count: groupCount)
    inParallel(groups: &medians, width: 1) { weights, medians in
      medians[0] = ranking.medians(weights: UnsafeBufferPointer(start: weights, count: chunkCount))
    }
    return rows(of: medians, width: 1, column: 0)
  }

  /// One of `width` results of every row, in the order of rows.
  private func rows(of results: [Lanes], width: Int, column: Int) -> [Double] {
    results.withUnsafeBytes { bytes in
      let scalars = bytes.assumingMemoryBound(to: Double.self)
      return (0..<rowCount).map { row in
        let (group, lane) = (row / Lanes.scalarCount, row % Lanes.scalarCount)
        return scalars[(group * width + column) * Lanes.scalarCount + lane]
      }
    }
  }

  /// Eight rows' numbers, side by side, as the kernels take them.
  private static func scalars(_ lanes: UnsafePointer<Lanes>) -> UnsafePointer<Double> {
    UnsafeRawPointer(lanes).assumingMemoryBound(to: Double.self)
  }

  private static func scalars(_ lanes: UnsafeMutablePointer<Lanes>) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(lanes).assumingMemoryBound(to: Double.self)
  }

  /// Calls `body` for every group of eight rows, on all cores, with the group's weights and its `width` results.
  private func inParallel(
    groups results: inout [Lanes], width: Int,
    _ body: (UnsafePointer<Lanes>, UnsafeMutablePointer<Lanes>) -> Void
  ) {
    weights.withUnsafeBufferPointer { weights in
      results.withUnsafeMutableBufferPointer { results in
        guard let weightStart = weights.baseAddress, let resultStart = results.baseAddress else { return }
        // Each iteration writes its own group's results alone, and only reads the weights.
        nonisolated(unsafe) let (read, write, perform) = (weightStart, resultStart, body)
        let chunks = chunkCount
        DispatchQueue.concurrentPerform(iterations: groupCount) { group in
          perform(read + group * chunks, write + group * width)
        }
      }
    }
  }
}
