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
    let parts = cases.groups(question).compactMap { outcome, own in
      phrase(outcome).map { "\($0) under \(cases.phrase(own, atMost: 2))" }
    }
    return parts.isEmpty ? fallback : "\(subject) \(parts.listed)"
  }
}
