extension Measure {
  /// What the autoencoder's reconstruction is worth to the model that goes on with it.
  public static let splice: Measure = {
    var measure = Measure(
      experiment: "splice", title: "SAE spliced in",
      about:
        "Over the predictions of the batches that branches went on with; those made at BOS, EOS and padding are left "
        + "out. Each condition against itself without the branch.")
    measure.requires = ["accuracy"]
    measure.readsAutoencoder = true
    measure.columns = [.nllSAE, .klSAE, .nllZero, .klZero, .nllMean, .klMean]
    measure.metrics = [
      .lossWithout, .lossWithSAE, .lossRise, .lossWithZero, .lossWithMean, .lossRecoveredZero, .lossRecoveredMean,
      .klWithSAE, .klWithZero, .klWithMean, .klRecoveredZero, .klRecoveredMean,
    ]
    measure.rules = [
      .change(
        "splice_rise_change@1", .spliceRiseChange, "what the spliced-in SAE adds to cross-entropy", .lossRise,
        told: "What the spliced-in SAE adds to cross-entropy", inPercent: false)
    ]
    return measure
  }()
}

extension VerdictRule.Question {
  /// Does the condition change what the spliced-in autoencoder costs the model?
  public static let spliceRiseChange = Self("spliceRiseChange")
}

extension Column {
  public static let nllSAE = loss("nll_sae", "the SAE’s reconstruction in the place of the residual stream")
  public static let nllZero = loss("nll_zero", "zeros in the place of the residual stream")
  public static let nllMean = loss(
    "nll_mean", "the mean of the run’s first batch in the place of the residual stream")
  public static let klSAE = divergence("kl_sae", "SAE’s reconstruction")
  public static let klZero = divergence("kl_zero", "ablation by zeros")
  public static let klMean = divergence("kl_mean", "ablation by the mean")

  private static let missing = "; NaN outside of the branches’ batches, at BOS, EOS and padding, and where nll is"

  private static func loss(_ name: String, _ what: String) -> Column {
    Column(
      "splice", name, .float32, unit: "nats", .loss, of: .reconstruction, isOfBranch: true,
      meaning: "Negative log-likelihood of the next token with \(what)\(missing)")
  }

  private static func divergence(_ name: String, _ what: String) -> Column {
    Column(
      "splice", name, .float32, unit: "nats", .divergence, of: .reconstruction, isOfBranch: true,
      meaning: "KL divergence of the next-token distributions, condition from its branch with the \(what)\(missing)")
  }
}

extension Sum {
  /// Predictions that branches scored.
  static let branched = Sum("branched", "number of predictions with branches", [.nllSAE], .scored)
  static let nllBranched = Sum(
    "nll_branched", "Σ nll where branches scored", [.nll, .nllSAE], .totalOf { $0[0] })
  static let nllSAE = Sum("nll_sae", "Σ nll with SAE", [.nllSAE], .total)
  static let nllZero = Sum("nll_zero", "Σ nll with zeros", [.nllZero], .total)
  static let nllMean = Sum("nll_mean", "Σ nll with the mean", [.nllMean], .total)
  static let klSAE = Sum("kl_sae", "Σ KL with SAE", [.klSAE], .total)
  static let klZero = Sum("kl_zero", "Σ KL with zeros", [.klZero], .total)
  static let klMean = Sum("kl_mean", "Σ KL with the mean", [.klMean], .total)
  static let riseSAE = Sum(
    "nll_rise_sae", "Σ (nll with SAE − nll)", [.nllSAE, .nll], .totalOf { $0[0] - $0[1] })
}

