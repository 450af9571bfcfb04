import Analysis
import Words

/// Builds the document from findings: every sentence follows from verdicts or from numbers of these runs.
///
/// A report tells of one model or of several in one story. What it says stands in its sections, each a value beside its
/// figure (`ReportSections.all`); the sections that tell of the whole report ask the others.
public struct ReportBuilder: ReportSubject {
  let models: [ReportModel]
  let reference: PublishedReference
  private let parts: [any ReportSection.Type]
  /// By key.
  private let figures: [String: StudyFigure.Outcome]

  /// - Parameters:
  ///   - all: one per model, in the order in which the report names them.
  ///   - reference: the numbers that the article published.
  ///   - author: the author's own words, if any.
  /// - Throws: `ReportError` for findings that make no report, `NumberError` for values that are no numbers.
  public static func document(
    of all: [Findings], reference: PublishedReference, author: AuthorText? = nil, length: ReportLength = .full
  ) throws -> Document {
    try ReportBuilder(all, reference: reference).document(author: author, length: length)
  }

  package init(_ all: [Findings], reference: PublishedReference) throws {
    try self.init(all, reference: reference, sections: ReportSections.all)
  }

  init(_ all: [Findings], reference: PublishedReference, sections: [any ReportSection.Type]) throws {
    guard !all.isEmpty else { throw ReportError.nothingToReport }
    models = try all.map { try ReportModel($0, isAlone: all.count == 1) }
    self.reference = reference
    parts = sections
    figures = try Dictionary(
      uniqueKeysWithValues: sections.flatMap { $0.figures }.map { ($0.key, try $0.outcome(of: all)) })
  }

  func document(author: AuthorText?, length: ReportLength = .full) throws -> Document {
    let sections = try measured.map { Section($0.key, $0.title, try $0.blocks()) }
    var document = Document(
      title: distinct { $0.description.title }.joined(separator: "; "), subtitle: subtitle, dateline: dateline,
      abstract: try headline().joined(separator: " "), sections: sections,
      facts: Document.facts(of: models.map(\.findings)))
    let provenance = models[0].description.provenance
    let day = (provenance.finishTime ?? provenance.startTime).prefix(10)
    document.day = day.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) == nil ? nil : String(day)
    if length == .short { document.shorten() }
    if let author { document = try merge(author, into: document, known: sections.map(\.key)) }
    if length == .short { document.pointAtFullReport() }
    document.addCitation(study: models[0].description.study, version: provenance.clearboxVersion)
    document.sources = ReproductionSection(report: self).works()
    document.sections = Numbering.numbered(document.sections)
    return document
  }

  /// A line per model and section that has one, for the terminal: accuracy, reconstruction, noise floor.
  func headline() throws -> [String] {
    try models.flatMap { model in
      try sections.compactMap { try $0.headline(model) }.map { areSeveral ? "\(model.name): \($0)" : $0 }
    }
  }

  // MARK: Sections

  var sections: [any ReportSection] { parts.map { $0.init(report: self) } }

  /// Those that the report has.
  var measured: [any ReportSection] { sections.filter(\.isMeasured) }

  /// One sentence per question, or one per clause.
  /// - Parameter inPercent: of the reference, rather than in the metric's unit; nil as the rule has it.
  /// - Returns: nil where nothing was concluded.
  /// - Throws: `ReportError.impossibleVerdict` for an outcome that is no answer to the question.
  func sentences(_ question: Verdict.Question, inPercent: Bool? = nil) throws -> Prose? {
    let clauses = clauses(question)
    let rule = verdictRules.first { $0.question == question }
    guard let first = clauses.first, let judgement = rule?.judgement else { return nil }
    let said: Prose
    if case .change(let metric, let stratum, let telling) = judgement {
      said =
        metric.isComparison
        ? try comparisons(clauses, metric, telling.subject)
        : try changes(clauses, metric, stratum, telling.subject, inPercent: inPercent ?? telling.inPercent)
    } else {
      let section = sections.first { $0.measure?.rules.contains { $0.question == question } == true }
      let told = try clauses.compactMap { try section?.sentence($0) }
      guard told.count == clauses.count, let all = Self.together(told) else { throw first.impossible }
      said = all
    }
    let silent = models.filter { model in !clauses.contains { $0.models.contains { $0.name == model.name } } }
    return silent.isEmpty ? said : said + " Not measured\(on(silent).plain)."
  }

  /// A figure block with its place in the numbering left open, or a remark that says why there is none.
  func figureBlock(_ figure: StudyFigure) -> Block? {
    switch figures[figure.key] {
    case .figure(let figure): .figure(FigureBlock(label: "", figure: figure))
    case .absent(let reason): .note(Note(kind: .remark, title: "No figure", text: Prose(reason)))
    case nil: nil
    }
  }
}
