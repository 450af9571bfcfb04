import Analysis
import Words

/// Key findings, and what a reader must know before them.
struct SummarySection: ReportSection {
  static let key = Section.Key.summary
  static let title = "Key findings"
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
    var points: [Prose] = try report.measured.flatMap { try $0.keyFindings() }.compactMap { name, sentences in
      Self.together(sentences.compactMap(\.self)).map { "\(strong: name) \($0)" }
    }
    if points.isEmpty {
      let alone: Prose? = try Self.together(
        models.filter(\.hasAccuracy).map { model in
          """
          Cross-entropy is \(try model.numbers.value(.crossEntropy, model.base)) nats per token under \
          \(strong: model.base)\(on([model])). No other condition was measured, so nothing is compared.
          """
        })
      points.append(
        compressed.isEmpty
          ? alone ?? "No condition was compared with the baseline."
          : "No test of this study was completed, so nothing can be concluded.")
    }
    if !compressed.isEmpty, let words = allPlainWords { blocks.append(.paragraph(words)) }
    blocks.append(.list(points))
    blocks += try note(.remark, "Small sample") { model in
      guard !model.isSummary, model.fewestUnits < VerdictRules.fewClusters else { return nil }
      return """
        Intervals stand on \(count: model.fewestUnits) \(unit)s\(model.findings.ownCounts.isEmpty ? "" : " or more"). Below \
        \(count: VerdictRules.fewClusters) they are indicative, and no verdict is given.
        """
    }
    blocks += try note(.remark, "What the baseline is") { model in
      guard model.description.model.isDequantized else { return nil }
      return """
        The baseline \(strong: model.base) is not the original checkpoint. Its weights were read from a file that \
        stores them with loss (\(model.description.model.storage)), dequantized, and rounded to bfloat16. “Change” in \
        this report means change against that model, not against the published weights.
        """
    }
    return blocks
  }

  /// One note of what there is to say of the models; none where there is nothing.
  private func note(_ kind: Note.Kind, _ title: String, _ tell: (ReportModel) throws -> Prose?) throws -> [Block] {
    try eachTogether(tell).map { [.note(Note(kind: kind, title: title, text: $0))] } ?? []
  }

  /// What the findings speak of, for a reader who is no specialist.
  private var allPlainWords: Prose? {
    let isJudged = models.contains { !$0.isSummary }
    let brackets: Prose =
      isJudged
      ? "Numbers in brackets are \(level) intervals; \(reference(table: "glossary")) has the other words."
      : "\(reference(table: "glossary")) has the other words."
    return Self.together(report.measured.compactMap { $0.plainWords() }).map { $0 + " " + brackets }
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

extension Section.Key {
  static let summary = Self(rawValue: "summary")
}
