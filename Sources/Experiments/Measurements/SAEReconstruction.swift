import Kernels
import Measures
import RunFile

/// Primary measure: how much of the residual stream the autoencoder misses, as raw sums from which every form of FVU,
/// snapshot, stratum and interval follows.
///
/// What is computed from them: `Measure.reconstruction`, and, over growing parts of the run, `Measure.stabilization`.
public struct SAEReconstruction: Experiment {
  public let measure = Measure.reconstruction
  public let observes: ObservationPoints = .residual
  private let autoencoder: SparseAutoencoder

  public init(_ weights: SparseAutoencoderWeights) throws {
    autoencoder = try SparseAutoencoder(weights)
  }

  public func measure(residual: ResidualObservation, _ workspace: Workspace) throws -> [ColumnSlice] {
    var slices: [ColumnSlice] = []
    let d = residual.dModel
    let streams = (0..<residual.conditionCount).map { residual.stream($0).baseAddress! }
    var sums = streams.map { _ in [SparseCode.RowSums]() }
    var active = streams.map { _ in [Int32]() }
    try autoencoder.forEachReconstruction(of: streams, rows: residual.tokenCount, workspace) {
      condition, row, reconstruction, count in
      sums[condition].append(SparseCode.compare(streams[condition] + row * d, reconstruction, width: d))
      active[condition].append(Int32(count))
    }
    for (condition, x) in streams.enumerated() {
      let cells = StratumFlags.cellCount
      var vectors = [Double](repeating: 0, count: residual.chunk.segments.count * cells * d)
      for (index, segment) in residual.chunk.segments.enumerated() {
        for row in segment {
          let offset = (index * cells + StratumFlags(rawValue: residual.chunk.strata[row]).cell) * d
          for i in 0..<d { vectors[offset + i] += Double(x[row * d + i]) }
        }
      }
      let values: [(Column, ColumnValues)] = [
        (.squaredError, .float64(sums[condition].map(\.squaredError))),
        (.squaredNorm, .float64(sums[condition].map(\.squaredNorm))),
        (.sum, .float64(sums[condition].map(\.sum))), (.dot, .float64(sums[condition].map(\.dot))),
        (.l0, .int32(active[condition])), (.vectorSum, .float64(vectors)),
      ]
      slices += values.map { ColumnSlice(condition: condition, column: $0.0, values: $0.1) }
    }
    return slices
  }
}
