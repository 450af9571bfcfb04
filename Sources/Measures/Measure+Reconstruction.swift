extension Measure {
  /// Primary measure: how much of the residual stream the sparse autoencoder misses.
  public static let reconstruction: Measure = {
    var measure = Measure(
      experiment: "sae", title: "SAE reconstruction", about: "Over the tokens of a stratum.")
    measure.readsAutoencoder = true
    measure.columns = [
      .squaredError, .squaredNorm, .sum, .dot, .l0, .vectorSum, .massive, .pairShift, .pairShiftReference,
    ]
    measure.metrics =
      [.fvuArticle, .fvu, .relativeErrorMedian, .l0, .mse, .cosine, .relativeResidual] + Metric.ofMassiveTokens
    measure.rules = [
      .change(
        "fvu_article_change@2", .fvuArticleChange, "the FVU in the article's form over all tokens", .fvuArticle,
        told: "The article’s FVU of all tokens", inPercent: false),
      .change(
        "fvu_ordinary_change@2", .fvuOrdinaryChange, "the textbook FVU over ordinary tokens", .fvu, .ordinary,
        told: "The textbook FVU of ordinary tokens", inPercent: false),
      .change(
        "error_ordinary_change@2", .errorOrdinaryChange,
        "the reconstruction's mean squared error over ordinary tokens", .mse, .ordinary,
        told: "The mean squared error on ordinary tokens"),
    ]
    return measure
  }()
}

extension VerdictRule.Question {
  /// Does the condition change the article's FVU on all tokens, and the textbook's on ordinary ones?
  public static let fvuArticleChange = Self("fvuArticleChange"), fvuOrdinaryChange = Self("fvuOrdinaryChange")
  /// Does the condition change the reconstruction's mean squared error on ordinary tokens? FVU alone cannot tell: it
  /// also falls when the variance that it divides by grows.
  public static let errorOrdinaryChange = Self("errorOrdinaryChange")
}

extension Column {
  public static let squaredError = Column(
    "sae", "squared_error", .float64, unit: "activation²", .square, of: .reconstruction,
    meaning: "‖x − x̂‖²: squared reconstruction error of the autoencoder")
  public static let squaredNorm = Column(
    "sae", "squared_norm", .float64, unit: "activation²", .square, of: .residual,
    meaning: "‖x‖²: squared norm of the residual stream")
  public static let sum = Column(
    "sae", "sum", .float64, unit: "activation", .finite, of: .residual,
    meaning: "Σ x over the dimensions of the residual stream")
  public static let dot = Column(
    "sae", "dot", .float64, unit: "activation²", .finite, of: .reconstruction,
    meaning: "x·x̂: inner product of the residual stream and its reconstruction")
  public static let l0 = Column(
    "sae", "l0", .int32, unit: "1", .count, of: .reconstruction, meaning: "Number of active features")
  public static let vectorSum = Column(
    "sae", "vector_sum", .float64, unit: "activation", .finite, of: .residual, axis: .segment, row: .vectorPerCell,
    meaning: "Σ x per dimension over a segment's tokens in each cell: 0 ordinary, 1 first, 2 massive, 3 both")
}

extension Sum {
  public static let squaredError = Sum("squared_error", "Σ‖x − x̂‖²", [.squaredError], .total)
  public static let squaredNorm = Sum("squared_norm", "Σ‖x‖²", [.squaredNorm], .total)
  static let sum = Sum("sum", "ΣΣx", [.sum], .total)
  static let l0 = Sum("l0", "Σ active features", [.l0], .total)
  /// 0 where one of the two has no length.
  static let cosine = Sum(
    "cosine", "Σ x·x̂ ÷ (‖x‖·‖x̂‖), ‖x̂‖² = ‖x − x̂‖² − ‖x‖² + 2 x·x̂", [.squaredError, .squaredNorm, .dot],
    .totalOf { row in
      let product = row[1] * (row[0] - row[1] + 2 * row[2])
      return product > 0 ? row[2] / product.squareRoot() : 0
    })
  public static let squaredVectorSum = Sum("squared_vector_sum", "‖Σx‖²", [.vectorSum], .squaredLength)
  /// A token without length is either met exactly, or missed by any measure.
  static let medianRelativeError = Sum(
    "median_relative_error", "median of ‖x − x̂‖² ÷ ‖x‖²", [.squaredError, .squaredNorm],
    .medianOf { row in row[1] > 0 ? row[0] / row[1] : (row[0] > 0 ? .infinity : 0) })
}

