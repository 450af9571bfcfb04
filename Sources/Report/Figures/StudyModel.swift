import Analysis
import Plot
import Words

/// A model of the report as its figures show it: its findings, and its conditions in the styles that all models share.
struct StudyModel {
  let findings: Findings
  let conditions: StudyConditions
  let numbers: Numbers

  var formats: NumberFormats { numbers.formats }
  var name: String { findings.description.model.name }

  static func all(of all: [Findings]) throws -> [StudyModel] {
    let names = all.flatMap(\.compressed).map(\.name).distinct
    let sizes = all.flatMap { $0.description.conditions.map(\.effectiveBitsPerParameter) }
    return try all.map { findings in
      StudyModel(
        findings: findings, conditions: try StudyConditions(findings, styledAs: names, among: sizes),
        numbers: Numbers(findings, prefix: all.count > 1 ? findings.description.model.name + "/" : ""))
    }
  }
}

extension [StudyModel] {
  var areSeveral: Bool { count > 1 }

  /// Compressed conditions of all models, each name once.
  var compressed: [StudyConditions.Entry] { flatMap(\.conditions.compressed).distinct(by: \.name) }

  /// A caption's sentence on intervals, where there are any: imported values have none.
  func onIntervals(_ sentence: String) -> String {
    let has = contains { model in
      model.findings.findings.contains { $0.estimate.interval != nil || $0.change?.interval != nil }
    }
    return has ? sentence : "The source of these numbers gives no intervals."
  }

  /// "gemma-3-4b" before a facet's name, or alone, where a figure shows several models; else the facet's name.
  func title(_ model: StudyModel, _ facet: String? = nil) -> String? {
    areSeveral ? ([model.name] + (facet.map { [$0] } ?? [])).joined(separator: ": ") : facet
  }

  /// Panels of each model in a row of their own; in one column where rows differ in length.
  func rows(_ rows: [[Panel]], key: [DirectLabel] = []) -> Figure.Content {
    let isEven = Set(rows.map(\.count)).count == 1
    return .panels(rows.flatMap { $0 }, columns: isEven ? rows[0].count : 1, key: key)
  }

  /// "(a)" for the first of two panels of one model, "(a, c)" for those of two.
  func letters(_ panel: Int, of count: Int) -> String {
    let all = indices.map { String(Character(UnicodeScalar(UInt8(97 + ($0 * count + panel) % 26)))) }
    return "(\(all.joined(separator: ", ")))"
  }

  /// The figure's numbers, with the model's name first where there are several.
  func table(
    words: [String], numbers: [String], rows: (StudyModel) throws -> [[DataTable.Cell]]
  ) rethrows -> DataTable {
    try table(words: words, numbers: numbers, rows: flatMap { model in try rows(model).map { (model, $0) } })
  }

  /// The same, of rows in an order of their own.
  func table(words: [String], numbers: [String], rows: [(model: StudyModel, cells: [DataTable.Cell])]) -> DataTable {
    DataTable(
      words: (areSeveral ? ["model"] : []) + words, numbers: numbers,
      rows: rows.map { (areSeveral ? [.text($0.model.name)] : []) + $0.cells })
  }

  /// A sentence part per model, each with its name where there are several.
  func told(_ tell: (StudyModel) throws -> Prose) rethrows -> Prose {
    try map { areSeveral ? "\($0.name): \(try tell($0))" : try tell($0) }.prose(separator: areSeveral ? ". " : "; ")
  }

  /// The different texts of all models, "16 and 18".
  func each(_ text: (StudyModel) throws -> String) rethrows -> String { try map(text).distinct.listed }

  /// "95%" as a word for captions.
  func level() throws -> String {
    try each { model in
      let percent = model.findings.description.bootstrap.level * 100
      let decimals = percent == percent.rounded() ? 0 : 1
      return try NumberText.fixed(percent, decimals: decimals, of: "confidence level") + "%"
    }
  }

  /// What was resampled: "document".
  var unit: String { each { $0.findings.unit.rawValue } }

  /// "bf16".
  func baseline() -> String {
    each { model in model.conditions.baseline?.name ?? "the baseline" }
  }

  /// A caption's sentence on compressed conditions that lack the measure; nothing where none does.
  func notMeasured(_ isMeasured: (StudyModel, String) -> Bool) -> String {
    let texts = compactMap { model -> String? in
      let missing = model.conditions.compressed.map(\.name).filter { !isMeasured(model, $0) }
      guard !missing.isEmpty else { return nil }
      return missing.listed + (areSeveral ? " of \(model.name)" : "")
    }
    return texts.isEmpty ? "" : " Not measured: \(texts.joined(separator: "; "))."
  }

  /// The sample and the baseline, the end of most captions: "200,704 tokens; baseline bf16 (from Q4_K_M)".
  func sample() throws -> Prose {
    var samples: [Prose] = []
    for model in self {
      let unfinished = model.findings.isPartial ? " of an unfinished run" : ""
      let few =
        model.findings.fewestUnits < VerdictRules.fewClusters && onIntervals("").isEmpty
        ? " (fewer than \(VerdictRules.fewClusters) \(unit)s: intervals are indicative)" : ""
      samples.append("\(try model.numbers.count(.tokens).map { Prose($0) } ?? "0") tokens\(unfinished)\(few)")
    }
    let shipped = flatMap(\.findings.description.conditions).filter { $0.origin == .shipped }.map(\.name).distinct
    let baselines =
      map(\.findings.baselineLabel).distinct.listed
      + (shipped.isEmpty ? "" : "; \(shipped.listed): shipped \(shipped.count == 1 ? "file" : "files")")
    if areSeveral, Set(samples.map(\.plain)).count == 1 { return "\(samples[0]) each; baseline \(baselines)" }
    let told = zip(self, samples).map { areSeveral ? "\([$0.name].listed) \($1)" as Prose : $1 }
    return "\(told.prose(separator: ", ")); baseline \(baselines)"
  }

}
