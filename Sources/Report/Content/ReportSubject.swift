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
  var compressed: [String] { models.flatMap(\.compressed).map(\.name).distinct }

  /// "gemma-3-4b and gemma-3-12b".
  var modelNames: String { models.map(\.name).listed }

  /// The models' different texts in their order.
  func distinct(_ text: (ReportModel) throws -> String) rethrows -> [String] {
    try models.map(text).distinct
  }

  // MARK: Naming models

  /// " on both models", " on gemma-3-4b"; nothing where the report has one model.
  func on(_ some: [ReportModel]) -> Prose {
    guard areSeveral else { return "" }
    guard some.count == models.count else { return " on \(some.map(\.name).listed)" }
    return some.count == 2 ? " on both models" : " on all \(Self.word(some.count)) models"
  }

  static func word(_ count: Int) -> String {
    CountWord.of(count)
  }

  /// "**int8** and **nf4** on both models": conditions with the same models together.
  func places(_ cells: [(condition: String, model: ReportModel)]) -> Prose {
    let groups = conditions.map { condition in
      (condition: condition, models: cells.filter { $0.condition == condition }.map(\.model))
    }.filter { !$0.models.isEmpty }.grouped { $0.models.map(\.name) }.map(\.elements)
    return Prose.list(groups.map { own in Prose.list(own.map { "\(strong: $0.condition)" }) + on(own[0].models) })
  }

  /// What is to be said of some conditions and models, given their names; nil where there are none.
  func told(_ cells: [(condition: String, model: ReportModel)], _ tell: (Prose) -> Prose) -> Prose? {
    cells.isEmpty ? nil : tell(places(cells))
  }

  /// The compressed conditions of each model of which something holds.
  func cells(where holds: (ReportModel, String) -> Bool) -> [(condition: String, model: ReportModel)] {
    compressed.flatMap { condition in
      models.filter { holds($0, condition) }.map { (condition: condition, model: $0) }
    }
  }

  // MARK: Telling of each

  /// What is to be said of each model: once where it is the same for all, else under the names of those it holds for.
  func each(_ tell: (ReportModel) throws -> Prose?) throws -> [Prose] {
    let said = try models.compactMap { model in try tell(model).map { (prose: $0, name: model.name) } }
    return said.grouped(by: \.prose.plain).map { _, own in
      own.count == models.count ? own[0].prose : "\(strong: own.map(\.name).listed): \(own[0].prose)"
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
