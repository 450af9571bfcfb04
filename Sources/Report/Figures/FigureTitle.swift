import Analysis
import Measures

/// Sentences over figures: what the verdicts say, without numbers, which the figure shows.
extension [StudyModel] {
  var cases: Cases { Cases(findings: map(\.findings)) }

  /// "Predictions get much worse under nf4-dq and stay about as good under int8".
  ///
  /// - Parameter phrase: what is said of cases of an outcome; nil where nothing is.
  /// - Returns: `fallback` where nothing was concluded.
  func title(
    _ question: Verdict.Question, _ subject: String, or fallback: String, _ phrase: (Verdict.Outcome) -> String?
  ) -> String {
    var verb: Substring?
    let parts = cases.groups(question).compactMap { outcome, own -> String? in
      guard let said = phrase(outcome) else { return nil }
      let first = said.split(separator: " ").first
      let isSame = first == verb && said.contains(" ")
      verb = first
      return "\(isSame ? String(said.dropFirst((first?.count ?? 0) + 1)) : said) under \(cases.phrase(own, atMost: 2))"
    }
    return parts.isEmpty ? fallback : "\(subject) \(parts.listed)"
  }
}
