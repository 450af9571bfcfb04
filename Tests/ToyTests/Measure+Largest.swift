import Measures

/// The measure of a toy experiment: its column, metric and verdict.
extension Measure {
  static let largest: Measure = {
    var measure = Measure(experiment: "largest", title: "Largest activation", about: "Over all tokens.")
    measure.columns = [.largest]
    measure.metrics = [.largest]
    measure.rules = [
      .change(
        "largest_change@1", .largestChange, "the largest activation", .largest, told: "The largest activation",
        inPercent: false)
    ]
    return measure
  }()
}

extension Column {
  static let largest = Column(
    "largest", "largest", .float64, unit: "activation", .square, of: .residual,
    meaning: "Largest absolute activation of the token")
}

extension Metric {
  static let largest = Metric(
    id: "largest@1", name: "Largest activation", unit: "1", direction: .neither, formula: "Σ max|x| ∕ N",
    explanation: "How large a token's largest number is.", experiment: "largest", strata: [.all, .ordinary],
    decimals: 2...2, margin: .percent(1),
    terms: [.sum(Sum("largest", "Σ max|x|", [.largest], .total), .own), .sum(.tokens, .own)]
  ) { $0[0] / $0[1] }
}

extension VerdictRule.Question {
  static let largestChange = Self("largestChange")
}
