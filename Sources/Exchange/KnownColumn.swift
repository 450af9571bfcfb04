import RunFile

/// A column of docs/run-file.md: how it must be stored, and what its values may be.
struct KnownColumn {
  var definition: ColumnDefinition
  var rule: Rule

  enum Rule {
    /// A finite number, zero or more, wherever a next token is predicted; NaN at each chunk's last token.
    case loss
    /// Likewise, of either sign: a divergence may fall below zero by rounding.
    case divergence
    /// 0 or 1 wherever a next token is predicted; 255 at each chunk's last token.
    case agreement
    /// Finite, zero or more.
    case square
    case finite
    /// Whole, zero or more.
    case count
  }

  /// All of them; D is the width of the residual stream.
  static func all(dModel: Int) -> [KnownColumn] {
    func column(
      _ experiment: String, _ name: String, _ type: ColumnDefinition.ElementType, _ unit: String, _ rule: Rule,
      comparison: Bool = false, _ meaning: String
    ) -> KnownColumn {
      KnownColumn(
        definition: ColumnDefinition(
          experiment: experiment, name: name, axis: .token, type: type, unit: unit, meaning: meaning,
          definition: "\(name)@1", appliesToBaseline: !comparison),
        rule: rule)
    }
    return [
      column(
        "accuracy", "nll", .float32, "nats", .loss,
        "Negative log-likelihood of the next token; NaN at the chunk's last token, which has none"),
      column(
        "accuracy", "kl", .float32, "nats", .divergence, comparison: true,
        "KL divergence of the next-token distributions, baseline from condition; NaN at the chunk's last token"),
      column(
        "accuracy", "top1_agreement", .uint8, "1", .agreement, comparison: true,
        "1 where baseline and condition put the same token first, else 0; 255 at the chunk's last token"),
      column("sae", "squared_error", .float64, "activation²", .square, "‖x − x̂‖²: squared reconstruction error of the autoencoder"),
      column("sae", "squared_norm", .float64, "activation²", .square, "‖x‖²: squared norm of the residual stream"),
      column("sae", "sum", .float64, "activation", .finite, "Σ x over the dimensions of the residual stream"),
      column("sae", "dot", .float64, "activation²", .finite, "x·x̂: inner product of the residual stream and its reconstruction"),
      column("sae", "l0", .int32, "1", .count, "Number of active features"),
      KnownColumn(
        definition: ColumnDefinition(
          experiment: "sae", name: "vector_sum", axis: .segment, type: .float64,
          rowShape: [StratumFlags.cellCount, dModel], rowAxes: ["cell", "dimension"], unit: "activation",
          meaning: "Σ x per dimension over a segment's tokens in each cell: 0 ordinary, 1 first, 2 massive, 3 both",
          definition: "vector_sum@1"),
        rule: .finite),
      column(
        "noise_floor", "squared_perturbation", .float64, "activation²", .square, comparison: true,
        "‖x_condition − x_baseline‖²: squared change of the residual stream"),
    ]
  }
}
