import Measures
import RunFile

/// Validation: how far compression moves the residual stream, to be set against what the autoencoder misses anyway.
///
/// What is computed from it, with the columns of `sae` as denominators: `Measure.noiseFloor`.
public struct NoiseFloor: Experiment {
  public let measure = Measure.noiseFloor
  public let observes: ObservationPoints = .residual

  public init() {}

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
      return ColumnSlice(condition: condition, column: .squaredPerturbation, values: .float64(distances))
    }
  }
}
