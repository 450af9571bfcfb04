import FabricatedRuns
import Foundation
import NumpyRandom
import RunFile
import Testing

@testable import Analysis

@Suite("Resampling")
struct BootstrapTests {
  @Test("The normal distribution's quantile and probability invert each other, and meet known values")
  func normalDistribution() {
    // scipy.special.ndtri / ndtr, 1.17.
    #expect(abs(NormalDistribution.quantile(0.975) - 1.959963984540054) < 1e-15)
    #expect(abs(NormalDistribution.quantile(1e-10) + 6.361340902404056) < 1e-14)
    #expect(abs(NormalDistribution.quantile(0.3) + 0.5244005127080409) < 1e-15)
    #expect(abs(NormalDistribution.cumulative(-1.5) - 0.06680720126885807) < 1e-16)
    #expect(NormalDistribution.quantile(0.5) == 0)
    #expect(NormalDistribution.quantile(0) == -.infinity)
    #expect(NormalDistribution.quantile(1) == .infinity)
    for p in stride(from: 0.001, to: 1, by: 0.037) {
      #expect(abs(NormalDistribution.cumulative(NormalDistribution.quantile(p)) - p) < 1e-15)
    }
  }

  @Test("Weighted sums, squared norms and quantiles equal those of the drawn chunks", arguments: [2, 7, 16, 33])
  func equalsDirectResampling(chunkCount: Int) {
    let (dimension, replicates, seed) = (5, 21, UInt64(3))
    var generator = PCG64(seed: 99)
    let column = (0..<chunkCount).map { _ in generator.random() }
    let vectors = (0..<(chunkCount * dimension)).map { _ in generator.random() - 0.4 }
    // Unequal numbers of tokens, ties among their values.
    let tokens = (0..<chunkCount).flatMap { chunk in
      (0..<(3 + 40 * (chunk % 5))).map { _ in (chunk: chunk, value: Double(generator.integer(below: 50))) }
    }.sorted { $0.value < $1.value }
    let ranking = TokenRanking(
      ascending: tokens.map(\.value), clusters: tokens.map { Int32($0.chunk) }, clusterCount: chunkCount)
    let resamples = Resamples(clusterCount: chunkCount, replicates: replicates, seed: seed)
    let sums = resamples.sums(of: [column, column.map { $0 * 2 }])
    let norms = VectorNorms(vectors, dimension: dimension, resamples).squared
    let medians = resamples.quantiles(0.5, of: ranking)
    let upper = resamples.quantiles(0.9, of: ranking)

    // The draws are numpy's: default_rng(seed).integers(0, C, (B, C)).
    var numpy = PCG64(seed: seed)
    var rows = (0..<replicates).map { _ in numpy.integers(below: chunkCount, count: chunkCount) }
    rows.append(Array(0..<chunkCount))
    rows += (0..<chunkCount).map { out in (0..<chunkCount).filter { $0 != out } }
    #expect(rows.count == resamples.rowCount)
    for (row, drawn) in rows.enumerated() {
      let sum = drawn.reduce(0) { $0 + column[$1] }
      #expect(abs(sums[0][row] - sum) < 1e-12)
      #expect(abs(sums[1][row] - 2 * sum) < 1e-12)
      let total = (0..<dimension).map { d in drawn.reduce(0) { $0 + vectors[$1 * dimension + d] } }
      #expect(abs(norms[row] - total.reduce(0) { $0 + $1 * $1 }) < 1e-11)
      let values = drawn.flatMap { chunk in tokens.filter { $0.chunk == chunk }.map(\.value) }.sorted()
      let median = (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
      #expect(medians[row] == median)
      #expect(abs(upper[row] - quantile(0.9, values)) < 1e-12)
    }
  }

  /// As numpy has it, of ascending values.
  private func quantile(_ share: Double, _ values: [Double]) -> Double {
    let place = share * Double(values.count - 1)
    let (low, high) = (values[Int(place)], values[min(Int(place) + 1, values.count - 1)])
    return low + (place - Double(Int(place))) * (high - low)
  }

  @Test("Quantiles of many tokens cross the ranking's steps exactly", arguments: [9, 300])
  func longRanking(clusters: Int) {
    var generator = PCG64(seed: 8)
    let tokens = (0..<5000).map { _ in (chunk: generator.integer(below: clusters), value: generator.random()) }
      .sorted { $0.value < $1.value }
    let ranking = TokenRanking(
      ascending: tokens.map(\.value), clusters: tokens.map { Int32($0.chunk) }, clusterCount: clusters)
    for trial in 0..<20 {
      var weights = [SIMD8<Double>](repeating: .zero, count: clusters)
      // Lanes differ: one draws nothing, one a single chunk, the rest by chance.
      for lane in 1..<8 {
        for chunk in 0..<clusters where lane > 1 || chunk == trial % 9 {
          weights[chunk][lane] = lane == 1 ? 3 : Double(generator.integer(below: trial % 4 + 1))
        }
      }
      let share = [0.5, 0.001, 0.25, 0.95, 0.999, 1, 0][trial % 7]
      let quantiles = weights.withUnsafeBufferPointer { ranking.quantiles(share, weights: $0) }
      for lane in 0..<8 {
        let drawn = tokens.flatMap { [Double](repeating: $0.value, count: Int(weights[$0.chunk][lane])) }
        if drawn.isEmpty {
          #expect(quantiles[lane].isNaN)
        } else {
          #expect(abs(quantiles[lane] - quantile(share, drawn)) < 1e-12)
        }
      }
    }
  }

  @Test(
    "Sums and squared norms are those of adding up in the order of chunks, to the last bit", arguments: [1, 4, 7, 18])
  func exactSums(chunkCount: Int) {
    var generator = PCG64(seed: 12)
    let vectors = (0..<chunkCount * 5).map { _ in generator.random() - 0.5 }
    let columns = (0..<6).map { _ in (0..<chunkCount).map { _ in generator.random() - 0.5 } }
    let resamples = Resamples(clusterCount: chunkCount, replicates: 21, seed: 3)
    // The weights themselves, as sums of columns with a single 1.
    let weights = resamples.sums(
      of: (0..<chunkCount).map { chunk in (0..<chunkCount).map { $0 == chunk ? 1 : 0 } })
    let (sums, norms) = (resamples.sums(of: columns), VectorNorms(vectors, dimension: 5, resamples).squared)
    func product(_ a: Int, _ b: Int) -> Double { (0..<5).reduce(0) { $0 + vectors[5 * a + $1] * vectors[5 * b + $1] } }
    // Rows without a cluster follow from the whole sum.
    for row in 0..<resamples.rowCount {
      for (column, sum) in zip(columns, sums) {
        let added = (0..<chunkCount).reduce(0) { $0 + weights[$1][row] * column[$1] }
        #expect(row <= resamples.pointRow ? sum[row] == added : abs(sum[row] - added) < 1e-12)
      }
      var norm = 0.0
      for chunk in 0..<chunkCount {
        let below = (0..<chunk).reduce(0) { $0 + weights[$1][row] * product(chunk, $1) }
        norm += weights[chunk][row] * (2 * below + weights[chunk][row] * product(chunk, chunk))
      }
      #expect(row <= resamples.pointRow ? norms[row] == norm : abs(norms[row] - norm) < 1e-12)
    }
  }

  @Test("An interval needs two chunks, replicates, and a value in nearly all of them")
  func noInterval() {
    let one = Resamples(clusterCount: 1, replicates: 10, seed: 0)
    #expect(BCaInterval.bca([Double](repeating: 1, count: one.rowCount), one, level: 0.95) == nil)
    let none = Resamples(clusterCount: 5, replicates: 0, seed: 0)
    #expect(BCaInterval.bca([Double](repeating: 1, count: none.rowCount), none, level: 0.95) == nil)
    let some = Resamples(clusterCount: 5, replicates: 100, seed: 0)
    var rows = (0..<some.rowCount).map { Double($0 % 7) }
    #expect(BCaInterval.bca(rows, some, level: 0.95) != nil)
    rows[0] = .nan
    #expect(BCaInterval.bca(rows, some, level: 0.95) != nil)
    rows[1] = .nan
    #expect(BCaInterval.bca(rows, some, level: 0.95) == nil)
  }

  @Test("An estimate outside all replicates falls back on the percentile interval")
  func estimateOutside() {
    let resamples = Resamples(clusterCount: 5, replicates: 101, seed: 0)
    var rows = (0..<resamples.rowCount).map { Double($0) }
    rows[resamples.pointRow] = -1
    let interval = BCaInterval.bca(rows, resamples, level: 0.9)
    #expect(abs((interval?.low ?? 0) - 5) < 1e-12)
    #expect(abs((interval?.high ?? 0) - 95) < 1e-12)
  }

  @Test("The same run gives the same findings, bit for bit")
  func deterministic() throws {
    var run = FabricatedRun()
    run.chunkCount = 16
    let folder = TemporaryFolder()
    try run.write(to: folder.file("run.h5"))
    let reader = try RunReader(folder.file("run.h5"))
    #expect(try Findings(of: reader) == Findings(of: reader))
  }
}
