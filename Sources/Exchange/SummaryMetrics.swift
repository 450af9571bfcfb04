import Analysis
import Measures

/// What the article's results hold beyond the analysis's own metrics: kept in a summary run so that nothing is lost.
enum SummaryMetric {
  /// Σx² − (Σx)² ∕ (N·D): the sum, which the article calls `fvu_denominator`.
  static let fvuDenominator = "fvu_denominator@1"
  /// Mean over tokens of ‖x_c − x_b‖.
  static let meanPerturbation = "mean_perturbation@1"
  /// Σ‖x_c − x_b‖² ∕ (N·D).
  static let perturbationMSE = "perturbation_mse@1"
  /// Σ‖x_c − x̂_c‖² ∕ (N·D) over the noise floor's own tokens.
  static let noiseFloorMSE = "noise_floor_mse@1"
  /// Cross-entropy against the baseline's, as the source states them.
  static let crossEntropyChange = "cross_entropy_change@1"
  static let crossEntropyPercentChange = "cross_entropy_percent_change@1"
}

/// The article's names of values, and ours.
enum ArticleLayout {
  static let conditions: [(bits: String, name: String, label: String, kind: String, parameters: [(String, String)])] = [
    ("bf16", "bf16", "bf16", "bf16", []),
    ("8bit", "int8", "LLM.int8", "int8", [("threshold", "6.0")]),
    (
      "4bit", "nf4", "NF4, double quantization", "nf4",
      [("block", "64"), ("compute", "bf16"), ("double_quantization", "true")]
    ),
  ]

  static let sae: [(key: String, metric: String)] = [
    ("fvu", Metric.fvuArticle.id), ("l0", Metric.l0.id), ("mse", Metric.mse.id),
    ("fvu_denominator", SummaryMetric.fvuDenominator),
  ]
  static let snapshot: [(key: String, metric: String)] = [("fvu", Metric.fvuArticle.id), ("l0", Metric.l0.id)]
  static let noiseFloor: [(key: String, metric: String)] = [
    ("pert_rel_l2", Metric.perturbation.id), ("mean_token_l2", SummaryMetric.meanPerturbation),
    ("sae_residual_rel", Metric.relativeResidual.id), ("ratio", Metric.noiseFloorArticle.id),
    ("pert_mse", SummaryMetric.perturbationMSE), ("sae_mse", SummaryMetric.noiseFloorMSE),
  ]
  static let performance: [(key: String, metric: String)] = [
    ("cross_entropy", Metric.crossEntropy.id), ("perplexity", Metric.perplexity.id),
    ("delta_vs_bf16_abs", SummaryMetric.crossEntropyChange),
    ("delta_vs_bf16_pct", SummaryMetric.crossEntropyPercentChange),
  ]
  static let parts = ["sae", "noise_floor", "performance"]

  /// Token counts at which the article's code looks.
  static let checkpoints = [5_000, 20_000, 50_000, 100_000, 200_000, 500_000]
}
