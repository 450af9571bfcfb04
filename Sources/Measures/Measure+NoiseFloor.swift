extension Measure {
  /// Validation: how far compression moves the residual stream, against what the autoencoder misses anyway.
  public static let noiseFloor: Measure = {
    var measure = Measure(
      experiment: "noise_floor", title: "Noise floor",
      about: "Over all tokens and over ordinary tokens, because a few massive tokens decide the sums.")
    measure.requires = ["sae"]
    measure.columns = [.squaredPerturbation]
    measure.metrics = [
      .perturbation, .noiseFloorArticle, .noiseFloor, .noiseFloorExcess, .noiseRatioMedian, .movedFarther,
    ]
    let (informative, uninformative) = (1.0, 0.1)
    measure.rules = [
      VerdictRule(
        id: "noise_floor@2", question: .noiseFloor,
        statement: "Judged on the ratio of the perturbation beyond rounding to the SAE's residual over all tokens: "
          + "informative when the whole interval lies at or above 1, uninformative when it lies wholly below 0.1, "
          + "otherwise to be interpreted with care; with care too without reruns, or on fewer than "
          + "\(StudyProtocol.fewestDocuments) documents. The article compares the bare ratios with the same numbers.",
        thresholds: [
          .init(name: "informative from", value: informative, unit: "1"),
          .init(name: "uninformative below", value: uninformative, unit: "1"),
        ],
        judgement: .ratio(.noiseFloorExcess, informative: informative, uninformative: uninformative))
    ]
    return measure
  }()
}

extension VerdictRule.Question {
  /// Is the perturbation large against the SAE's own residual?
  public static let noiseFloor = Self("noiseFloor")
}

extension Column {
  public static let squaredPerturbation = Column(
    "noise_floor", "squared_perturbation", .float64, unit: "activation²", .square, of: .residual, isComparison: true,
    meaning: "‖x_condition − x_baseline‖²: squared change of the residual stream")
}

extension Sum {
  static let squaredPerturbation = Sum("squared_perturbation", "Σ‖x_c − x_b‖²", [.squaredPerturbation], .total)
  /// A token that the autoencoder meets exactly is moved infinitely farther, if it is moved.
  static let medianNoiseRatio = Sum(
    "median_noise_ratio", "median of √(‖x_c − x_b‖² ÷ ‖x_c − x̂_c‖²)", [.squaredPerturbation, .squaredError],
    .medianOf { row in row[1] > 0 ? (row[0] / row[1]).squareRoot() : (row[0] > 0 ? .infinity : 0) })
  /// Tokens with ‖x_c − x_b‖² above ‖x_c − x̂_c‖².
  static let movedFarther = Sum(
    "moved_farther", "tokens moved farther than missed", [.squaredPerturbation, .squaredError],
    .totalOf { $0[0] > $0[1] ? 1 : 0 })
}

extension Metric {
  public static let perturbation = Metric(
    id: "perturbation@1", name: "Relative perturbation", unit: "1", direction: .neither,
    formula: "√(Σ‖x_c − x_b‖² ∕ Σ‖x_b‖²),  c the condition, b the baseline",
    explanation: "How far compression moves the residual stream, against its length in the baseline.",
    experiment: "noise_floor", strata: [.all, .ordinary], decimals: 0...6, margin: .percent(2),
    terms: [.sum(.squaredPerturbation, .own), .sum(.squaredNorm, .reference)]
  ) { ($0[0] / $0[1]).squareRoot() }.with {
    $0.isComparison = true
    $0.weight = .sum(.squaredNorm, .reference)
    $0.source = "the article"
  }

  public static let noiseFloorArticle = Metric(
    id: "noise_floor_article@1", name: "Noise-floor ratio (article's code)", unit: "1", direction: .neither,
    formula: "perturbation ∕ √(Σ‖x_c − x̂_c‖² ∕ Σ‖x_c‖²)",
    explanation: "The perturbation against the SAE's own error on the compressed model's activations. Below 1, the SAE "
      + "misses more than compression moves, and its FVU may be blind to the change.",
    experiment: "noise_floor", strata: [.all, .ordinary], decimals: 2...3, margin: .percent(2),
    terms: [.metric(perturbation, .own), .metric(relativeResidual, .own)]
  ) { $0[0] / $0[1] }.with {
    $0.isComparison = true
    $0.weight = .sum(.squaredError, .own)
    $0.source = "the article's code: the SAE's error on the compressed model"
  }

