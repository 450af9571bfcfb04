import Analysis
import Measures
import Words

/// A row of Table 2: a measure, its number under each condition, and what that means in plain words.
struct ResultRow {
  var measure: Prose
  /// Of a condition on a model, the baseline's too; nil where there is none.
  var cell: (ReportModel, String) throws -> Prose?
  /// By which the least and the most changed condition are found where there are too many for a column each.
  var order: (ReportModel, String) -> Double?
  /// What follows for a reader; nil where nothing was concluded.
  var meaning: (ReportModel) throws -> Prose?
}

extension ReportSection {
  /// A primary measure: the baseline's value, the conditions' changes (of a comparison, its values) with their intervals.
  func resultRow(
    _ measure: Prose, _ question: Verdict.Question, _ metric: Metric, _ stratum: Stratum = .all, start: Prose,
    _ phrase: @escaping (Verdict.Outcome) -> Prose?
  ) -> ResultRow {
    ResultRow(
      measure: measure,
      cell: { model, condition in
        guard model.numbers.has(metric, condition, stratum) else { return nil }
        return condition == model.base
          ? "\(try model.numbers.value(metric, condition, stratum))"
          : try model.numbers.withInterval(metric, condition, stratum, metric.judgedQuantity)
            ?? model.numbers.changeWithInterval(metric, condition, stratum)
      },
      order: { model, condition in
        model.findings.finding(metric, condition: condition, stratum: stratum)?.judged?.value
      },
      meaning: { model in meaning(question, model, start: start, phrase) })
  }

  /// "Predictions are much worse under nf4-dq, about as good under int8.": a part for each outcome, the worst first.
  func meaning(
    _ question: Verdict.Question, _ model: ReportModel, start: Prose, _ phrase: (Verdict.Outcome) -> Prose?
  ) -> Prose? {
    let cases = Cases(findings: [model.findings])
    let parts = cases.groups(question).compactMap { outcome, own -> Prose? in
      phrase(outcome).map { "\($0) under \(Prose.list(cases.pieces(own, atMost: 4).map(\.name)))" }
    }
    return parts.isEmpty ? nil : "\(start)\(parts.prose(separator: "; "))."
  }

  /// Words for each outcome of a change; undecided in all alike.
  static func words(
    _ much: Prose, _ little: Prose, _ none: Prose, fall: Prose, identical: Prose = "exactly the same"
  ) -> (Verdict.Outcome) -> Prose? {
    { outcome in
      switch outcome {
      case .largeRise: much
      case .smallRise: little
      case .negligible: none
      case .smallFall, .largeFall: fall
      case .openRise: "\(little), perhaps within the margin,"
      case .openFall: "\(fall), perhaps within the margin,"
      case .identical: identical
      case .undecided: "undecided"
      default: nil
      }
    }
  }
}
