import Measures
import RunFile

/// Primary measure: cross-entropy of the next token, divergence from the baseline, agreement on the first place; and of the
/// baseline how unsure it is, by which tokens are sorted.
///
/// What it leaves in the run file and what is computed from that: `Measure.accuracy`.
public struct Accuracy: Experiment {
  public let measure = Measure.accuracy
  public let observes: ObservationPoints = .logits

  public init() {}

  public func measure(logits: LogitObservation) throws -> [ColumnSlice] {
    var slices: [ColumnSlice] = []
    for condition in 0..<logits.conditionCount {
      let nll = logits.negativeLogLikelihood(condition)
      slices.append(ColumnSlice(condition: condition, column: .nll, values: .float32(nll)))
      guard let reference = logits.reference(of: condition).map(logits.argmax) else {
        slices.append(ColumnSlice(condition: condition, column: .entropy, values: .float32(logits.entropy(condition))))
        continue
      }
      let argmax = logits.argmax(condition)
      let agreement = nll.indices.map { nll[$0].isMissing ? 255 : UInt8(argmax[$0] == reference[$0] ? 1 : 0) }
      slices.append(ColumnSlice(condition: condition, column: .kl, values: .float32(logits.divergence(condition))))
      slices.append(ColumnSlice(condition: condition, column: .top1Agreement, values: .uint8(agreement)))
    }
    return slices
  }
}