extension Metric {
  public static let fvuArticle = Metric(
    id: "fvu_article@1", name: "FVU (article's form)", unit: "1", direction: .lowerIsBetter,
    formula: "Σ‖x − x̂‖² ∕ (Σ‖x‖² − (Σₜ Σ_d x)² ∕ (N·D))",
    explanation:
      "Fraction of variance unexplained by the SAE, as the article's code computes it: the variance is taken "
      + "about one number, the mean over all tokens and dimensions. A mean vector that every token shares counts as "
      + "variance, and is explained for free, so this form is never above the textbook's.",
    experiment: "sae", strata: Stratum.allCases, decimals: 4...5, margin: .percent(1),
    terms: [.sum(.squaredError, .own), .sum(.squaredNorm, .own), .sum(.sum, .own), .sum(.tokens, .own), .width]
  ) { $0[0] / ($0[1] - $0[2] * $0[2] / ($0[3] * $0[4])) }.with {
    $0.weight = .variance(energy: .squaredNorm, sum: .sum)
    $0.source = "the article's code"
  }

  public static let fvu = Metric(
    id: "fvu@1", name: "FVU (textbook form)", unit: "1", direction: .lowerIsBetter,
    formula: "Σ‖x − x̂‖² ∕ Σ‖x − x̄‖²,  x̄ the mean vector;  Σ‖x − x̄‖² = Σ‖x‖² − ‖Σx‖² ∕ N",
    explanation: "Fraction of variance unexplained by the SAE: 0 is a perfect reconstruction, 1 is no better than "
      + "always answering the mean vector.",
    experiment: "sae", strata: Stratum.allCases, decimals: 4...5, margin: .percent(1),
    terms: [
      .sum(.squaredError, .own), .sum(.squaredNorm, .own), .sum(.squaredVectorSum, .own), .sum(.tokens, .own),
    ]
  ) { $0[3] > 0 ? $0[0] / ($0[1] - $0[2] / $0[3]) : .nan }.with {
    $0.weight = .vectorVariance(energy: .squaredNorm, vector: .squaredVectorSum)
    $0.source = "1 − R²; also 1 minus SAELens 6.54's explained variance"
  }

  public static let relativeErrorMedian = Metric(
    id: "relative_error_median@1", name: "Median relative error", unit: "1", direction: .lowerIsBetter,
    formula: "median over tokens of ‖x − x̂‖² ∕ ‖x‖²",
    explanation:
      "What share of a typical token's squared length the SAE misses. A median, so that a few tokens of huge "
      + "norm do not decide it.",
    experiment: "sae", strata: Stratum.allCases, decimals: 4...5, margin: .percent(1),
    terms: [.sum(.medianRelativeError, .own)]
  ) { $0[0] }

  public static let l0 = Metric(
    id: "l0@1", name: "L0", unit: "features per token", direction: .neither, formula: "Σ active features ∕ N",
    explanation: "How many of the SAE's features are active on a token, on average.",
    experiment: "sae", strata: Stratum.allCases, decimals: 1...1, margin: .percent(1),
    terms: [.sum(.l0, .own), .sum(.tokens, .own)]
  ) { $0[0] / $0[1] }

  public static let mse = Metric(
    id: "mse@1", name: "Mean squared error", unit: "activation²", direction: .lowerIsBetter,
    formula: "Σ‖x − x̂‖² ∕ (N·D)",
    explanation: "The SAE's squared error per number of the residual stream. It grows with the activations' scale, so "
      + "it compares conditions of one model, not models.",
    experiment: "sae", strata: Stratum.allCases, decimals: 0...6, margin: .percent(1),
    terms: [.sum(.squaredError, .own), .sum(.tokens, .own), .width]
  ) { $0[0] / ($0[1] * $0[2]) }.with { $0.source = "the article's code (SAELens sums over D instead)" }

  public static let cosine = Metric(
    id: "cosine@1", name: "Cosine similarity", unit: "1", direction: .higherIsBetter,
    formula: "Σₜ x·x̂ ∕ (‖x‖·‖x̂‖) ∕ N",
    explanation: "How well the reconstruction's direction fits, on average over tokens: 1 is the same direction.",
    experiment: "sae", strata: Stratum.allCases, decimals: 0...6, margin: .absolute(0.001),
    terms: [.sum(.cosine, .own), .sum(.tokens, .own)]
  ) { $0[0] / $0[1] }.with { $0.source = "SAELens, SAEBench" }

  public static let relativeResidual = Metric(
    id: "relative_residual@1", name: "Relative residual", unit: "1", direction: .lowerIsBetter,
    formula: "√(Σ‖x − x̂‖² ∕ Σ‖x‖²)",
    explanation:
      "The length of what the SAE misses, against the length of what it reads: an amplitude, where FVU is an "
      + "energy. The noise floor's denominator.",
    experiment: "sae", strata: Stratum.allCases, decimals: 0...6, margin: .percent(0.5),
    terms: [.sum(.squaredError, .own), .sum(.squaredNorm, .own)]
  ) { ($0[0] / $0[1]).squareRoot() }.with {
    $0.weight = .sum(.squaredNorm, .own)
    $0.source = "the article's noise floor"
  }
}
