import Analysis
import Measures
import RunFile

/// One model of the report: what was found on it, and its numbers, bound to their sources.
struct ReportModel {
  let findings: Findings
  let numbers: Numbers

  /// - Parameter isAlone: where a report tells of one model, its numbers need not name it.
  /// - Throws: `ReportError.noBaseline`.
  init(_ findings: Findings, isAlone: Bool) throws {
    guard findings.baseline != nil else { throw ReportError.noBaseline(study: findings.description.study) }
    self.findings = findings
    numbers = Numbers(findings, prefix: isAlone ? "" : findings.description.model.name + "/")
  }

  var name: String { findings.description.model.name }
  var description: RunDescription { findings.description }
  var base: String { findings.baseline?.name ?? "" }
  var compressed: [RunDescription.Condition] { findings.compressed }
  var hasAccuracy: Bool { numbers.has(.crossEntropy) }
  var hasSAE: Bool { numbers.has(.fvu) || numbers.has(.fvuArticle) }
  var hasNoiseFloor: Bool { numbers.has(.noiseFloor) || numbers.has(.noiseFloorArticle) }

  /// What was resampled, under the experiment that stands on fewest.
  var fewestUnits: Int { findings.fewestUnits }

  /// Values that somebody else computed, without the raw data behind them.
  var isSummary: Bool { description.origin?.format == .articleJSON }

  func condition(_ name: String) -> RunDescription.Condition? { description.conditions.first { $0.name == name } }

  /// The change of a metric is known, but nothing says how far chance moves it.
  func hasNoInterval(_ metric: Metric, _ condition: String, _ stratum: Stratum) -> Bool {
    guard let change = findings.finding(metric, condition: condition, stratum: stratum)?.change else { return false }
    return change.interval == nil
  }

  /// The outcome on a condition; nil where none was reached.
  func outcome(_ question: Verdict.Question, _ condition: String) -> Verdict.Outcome? {
    findings.verdict(question, condition: condition).flatMap { $0 == .notMeasured ? nil : $0 }
  }
}