  public static let noiseFloor = Metric(
    id: "noise_floor@1", name: "Noise-floor ratio (article's prose)", unit: "1", direction: .neither,
    formula: "perturbation ∕ √(Σ‖x_b − x̂_b‖² ∕ Σ‖x_b‖²)",
    explanation:
      "The same perturbation against the SAE's error on the uncompressed model's activations, as the article "
      + "describes it in words.",
    experiment: "noise_floor", strata: [.all, .ordinary], decimals: 2...3, margin: .percent(2),
    terms: [.metric(perturbation, .own), .metric(relativeResidual, .reference)]
  ) { $0[0] / $0[1] }.with {
    $0.isComparison = true
    $0.weight = .sum(.squaredError, .reference)
    $0.source = "the article's prose: the SAE's error on the uncompressed model"
  }

  public static let movedFarther = Metric(
    id: "moved_farther@1", name: "Tokens moved farther than missed", unit: "1", direction: .neither,
    formula: "#{‖x_c − x_b‖ > ‖x_c − x̂_c‖} ∕ N",
    explanation:
      "Share of tokens that compression moves farther than the SAE misses them. The ratios above compare sums, "
      + "which a few far-moved tokens can carry; this one counts each token once.",
    experiment: "noise_floor", strata: [.all, .ordinary], decimals: 1...1, margin: .absolute(0.005),
    terms: [.sum(.movedFarther, .own), .sum(.tokens, .own)]
  ) { $0[0] / $0[1] }.with {
    ($0.isComparison, $0.isShare) = (true, true)
    $0.source = "share of tokens; the ratios compare sums, which a few far-moved tokens can carry"
  }

  public static let noiseFloorExcess = Metric(
    id: "noise_floor_excess@1", name: "Noise-floor ratio beyond rounding", unit: "1", direction: .neither,
    formula: "√(P(c, b) − ½ [P(c, c′) + P(b, b′)]) ∕ √Σ‖x_b‖² ÷ √(Σ‖x_c − x̂_c‖² ∕ Σ‖x_c‖²),  P(a, b) = Σ‖x_a − x_b‖², "
      + "′ the rerun;  −√|…| where the difference is below 0",
    explanation: "The article’s ratio with the perturbation that is left once what another order of summation alone "
      + "brings about is taken off. In squares this is exact where roundings are independent.",
    experiment: "noise_floor", strata: [.all, .ordinary], decimals: 2...3, margin: .percent(2),
    terms: [
      .sum(.squaredPerturbation, .own), .sum(.squaredPerturbation, .rerun), .sum(.squaredPerturbation, .referenceRerun),
      .sum(.squaredNorm, .reference), .metric(relativeResidual, .own),
    ]
  ) { sums in
    let excess = (sums[0] - (sums[1] + sums[2]) / 2) / sums[3]
    return (excess < 0 ? -(-excess).squareRoot() : excess.squareRoot()) / sums[4]
  }.with {
    $0.isComparison = true
    $0.weight = .sum(.squaredError, .own)
  }

  public static let noiseRatioMedian = Metric(
    id: "noise_ratio_median@1", name: "Median ratio per token", unit: "1", direction: .neither,
    formula: "median over tokens of ‖x_c − x_b‖ ∕ ‖x_c − x̂_c‖",
    explanation: "The ratio of a typical token. The ratios of sums can be carried by a few tokens that moved far.",
    experiment: "noise_floor", strata: [.all, .ordinary], decimals: 2...3, margin: .percent(2),
    terms: [.sum(.medianNoiseRatio, .own)]
  ) { $0[0] }.with { $0.isComparison = true }
}
