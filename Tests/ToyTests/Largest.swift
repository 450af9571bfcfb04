import Measures

@testable import Experiments

/// A toy experiment: the largest absolute activation of each token.
struct Largest: Experiment {
  let measure = Measure.largest
  let observes: ObservationPoints = .residual

  func measure(residual: ResidualObservation, _ workspace: Workspace) throws -> [ColumnSlice] {
    (0..<residual.conditionCount).map { condition in
      let (x, d) = (residual.stream(condition), residual.dModel)
      let largest = (0..<residual.tokenCount).map { token in
        x[token * d..<(token + 1) * d].reduce(0.0) { max($0, Double($1.magnitude)) }
      }
      return ColumnSlice(condition: condition, column: .largest, values: .float64(largest))
    }
  }
}
