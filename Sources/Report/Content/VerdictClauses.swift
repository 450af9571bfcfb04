import Analysis
import Measures
import Words

/// What one part of a sentence tells: an outcome under one condition, on each of some models.
struct VerdictEntry {
  var outcome: Verdict.Outcome
  var condition: String
  var models: [ReportModel]
}

/// Entries with the same outcome on the same models.
struct VerdictClause {
  var question: Verdict.Question
  var outcome: Verdict.Outcome
  var models: [ReportModel]
  var entries: [VerdictEntry]

  /// For an outcome that is no answer to the question.
  var impossible: ReportError {
    .impossibleVerdict(
      question: question.rawValue, condition: entries.first?.condition ?? "", outcome: outcome.rawValue)
  }
}

extension VerdictRule {
  /// When one clause speaks for several models; printed in the appendix where there are several.
  static let acrossModels = VerdictRule(
    id: "across_models@1", question: nil,
    statement:
      "One clause speaks for all models that measured a condition when the verdict on each is the same and the "
      + "condition has the same settings on each; it gives the smallest and the largest of their numbers, with the "
      + "decimals of the least precise, and leaves the intervals to the tables. Otherwise each model has a clause of "
      + "its own. Nothing is averaged over models, and no model is paired with another.")
}

extension ReportSubject {
  /// Those of the measures that the findings were computed from, the same for all models.
  var verdictRules: [VerdictRule] { models[0].findings.measures.rules }

  /// By the rule `across_models@1`, in the order of conditions.
  func entries(_ question: Verdict.Question) -> [VerdictEntry] {
    conditions.flatMap { condition -> [VerdictEntry] in
      let reached = models.compactMap { model in
        model.outcome(question, condition).map { VerdictEntry(outcome: $0, condition: condition, models: [model]) }
      }
      guard let first = reached.first else { return [] }
      let all = reached.flatMap(\.models)
      guard reached.allSatisfy({ $0.outcome == first.outcome }), isSame(condition, on: all) else { return reached }
      return [VerdictEntry(outcome: first.outcome, condition: condition, models: all)]
    }
  }

  func clauses(_ question: Verdict.Question) -> [VerdictClause] {
    entries(question).grouped { [$0.outcome.rawValue] + $0.models.map(\.name) }.map { _, entries in
      VerdictClause(question: question, outcome: entries[0].outcome, models: entries[0].models, entries: entries)
    }
  }

  /// Whether a condition of this name has one method and one setting on all these models.
  func isSame(_ condition: String, on models: [ReportModel]) -> Bool {
    let all = models.compactMap { $0.condition(condition) }
    return all.allSatisfy { $0.kind == all.first?.kind && $0.parameters == all.first?.parameters }
  }
}
