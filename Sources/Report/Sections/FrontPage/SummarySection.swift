import Analysis
import Measures
import Words

/// The front page: the answer, the numbers to see first, a figure, and a few findings.
struct SummarySection: ReportSection {
  static let key = Section.Key.summary
  static let title = "Key findings"
  static let figures: [StudyFigure] = [.overview]
  static let isInShort = true
  let report: ReportBuilder

  /// Conditions that are compared with another one than the baseline.
  private func referenceSentence(_ model: ReportModel) -> Prose? {
    let others: [Prose] = model.compressed.compactMap { condition in
      guard let reference = model.findings.reference(of: condition.name), !reference.isBaseline else { return nil }
      return "\(strong: condition.name) with \(strong: reference.name)"
    }
    guard !others.isEmpty else { return nil }
    return """
      The study compares \(Prose.list(others)): changes, divergence, agreement and distances of a condition named first are \
      against the one named second, wherever this report says \(model.base).
      """
  }

  func blocks() throws -> [Block] {
    var blocks = try note(.warning, "Unfinished run") { model in
      guard model.findings.isPartial else { return nil }
      return """
        This run had not finished: every number below stands on the \(count: model.findings.measured.tokens) \
        tokens measured so far, of \(count: model.description.budget.headline) asked for.
        """
    }
    blocks += try note(.remark, "Imported numbers", importedSentences)
    if let note = differencesNote { blocks.append(.note(note)) }
    if let text = try eachTogether(referenceSentence) {
      blocks.append(.note(Note(kind: .warning, title: "Other references", text: text)))
    }
    let (lead, findings) = try FrontPage(report: report).text()
    blocks.append(.lead(lead))
    if let tiles = try FrontTiles(report: report).block() { blocks.append(tiles) }
    if let figure = figureBlock(.overview), case .figure = figure { blocks.append(figure) }
    if !findings.isEmpty { blocks.append(.list(findings)) }
    blocks += try note(.remark, "Small sample") { model in
      guard !model.isSummary, model.fewestUnits < VerdictRules.fewClusters else { return nil }
      return """
        Intervals stand on \(count: model.fewestUnits) \(unit)s\(model.findings.ownCounts.isEmpty ? "" : " or more"). Below \
        \(count: VerdictRules.fewClusters) they are indicative, and no verdict is given.
        """
    }
    if !compressed.isEmpty { blocks.append(.fold(howToRead)) }
    return blocks
  }

  /// One note of what there is to say of the models; none where there is nothing.
  private func note(_ kind: Note.Kind, _ title: String, _ tell: (ReportModel) throws -> Prose?) throws -> [Block] {
    try eachTogether(tell).map { [.note(Note(kind: kind, title: title, text: $0))] } ?? []
  }

  /// What the words and numbers mean, for a reader who is no specialist.
  private var howToRead: Fold {
    let isJudged = models.contains { !$0.isSummary }
    let words = report.measured.compactMap { $0.plainWords() }
    let sizes: Prose =
      """
      Size words set a change’s whole interval against a margin that was fixed before anything was measured: inside it the \
      change is negligible, beyond it small, beyond ten margins large; what none of this holds for is undecided. In a tile \
      the margin is shaded. \(isJudged ? "Numbers in brackets are \(level) intervals. " : "")Rules are in \
      \(reference(table: "rules")), other terms in \(reference(table: "glossary")).
      """
    return Fold(
      title: "How to read this",
      blocks: [
        Self.together(words).map { .paragraph($0) }, .paragraph(sizes), .paragraph(Prose(FrontFinding.rule.statement)),
      ]
      .compactMap(\.self))
  }

  /// Where they come from, and what that means for what is concluded; nil for a run that clearbox measured.
  private func importedSentences(_ model: ReportModel) -> Prose? {
    guard let origin = model.description.origin else { return nil }
    let start: Prose = "clearbox did not measure these numbers: they come from \(origin.file)"
    switch origin.format {
    case .articleJSON:
      return start
        + """
        , which gives values alone. There are no intervals, so changes are stated and not judged, and the noise floor is \
        to be read with care.
        """
    case .runFile:
      return start + ", a run file of another program. Everything below is computed from its raw measurements."
    }
  }
}

extension SummarySection {
  var rules: [VerdictRule] { compressed.isEmpty ? [] : [FrontFinding.rule] }
}

extension Section.Key {
  static let summary = Self(rawValue: "summary")
}
