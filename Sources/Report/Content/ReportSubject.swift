import Analysis
import RunFile
import Words

/// What tells of the models of a report: the report itself, and each of its sections.
///
/// What is said of several models is said once where it holds for all of them and model by model where it does not; one
/// model is the case of no difference.
protocol ReportSubject {
  var models: [ReportModel] { get }
}

extension ReportSubject {
  var areSeveral: Bool { models.count > 1 }
  var hasAccuracy: Bool { models.contains(where: \.hasAccuracy) }
  var hasSAE: Bool { models.contains(where: \.hasSAE) }
  var hasNoiseFloor: Bool { models.contains(where: \.hasNoiseFloor) }

  /// The baseline's name where the models share it.
  var base: String {
    let names = distinct(\.base)
    return names.count == 1 ? names[0] : "the baseline"
  }

  /// What was resampled: "document".
  var unit: String { distinct { $0.findings.unit.rawValue }.joined(separator: " or ") }

  /// "95%".
  var level: String { distinct(\.numbers.level).joined(separator: " or ") }

  /// Names of all models' conditions, in order of appearance, the baselines first.
  var conditions: [String] { distinct(\.base) + compressed.filter { !distinct(\.base).contains($0) } }
  var compressed: [String] {
    var names: [String] = []
    for condition in models.flatMap(\.compressed) where !names.contains(condition.name) { names.append(condition.name) }
    return names
  }

  /// "gemma-3-4b and gemma-3-12b".
  var modelNames: String { models.map(\.name).listed }

  /// The models' different texts in their order.
  func distinct(_ text: (ReportModel) throws -> String) rethrows -> [String] {
    var texts: [String] = []
    for model in models {
      let own = try text(model)
      if !texts.contains(own) { texts.append(own) }
    }
    return texts
  }

  // MARK: Naming models

  /// " on both models", " on gemma-3-4b"; nothing where the report has one model.
  func on(_ some: [ReportModel]) -> Prose {
    guard areSeveral else { return "" }
    guard some.count == models.count else { return " on \(some.map(\.name).listed)" }
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

  // MARK: Telling of each

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
      names.count == models.count ? prose : "\(strong: names.listed): \(prose)"
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
}
