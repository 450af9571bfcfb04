import Words

/// Table 2: what came out of each test, in a sentence.
struct ResultsSection: ReportSection {
  static let key = Section.Key.results
  static let title = "Summary of results"
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    let results = try report.measured.flatMap { try $0.results() }.inOrder(of: \.kind)
    if results.isEmpty { return [.paragraph("No test of this study was completed.")] }
    let ranges: Prose =
      areSeveral ? " A range spans the models; the tables below have each model’s number and interval." : ""
    return [
      table(
        "results", caption: "Summary of results.",
        columns: [.init("Type"), .init("Test"), .init("Metric"), .init("Result")],
        rows: results.map { [Prose($0.kind.title), $0.test, $0.metric, $0.result] },
        remarks:
          """
          \(models.allSatisfy(\.isSummary) ? "Without intervals: the source gives none." : "In brackets: \(level) bootstrap intervals, resampled by chunk; those of changes are paired.")\(ranges) \
          The rules behind the words are in \(reference(table: "rules")).
          """)
    ]
  }
}

extension Section.Key {
  static let results = Self(rawValue: "results")
}
