import Foundation

extension Metric {
  public static let crossEntropy = Metric(
    id: "cross_entropy@1", name: "Cross-entropy", unit: "nats per token", direction: .lowerIsBetter,
    formula: "Σ nll ∕ number of predictions",
    explanation: "How surprised the model is by the next token, on average over all positions that have a next token "
      + "in their chunk. Lower is better; a model that knew every next token would score 0.")

  public static let perplexity = Metric(
    id: "perplexity@1", name: "Perplexity", unit: "1", direction: .lowerIsBetter,
    formula: "exp(Σ nll ∕ number of predictions)",
    explanation: "Cross-entropy in other words: the model is as unsure as if it had to choose among this many equally "
      + "likely tokens.")

  public static let kl = Metric(
    id: "kl@1", name: "KL divergence from the baseline", unit: "nats per token", direction: .lowerIsBetter,
    formula: "Σ KL(baseline ‖ condition) ∕ number of predictions",
    explanation: "How far the compressed model's next-token distribution lies from the baseline's: 0 when they are the "
      + "same at every position. It sees changes that cancel in the cross-entropy.")

  public static let top1Agreement = Metric(
    id: "top1_agreement@1", name: "Top-1 agreement", unit: "1", direction: .higherIsBetter,
    formula: "positions where condition and baseline rank the same token first ∕ number of predictions",
    explanation: "The share of positions at which the compressed model's most likely next token is the baseline's.")
}

extension MetricRule {
  /// Accuracy speaks of predictions, which have no stratum: all tokens only.
  static let accuracy: [MetricRule] = [
    MetricRule(.crossEntropy, strata: [.all], counted: .scored) { x, _ in
      x.combined(.nll, .scored) { $0 / $1 }
    },
    MetricRule(.perplexity, strata: [.all], counted: .scored) { x, _ in
      x.combined(.nll, .scored) { exp($0 / $1) }
    },
    MetricRule(.kl, strata: [.all], counted: .klScored, isComparison: true) { x, _ in
      x.combined(.kl, .klScored) { $0 / $1 }
    },
    MetricRule(.top1Agreement, strata: [.all], counted: .agreementScored, isComparison: true) { x, _ in
      x.combined(.agreement, .agreementScored) { $0 / $1 }
    },
  ]
}
