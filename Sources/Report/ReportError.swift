/// What keeps a report from being written. A report is whole or it is not there.
public enum ReportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A verdict with an outcome that its question cannot have.
  case impossibleVerdict(question: String, condition: String, outcome: String)
  /// No findings were given.
  case nothingToReport
  /// A number that a sentence, table or figure needs and the run does not have.
  case missingFinding(metric: String, condition: String, stratum: String)
  /// Two models of one name, which neither figure nor report could tell apart.
  case sameModelTwice(String)
  /// No condition of the run is the baseline.
  case noBaseline(study: String)
  /// An author's text names a number that the report does not have.
  case unknownNumber(String)
  /// An author's check without digits.
  case noNumber(says: String, id: String)
  /// An author's number is not the data's.
  case contradiction(says: String, id: String, actual: String)
  /// An author comments on a section that this report has not.
  case noSection(String, known: [String])
  /// A run file would be copied over another file.
  case wouldReplace(path: String, source: String)
  /// A PDF was asked for, and a program that it takes is not there.
  case noTypesetter(String)
  /// TeX could not make a PDF of the article.
  case typesetting(String)
  /// A file that could not be written or read.
  case file(path: String, reason: String)

  public var description: String {
    switch self {
    case .impossibleVerdict(let question, let condition, let outcome):
      """
      The verdict on \(question) for condition \(condition) is “\(outcome)”, which is no answer to it. This is a \
      mistake in clearbox; please report it.
      """
    case .nothingToReport:
      "There is no run to report on. Name at least one run file."
    case .missingFinding(let metric, let condition, let stratum):
      """
      There is no \(metric) of condition \(condition) (\(stratum)) in the run, which a sentence, table or figure needs. \
      The run file may come from another version; run the study again.
      """
    case .sameModelTwice(let name):
      """
      Two of the runs are of a model named \(name). Give each model its own name in the study, or take the runs one by one.
      """
    case .noBaseline(let study):
      """
      The run of study \(study) has no baseline condition to compare with. List the uncompressed model first \
      under “conditions”.
      """
    case .unknownNumber(let id):
      "The author's text names the number \(id), which this report does not have. `clearbox explain RUN` lists all ids."
    case .noNumber(let says, let id): "The author's check of \(id) says “\(says)”, in which there is no number."
    case .contradiction(let says, let id, let actual):
      "The author's text says “\(says)” of \(id), which is \(actual) in this run. Correct the text, or write {{\(id)}} to have the number set."
    case .noSection(let key, let known):
      "The author comments on the section \(key), which this report has not; it has \(known.joined(separator: ", "))."
    case .wouldReplace(let path, let source):
      """
      \(path): another file is there, which the run file \(source) would replace. Render into another folder, or leave \
      the run file out by --without-run.
      """
    case .noTypesetter(let program):
      """
      There is no \(program) on the PATH, which --format pdf needs. Install TeX (Debian: apt-get install \
      texlive-latex-recommended), or take --format latex and compile it elsewhere.
      """
    case .typesetting(let complaint):
      "TeX cannot make a PDF of the article: \(complaint). Look at --format latex, which has the same article.tex."
    case .file(let path, let reason):
      "\(path): \(reason)"
    }
  }
}
