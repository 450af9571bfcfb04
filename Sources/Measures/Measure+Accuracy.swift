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
    measure.metrics =
      [
        .crossEntropy, .perplexity, .kl, .klExcess, .klRounding, .top1Agreement, .disagreementExcess, .nllDistance,
        .nllDistanceExcess,
      ] + Metric.ofPredictions
    measure.rules = [
      .change(
        "cross_entropy_change@2", .crossEntropyChange, "cross-entropy", .crossEntropy, told: "Cross-entropy"),
      .change(
        "kl_excess@1", .divergence, "the KL divergence beyond what reruns have", .klExcess,
        told: "The KL divergence beyond rounding"),
      .change(
        "disagreement_excess@1", .disagreement, "the disagreement on the first choice beyond what reruns have",
        .disagreementExcess, told: "Disagreement on the top prediction beyond rounding"),
    ]
    return measure
  }()
}

extension VerdictRule.Question {
  /// Does the condition change cross-entropy?
  public static let crossEntropyChange = Self("crossEntropyChange")
  /// Does its distribution of the next token, and its first choice, lie farther from the reference's than rounding alone
  /// carries them?
  public static let divergence = Self("divergence"), disagreement = Self("disagreement")
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
  static let disagreement = Sum(
    "disagreement", "positions that disagree", [.top1Agreement], .totalOf { 1 - $0[0] })
  /// Of a condition and its reference, or of a rerun and its original.
  static let nllDistance = Sum("nll_distance", "Σ|Δ nll|", [.nll], against: [.nll], .totalOf { abs($0[0] - $0[1]) })
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
  ) { $0[0] / $0[1] }.with { $0.hasBuckets = true }

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
  ) { $0[0] / $0[1] }.with { ($0.isComparison, $0.hasBuckets) = (true, true) }

  public static let top1Agreement = Metric(
    id: "top1_agreement@1", name: "Top-1 agreement", unit: "1", direction: .higherIsBetter,
    formula: "positions where condition and baseline rank the same token first ∕ number of predictions",
    explanation: "The share of positions at which the compressed model's most likely next token is the baseline's.",
    experiment: "accuracy", strata: [.all], counted: .agreementScored, decimals: 1...1, margin: .absolute(0.005),
    terms: [.sum(.agreement, .own), .sum(.agreementScored, .own)]
  ) { $0[0] / $0[1] }.with { ($0.isComparison, $0.isShare, $0.hasBuckets) = (true, true, true) }

  public static let klExcess = Metric(
    id: "kl_excess@1", name: "KL divergence beyond rounding", unit: "nats per token", direction: .lowerIsBetter,
    formula: "(Σ KL(b ‖ c) − ½ [Σ KL(c ‖ c′) + Σ KL(b ‖ b′)]) ∕ number of predictions,  ′ the rerun",
    explanation: "The KL divergence less what another order of summation alone brings about, in the condition and in "
      + "its reference: 0 when the two differ by no more than rounding.",
    experiment: "accuracy", strata: [.all], counted: .klScored, decimals: 3...4, margin: .absolute(0.02),
    terms: [.sum(.kl, .own), .sum(.kl, .rerun), .sum(.kl, .referenceRerun), .sum(.klScored, .own)]
  ) { ($0[0] - ($0[1] + $0[2]) / 2) / $0[3] }.with { $0.isComparison = true }

  public static let klRounding = Metric(
    id: "kl_rounding@1", name: "KL divergence by rounding alone", unit: "nats per token", direction: .neither,
    formula: "½ [Σ KL(c ‖ c′) + Σ KL(b ‖ b′)] ∕ number of predictions,  ′ the rerun",
    explanation: "What another order of summation alone brings about, in the condition and in its reference: the floor "
      + "under every KL divergence between the two.",
    experiment: "accuracy", strata: [.all], counted: .klScored, decimals: 3...4, margin: .absolute(0.005),
    terms: [.sum(.kl, .rerun), .sum(.kl, .referenceRerun), .sum(.klScored, .own)]
  ) { ($0[0] + $0[1]) / 2 / $0[2] }.with { $0.isComparison = true }

  public static let disagreementExcess = Metric(
    id: "disagreement_excess@1", name: "Disagreement beyond rounding", unit: "1", direction: .lowerIsBetter,
    formula: "(#{c ≠ b} − ½ [#{c′ ≠ c} + #{b′ ≠ b}]) ∕ number of predictions,  of the first choices, ′ the rerun",
    explanation: "The share of positions at which the most likely next token is another one than the reference's, less "
      + "the share at which another order of summation alone changes it.",
    experiment: "accuracy", strata: [.all], counted: .agreementScored, decimals: 1...2, margin: .absolute(0.01),
    terms: [
      .sum(.disagreement, .own), .sum(.disagreement, .rerun), .sum(.disagreement, .referenceRerun),
      .sum(.agreementScored, .own),
    ]
  ) { ($0[0] - ($0[1] + $0[2]) / 2) / $0[3] }.with { ($0.isComparison, $0.isShare) = (true, true) }

  public static let nllDistance = Metric(
    id: "nll_distance@1", name: "Mean change of a token’s loss", unit: "nats per token", direction: .lowerIsBetter,
    formula: "Σ|nll_c − nll_b| ∕ number of predictions",
    explanation: "How far a token’s loss moves, up or down. Moves that cancel in the cross-entropy count here, those "
      + "that rounding alone makes among them.",
    experiment: "accuracy", strata: [.all], counted: .predictions, decimals: 3...4, margin: .absolute(0.005),
    terms: [.sum(.nllDistance, .own), .sum(.predictions, .own)]
  ) { $0[0] / $0[1] }.with { $0.isComparison = true }

  public static let nllDistanceExcess = Metric(
    id: "nll_distance_excess@1", name: "Mean change of a token’s loss beyond rounding", unit: "nats per token",
    direction: .lowerIsBetter,
    formula: "(Σ|nll_c − nll_b| − ½ [Σ|nll_c′ − nll_c| + Σ|nll_b′ − nll_b|]) ∕ number of predictions,  ′ the rerun",
    explanation: "The mean change of a token’s loss less what another order of summation alone brings about.",
    experiment: "accuracy", strata: [.all], counted: .predictions, decimals: 3...4, margin: .absolute(0.02),
    terms: [
      .sum(.nllDistance, .own), .sum(.nllDistance, .rerun), .sum(.nllDistance, .referenceRerun),
      .sum(.predictions, .own),
    ]
  ) { ($0[0] - ($0[1] + $0[2]) / 2) / $0[3] }.with { $0.isComparison = true }
}
