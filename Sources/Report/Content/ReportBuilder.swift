import Analysis
import Plot
import RunFile

/// Builds the document from findings: every sentence follows from a verdict or from numbers of this run.
public struct ReportBuilder {
  let findings: Findings
  let numbers: Numbers
  /// Before anchors and file names, where a report tells of several models.
  let prefix: String
  let heading: String?
  let figures: [StudyFigures.Kind: StudyFigures.Outcome]

  /// - Throws: `ReportError` for findings that make no report, `PlotError` for values that are no numbers.
  public static func document(of all: [Findings]) throws -> Document {
    guard let first = all.first else { throw ReportError.nothingToReport }
    var names: Set<String> = []
    for findings in all where !names.insert(findings.description.model.name).inserted {
      throw ReportError.sameNameTwice(findings.description.model.name)
    }
    let builders = try all.map { try ReportBuilder($0, isAlone: all.count == 1) }
    let description = first.description
    return Document(
      title: description.title, subtitle: builders.map(\.subtitle).joined(separator: "; "),
      dateline: builders[0].dateline,
      abstract: try builders.map { try $0.headline().joined(separator: " ") }.joined(separator: " "),
      parts: try builders.map { try $0.part() })
  }

  init(_ findings: Findings, isAlone: Bool) throws {
    guard findings.baseline != nil else { throw ReportError.noBaseline(study: findings.description.study) }
    let name = findings.description.model.name
    let slug = String(name.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" })
    self.findings = findings
    prefix = isAlone ? "" : slug + "-"
    heading = isAlone ? nil : name
    numbers = Numbers(findings, prefix: isAlone ? "" : slug + "/")
    var figures: [StudyFigures.Kind: StudyFigures.Outcome] = [:]
    for kind in StudyFigures.Kind.allCases {
      var outcome = try StudyFigures.make(kind, from: findings)
      if case .figure(var figure) = outcome {
        figure.key = prefix + figure.key
        outcome = .figure(figure)
      }
      figures[kind] = outcome
    }
    self.figures = figures
  }

  func part() throws -> Part {
    let sections: [Section?] = [
      try summary(), try question(), try methodology(), try tests(), try results(), try performance(),
      try reconstruction(), try noiseFloor(), try stabilization(), try conclusion(), try limitations(),
      try reproduction(), try appendix(),
    ]
    return Part(
      prefix: prefix, heading: heading, sections: numbered(sections.compactMap { $0 }), facts: try facts())
  }

  // MARK: What everything refers to

  var description: RunDescription { findings.description }
  var baseline: RunDescription.Condition? { findings.baseline }
  var base: String { findings.baseline?.name ?? "" }
  var compressed: [RunDescription.Condition] { findings.compressed }
  var hasAccuracy: Bool { numbers.has(.crossEntropy) }
  var hasSAE: Bool { numbers.has(.fvu) || numbers.has(.fvuArticle) }
  var hasNoiseFloor: Bool { numbers.has(.noiseFloor) || numbers.has(.noiseFloorArticle) }

  func verdict(_ question: Verdict.Question, _ condition: String) -> Verdict? {
    findings.verdicts.first { $0.question == question && $0.condition == condition }
  }

  /// The verdicts on a question in the conditions' order, without those that were not reached.
  func verdicts(_ question: Verdict.Question) -> [Verdict] {
    description.conditions.compactMap { verdict(question, $0.name) }.filter { $0.outcome != .notMeasured }
  }

  /// "int8 and nf4".
  func names(_ conditions: [RunDescription.Condition]) -> String {
    Prose.list(conditions.map { Prose($0.name) }).plain
  }

  /// A figure block with its place in the numbering left open, or a remark that says why there is none.
  func figureBlock(_ kind: StudyFigures.Kind) -> Block? {
    switch figures[kind] {
    case .figure(let figure): .figure(FigureBlock(label: "", figure: figure))
    case .absent(let reason): .note(Note(kind: .remark, title: "No figure", text: Prose(reason)))
    case nil: nil
    }
  }

  func reference(_ kind: StudyFigures.Kind) -> Prose? {
    guard case .figure(let figure)? = figures[kind] else { return nil }
    return Prose([.reference(anchor: "figure-\(figure.key)", text: "")])
  }

  var subtitle: String {
    """
    \(description.model.name), residual stream after layer \(description.model.layer) of \
    \(description.model.layerCount); \(description.conditions.map(\.name).joined(separator: ", ")); \
    \(NumberText.integer(findings.measured.tokens)) tokens
    """
  }

  var dateline: String {
    let provenance = description.provenance
    let date = Self.date(provenance.finishTime ?? provenance.startTime)
    return "Measured on \(date) with clearbox \(provenance.clearboxVersion), commit \(provenance.commit.prefix(7))\(provenance.commit.hasSuffix("+") ? "+" : "")"
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

  func facts() throws -> [String: String] {
    [
      "model": description.model.name, "layer": String(description.model.layer), "study": description.study,
      "corpus": description.corpus.name, "tokens": NumberText.integer(findings.measured.tokens),
      "chunks": NumberText.integer(findings.measured.chunks), "baseline": base,
      "conditions": names(description.conditions), "version": description.provenance.clearboxVersion,
      "commit": description.provenance.commit,
    ]
  }
}
