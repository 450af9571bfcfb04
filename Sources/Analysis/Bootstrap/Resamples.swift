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
    for row in 0..<rowCount {
      let start = row / Lanes.scalarCount * chunkCount
      let lane = row % Lanes.scalarCount
      if row < replicates {
        for _ in 0..<chunkCount { weights[start + generator.integer(below: chunkCount)][lane] += 1 }
      } else {
        for chunk in 0..<chunkCount where chunk != row - replicates - 1 { weights[start + chunk][lane] = 1 }
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
        for chunk in 0..<chunkCount {
          let weight = weights[chunk]
          let row = table.baseAddress! + chunk * width
          for index in 0..<width { sums[index] += weight * row[index] }
        }
      }
    }
    return (0..<width).map { index in
      (0..<rowCount).map { row in
        sums[row / Lanes.scalarCount * width + index][row % Lanes.scalarCount]
      }
    }
  }

  /// ‖Σ_c w_c·S_c‖² of the chunks' vector sums S, from their inner products.
  ///
  /// - Returns: [rowCount].
  func squaredNorms(of gram: ChunkGram) -> [Double] {
    precondition(gram.chunkCount >= chunkCount, "the inner products must cover the resampled chunks")
    var norms = [Lanes](repeating: .zero, count: groupCount)
    gram.products.withUnsafeBufferPointer { products in
      inParallel(groups: &norms, width: 1) { weights, norms in
        var total = Lanes.zero
        var row = products.baseAddress!
        for chunk in 0..<chunkCount {
          var below = Lanes.zero
          for other in 0..<chunk { below += weights[other] * row[other] }
          total += weights[chunk] * (2 * below + weights[chunk] * row[chunk])
          row += chunk + 1
        }
        norms[0] = total
      }
    }
    return (0..<rowCount).map { norms[$0 / Lanes.scalarCount][$0 % Lanes.scalarCount] }
  }

  /// The weighted median of tokens, each counted as often as its chunk was drawn.
  ///
  /// - Returns: [rowCount]; NaN for a row without tokens.
  func medians(of ranking: TokenRanking) -> [Double] {
    var medians = [Lanes](repeating: Lanes(repeating: .nan), count: groupCount)
    inParallel(groups: &medians, width: 1) { weights, medians in
      var row = [Double](repeating: 0, count: chunkCount)
      for lane in 0..<Lanes.scalarCount {
        for chunk in 0..<chunkCount { row[chunk] = weights[chunk][lane] }
        medians[0][lane] = ranking.median(weights: row)
      }
    }
    return (0..<rowCount).map { medians[$0 / Lanes.scalarCount][$0 % Lanes.scalarCount] }
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
