import Words

/// Table 1: what was tested, and by which metrics.
struct TestsSection: ReportSection {
  static let key: Section.Key = "tests"
  static let title = "Tests performed"
  static let isInShort = true
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    let tests = report.measured.map { $0.tests() }
    let rows = TestKind.allCases.flatMap { kind in
      tests.flatMap { $0[kind] ?? [] }.compactMap { test, metric, isMeasured -> [Prose]? in
        let missing = models.filter { !isMeasured($0) }
        if missing.count == models.count { return nil }
        return [Prose(kind.title), test, missing.isEmpty ? metric : metric + "; not measured" + on(missing)]
      }
    }
    return [
      table(
        "tests", caption: "Tests performed.", columns: [.init("Type"), .init("Test"), .init("Metric")], rows: rows)
    ]
  }
}
