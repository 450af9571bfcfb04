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
    let reference = findings.reference(of: measure.condition)?.name ?? ""
    let sides = Sides(own: measure.condition, reference: reference, reruns: reader.description.rerunConditions ?? [])
    let hasPair = findings.decidesByPairs && measure.condition != findings.baseline?.name
    func sums(_ tokenCount: Int) throws -> RawSums {
      try RawSums(
        reader: reader, tokenCount: tokenCount, tokens: measure.tokens,
        pair: hasPair ? .init(condition: measure.condition, reference: reference) : nil, part: metric.part)
    }
    let unit = metric.unit == "1" ? "" : "  [\(metric.unit)]"
    let definition = "\(metric.name): \(metric.formula)\(unit)"
    if case .between(let first, let last, _) = measure.tokens {
      var (before, after) = (try sums(first), try sums(last))
      let early = try Self.evaluate(metric, sides, &before)
      let late = try Self.evaluate(metric, sides, &after)
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
    let own = try Self.evaluate(metric, measure.quantity == .reference ? sides.atReference : sides, &raw)
    var (value, scale) = (own, own.magnitude)
    if measure.quantity == .change || measure.quantity == .percent {
      let base = try Self.evaluate(metric, sides.atReference, &raw)
      scale = max(own.magnitude, base.magnitude)
      value = measure.quantity == .change ? own - base : 100 * (own - base) / base
      if measure.quantity == .percent { scale = 100 * scale / base.magnitude }
      raw.note(
        measure.quantity == .change
          ? "change: \(measure.condition) − \(reference)"
          : "change in percent: 100 × (\(measure.condition) − \(reference)) ÷ \(reference)",
        value)
    }
    self.init(
      address: .measure(measure), definition: definition, explanation: metric.explanation, steps: raw.steps,
      value: value, reported: reported, scale: scale)
  }

  /// The conditions that a metric's terms speak of.
  private struct Sides {
    var own: String
    var reference: String
    var reruns: [RunDescription.Condition]

    var atReference: Sides { Sides(own: reference, reference: reference, reruns: reruns) }

    func name(_ side: Metric.Side) throws -> String {
      func rerun(_ name: String) throws -> String {
        guard let rerun = reruns.first(where: { $0.rerunOf == name }) else {
          throw DerivationError.notMeasured("/measurements/\(name)-rerun")
        }
        return rerun.name
      }
      return switch side {
      case .own: own
      case .reference: reference
      case .rerun: try rerun(own)
      case .referenceRerun: try rerun(reference)
      }
    }
  }

  /// The metric's formula over plain sums; adds each as a step, and the result as the last.
  private static func evaluate(_ metric: Metric, _ sides: Sides, _ raw: inout RawSums) throws -> Double {
    let terms = try metric.terms.map { term in
      switch term {
      case .sum(let sum, let side):
        try raw.value(of: sum, sides.name(side), against: side == .rerun ? sides.own : sides.reference)
      case .metric(let metric, let side):
        try evaluate(
          metric, Sides(own: sides.name(side), reference: sides.reference, reruns: sides.reruns), &raw)
      case .width: raw.width()
      }
    }
    let value = metric.evaluate(terms)
    raw.note("\(metric.name), \(sides.own): \(metric.formula)", value)
    return value
  }
}
