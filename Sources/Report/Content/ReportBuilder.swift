import Analysis
import Plot
import RunFile
import Words

/// Builds the document from findings: every sentence follows from verdicts or from numbers of these runs.
///
/// A report tells of one model or of several in one story. What is said of several is said once where it holds for all
/// of them and model by model where it does not (`AcrossModels.swift`); one model is the case of no difference.
public struct ReportBuilder {
  let models: [ReportModel]
  let reference: PublishedReference
  let figures: [StudyFigures.Kind: StudyFigures.Outcome]

  /// - Parameters:
  ///   - all: one per model, in the order in which the report names them.
  ///   - reference: the numbers that the article published.
  ///   - author: the author's own words, if any.
  /// - Throws: `ReportError` for findings that make no report, `NumberError` for values that are no numbers.
  public static func document(
    of all: [Findings], reference: PublishedReference, author: AuthorText? = nil
  ) throws -> Document {
    try ReportBuilder(all, reference: reference).document(author: author)
  }

  func document(author: AuthorText?) throws -> Document {
    let sections: [Section?] = [
      try summary(), try question(), try methodology(), try tests(), try results(), try performance(),
      try reconstruction(), try noiseFloor(), try stabilization(), try published(), try conclusion(),
      try limitations(), try reproduction(), try appendix(),
    ]
    let document = Document(
      title: distinct { $0.description.title }.joined(separator: "; "), subtitle: subtitle, dateline: dateline,
      abstract: try headline().joined(separator: " "), sections: numbered(sections.compactMap { $0 }), facts: facts)
    return try author.map { try merge($0, into: document) } ?? document
  }

  init(_ all: [Findings], reference: PublishedReference) throws {
    guard !all.isEmpty else { throw ReportError.nothingToReport }
    models = try all.map { try ReportModel($0, isAlone: all.count == 1) }
    self.reference = reference
    var figures: [StudyFigures.Kind: StudyFigures.Outcome] = [:]
    for kind in StudyFigures.Kind.allCases { figures[kind] = try StudyFigures.make(kind, from: all) }
    self.figures = figures
  }

  // MARK: What everything refers to

  var areSeveral: Bool { models.count > 1 }
  var hasAccuracy: Bool { models.contains(where: \.hasAccuracy) }
  var hasSAE: Bool { models.contains(where: \.hasSAE) }
  var hasNoiseFloor: Bool { models.contains(where: \.hasNoiseFloor) }
  var hasSnapshots: Bool { models.contains { !$0.findings.snapshots.isEmpty } }

  /// The baseline's name where the models share it.
  var base: String {
    let names = distinct(\.base)
    return names.count == 1 ? names[0] : "the baseline"
  }

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
  var modelNames: String { Self.list(models.map(\.name)) }

  static func list(_ words: [String]) -> String { Prose.list(words.map { Prose($0) }).plain }

  /// The models' different texts in their order.
  func distinct(_ text: (ReportModel) throws -> String) rethrows -> [String] {
    var texts: [String] = []
    for model in models {
      let own = try text(model)
      if !texts.contains(own) { texts.append(own) }
    }
    return texts
  }

  /// A figure block with its place in the numbering left open, or a remark that says why there is none.
  func figureBlock(_ kind: StudyFigures.Kind) -> Block? {
    switch figures[kind] {
    case .figure(let figure): .figure(FigureBlock(label: "", figure: figure))
    case .absent(let reason): .note(Note(kind: .remark, title: "No figure", text: Prose(reason)))
    case nil: nil
    }
  }

  // MARK: Head

  private var subtitle: String {
    func layer(_ model: ReportModel) -> String {
      "\(model.description.model.layer) (counted from 0) of \(model.description.model.layerCount)"
    }
    func sample(_ model: ReportModel) -> String {
      """
      \(model.description.conditions.map(\.name).joined(separator: ", ")); \
      \(NumberText.integer(model.findings.measured.tokens)) tokens
      """
    }
    let samples = distinct(sample)
    guard areSeveral, samples.count == 1 else {
      return models.map { model in
        let place = model.description.model.layer < 0 ? "" : ", residual stream after layer \(layer(model))"
        return "\(model.name)\(place); \(sample(model))"
      }.joined(separator: "; ")
    }
    return "\(modelNames), residual stream after layers \(Self.list(models.map(layer))); \(samples[0]) each"
  }

  private var dateline: String {
    distinct { model in
      let provenance = model.description.provenance
      let date = Self.date(provenance.finishTime ?? provenance.startTime)
      if let origin = model.description.origin {
        let day = date == RunDescription.notRecorded ? "" : ", measured on \(date)"
        return "Imported from \(origin.file)\(day); clearbox \(provenance.clearboxVersion)"
      }
      return
        "Measured on \(date) with clearbox \(provenance.clearboxVersion), commit \(provenance.commit.prefix(7))\(provenance.commit.hasSuffix("+") ? "+" : "")"
    }.joined(separator: "; ")
  }

  /// "1 March 2026" from "2026-03-01T10:11:42Z"; as it stands where it has another form.
  static func date(_ iso: String) -> String {
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    let parts = iso.prefix(10).split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3, months.indices.contains(parts[1] - 1) else { return iso }
    return "\(parts[2]) \(months[parts[1] - 1]) \(parts[0])"
  }

  /// Each the models' different values as a list.
  private var facts: [String: String] {
    func all(_ text: (ReportModel) -> String) -> String { Self.list(distinct(text)) }
    return [
      "model": modelNames, "layer": all { String($0.description.model.layer) }, "study": all { $0.description.study },
      "corpus": all { $0.description.corpus.name },
      "tokens": all { NumberText.integer($0.findings.measured.tokens) },
      "chunks": all { NumberText.integer($0.findings.measured.chunks) }, "baseline": all { $0.base },
      "conditions": Self.list(conditions), "version": all { $0.description.provenance.clearboxVersion },
      "commit": all { $0.description.provenance.commit },
    ]
  }
}
