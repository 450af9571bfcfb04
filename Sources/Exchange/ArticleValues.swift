import Analysis
import Foundation
import Measures
import RunFile

/// The values of a run in the article's terms: of a summary run those it holds, of another computed by the article's
/// own definitions. What the run did not measure is not among them.
struct ArticleValues {
  private(set) var values: [SummaryValue] = []
  private let findings: Findings
  private let reader: RunReader

  static func of(_ reader: RunReader) throws -> [SummaryValue] {
    if let summary = reader.summary { return summary }
    var all = ArticleValues(findings: try Findings(of: reader), reader: reader)
    for condition in reader.description.conditions {
      try all.addReconstruction(condition.name)
      if !condition.isBaseline { try all.addNoiseFloor(condition.name) }
      all.addPerformance(condition)
    }
    return all.values
  }

  private init(findings: Findings, reader: RunReader) {
    self.findings = findings
    self.reader = reader
  }

  private var dModel: Double { Double(reader.description.model.dModel) }

  private mutating func add(_ metric: String, _ condition: String, _ value: Double?, tokens: Int, requested: Int? = nil)
  {
    guard let value, value.isFinite else { return }
    values.append(
      SummaryValue(metric: metric, condition: condition, requestedTokens: requested, tokens: tokens, value: value))
  }

  private func estimate(_ metric: Metric, _ condition: String) -> Estimate? {
    findings.finding(metric, condition: condition)?.estimate
  }

  private func column(_ condition: String, _ experiment: String, _ name: String) throws -> [Double]? {
    let key = ColumnKey(condition: condition, experiment: experiment, name: name)
    return reader.has(key) ? try reader.doubles(key) : nil
  }

  private mutating func addReconstruction(_ condition: String) throws {
    if let fvu = estimate(.fvuArticle, condition) {
      let tokens = fvu.tokenCount
      add(Metric.fvuArticle.id, condition, fvu.value, tokens: tokens)
      add(Metric.l0.id, condition, estimate(.l0, condition)?.value, tokens: tokens)
      add(Metric.mse.id, condition, estimate(.mse, condition)?.value, tokens: tokens)
      if let norms = try column(condition, "sae", "squared_norm"), let sums = try column(condition, "sae", "sum") {
        let sum = sums.prefix(tokens).reduce(0, +)
        add(
          SummaryMetric.fvuDenominator, condition,
          norms.prefix(tokens).reduce(0, +) - sum * sum / (Double(tokens) * dModel), tokens: tokens)
      }
    }
    let active = try column(condition, "sae", "l0")
    for snapshot in findings.snapshots
    where snapshot.condition == condition && snapshot.metric.id == Metric.fvuArticle.id && snapshot.stratum == .all {
      let (tokens, requested) = (snapshot.tokens, snapshot.requestedTokens)
      add(Metric.fvuArticle.id, condition, snapshot.estimate.value, tokens: tokens, requested: requested)
      add(
        Metric.l0.id, condition, active.map { $0.prefix(tokens).reduce(0, +) / Double(tokens) }, tokens: tokens,
        requested: requested)
    }
  }

  private mutating func addNoiseFloor(_ condition: String) throws {
    guard let perturbation = estimate(.perturbation, condition),
      let moved = try column(condition, "noise_floor", "squared_perturbation")
    else { return }
    let tokens = perturbation.tokenCount
    let count = Double(tokens)
    add(Metric.perturbation.id, condition, perturbation.value, tokens: tokens)
    add(Metric.noiseFloorArticle.id, condition, estimate(.noiseFloorArticle, condition)?.value, tokens: tokens)
    add(
      SummaryMetric.meanPerturbation, condition, moved.prefix(tokens).reduce(0) { $0 + $1.squareRoot() } / count,
      tokens: tokens)
    add(
      SummaryMetric.perturbationMSE, condition, moved.prefix(tokens).reduce(0, +) / (count * dModel), tokens: tokens)
    if let errors = try column(condition, "sae", "squared_error"),
      let norms = try column(condition, "sae", "squared_norm")
    {
      let error = errors.prefix(tokens).reduce(0, +)
      let energy = norms.prefix(tokens).reduce(0, +)
      add(Metric.relativeResidual.id, condition, (error / energy).squareRoot(), tokens: tokens)
      add(SummaryMetric.noiseFloorMSE, condition, error / (count * dModel), tokens: tokens)
    }
  }

  private mutating func addPerformance(_ condition: RunDescription.Condition) {
    guard let loss = findings.finding(.crossEntropy, condition: condition.name) else { return }
    let tokens = loss.estimate.tokenCount
    add(Metric.crossEntropy.id, condition.name, loss.estimate.value, tokens: tokens)
    add(Metric.perplexity.id, condition.name, estimate(.perplexity, condition.name)?.value, tokens: tokens)
    // The article gives the baseline a difference too: zero from itself.
    let change = condition.isBaseline ? 0 : loss.change?.value
    let percent = condition.isBaseline ? 0 : loss.percentChange?.value
    add(SummaryMetric.crossEntropyChange, condition.name, change, tokens: tokens)
    add(SummaryMetric.crossEntropyPercentChange, condition.name, percent, tokens: tokens)
  }
}
