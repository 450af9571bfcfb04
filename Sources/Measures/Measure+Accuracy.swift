import Foundation

extension Measure {
  /// Primary measure: how well a condition predicts the next token.
  public static let accuracy: Measure = {
    var measure = Measure(
      experiment: "accuracy", title: "Accuracy",
      about:
        "Over all positions that have a next token in their chunk. Source: the article's protocol (sum of negative "
        + "log-likelihoods in nats, divided by their number once).")
    measure.columns = [.nll, .kl, .top1Agreement, .entropy]
    measure.metrics = [.crossEntropy, .perplexity, .kl, .top1Agreement]
    measure.rules = [
      .change(
        "cross_entropy_change@1", .crossEntropyChange, "cross-entropy", .crossEntropy, told: "Cross-entropy",
        inPercent: true)
    ]
    return measure
  }()
}

extension VerdictRule.Question {
  /// Does the condition change cross-entropy?
  public static let crossEntropyChange = Self("crossEntropyChange")
}

extension Column {
  public static let nll = Column(
    "accuracy", "nll", .float32, unit: "nats", .loss, of: .predictions,
    meaning: "Negative log-likelihood of the next token; NaN at the chunk's last token, which has none, and where the "
      + "packing scores no prediction")
  public static let kl = Column(
    "accuracy", "kl", .float32, unit: "nats", .divergence, of: .predictions, isComparison: true,
    meaning: "KL divergence of the next-token distributions, baseline from condition; NaN where nll is")
  public static let top1Agreement = Column(
    "accuracy", "top1_agreement", .uint8, unit: "1", .agreement, of: .predictions, isComparison: true,
    meaning: "1 where baseline and condition put the same token first (lowest id among equals), else 0; 255 where nll "
      + "is NaN")
  public static let entropy = Column(
    "accuracy", "entropy", .float32, unit: "nats", .loss, of: .predictions, isOfBaseline: true,
    meaning: "Entropy of the next token's distribution in the baseline, by which tokens are sorted; NaN where nll is")
}

extension Sum {
  public static let nll = Sum("nll", "Σ nll", [.nll], .total)
  /// Predictions that are scored.
  public static let predictions = Sum("predictions", "number of predictions", [.nll], .scored)
  static let kl = Sum("kl", "Σ KL", [.kl], .total)
  static let klScored = Sum("kl_scored", "number of predictions", [.kl], .scored)
  static let agreement = Sum("agreement", "positions that agree", [.top1Agreement], .total)
  static let agreementScored = Sum("agreement_scored", "number of predictions", [.top1Agreement], .scored)
}

/// Accuracy speaks of predictions, which have no stratum: all tokens only.
extension Metric {
  public static let crossEntropy = Metric(
    id: "cross_entropy@1", name: "Cross-entropy", unit: "nats per token", direction: .lowerIsBetter,
    formula: "Σ nll ∕ number of predictions",
    explanation: "How surprised the model is by the next token, on average over all positions that have a next token "
      + "in their chunk. Lower is better; a model that knew every next token would score 0.",
    experiment: "accuracy", strata: [.all], counted: .predictions, decimals: 3...3, margin: .percent(0.5),
    terms: [.sum(.nll, .own), .sum(.predictions, .own)]
  ) { $0[0] / $0[1] }.with { $0.hasSources = true }

  public static let perplexity = Metric(
    id: "perplexity@1", name: "Perplexity", unit: "1", direction: .lowerIsBetter,
    formula: "exp(Σ nll ∕ number of predictions)",
    explanation: "Cross-entropy in other words: the model is as unsure as if it had to choose among this many equally "
      + "likely tokens.",
    experiment: "accuracy", strata: [.all], counted: .predictions, decimals: 2...2, margin: .percent(1.5),
    terms: [.sum(.nll, .own), .sum(.predictions, .own)]
  ) { exp($0[0] / $0[1]) }.with { $0.restates = crossEntropy.id }

  public static let kl = Metric(
    id: "kl@1", name: "KL divergence from the baseline", unit: "nats per token", direction: .lowerIsBetter,
    formula: "Σ KL(baseline ‖ condition) ∕ number of predictions",
    explanation: "How far the compressed model's next-token distribution lies from the baseline's: 0 when they are the "
      + "same at every position. It sees changes that cancel in the cross-entropy.",
    experiment: "accuracy", strata: [.all], counted: .klScored, decimals: 3...4, margin: .absolute(0.005),
    terms: [.sum(.kl, .own), .sum(.klScored, .own)]
  ) { $0[0] / $0[1] }.with { $0.isComparison = true }

  public static let top1Agreement = Metric(
    id: "top1_agreement@1", name: "Top-1 agreement", unit: "1", direction: .higherIsBetter,
    formula: "positions where condition and baseline rank the same token first ∕ number of predictions",
    explanation: "The share of positions at which the compressed model's most likely next token is the baseline's.",
    experiment: "accuracy", strata: [.all], counted: .agreementScored, decimals: 1...1, margin: .absolute(0.005),
    terms: [.sum(.agreement, .own), .sum(.agreementScored, .own)]
  ) { $0[0] / $0[1] }.with { ($0.isComparison, $0.isShare) = (true, true) }
}
