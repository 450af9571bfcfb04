import RunFile

/// Validation: how far compression moves the residual stream, to be set against what the autoencoder misses anyway.
///
/// The ratio's denominators come from the columns of `sae`. Feeds the noise-floor section and Figure 4.
public struct NoiseFloor: Experiment {
  public let name = "noise_floor"
  public let observes: ObservationPoints = .residual

  public init() {}

  public var columns: [ColumnDefinition] {
    [
      ColumnDefinition(
        experiment: name, name: "squared_perturbation", axis: .token, type: .float64, unit: "activation²",
        meaning: "‖x_condition − x_baseline‖²: squared change of the residual stream",
        definition: "squared_perturbation@1", appliesToBaseline: false)
    ]
  }

  public func measure(residual: ResidualObservation, _ workspace: Workspace) throws -> [ColumnSlice] {
    let d = residual.dModel
    return (0..<residual.conditionCount).compactMap { condition in
      guard let reference = residual.reference(of: condition).map(residual.stream) else { return nil }
      let x = residual.stream(condition)
      let distances = (0..<residual.tokenCount).map { row in
        var total = 0.0
        for i in row * d..<(row + 1) * d {
          let difference = Double(x[i]) - Double(reference[i])
          total += difference * difference
        }
        return total
      }
      return ColumnSlice(condition: condition, column: "squared_perturbation", values: .float64(distances))
    }
  }
}
