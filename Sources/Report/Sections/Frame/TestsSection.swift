import Words

/// Table 1: what was tested, and by which metrics.
struct TestsSection: ReportSection {
  static let key = Section.Key.tests
  static let title = "Tests performed"
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    let rows = report.measured.flatMap { $0.tests() }.inOrder(of: \.kind).map { test -> [Prose] in
      [Prose(test.kind.title), test.test, test.missing.isEmpty ? test.metric : test.metric + "; not measured" + on(test.missing)]
    }
    return [
      table(
        "tests", caption: "Tests performed.", columns: [.init("Type"), .init("Test"), .init("Metric")], rows: rows)
    ]
  }
}

extension Section.Key {
  static let tests = Self(rawValue: "tests")
}