extension Metric {
  public static let lossWithout = mean(
    "splice_loss_without@1", "Cross-entropy without SAE, same tokens", .nllBranched, "Σ nll", of: .crossEntropy,
    "The condition’s own cross-entropy on the predictions that the spliced-in SAE is judged by.")
  public static let lossWithSAE = mean(
    "splice_loss@1", "Cross-entropy with SAE", .nllSAE, "Σ nll_sae", of: .crossEntropy,
    "How surprised the model is by the next token when the SAE’s reconstruction takes the residual stream’s place.")
  public static let lossWithZero = mean(
    "splice_loss_zero@1", "Cross-entropy with zeros", .nllZero, "Σ nll_zero", of: .crossEntropy,
    "Likewise with zeros in its place: of Gemma 3, which has no biases, the logarithm of the vocabulary’s size.")
  public static let lossWithMean = mean(
    "splice_loss_mean@1", "Cross-entropy with the mean", .nllMean, "Σ nll_mean", of: .crossEntropy,
    "Likewise with the mean of the run’s first batch in its place, at every position.")
  public static let klWithSAE = mean(
    "splice_kl@1", "KL divergence with SAE", .klSAE, "Σ KL(c ‖ c with SAE)", of: .kl,
    "How far the next-token distribution moves when the SAE’s reconstruction takes the residual stream’s place.")
  public static let klWithZero = mean(
    "splice_kl_zero@1", "KL divergence with zeros", .klZero, "Σ KL(c ‖ c with zeros)", of: .kl,
    "Likewise with zeros in its place.")
  public static let klWithMean = mean(
    "splice_kl_mean@1", "KL divergence with the mean", .klMean, "Σ KL(c ‖ c with the mean)", of: .kl,
    "Likewise with the mean of the run’s first batch in its place.")

  public static let lossRise = Metric(
    id: "splice_rise@1", name: "Rise in cross-entropy with SAE", unit: "nats per token", direction: .lowerIsBetter,
    formula: "Σ (nll_sae − nll) ∕ number of predictions",
    explanation: "What the model loses when the SAE’s reconstruction takes the residual stream’s place: 0 when the "
      + "reconstruction holds all that the rest of the model needs.",
    experiment: "splice", strata: [.all], counted: .branched, decimals: 3...3, margin: .absolute(0.02),
    terms: [.sum(.riseSAE, .own), .sum(.branched, .own)]
  ) { $0[0] / $0[1] }

  public static let lossRecoveredZero = recovered(
    "splice_loss_recovered_zero@1", "Loss recovered, against zeros", .nllZero, .nllSAE, .nllBranched,
    "(CE_zero − CE_sae) ∕ (CE_zero − CE)", "sae-bench `ce_loss_score`")
  public static let lossRecoveredMean = recovered(
    "splice_loss_recovered_mean@1", "Loss recovered, against the mean", .nllMean, .nllSAE, .nllBranched,
    "(CE_mean − CE_sae) ∕ (CE_mean − CE)", "")
  public static let klRecoveredZero = recovered(
    "splice_kl_recovered_zero@1", "KL divergence recovered, against zeros", .klZero, .klSAE, nil,
    "(KL_zero − KL_sae) ∕ KL_zero", "sae-bench `kl_div_score`")
  public static let klRecoveredMean = recovered(
    "splice_kl_recovered_mean@1", "KL divergence recovered, against the mean", .klMean, .klSAE, nil,
    "(KL_mean − KL_sae) ∕ KL_mean", "")

  private static func mean(
    _ id: String, _ name: String, _ sum: Sum, _ text: String, of kind: Metric, _ explanation: String
  ) -> Metric {
    Metric(
      id: id, name: name, unit: "nats per token", direction: .lowerIsBetter, formula: "\(text) ∕ number of predictions",
      explanation: explanation, experiment: "splice", strata: [.all], counted: .branched, decimals: kind.decimals,
      margin: kind == .crossEntropy ? .percent(0.5) : .absolute(0.02),
      terms: [.sum(sum, .own), .sum(.branched, .own)]
    ) { $0[0] / $0[1] }
  }

  /// - Parameter own: what the branches are set beside; nil for a divergence, whose own is 0.
  private static func recovered(
    _ id: String, _ name: String, _ ablated: Sum, _ spliced: Sum, _ own: Sum?, _ formula: String, _ source: String
  ) -> Metric {
    Metric(
      id: id, name: name, unit: "1", direction: .higherIsBetter, formula: formula,
      explanation: "The share of what the ablation destroys that the SAE’s reconstruction keeps: 1 when the model does "
        + "as well with it as without, 0 when it does no better than with the ablation.",
      experiment: "splice", strata: [.all], counted: .branched, decimals: 1...2, margin: .absolute(0.005),
      terms: [.sum(ablated, .own), .sum(spliced, .own)] + (own.map { [.sum($0, .own)] } ?? [])
    ) { ($0[0] - $0[1]) / ($0[0] - ($0.count > 2 ? $0[2] : 0)) }.with {
      ($0.isShare, $0.source) = (true, source)
    }
  }
}
