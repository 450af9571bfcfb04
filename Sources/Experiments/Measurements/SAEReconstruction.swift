import Kernels
import RunFile

/// Primary measure: how much of the residual stream the autoencoder misses, as raw sums from which every form of FVU,
/// snapshot, stratum and interval follows.
///
/// Feeds the report's section on reconstruction, Figures 1 and 3, and, through the same columns, stabilization.
public struct SAEReconstruction: Experiment {
  public let name = "sae"
  public let observes: ObservationPoints = .residual
  private let autoencoder: SparseAutoencoder

  public init(_ weights: SparseAutoencoderWeights) throws {
    autoencoder = try SparseAutoencoder(weights)
  }

  public var columns: [ColumnDefinition] {
    func perToken(
      _ column: String, _ unit: String, _ meaning: String, _ type: ColumnDefinition.ElementType = .float64
    ) -> ColumnDefinition {
      ColumnDefinition(
        experiment: name, name: column, axis: .token, type: type, unit: unit, meaning: meaning,
        definition: "\(column)@1")
    }
    return [
      perToken("squared_error", "activation²", "‖x − x̂‖²: squared reconstruction error of the autoencoder"),
      perToken("squared_norm", "activation²", "‖x‖²: squared norm of the residual stream"),
      perToken("sum", "activation", "Σ x over the dimensions of the residual stream"),
      perToken("dot", "activation²", "x·x̂: inner product of the residual stream and its reconstruction"),
      perToken("l0", "1", "Number of active features", .int32),
      ColumnDefinition(
        experiment: name, name: "vector_sum", axis: .segment, type: .float64,
        rowShape: [StratumFlags.cellCount, autoencoder.dModel], rowAxes: ["cell", "dimension"], unit: "activation",
        meaning: "Σ x per dimension over a segment's tokens in each cell: 0 ordinary, 1 first, 2 massive, 3 both",
        definition: "vector_sum@1"),
    ]
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
      let values: [(String, ColumnValues)] = [
        ("squared_error", .float64(sums[condition].map(\.squaredError))),
        ("squared_norm", .float64(sums[condition].map(\.squaredNorm))),
        ("sum", .float64(sums[condition].map(\.sum))), ("dot", .float64(sums[condition].map(\.dot))),
        ("l0", .int32(active[condition])), ("vector_sum", .float64(vectors)),
      ]
      slices += values.map { ColumnSlice(condition: condition, column: $0.0, values: $0.1) }
    }
    return slices
  }
}
