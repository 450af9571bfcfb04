import Analysis
import RunFile
import Words

/// How a report tells of several models at once.
extension ReportBuilder {
  /// When one clause speaks for several models; printed in the appendix where there are several.
  static let acrossModels = VerdictRule(
    id: "across_models@1", question: nil,
    statement: "One clause speaks for all models that measured a condition when the verdict on each is the same and the "
      + "condition has the same settings on each; it gives the smallest and the largest of their numbers, with the "
      + "decimals of the least precise, and leaves the intervals to the tables. Otherwise each model has a clause of "
      + "its own. Nothing is averaged over models, and no model is paired with another.")

  // MARK: Verdicts

  /// What one part of a sentence tells: an outcome under one condition, on each of some models.
  struct Entry {
    var outcome: Verdict.Outcome
    var condition: String
    var models: [ReportModel]
  }

  /// Entries with the same outcome on the same models.
  struct Clause {
    var outcome: Verdict.Outcome
    var models: [ReportModel]
    var entries: [Entry]
  }

  /// By the rule `across_models@1`, in the order of conditions.
  func entries(_ question: Verdict.Question) -> [Entry] {
    conditions.flatMap { condition -> [Entry] in
      let reached = models.compactMap { model in
        model.outcome(question, condition).map { Entry(outcome: $0, condition: condition, models: [model]) }
      }
      guard let first = reached.first else { return [] }
      let all = reached.flatMap(\.models)
      guard reached.allSatisfy({ $0.outcome == first.outcome }), isSame(condition, on: all) else { return reached }
      return [Entry(outcome: first.outcome, condition: condition, models: all)]
    }
  }

  func clauses(_ question: Verdict.Question) -> [Clause] {
    var clauses: [Clause] = []
    for entry in entries(question) {
      let index = clauses.firstIndex {
        $0.outcome == entry.outcome && $0.models.map(\.name) == entry.models.map(\.name)
      }
      if let index {
        clauses[index].entries.append(entry)
      } else {
        clauses.append(Clause(outcome: entry.outcome, models: entry.models, entries: [entry]))
      }
    }
    return clauses
  }

  /// Whether a condition of this name has one method and one setting on all these models.
  func isSame(_ condition: String, on models: [ReportModel]) -> Bool {
    let all = models.compactMap { $0.condition(condition) }
    return all.allSatisfy { $0.kind == all.first?.kind && $0.parameters == all.first?.parameters }
  }

  // MARK: Naming models

  /// " on both models", " on gemma-3-4b"; nothing where the report has one model.
  func on(_ some: [ReportModel]) -> Prose {
    guard areSeveral else { return "" }
    guard some.count == models.count else { return " on \(Self.list(some.map(\.name)))" }
    return some.count == 2 ? " on both models" : " on all \(Self.word(some.count)) models"
  }

  static func word(_ count: Int) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return words.indices.contains(count) ? words[count] : NumberText.integer(count)
  }

  /// "**int8** and **nf4** on both models": conditions with the same models together.
  func places(_ cells: [(condition: String, model: ReportModel)]) -> Prose {
    var groups: [(conditions: [String], models: [ReportModel])] = []
    for condition in conditions {
      let own = cells.filter { $0.condition == condition }.map(\.model)
      guard !own.isEmpty else { continue }
      if let index = groups.firstIndex(where: { $0.models.map(\.name) == own.map(\.name) }) {
        groups[index].conditions.append(condition)
      } else {
        groups.append(([condition], own))
      }
    }
    return Prose.list(groups.map { Prose.list($0.conditions.map { "\(strong: $0)" }) + on($0.models) })
  }

  /// What is to be said of each model: once where it is the same for all, else under the names of those it holds for.
  func each(_ tell: (ReportModel) throws -> Prose?) throws -> [Prose] {
    var said: [(prose: Prose, names: [String])] = []
    for model in models {
      guard let prose = try tell(model) else { continue }
      if let index = said.firstIndex(where: { $0.prose.plain == prose.plain }) {
        said[index].names.append(model.name)
      } else {
        said.append((prose, [model.name]))
      }
    }
    return said.map { prose, names in
      names.count == models.count ? prose : "\(strong: Self.list(names)): \(prose)"
    }
  }

  /// What is to be said of each model by itself, even where it is the same: counts would be read as those of all.
  func apart(_ tell: (ReportModel) throws -> Prose?) rethrows -> [Prose] {
    try models.compactMap { model in
      try tell(model).map { areSeveral ? "\(strong: model.name): \($0)" : $0 }
    }
  }

  /// As `each`, in one run of sentences.
  func eachTogether(_ tell: (ReportModel) throws -> Prose?) throws -> Prose? {
    Self.together(try each(tell))
  }

  /// Sentences in a row; nil where there are none.
  static func together(_ said: [Prose]) -> Prose? {
    said.first.map { said.dropFirst().reduce($0) { $0 + " " + $1 } }
  }

  // MARK: Ranges

  /// The number of one model, or the smallest and the largest of several: "2.0–2.7%", "−0.1% to +0.2%".
  func range(_ models: [ReportModel], _ amount: (ReportModel) throws -> Numbers.Amount?) throws -> Prose? {
    let amounts = try models.compactMap(amount)
    guard let low = amounts.min(by: { $0.printed < $1.printed }),
      let high = amounts.max(by: { $0.printed < $1.printed })
    else { return nil }
    guard amounts.count > 1 else { return Prose(low.number) }
    let decimals = amounts.map(\.decimals).min() ?? 0
    let (first, last) = (try low.rounded(to: decimals), try high.rounded(to: decimals))
    guard first.text != last.text else { return Prose(last) }
    if low.isSigned { return "\(first) to \(last)" }
    var start = first
    start.text = String(start.text.dropLast(low.suffix.count))
    return "\(start)–\(last)"
  }

  // MARK: Tables

  /// The column of models, where there are several.
  var modelColumn: [TableBlock.Column] { areSeveral ? [.init("Model")] : [] }
  func modelCell(_ model: ReportModel) -> [Prose] { areSeveral ? [Prose(model.name)] : [] }

  /// A row per model and condition. A condition that no model measured has no row; one that another model measured is
  /// "not measured" here.
  func rows(
    _ conditions: [String], measured: (ReportModel, String) -> Bool, cells: (ReportModel, String) throws -> [Prose]
  ) throws -> [[Prose]] {
    var rows: [[Prose]] = []
    var width = 1
    for model in models {
      for condition in conditions where models.contains(where: { measured($0, condition) }) {
        let own = measured(model, condition) ? try cells(model, condition) : ["not measured"]
        width = max(width, own.count)
        rows.append(modelCell(model) + ["\(strong: condition)"] + own)
      }
    }
    let full = modelColumn.count + 1 + width
    return rows.map { $0 + Array(repeating: "–", count: max(0, full - $0.count)) }
  }
}
