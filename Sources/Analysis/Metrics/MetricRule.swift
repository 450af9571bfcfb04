/// How a metric is computed from weighted sums, and where it applies.
struct MetricRule: Sendable {
  var metric: Metric
  /// The strata it is reported for.
  var strata: [Stratum]
  /// The count of tokens it stands on.
  var counted: Quantity
  /// True for what compares with the baseline already: it has no value in the baseline, and no change against it.
  var isComparison: Bool
  /// Values over all weight rows, from the condition's sums and the baseline's; nil where they were not measured.
  var values: @Sendable (_ condition: WeightedSums.View, _ baseline: WeightedSums.View) -> [Double]?

  init(
    _ metric: Metric, strata: [Stratum], counted: Quantity, isComparison: Bool = false,
    _ values: @escaping @Sendable (WeightedSums.View, WeightedSums.View) -> [Double]?
  ) {
    self.metric = metric
    self.strata = strata
    self.counted = counted
    self.isComparison = isComparison
    self.values = values
  }

  /// The rules by the experiment whose tokens they stand on, in the order in which findings are listed.
  static let groups: [(experiment: String, rules: [MetricRule])] = [
    ("accuracy", accuracy), ("sae", reconstruction), ("noise_floor", noiseFloor),
  ]

  static let all = groups.flatMap(\.rules)
}

extension Metric {
  /// Every metric that this clearbox computes, in the order in which findings are listed.
  public static let all: [Metric] = MetricRule.all.map(\.metric)
}
