extension Metric {
  public static let fvuArticle = Metric(
    id: "fvu_article@1", name: "FVU (article's form)", unit: "1", direction: .lowerIsBetter,
    formula: "Σ‖x − x̂‖² ∕ (Σ‖x‖² − (Σₜ Σ_d x)² ∕ (N·D))",
    explanation:
      "Fraction of variance unexplained by the SAE, as the article's code computes it: the variance is taken "
      + "about one number, the mean over all tokens and dimensions. A mean vector that every token shares counts as "
      + "variance, and is explained for free, so this form is never above the textbook's.")

  public static let fvu = Metric(
    id: "fvu@1", name: "FVU (textbook form)", unit: "1", direction: .lowerIsBetter,
    formula: "Σ‖x − x̂‖² ∕ Σ‖x − x̄‖²,  x̄ the mean vector;  Σ‖x − x̄‖² = Σ‖x‖² − ‖Σx‖² ∕ N",
    explanation: "Fraction of variance unexplained by the SAE: 0 is a perfect reconstruction, 1 is no better than "
      + "always answering the mean vector.")

  public static let relativeErrorMedian = Metric(
    id: "relative_error_median@1", name: "Median relative error", unit: "1", direction: .lowerIsBetter,
    formula: "median over tokens of ‖x − x̂‖² ∕ ‖x‖²",
    explanation:
      "What share of a typical token's squared length the SAE misses. A median, so that a few tokens of huge "
      + "norm do not decide it.")

  public static let l0 = Metric(
    id: "l0@1", name: "L0", unit: "features per token", direction: .neither,
    formula: "Σ active features ∕ N",
    explanation: "How many of the SAE's features are active on a token, on average.")

  public static let mse = Metric(
    id: "mse@1", name: "Mean squared error", unit: "activation²", direction: .lowerIsBetter,
    formula: "Σ‖x − x̂‖² ∕ (N·D)",
    explanation: "The SAE's squared error per number of the residual stream. It grows with the activations' scale, so "
      + "it compares conditions of one model, not models.")

  public static let cosine = Metric(
    id: "cosine@1", name: "Cosine similarity", unit: "1", direction: .higherIsBetter,
    formula: "Σₜ x·x̂ ∕ (‖x‖·‖x̂‖) ∕ N",
    explanation: "How well the reconstruction's direction fits, on average over tokens: 1 is the same direction.")

  public static let relativeResidual = Metric(
    id: "relative_residual@1", name: "Relative residual", unit: "1", direction: .lowerIsBetter,
    formula: "√(Σ‖x − x̂‖² ∕ Σ‖x‖²)",
    explanation:
      "The length of what the SAE misses, against the length of what it reads: an amplitude, where FVU is an "
      + "energy. The noise floor's denominator.")
}

extension MetricRule {
  static let reconstruction: [MetricRule] = [
    MetricRule(.fvuArticle, strata: Stratum.allCases, counted: .tokens) { x, _ in
      x.combined(.squaredError, .squaredNorm, .sum, .tokens) { error, energy, sum, tokens in
        error / (energy - sum * sum / (tokens * x.dimensions))
      }
    },
    MetricRule(.fvu, strata: Stratum.allCases, counted: .tokens) { x, _ in
      x.combined(.squaredError, .squaredNorm, .squaredVectorSum, .tokens) { error, energy, squaredSum, tokens in
        tokens > 0 ? error / (energy - squaredSum / tokens) : .nan
      }
    },
    MetricRule(.relativeErrorMedian, strata: Stratum.allCases, counted: .tokens) { x, _ in
      x[.medianRelativeError]
    },
    MetricRule(.l0, strata: Stratum.allCases, counted: .tokens) { x, _ in
      x.combined(.l0, .tokens) { $0 / $1 }
    },
    MetricRule(.mse, strata: Stratum.allCases, counted: .tokens) { x, _ in
      x.combined(.squaredError, .tokens) { $0 / ($1 * x.dimensions) }
    },
    MetricRule(.cosine, strata: Stratum.allCases, counted: .tokens) { x, _ in
      x.combined(.cosine, .tokens) { $0 / $1 }
    },
    MetricRule(.relativeResidual, strata: Stratum.allCases, counted: .tokens) { x, _ in
      relativeResidual(x)
    },
  ]

  static func relativeResidual(_ x: WeightedSums.View) -> [Double]? {
    x.combined(.squaredError, .squaredNorm) { ($0 / $1).squareRoot() }
  }
}
