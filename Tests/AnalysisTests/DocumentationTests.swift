import Analysis
import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@Suite("The documents say what the code does")
struct DocumentationTests {
  private static let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("docs")

  private func document(_ name: String) throws -> String {
    try String(contentsOf: Self.docs.appendingPathComponent(name), encoding: .utf8)
  }

  @Test("The Python example of docs/run-file.md recomputes an FVU of the report")
  func pythonExample() throws {
    let page = try document("run-file.md")
    let start = try #require(page.range(of: "```python\n"))
    let end = try #require(page.range(of: "```", range: start.upperBound..<page.endIndex))
    let folder = TemporaryFolder()
    try FabricatedRun().write(to: folder.file("run.h5"))
    let printed = try Python.run(String(page[start.upperBound..<end.lowerBound]), in: folder.path)
    let number = try #require(
      printed.split(separator: ":").last.flatMap {
        Double($0.trimmingCharacters(in: .whitespacesAndNewlines))
      })
    let findings = try Findings(of: RunReader(folder.file("run.h5")))
    let fvu = try #require(findings.finding(.fvu, condition: "int8", stratum: .ordinary))
    #expect(abs(number - fvu.estimate.value) < 1e-12)
  }

  @Test("The tables of docs/metrics.md and docs/run-file.md are those of the measures")
  func reference() throws {
    for measure in [Measure].all where !measure.metrics.isEmpty {
      try compare("metrics.md", "metrics \(measure.experiment)", MetricReference.metrics(of: measure))
    }
    try compare("run-file.md", "columns", MetricReference.columns(of: .all))
    let page = try document("metrics.md")
    for rule in VerdictRules.all + PublishedReference.rules { #expect(page.contains("`\(rule.id)`"), "\(rule.id)") }
    for stratum in Stratum.allCases { #expect(page.contains("`\(stratum.rawValue)`")) }
  }

  @Test("The columns that the Python package knows are those of the measures")
  func pythonColumns() throws {
    let file = Self.docs.deletingLastPathComponent().appendingPathComponent("python/clearbox/columns.json")
    let columns = try ColumnList.data(of: .all)
    if ProcessInfo.processInfo.environment["CLEARBOX_ACCEPT_REFERENCE"] != nil { try columns.write(to: file) }
    #expect(try Data(contentsOf: file) == columns)
  }

  /// What stands between a document's two comments; written anew where CLEARBOX_ACCEPT_REFERENCE is set.
  private func compare(_ name: String, _ key: String, _ table: String) throws {
    var page = try document(name)
    let start = try #require(page.range(of: "<!-- \(key): written from Sources/Measures -->\n"), "\(name): \(key)")
    let end = try #require(page.range(of: "<!-- end -->", range: start.upperBound..<page.endIndex))
    if ProcessInfo.processInfo.environment["CLEARBOX_ACCEPT_REFERENCE"] != nil {
      page.replaceSubrange(start.upperBound..<end.lowerBound, with: table + "\n")
      try page.write(to: Self.docs.appendingPathComponent(name), atomically: true, encoding: .utf8)
    } else {
      #expect(page[start.upperBound..<end.lowerBound] == table + "\n", "\(name): \(key)")
    }
  }

  @Test("docs/run-file.md has every data set of a run file")
  func runFilePage() throws {
    let page = try document("run-file.md")
    let folder = TemporaryFolder()
    try FabricatedRun().write(to: folder.file("run.h5"))
    for key in try RunReader(folder.file("run.h5")).columns {
      #expect(page.contains("`\(key.experiment)/\(key.name)`"), "\(key)")
    }
  }
}
