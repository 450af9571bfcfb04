import Analysis

extension ReportBuilder {
  /// Three lines per model for the terminal: accuracy, reconstruction, noise floor.
  func headline() throws -> [String] {
    try models.flatMap { model in try headline(model).map { areSeveral ? "\(model.name): \($0)" : $0 } }
  }

  private func headline(_ model: ReportModel) throws -> [String] {
    var lines: [String] = []
    let numbers = model.numbers
    if numbers.has(.crossEntropy, model.base) {
      let changes = try model.compressed.filter { numbers.has(.crossEntropy, $0.name) }.compactMap { condition in
        try numbers.percentWithInterval(.crossEntropy, condition.name).map { "\(condition.name) \($0.plain)" }
      }
      let start =
        "Cross-entropy: \(model.base) \(try numbers.value(.crossEntropy, model.base).text) nats per token"
      lines.append(([start] + changes).joined(separator: "; ") + ".")
    } else {
      lines.append("Cross-entropy: not measured.")
    }
    let values = try model.description.conditions.compactMap { condition -> String? in
      guard numbers.has(.fvuArticle, condition.name) else { return nil }
      let article = try numbers.value(.fvuArticle, condition.name).text
      guard numbers.has(.fvu) else { return "\(condition.name) \(article)" }
      guard numbers.has(.fvu, condition.name) else { return nil }
      return "\(condition.name) \(article) / \(try numbers.value(.fvu, condition.name).text)"
    }
    lines.append(
      values.isEmpty
        ? "FVU: not measured." : "FVU, article’s \(numbers.has(.fvu) ? "/ textbook form" : "form"): " + values.joined(separator: "; ") + ".")
    let floors = try model.compressed.compactMap { condition -> String? in
      guard let outcome = model.outcome(.noiseFloor, condition.name) else { return nil }
      let metric = numbers.has(.noiseFloorArticle, condition.name) ? Metric.noiseFloorArticle : .noiseFloor
      guard numbers.has(metric, condition.name) else { return nil }
      return "\(condition.name) \(try numbers.value(metric, condition.name).text) (\(Self.word(outcome)))"
    }
    lines.append(
      floors.isEmpty
        ? "Noise floor: not measured."
        : "Noise floor, perturbation ÷ SAE residual: " + floors.joined(separator: "; ") + ".")
    return lines
  }

  private static func word(_ outcome: Verdict.Outcome) -> String {
    switch outcome {
    case .informative: "informative"
    case .interpretWithCare: "read with care"
    case .uninformative: "uninformative"
    default: outcome.rawValue
    }
  }
}
