import Words

/// Table 2: what came out of each test, in a sentence.
struct ResultsSection: ReportSection {
  static let key: Section.Key = "results"
  static let title = "Summary of results"
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    let results = try report.measured.map { try $0.results() }
    let rows = TestKind.allCases.flatMap { kind in
      results.flatMap { $0[kind] ?? [] }.compactMap { test, metric, result in
        result.map { [kind.title, test, metric, $0] }
      }
    }
    if rows.isEmpty { return [.paragraph("No test of this study was completed.")] }
    let ranges: Prose =
      areSeveral ? " A range spans the models; the tables below have each model’s number and interval." : ""
    return [
      table(
        "results", caption: "Summary of results.",
        columns: [.init("Type"), .init("Test"), .init("Metric"), .init("Result")], rows: rows,
        remarks:
          """
          \(models.allSatisfy(\.isSummary) ? "Without intervals: the source gives none." : "In brackets: \(level) bootstrap intervals, resampled by \(unit); those of changes are paired, and those of primary measures hold at once.")\(ranges) \
          The rules behind the words are in \(reference(table: "rules")).
          """)
    ] + [try PrimaryTable(subject: self).block()].compactMap(\.self)
  }
}
