import RunFile

/// Primary measure: cross-entropy of the next token, divergence from the baseline, agreement on the first place.
///
/// Feeds the report's section on performance, Figure 2 and the accuracy table.
public struct Accuracy: Experiment {
  public let name = "accuracy"
  public let observes: ObservationPoints = .logits

  public init() {}

  public var columns: [ColumnDefinition] {
    [
      ColumnDefinition(
        experiment: name, name: "nll", axis: .token, type: .float32, unit: "nats",
        meaning: "Negative log-likelihood of the next token; NaN at the chunk's last token, which has none, and where the packing scores no prediction",
        definition: "nll@1"),
      ColumnDefinition(
        experiment: name, name: "kl", axis: .token, type: .float32, unit: "nats",
        meaning: "KL divergence of the next-token distributions, baseline from condition; NaN where nll is",
        definition: "kl@1", appliesToBaseline: false),
      ColumnDefinition(
        experiment: name, name: "top1_agreement", axis: .token, type: .uint8, unit: "1",
        meaning: "1 where baseline and condition put the same token first (lowest id among equals), else 0; 255 where nll is NaN",
        definition: "top1_agreement@1", appliesToBaseline: false),
    ]
  }

  public func measure(logits: LogitObservation) throws -> [ColumnSlice] {
    var slices: [ColumnSlice] = []
    for condition in 0..<logits.conditionCount {
      let nll = logits.negativeLogLikelihood(condition)
      slices.append(ColumnSlice(condition: condition, column: "nll", values: .float32(nll)))
      guard let reference = logits.reference(of: condition).map(logits.argmax) else { continue }
      let argmax = logits.argmax(condition)
      let agreement = nll.indices.map { nll[$0].isNaN ? 255 : UInt8(argmax[$0] == reference[$0] ? 1 : 0) }
      slices.append(ColumnSlice(condition: condition, column: "kl", values: .float32(logits.divergence(condition))))
      slices.append(ColumnSlice(condition: condition, column: "top1_agreement", values: .uint8(agreement)))
    }
    return slices
  }
}
