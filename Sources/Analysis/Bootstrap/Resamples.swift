import CKernels
import Dispatch
import NumpyRandom

/// Weights of the clusters in every resample of a run: how often each cluster was drawn.
///
/// One set of rows serves every number of a report, so that conditions are resampled together (paired) and numerators
/// with their denominators. Rows, in order:
///
///     replicateCount rows    clusters drawn with replacement, as many as there are
///     1 row                  every cluster once: the estimate itself
///     clusterCount rows        every cluster but one: the jackknife, for standard errors
///
/// Draws are those of `numpy.random.default_rng(seed).integers(0, C, (B, C))`, hence of `scipy.stats.bootstrap` with
/// the same generator.
struct Resamples: Sendable {
  typealias Lanes = SIMD8<Double>

  let clusterCount: Int
  let replicateCount: Int
  var rowCount: Int { replicateCount + 1 + clusterCount }
  var pointRow: Int { replicateCount }
  var leaveOneOutRows: Range<Int> { (replicateCount + 1)..<rowCount }

  /// Rows in groups of eight, side by side: [group][cluster], each entry eight rows' weights.
  private let weights: [Lanes]
  private var groupCount: Int { (rowCount + Lanes.scalarCount - 1) / Lanes.scalarCount }
  /// Rows of the replicates and of the point estimate, and the groups that hold them.
  private var drawnRows: Int { pointRow + 1 }
  private var drawnGroups: Int { pointRow / Lanes.scalarCount + 1 }

  init(clusterCount: Int, replicates: Int, seed: UInt64) {
    self.clusterCount = clusterCount
    replicateCount = replicates
    let rowCount = replicates + 1 + clusterCount
    let groups = (rowCount + Lanes.scalarCount - 1) / Lanes.scalarCount
    var weights = [Lanes](repeating: .zero, count: groups * clusterCount)
    var generator = PCG64(seed: seed)
    weights.withUnsafeMutableBytes { bytes in
      let scalars = bytes.assumingMemoryBound(to: Double.self)
      for row in 0..<rowCount {
        let start = row / Lanes.scalarCount * clusterCount * Lanes.scalarCount + row % Lanes.scalarCount
        if row < replicates {
          for _ in 0..<clusterCount { scalars[start + generator.integer(below: clusterCount) * Lanes.scalarCount] += 1 }
        } else {
          for cluster in 0..<clusterCount where cluster != row - replicates - 1 {
            scalars[start + cluster * Lanes.scalarCount] = 1
          }
        }
      }
    }
    self.weights = weights
  }

  /// Weighted sums Σ_c w_c·q_c of each column q over the clusters.
  ///
  /// - Parameter columns: [K] columns of at least `clusterCount` values; further ones are ignored.
  /// - Returns: [K] columns of `rowCount` values. Each is summed in the order of clusters, whatever the thread count.
  func sums(of columns: [[Double]]) -> [[Double]] {
    let width = columns.count
    guard width > 0 else { return [] }
    var table = [Double](repeating: 0, count: clusterCount * width)
    for (index, column) in columns.enumerated() {
      for cluster in 0..<clusterCount { table[cluster * width + index] = column[cluster] }
    }
    var sums = [Lanes](repeating: .zero, count: drawnGroups * width)
    table.withUnsafeBufferPointer { table in
      inParallel(groups: &sums, width: width) { weights, sums, _ in
        clearbox_weighted_sums(
          Self.scalars(weights), table.baseAddress, clusterCount, width, Self.scalars(sums))
      }
    }
    // Without a cluster it is the sum over all less the cluster's own.
    return (0..<width).map { index in
      let drawn = rows(of: sums, drawnRows, width: width, column: index)
      return drawn + columns[index][..<clusterCount].map { drawn[pointRow] - $0 }
    }
  }

  /// ‖Σ_c w_c·S_c‖² of the clusters' vector sums S, from their inner products.
  ///
  /// - Returns: [rowCount].
  func squaredNorms(of gram: ClusterGram) -> [Double] {
    precondition(gram.clusterCount == clusterCount, "the inner products are those of the resampled clusters")
    // Without a cluster c it is ‖ΣS‖² − 2 S_c·ΣS + ‖S_c‖², so that only the rows before need the whole triangle.
    var norms = [Lanes](repeating: .zero, count: drawnGroups)
    let (bands, clusters) = (gram.bands(of: clusterCount), clusterCount)
    gram.products.withUnsafeBufferPointer { products in
      // A band of the triangle serves a few groups, whose weights stay in cache from band to band.
      inParallel(groups: &norms, width: 1, atOnce: 4) { weights, norms, groups in
        for band in bands {
          for group in 0..<groups {
            clearbox_squared_norms(
              Self.scalars(weights + group * clusters), products.baseAddress, band.lowerBound, band.upperBound,
              Self.scalars(norms + group))
          }
        }
      }
    }
    let drawn = rows(of: norms, drawnRows, width: 1, column: 0)
    let (products, own) = (gram.productsWithTotal, gram.squares)
    return drawn + products.indices.map { drawn[pointRow] - 2 * products[$0] + own[$0] }
  }

  /// The weighted quantile of tokens, each counted as often as its cluster was drawn.
  ///
  /// - Returns: [rowCount]; NaN for a row without tokens.
  func quantiles(_ share: Double, of ranking: TokenRanking) -> [Double] {
    var quantiles = [Lanes](repeating: Lanes(repeating: .nan), count: groupCount)
    inParallel(groups: &quantiles, width: 1) { weights, quantiles, _ in
      quantiles[0] = ranking.quantiles(share, weights: UnsafeBufferPointer(start: weights, count: clusterCount))
    }
    return rows(of: quantiles, rowCount, width: 1, column: 0)
  }

  /// One of `width` results of the first rows, in their order.
  private func rows(of results: [Lanes], _ count: Int, width: Int, column: Int) -> [Double] {
    results.withUnsafeBytes { bytes in
      let scalars = bytes.assumingMemoryBound(to: Double.self)
      return (0..<count).map { row in
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

  /// Calls `body` for every group of eight rows, on all cores, with the group's weights and its `width` results; where
  /// several go at once, with those of the first and their number.
  private func inParallel(
    groups results: inout [Lanes], width: Int, atOnce most: Int = 1,
    _ body: (UnsafePointer<Lanes>, UnsafeMutablePointer<Lanes>, _ groups: Int) -> Void
  ) {
    weights.withUnsafeBufferPointer { weights in
      results.withUnsafeMutableBufferPointer { results in
        guard let weightStart = weights.baseAddress, let resultStart = results.baseAddress else { return }
        // Each iteration writes its own group's results alone, and only reads the weights.
        nonisolated(unsafe) let (read, write, perform) = (weightStart, resultStart, body)
        let clusters = clusterCount
        let groups = results.count / width
        DispatchQueue.concurrentPerform(iterations: (groups + most - 1) / most) { set in
          let first = set * most
          perform(read + first * clusters, write + first * width, min(most, groups - first))
        }
      }
    }
  }
}
