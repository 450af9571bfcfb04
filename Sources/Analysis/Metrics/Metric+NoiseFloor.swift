extension Metric {
  public static let perturbation = Metric(
    id: "perturbation@1", name: "Relative perturbation", unit: "1", direction: .neither,
    formula: "√(Σ‖x_c − x_b‖² ∕ Σ‖x_b‖²),  c the condition, b the baseline",
    explanation: "How far compression moves the residual stream, against its length in the baseline.")

  public static let noiseFloorArticle = Metric(
    id: "noise_floor_article@1", name: "Noise-floor ratio (article's code)", unit: "1", direction: .neither,
    formula: "perturbation ∕ √(Σ‖x_c − x̂_c‖² ∕ Σ‖x_c‖²)",
    explanation: "The perturbation against the SAE's own error on the compressed model's activations. Below 1, the SAE "
      + "misses more than compression moves, and its FVU may be blind to the change.")

  public static let noiseFloor = Metric(
    id: "noise_floor@1", name: "Noise-floor ratio (article's prose)", unit: "1", direction: .neither,
    formula: "perturbation ∕ √(Σ‖x_b − x̂_b‖² ∕ Σ‖x_b‖²)",
    explanation:
      "The same perturbation against the SAE's error on the uncompressed model's activations, as the article "
      + "describes it in words.")

  public static let movedFarther = Metric(
    id: "moved_farther@1", name: "Tokens moved farther than missed", unit: "1", direction: .neither,
    formula: "#{‖x_c − x_b‖ > ‖x_c − x̂_c‖} ∕ N",
    explanation: "Share of tokens that compression moves farther than the SAE misses them. The ratios above compare sums, "
      + "which a few far-moved tokens can carry; this one counts each token once.")
}

extension MetricRule {
  /// The article's noise floor speaks of all tokens; the ordinary ones are added because a few massive tokens decide it.
  static let noiseFloor: [MetricRule] = [
    MetricRule(.perturbation, strata: [.all, .ordinary], counted: .tokens, isComparison: true) { x, baseline in
      perturbation(x, baseline)
    },
    MetricRule(.noiseFloorArticle, strata: [.all, .ordinary], counted: .tokens, isComparison: true) { x, baseline in
      ratio(perturbation(x, baseline), relativeResidual(x))
    },
    MetricRule(.noiseFloor, strata: [.all, .ordinary], counted: .tokens, isComparison: true) { x, baseline in
      ratio(perturbation(x, baseline), relativeResidual(baseline))
    },
    MetricRule(.movedFarther, strata: [.all, .ordinary], counted: .tokens, isComparison: true) { x, _ in
      ratio(x[.movedFarther], x[.tokens])
    },
  ]

  private static func perturbation(_ x: WeightedSums.View, _ baseline: WeightedSums.View) -> [Double]? {
    guard let moved = x[.squaredPerturbation], let energy = baseline[.squaredNorm] else { return nil }
    return zip(moved, energy).map { ($0 / $1).squareRoot() }
  }

  private static func ratio(_ numerator: [Double]?, _ denominator: [Double]?) -> [Double]? {
    guard let numerator, let denominator else { return nil }
    return zip(numerator, denominator).map { $0 / $1 }
  }
}
