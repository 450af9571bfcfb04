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

  /// How often each cluster was drawn, of the rows up to the point's: in groups of eight, side by side, [group][cluster].
  /// A byte holds it: that a cluster is drawn 256 times among as many as there are has a probability below 10⁻⁵⁰⁰.
  private let draws: [SIMD8<UInt8>]
  private var groupCount: Int { (rowCount + Lanes.scalarCount - 1) / Lanes.scalarCount }
  /// Rows of the replicates and of the point estimate, and the groups that hold them.
  private var drawnRows: Int { pointRow + 1 }
  private var drawnGroups: Int { pointRow / Lanes.scalarCount + 1 }

  init(clusterCount: Int, replicates: Int, seed: UInt64) {
    self.clusterCount = clusterCount
    replicateCount = replicates
    var draws = [SIMD8<UInt8>](repeating: .zero, count: (replicates / Lanes.scalarCount + 1) * clusterCount)
    var generator = PCG64(seed: seed)
    draws.withUnsafeMutableBytes { bytes in
      for row in 0...replicates {
        let start = row / Lanes.scalarCount * clusterCount * Lanes.scalarCount + row % Lanes.scalarCount
        for cluster in 0..<clusterCount {
          let drawn = row < replicates ? generator.integer(below: clusterCount) : cluster
          bytes[start + drawn * Lanes.scalarCount] += 1
        }
      }
    }
    self.draws = draws
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

  /// Sums up ‖Σ_c w_c·S_c‖² of vectors S from their inner products, some rows of the lower triangle after others.
  struct SquaredNorms {
    private let resamples: Resamples
    private var norms: [Lanes]

    init(_ resamples: Resamples) {
      self.resamples = resamples
      norms = [Lanes](repeating: .zero, count: resamples.drawnGroups)
    }

    /// - Parameter products: those of these rows, row a holding S_a·S_b for all b ≤ a.
    mutating func add(_ rows: Range<Int>, _ products: UnsafePointer<Double>) {
      // A band of the triangle serves a few groups, whose weights stay in cache from band to band.
      let (bands, clusters) = (Triangle.bands(of: rows, products: 1 << 14), resamples.clusterCount)
      resamples.inParallel(groups: &norms, width: 1, atOnce: 4) { weights, norms, groups in
        for band in bands {
          let start = Triangle.size(band.lowerBound) - Triangle.size(rows.lowerBound)
          for group in 0..<groups {
            clearbox_squared_norms(
              Resamples.scalars(weights + group * clusters), products + start, band.lowerBound, band.upperBound,
              Resamples.scalars(norms + group))
          }
        }
      }
    }

    /// Of the replicates and, last, of all clusters.
    var drawn: [Double] { resamples.rows(of: norms, resamples.drawnRows, width: 1, column: 0) }
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
    results.withUnsafeMutableBufferPointer { results in
      guard let resultStart = results.baseAddress else { return }
      // Each iteration writes its own group's results alone, and weights of its own.
      nonisolated(unsafe) let (write, perform) = (resultStart, body)
      let groups = results.count / width
      DispatchQueue.concurrentPerform(iterations: (groups + most - 1) / most) { set in
        let some = set * most..<min(set * most + most, groups)
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: some.count * clusterCount) { weights in
          guard let start = weights.baseAddress else { return }
          for (place, group) in some.enumerated() { fill(start + place * clusterCount, group) }
          perform(start, write + some.lowerBound * width, some.count)
        }
      }
    }
  }

  /// Writes the weights of a group's eight rows: [clusterCount].
  private func fill(_ weights: UnsafeMutablePointer<Lanes>, _ group: Int) {
    let (size, scalars) = (clusterCount * Lanes.scalarCount, Self.scalars(weights))
    if group < drawnGroups {
      draws.withUnsafeBytes { bytes in
        for index in 0..<size { scalars[index] = Double(bytes[group * size + index]) }
      }
    } else {
      weights.initialize(repeating: .zero, count: clusterCount)
    }
    for lane in 0..<Lanes.scalarCount {
      let row = group * Lanes.scalarCount + lane
      guard leaveOneOutRows.contains(row) else { continue }
      for cluster in 0..<clusterCount where cluster != row - leaveOneOutRows.lowerBound { weights[cluster][lane] = 1 }
    }
  }
}

/// Rows of a lower triangle, packed one after another: row a holds a + 1 numbers.
enum Triangle {
  /// Numbers before a row.
  static func size(_ row: Int) -> Int { row * (row + 1) / 2 }

  /// Rows in bands of at most so many numbers, or of four rows where these are more.
  static func bands(of rows: Range<Int>, products most: Int) -> [Range<Int>] {
    var bands: [Range<Int>] = []
    var first = rows.lowerBound
    while first < rows.upperBound {
      var end = first + 4
      while end < rows.upperBound, size(end + 4) - size(first) <= most { end += 4 }
      bands.append(first..<min(end, rows.upperBound))
      first = min(end, rows.upperBound)
    }
    return bands
  }
}
