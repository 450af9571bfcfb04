import Foundation
import RunFile

/// Metrics of a condition, from rows of its columns.
extension Derivation {
  init(
    _ measure: MeasureAddress, _ reported: Estimate, _ reader: RunReader, _ findings: Findings
  ) throws {
    guard let metric = Metric.all.first(where: { $0.id == measure.metric }) else {
      throw DerivationError.noSuchNumber(measure.id, similar: [])
    }
    let experiment = MetricRule.groups.first { $0.rules.contains { $0.metric.id == metric.id } }?.experiment ?? ""
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
      if case .first(let count, _) = measure.tokens { count } else { findings.measured(by: experiment).tokens }
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

  // MARK: Formulas

  /// The metric's formula over plain sums; adds each as a step, and the result as the last.
  private static func evaluate(_ metric: Metric, _ c: String, _ b: String, _ raw: inout RawSums) throws -> Double {
    let value: Double
    switch metric.id {
    case Metric.crossEntropy.id, Metric.perplexity.id:
      let (sum, count) = try raw.scored("Σ nll", c, "nll")
      value = metric.id == Metric.perplexity.id ? exp(sum / count) : sum / count
    case Metric.kl.id:
      let (sum, count) = try raw.scored("Σ KL", c, "kl")
      value = sum / count
    case Metric.top1Agreement.id:
      let (sum, count) = try raw.scored("positions that agree", c, "top1_agreement")
      value = sum / count
    case Metric.fvuArticle.id:
      let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
      let energy = try raw.sum("Σ‖x‖²", c, "sae", "squared_norm")
      let sum = try raw.sum("ΣΣx", c, "sae", "sum")
      let numbers = raw.count() * Double(raw.reader.description.model.dModel)
      raw.note("N·D, numbers that the mean is taken over", numbers)
      value = error / (energy - sum * sum / numbers)
    case Metric.fvu.id:
      let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
      let energy = try raw.sum("Σ‖x‖²", c, "sae", "squared_norm")
      let squared = try raw.squaredVectorSum(c)
      value = error / (energy - squared / raw.count())
    case Metric.relativeErrorMedian.id:
      value = try raw.medianRatio("median of ‖x − x̂‖² ÷ ‖x‖²", c, "squared_error", "squared_norm")
    case Metric.l0.id: value = try raw.sum("Σ active features", c, "sae", "l0") / raw.count()
    case Metric.mse.id:
      let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
      value = error / (raw.count() * Double(raw.reader.description.model.dModel))
    case Metric.cosine.id:
      let columns = [("sae", "squared_error"), ("sae", "squared_norm"), ("sae", "dot")]
      let sum = try raw.sum("Σ x·x̂ ÷ (‖x‖·‖x̂‖), ‖x̂‖² = ‖x − x̂‖² − ‖x‖² + 2 x·x̂", c, columns) { row in
        let product = row[1] * (row[0] - row[1] + 2 * row[2])
        return product > 0 ? row[2] / product.squareRoot() : 0
      }
      value = sum / raw.count()
    case Metric.relativeResidual.id: value = try residual(c, &raw)
    case Metric.perturbation.id: value = try perturbation(c, b, &raw)
    case Metric.noiseFloorArticle.id: value = try perturbation(c, b, &raw) / residual(c, &raw)
    case Metric.noiseFloor.id: value = try perturbation(c, b, &raw) / residual(b, &raw)
    case Metric.movedFarther.id:
      let columns = [("noise_floor", "squared_perturbation"), ("sae", "squared_error")]
      value = try raw.sum("tokens moved farther than missed", c, columns) { $0[0] > $0[1] ? 1 : 0 } / raw.count()
    default: throw DerivationError.noSuchNumber(metric.id, similar: [])
    }
    raw.note("\(metric.name), \(c): \(metric.formula)", value)
    return value
  }

  private static func perturbation(_ c: String, _ b: String, _ raw: inout RawSums) throws -> Double {
    let moved = try raw.sum("Σ‖x_c − x_b‖²", c, "noise_floor", "squared_perturbation")
    let energy = try raw.sum("Σ‖x_b‖²", b, "sae", "squared_norm")
    let value = (moved / energy).squareRoot()
    raw.note("perturbation: √ of their ratio", value)
    return value
  }

  private static func residual(_ c: String, _ raw: inout RawSums) throws -> Double {
    let error = try raw.sum("Σ‖x − x̂‖²", c, "sae", "squared_error")
    let energy = try raw.sum("Σ‖x‖²", c, "sae", "squared_norm")
    let value = (error / energy).squareRoot()
    raw.note("relative residual, \(c): √ of their ratio", value)
    return value
  }
}
