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

  init(_ autoencoder: SparseAutoencoder) { self.autoencoder = autoencoder }

  public init(_ weights: SparseAutoencoderWeights, _ kernels: KernelChoice) throws {
    self.init(try SparseAutoencoder(weights, kernels))
  }

  public func measure(residual: ResidualObservation, _ workspace: Workspace) throws -> [ColumnSlice] {
    var slices: [ColumnSlice] = []
    let d = residual.dModel
    let streams = (0..<residual.conditionCount).map { residual.stream($0).baseAddress! }
    let encoded = try residual.encoded(by: autoencoder, workspace)
    let sums = zip(streams, encoded).map { x, encoded in
      (0..<residual.tokenCount).map { row in
        SparseCode.compare(x + row * d, encoded.reconstruction.pointer + row * d, width: d)
      }
    }
    let massive = sums.map { $0.map { UInt8($0.squaredNorm.squareRoot() > residual.chunk.massiveNorm ? 1 : 0) } }
    let cells = residual.chunk.strata.map { StratumFlags(rawValue: $0).cell }
    for (condition, x) in streams.enumerated() {
      var values: [(Column, ColumnValues)] = [
        (.squaredError, .float64(sums[condition].map(\.squaredError))),
        (.squaredNorm, .float64(sums[condition].map(\.squaredNorm))),
        (.sum, .float64(sums[condition].map(\.sum))), (.dot, .float64(sums[condition].map(\.dot))),
        (.l0, .int32(encoded[condition].active.map { Int32($0) })), (.massive, .uint8(massive[condition])),
        (.vectorSum, .float64(vectorSums(x, residual) { row in [(cells[row], 1)] })),
      ]
      if let reference = residual.reference(of: condition) {
        // From the baseline's cell to the pair's: only tokens whose cells differ count.
        func moves(_ row: Int) -> [(cell: Int, sign: Double)] {
          let isMassive = massive[condition][row] == 1 || massive[reference][row] == 1
          let pair = cells[row] & 1 + (isMassive ? 2 : 0)
          return pair == cells[row] ? [] : [(pair, 1), (cells[row], -1)]
        }
        values += [
          (.pairShift, .float64(vectorSums(x, residual, moves))),
          (.pairShiftReference, .float64(vectorSums(streams[reference], residual, moves))),
        ]
      }
      slices += values.map { ColumnSlice(condition: condition, column: $0.0, values: $0.1) }
    }
    return slices
  }

  /// Σ x per segment and cell, [segments, 4, D], each token with the cells and signs that it enters by.
  private func vectorSums(
    _ x: UnsafePointer<Float>, _ residual: ResidualObservation, _ entries: (_ row: Int) -> [(cell: Int, sign: Double)]
  ) -> [Double] {
    let (d, cells) = (residual.dModel, StratumFlags.cellCount)
    var vectors = [Double](repeating: 0, count: residual.chunk.segments.count * cells * d)
    for (index, segment) in residual.chunk.segments.enumerated() {
      for row in segment {
        for (cell, sign) in entries(row) {
          let offset = (index * cells + cell) * d
          for i in 0..<d { vectors[offset + i] += sign * Double(x[row * d + i]) }
        }
      }
    }
    return vectors
  }
}
