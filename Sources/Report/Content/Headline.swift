import Analysis
import Plot

extension ReportBuilder {
  /// Three lines for the terminal: accuracy, reconstruction, noise floor.
  func headline() throws -> [String] {
    var lines: [String] = []
    let name = heading.map { "\($0): " } ?? ""
    if hasAccuracy {
      let changes = try compressed.compactMap { condition in
        try numbers.percentWithInterval(.crossEntropy, condition.name).map { "\(condition.name) \($0.plain)" }
      }
      let start = "\(name)Cross-entropy: \(base) \(try numbers.value(.crossEntropy, base).text) nats per token"
      lines.append(([start] + changes).joined(separator: "; ") + ".")
    } else {
      lines.append("\(name)Cross-entropy: not measured.")
    }
    if numbers.has(.fvu, base), numbers.has(.fvuArticle, base) {
      let values = try description.conditions.filter { numbers.has(.fvu, $0.name) && numbers.has(.fvuArticle, $0.name) }
        .map { "\($0.name) \(try numbers.value(.fvuArticle, $0.name).text) / \(try numbers.value(.fvu, $0.name).text)" }
      lines.append("\(name)FVU, article’s / textbook form: " + values.joined(separator: "; ") + ".")
    } else {
      lines.append("\(name)FVU: not measured.")
    }
    let floors = try verdicts(.noiseFloor).compactMap { verdict -> String? in
      let metric = numbers.has(.noiseFloorArticle, verdict.condition) ? Metric.noiseFloorArticle : .noiseFloor
      guard numbers.has(metric, verdict.condition) else { return nil }
      return "\(verdict.condition) \(try numbers.value(metric, verdict.condition).text) (\(Self.word(verdict.outcome)))"
    }
    lines.append(
      floors.isEmpty
        ? "\(name)Noise floor: not measured."
        : "\(name)Noise floor, perturbation ÷ SAE residual: " + floors.joined(separator: "; ") + ".")
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
