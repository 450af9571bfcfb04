import Measures
import RunFile

/// Metrics of a condition, from rows of its columns.
extension Derivation {
  init(
    _ measure: MeasureAddress, _ reported: Estimate, _ reader: RunReader, _ findings: Findings
  ) throws {
    guard let metric = findings.measures.metric(measure.metric) else {
      throw DerivationError.noSuchNumber(measure.id, similar: [])
    }
    let baseline = findings.baseline?.name ?? ""
    func sums(_ tokenCount: Int) throws -> RawSums {
      try RawSums(reader: reader, tokenCount: tokenCount, tokens: measure.tokens)
    }
    let unit = metric.unit == "1" ? "" : "  [\(metric.unit)]"
    let definition = "\(metric.name): \(metric.formula)\(unit)"
    if case .between(let first, let last, _) = measure.tokens {
      var (before, after) = (try sums(first), try sums(last))
      let early = try Self.evaluate(metric, measure.condition, baseline, &before)
      let late = try Self.evaluate(metric, measure.condition, baseline, &after)
      after.note("difference: on the first \(last) tokens − on the first \(first)", late - early)
      self.init(
        address: .measure(measure), definition: definition, explanation: metric.explanation,
        steps: before.steps + after.steps, value: late - early, reported: reported,
        scale: max(early.magnitude, late.magnitude))
      return
    }
    let tokenCount =
      if case .first(let count, _) = measure.tokens { count } else { findings.measured(by: metric.experiment).tokens }
    var raw = try sums(tokenCount)
    let own = try Self.evaluate(metric, measure.condition, baseline, &raw)
    var (value, scale) = (own, own.magnitude)
    if measure.quantity != .value {
      let base = try Self.evaluate(metric, baseline, baseline, &raw)
      scale = max(own.magnitude, base.magnitude)
      value = measure.quantity == .change ? own - base : 100 * (own - base) / base
      if measure.quantity == .percent { scale = 100 * scale / base.magnitude }
      raw.note(
        measure.quantity == .change
          ? "change: \(measure.condition) − \(baseline)"
          : "change in percent: 100 × (\(measure.condition) − \(baseline)) ÷ \(baseline)",
        value)
    }
    self.init(
      address: .measure(measure), definition: definition, explanation: metric.explanation, steps: raw.steps,
      value: value, reported: reported, scale: scale)
  }

  /// The metric's formula over plain sums; adds each as a step, and the result as the last.
  private static func evaluate(_ metric: Metric, _ own: String, _ reference: String, _ raw: inout RawSums) throws
    -> Double
  {
    let terms = try metric.terms.map { term in
      switch term {
      case .sum(let sum, let side): try raw.value(of: sum, side == .own ? own : reference)
      case .metric(let metric, let side): try evaluate(metric, side == .own ? own : reference, reference, &raw)
      case .width: raw.width()
      }
    }
    let value = metric.evaluate(terms)
    raw.note("\(metric.name), \(own): \(metric.formula)", value)
    return value
  }
}
