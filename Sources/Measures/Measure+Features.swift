extension Measure {
  /// Primary measure: whether the autoencoder finds the same features in a compressed model.
  public static let features: Measure = {
    var measure = Measure(
      experiment: "features", title: "Same features",
      about: "Over the tokens of a stratum, each condition against its reference on the same tokens.")
    measure.requires = ["sae", "noise_floor"]
    measure.readsAutoencoder = true
    measure.columns = [
      .featuresShared, .featureCosine, .topOverlap, .chanceJaccard, .noiseJaccard, .explainedShift, .missedShift,
    ]
    measure.metrics = [
      .jaccard, .featuresChangedExcess, .jaccardNoise, .jaccardChance, .featurePrecision, .featureRecall, .topOverlap,
      .featureCosine, .explainedShift, .missedShift, .shiftCross,
    ]
    measure.rules = [
      .change(
        "features_changed_excess@1", .featuresChanged,
        "the share of active features that change beyond what reruns have",
        .featuresChangedExcess, told: "The share of a token’s features that change beyond rounding")
    ]
    return measure
  }()
}

extension VerdictRule.Question {
  /// Are a token's active features others than the reference's, farther than rounding alone carries them?
  public static let featuresChanged = Self("featuresChanged")
}

extension Column {
  public static let featuresShared = Column(
    "features", "shared", .int32, unit: "1", .count, of: .reconstruction, isComparison: true,
    meaning: "Features active on the token under this condition and under the one that it is compared with")
  public static let featureCosine = Column(
    "features", "cosine", .float32, unit: "1", .finite, of: .reconstruction, isComparison: true,
    meaning: "Cosine of the two vectors of activations; 1 where both are empty, 0 where one is")
  public static let topOverlap = Column(
    "features", "top_overlap", .float32, unit: "1", .finite, of: .reconstruction, isComparison: true,
    meaning: "Share of the token's ten strongest features that are among the reference's ten strongest")
  public static let chanceJaccard = Column(
    "features", "chance_jaccard", .float32, unit: "1", .finite, of: .reconstruction, isComparison: true,
    meaning: "|A ∩ B| ∕ |A ∪ B| with the reference's features on another token, half a chunk away")
  public static let noiseJaccard = Column(
    "features", "noise_jaccard", .float32, unit: "1", .finite, of: .reconstruction, isComparison: true,
    meaning: "|A ∩ B| ∕ |A ∪ B| of the reference and of the reference with Gaussian noise as long as this condition's "
      + "shift of the token")
  public static let explainedShift = Column(
    "features", "explained_shift", .float64, unit: "activation²", .square, of: .reconstruction, isComparison: true,
    meaning: "‖x̂_c − x̂_b‖²: how far the reconstruction moves")
  public static let missedShift = Column(
    "features", "missed_shift", .float64, unit: "activation²", .square, of: .reconstruction, isComparison: true,
    meaning: "‖(x_c − x̂_c) − (x_b − x̂_b)‖²: how far what the autoencoder misses moves")
}

extension Sum {
  static let jaccard = Sum(
    "jaccard", "Σ |A ∩ B| ∕ |A ∪ B|", [.featuresShared, .l0], against: [.l0],
    .totalOf { MeasuredOverlap.jaccard($0[0], $0[1], $0[2]) })
  static let featuresChanged = Sum(
    "features_changed", "Σ (1 − |A ∩ B| ∕ |A ∪ B|)", [.featuresShared, .l0], against: [.l0],
    .totalOf { 1 - MeasuredOverlap.jaccard($0[0], $0[1], $0[2]) })
  static let jaccardNoise = Sum("jaccard_noise", "Σ |A ∩ B| ∕ |A ∪ B| under noise", [.noiseJaccard], .total)
  static let jaccardChance = Sum("jaccard_chance", "Σ |A ∩ B| ∕ |A ∪ B| by chance", [.chanceJaccard], .total)
  static let featuresShared = Sum("features_shared", "Σ |A ∩ B|", [.featuresShared], .total)
  static let topOverlap = Sum("top_overlap", "Σ overlap of the ten strongest", [.topOverlap], .total)
  static let featureCosine = Sum("feature_cosine", "Σ cosine of the activations", [.featureCosine], .total)
  static let explainedShift = Sum("explained_shift", "Σ‖Δx̂‖²", [.explainedShift], .total)
  static let missedShift = Sum("missed_shift", "Σ‖Δ(x − x̂)‖²", [.missedShift], .total)
}

enum MeasuredOverlap {
  /// The share of what is in either set that is in both; 1 for two empty sets.
  static func jaccard(_ shared: Double, _ own: Double, _ reference: Double) -> Double {
    let union = own + reference - shared
    return union > 0 ? shared / union : 1
  }
}

extension Metric {
  private static func ofFeatures(
    _ id: String, _ name: String, formula: String, _ explanation: String, decimals: ClosedRange<Int> = 1...1,
    margin: Double = 0.01, isShare: Bool = true, direction: Direction = .neither, _ terms: [Term],
    _ evaluate: @escaping @Sendable ([Double]) -> Double
  ) -> Metric {
    Metric(
      id: id, name: name, unit: "1", direction: direction, formula: formula, explanation: explanation,
      experiment: "features", strata: [.all, .ordinary], decimals: decimals, margin: .absolute(margin), terms: terms,
      evaluate: evaluate
    ).with { ($0.isComparison, $0.isShare) = (true, isShare) }
  }

