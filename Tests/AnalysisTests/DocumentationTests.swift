import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("The documents say what the code does")
struct DocumentationTests {
  private func document(_ name: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("docs/" + name), encoding: .utf8)
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

  @Test("docs/metrics.md has every metric with its formula, and every rule")
  func metricsPage() throws {
    let page = try document("metrics.md")
    for metric in Metric.all {
      #expect(page.contains("`\(metric.id)` | \(metric.formula) |"), "\(metric.id)")
    }
    for rule in VerdictRules.all + PublishedReference.rules { #expect(page.contains("`\(rule.id)`"), "\(rule.id)") }
    for stratum in Stratum.allCases { #expect(page.contains("`\(stratum.rawValue)`")) }
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
