import Foundation

/// How the change of predictions is spread over tokens: the mean can hide that few tokens bear it all. Definitions are
/// those of llama.cpp's `llama-perplexity --kl-divergence`, taken over every scored prediction.
extension Metric {
  static let ofPredictions: [Metric] = [
    klMedian, klP90, klP95, klP99, klP999, probabilityChangeMean, probabilityChangeRMS, probabilityChangeP01,
    probabilityChangeP05, probabilityChangeP50, probabilityChangeP95, probabilityChangeP99,
  ]

  /// The divergence's, from the middle up.
  public static let klPercentiles: [Metric] = [klMedian, klP90, klP95, klP99, klP999]
  /// Those of Δp, from the lowest.
  public static let probabilityChangePercentiles: [Metric] = [
    probabilityChangeP01, probabilityChangeP05, probabilityChangeP50, probabilityChangeP95, probabilityChangeP99,
  ]

  public static let klMedian = klPercentile("kl_median@1", "Median KL divergence", 0.5, "50")
  public static let klP90 = klPercentile("kl_p90@1", "KL divergence, 90th percentile", 0.9, "90")
  public static let klP95 = klPercentile("kl_p95@1", "KL divergence, 95th percentile", 0.95, "95")
  public static let klP99 = klPercentile("kl_p99@1", "KL divergence, 99th percentile", 0.99, "99")
  public static let klP999 = klPercentile("kl_p999@1", "KL divergence, 99.9th percentile", 0.999, "99.9")

  public static let probabilityChangeMean = Metric(
    id: "dp_mean@1", name: "Mean change of the next token’s probability", unit: "1", direction: .neither,
    formula: "Σ Δp ∕ number of predictions,  Δp = p_c − p_b of the next token",
    explanation: "By how much the condition raises the probability of the token that does come next, on average.",
    experiment: "accuracy", strata: [.all], counted: .predictions, decimals: 2...3, margin: .absolute(0.005),
    terms: [.sum(.probabilityChange, .own), .sum(.predictions, .own)]
  ) { $0[0] / $0[1] }.asLlamaPrints(isShare: true)

  public static let probabilityChangeRMS = Metric(
    id: "dp_rms@1", name: "Root mean square change of the next token’s probability", unit: "1", direction: .neither,
    formula: "√(Σ Δp² ∕ number of predictions),  Δp = p_c − p_b of the next token",
    explanation: "How far the probability of the next token moves, up or down; large moves count most.",
    experiment: "accuracy", strata: [.all], counted: .predictions, decimals: 2...3, margin: .absolute(0.005),
    terms: [.sum(.squaredProbabilityChange, .own), .sum(.predictions, .own)]
  ) { ($0[0] / $0[1]).squareRoot() }.asLlamaPrints(isShare: true)

  public static let probabilityChangeP01 = probabilityChange("dp_p01@1", 0.01, "1st", "1")
  public static let probabilityChangeP05 = probabilityChange("dp_p05@1", 0.05, "5th", "5")
  public static let probabilityChangeP50 = probabilityChange("dp_p50@1", 0.5, "50th", "50")
  public static let probabilityChangeP95 = probabilityChange("dp_p95@1", 0.95, "95th", "95")
  public static let probabilityChangeP99 = probabilityChange("dp_p99@1", 0.99, "99th", "99")

  private static func klPercentile(_ id: String, _ name: String, _ share: Double, _ percent: String) -> Metric {
    Metric(
      id: id, name: name, unit: "nats per token", direction: .lowerIsBetter,
      formula: "\(percent) % quantile over predictions of KL(baseline ‖ condition)",
      explanation:
        "\(percent) in 100 predictions have a smaller divergence. Between two predictions it is interpolated "
        + "linearly, as numpy and llama.cpp do.",
      experiment: "accuracy", strata: [.all], counted: .klScored, decimals: 3...4, margin: .percent(5),
      terms: [
        .sum(
          Sum("kl_q\(percent)", "\(percent) % quantile of KL", [.kl], .quantileOf(share) { $0[0] }, rankedBy: "kl"),
          .own)
      ]
    ) { $0[0] }.asLlamaPrints(isShare: false)
  }

  private static func probabilityChange(_ id: String, _ share: Double, _ rank: String, _ percent: String) -> Metric {
    Metric(
      id: id, name: "Change of the next token’s probability, \(rank) percentile", unit: "1", direction: .neither,
      formula: "\(percent) % quantile over predictions of Δp = p_c − p_b of the next token",
      explanation: "\(percent) in 100 predictions have a smaller change, from the largest losses of probability up. "
        + "Between two predictions it is interpolated linearly.",
      experiment: "accuracy", strata: [.all], counted: .predictions, decimals: 1...2, margin: .absolute(0.005),
      terms: [
        .sum(
          Sum(
            "dp_q\(percent)", "\(percent) % quantile of exp(−nll_c) − exp(−nll_b)", [.nll], against: [.nll],
            .quantileOf(share, Sum.changeOfProbability), rankedBy: "dp"), .own)
      ]
    ) { $0[0] }.asLlamaPrints(isShare: true)
  }

  private func asLlamaPrints(isShare: Bool) -> Metric {
    with {
      ($0.isComparison, $0.isShare) = (true, isShare)
      $0.source = "llama.cpp, `llama-perplexity --kl-divergence`"
    }
  }
}

extension Sum {
  /// Of the next token: p_c − p_b, from −log p of both.
  static let changeOfProbability: @Sendable ([Double]) -> Double = { exp(-$0[0]) - exp(-$0[1]) }
  static let probabilityChange = Sum(
    "dp", "Σ Δp = Σ [exp(−nll_c) − exp(−nll_b)]", [.nll], against: [.nll], .totalOf(changeOfProbability))
  static let squaredProbabilityChange = Sum(
    "dp_squared", "Σ Δp²", [.nll], against: [.nll],
    .totalOf {
      let change = changeOfProbability($0)
      return change * change
    })
}
