import Analysis
import Measures
import Words

/// A section of a report as one value: what stands under its own heading, and what it gives to the sections that tell of
/// the whole report: key findings, lists of tests and results, conclusion, limitations, glossary.
///
/// To add one, write its file beside its figure's and give it a place in `ReportSections.all`. All that a section does not
/// say is empty; a section that nothing was measured for is asked for nothing but its headline.
protocol ReportSection: ReportSubject {
  static var key: Section.Key { get }
  static var title: String { get }
  /// Those that it shows, in its order.
  static var figures: [StudyFigure] { get }
  /// What it reports on; nil for a section on the report as a whole.
  static var measure: Measure? { get }
  /// The measure within a sentence: "reconstruction".
  static var subject: String { get }
  /// Whether the short form has it.
  static var isInShort: Bool { get }

  var report: ReportBuilder { get }
  init(report: ReportBuilder)

  /// Whether the report has it.
  var isMeasured: Bool { get }
  func blocks() throws -> [Block]

  // MARK: To the question, the key findings and the tables of tests and results

  /// What is asked, within a sentence: "how well the model predicts real text".
  func aspect() -> Prose?
  /// What its findings speak of, for a reader who is no specialist.
  func plainWords() -> Prose?
  /// Sentences that compete for a place on the front page.
  /// - Parameter atMost: of conditions that share a verdict, so many are named; more are counted.
  func frontFindings(atMost: Int) throws -> [FrontFinding]
  func tests() -> [TestKind: [TestRow]]
  func results() throws -> [TestKind: [ResultRow]]
  /// Tells a clause of its measure's verdicts; nil where that is of a change, which one sentence serves for all measures.
  func sentence(_ clause: VerdictClause) throws -> Prose?

  // MARK: To the conclusion

  /// What was concluded of a condition, as a part of a sentence.
  func conclusion(_ condition: String, _ model: ReportModel) -> Prose?
  /// What must be kept in mind with the conclusions of others, said only where there are any.
  func caution(_ condition: String, _ model: ReportModel) -> Prose?
  /// What is said after the conclusions on all conditions.
  func closing() throws -> Prose?
  func implications() throws -> [Audience: [Prose]]

  // MARK: To the limitations and the end of the report

  func limitations() throws -> [Concern: [Prose]]
  func openQuestions() throws -> [Concern: [Prose]]
  /// Rules besides those of verdicts.
  var rules: [VerdictRule] { get }
  /// Words and what they mean.
  func glossary() -> [String: Prose]
  func citations() -> [Source]

  /// Its line for the terminal, also where nothing was measured.
  func headline(_ model: ReportModel) throws -> String?
}

extension ReportSection {
  static var figures: [StudyFigure] { [] }
  static var measure: Measure? { nil }
  static var subject: String { title.lowercased() }
  static var isInShort: Bool { false }

  var models: [ReportModel] { report.models }
  var isMeasured: Bool { true }

  func aspect() -> Prose? { nil }
  func plainWords() -> Prose? { nil }
  func frontFindings(atMost: Int) throws -> [FrontFinding] { [] }
  func tests() -> [TestKind: [TestRow]] { [:] }
  func results() throws -> [TestKind: [ResultRow]] { [:] }
  func sentence(_ clause: VerdictClause) throws -> Prose? { nil }
  func conclusion(_ condition: String, _ model: ReportModel) -> Prose? { nil }
  func caution(_ condition: String, _ model: ReportModel) -> Prose? { nil }
  func closing() throws -> Prose? { nil }
  func implications() throws -> [Audience: [Prose]] { [:] }
  func limitations() throws -> [Concern: [Prose]] { [:] }
  func openQuestions() throws -> [Concern: [Prose]] { [:] }
  var rules: [VerdictRule] { [] }
  func glossary() -> [String: Prose] { [:] }
  func citations() -> [Source] { [] }
  func headline(_ model: ReportModel) throws -> String? { nil }
}

/// What is the same in every report, asked of one.
extension ReportSection {
  var key: Section.Key { Self.key }
  var title: String { Self.title }
  var measure: Measure? { Self.measure }
  var subject: String { Self.subject }

  func sentences(_ question: Verdict.Question, inPercent: Bool? = nil) throws -> Prose? {
    try report.sentences(question, inPercent: inPercent)
  }
  func figureBlock(_ figure: StudyFigure) -> Block? { report.figureBlock(figure) }

  /// What was concluded, as a paragraph, and the figure of it; nothing in the place of either that is not there.
  func blocks(_ question: Verdict.Question, _ figure: StudyFigure, inPercent: Bool? = nil) throws -> [Block] {
    [try sentences(question, inPercent: inPercent).map { .paragraph($0) }, figureBlock(figure)].compactMap(\.self)
  }

  /// What most readers skip; nil without blocks.
  func fold(_ title: String, _ blocks: [Block?]) -> Block? {
    let inside = blocks.compactMap(\.self)
    return inside.isEmpty ? nil : .fold(Fold(title: title, blocks: inside))
  }
}