  public static let jaccard = ofFeatures(
    "feature_jaccard@1", "Same features per token", formula: "Σ |A ∩ B| ∕ |A ∪ B| ∕ N,  A, B the active features",
    "Of the features that are active on a token in either model, the share active in both, on average over tokens.",
    direction: .higherIsBetter, [.sum(.jaccard, .own), .sum(.tokens, .own)]
  ) { $0[0] / $0[1] }

  public static let featuresChangedExcess = ofFeatures(
    "features_changed_excess@1", "Features changed beyond rounding",
    formula: "(J(c, b) − ½ [J(c′, c) + J(b′, b)]) ∕ N,  J(a, b) = Σ (1 − |A ∩ B| ∕ |A ∪ B|), ′ the rerun",
    "The share of a token’s features that are not active in both models, less the share that another order of "
      + "summation alone changes.", decimals: 1...2, margin: 0.02, direction: .lowerIsBetter,
    [
      .sum(.featuresChanged, .own), .sum(.featuresChanged, .rerun), .sum(.featuresChanged, .referenceRerun),
      .sum(.tokens, .own),
    ]
  ) { ($0[0] - ($0[1] + $0[2]) / 2) / $0[3] }.with { $0.hasBuckets = true }

  public static let jaccardNoise = ofFeatures(
    "feature_jaccard_noise@1", "Same features under noise of the same size",
    formula: "Σ |A ∩ B| ∕ |A ∪ B| ∕ N,  B from b’s stream with Gaussian noise of the length ‖x_c − x_b‖ on each token",
    "What would be left of a token’s features if compression moved its state as far in a random direction.",
    [.sum(.jaccardNoise, .own), .sum(.tokens, .own)]
  ) { $0[0] / $0[1] }

  public static let jaccardChance = ofFeatures(
    "feature_jaccard_chance@1", "Same features by chance",
    formula: "Σ |A ∩ B| ∕ |A ∪ B| ∕ N,  A from another token of the chunk, half its length away",
    "What two tokens that have nothing to do with one another share: the floor of the overlap.",
    [.sum(.jaccardChance, .own), .sum(.tokens, .own)]
  ) { $0[0] / $0[1] }

  public static let featurePrecision = ofFeatures(
    "feature_precision@1", "Features that were there before", formula: "Σ|A ∩ B| ∕ Σ|A|,  A under c, B under b",
    "Of the features that are active in the compressed model, the share that the reference has active on the same token.",
    [.sum(.featuresShared, .own), .sum(.l0, .own)]
  ) { $0[1] > 0 ? $0[0] / $0[1] : .nan }

  public static let featureRecall = ofFeatures(
    "feature_recall@1", "Features found again", formula: "Σ|A ∩ B| ∕ Σ|B|,  A under c, B under b",
    "Of the features that are active in the reference, the share that the compressed model has active on the same token.",
    direction: .higherIsBetter, [.sum(.featuresShared, .own), .sum(.l0, .reference)]
  ) { $0[1] > 0 ? $0[0] / $0[1] : .nan }

  public static let topOverlap = ofFeatures(
    "feature_top_overlap@1", "Same ten strongest features",
    formula: "Σ |top₁₀ A ∩ top₁₀ B| ∕ max(|top₁₀ A|, |top₁₀ B|) ∕ N",
    "The share of a token’s ten strongest features that are among the reference’s ten strongest.",
    direction: .higherIsBetter, [.sum(.topOverlap, .own), .sum(.tokens, .own)]
  ) { $0[0] / $0[1] }

  public static let featureCosine = ofFeatures(
    "feature_cosine@1", "Cosine of the activations",
    formula: "Σ a·b ∕ (‖a‖·‖b‖) ∕ N,  a, b the activations of all features",
    "How far the two models’ feature activations on a token point the same way: 1 is the same direction.",
    decimals: 3...4, isShare: false, direction: .higherIsBetter,
    [.sum(.featureCosine, .own), .sum(.tokens, .own)]
  ) { $0[0] / $0[1] }

  public static let explainedShift = ofFeatures(
    "explained_shift@1", "Share of the shift that features carry", formula: "Σ‖Δx̂‖² ∕ Σ‖Δx‖²,  Δ the condition less b",
    "How much of the residual stream’s squared shift the features’ changes make up, seen alone.",
    [.sum(.explainedShift, .own), .sum(.squaredPerturbation, .own)]
  ) { $0[1] > 0 ? $0[0] / $0[1] : .nan }

  public static let missedShift = ofFeatures(
    "missed_shift@1", "Share of the shift that the SAE misses", formula: "Σ‖Δ(x − x̂)‖² ∕ Σ‖Δx‖²",
    "How much of the squared shift is a change of what the autoencoder does not see.",
    [.sum(.missedShift, .own), .sum(.squaredPerturbation, .own)]
  ) { $0[1] > 0 ? $0[0] / $0[1] : .nan }

  public static let shiftCross = ofFeatures(
    "shift_cross@1", "Cross term of the shift", formula: "2 Σ⟨Δx̂, Δ(x − x̂)⟩ ∕ Σ‖Δx‖² = 1 − the two shares",
    "What the two parts of the shift have in common: below 0 where one takes back what the other does.",
    [.sum(.squaredPerturbation, .own), .sum(.explainedShift, .own), .sum(.missedShift, .own)]
  ) { $0[0] > 0 ? ($0[0] - $0[1] - $0[2]) / $0[0] : .nan }
}
