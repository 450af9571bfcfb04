import FabricatedFindings
import FabricatedRuns
import Foundation
import Report
import Testing

/// What a browser found on a page; docs/browser.md says what each check looks at.
struct Examination: Decodable {
  struct Check: Decodable {
    /// How many things were looked at.
    var count: Int
    var problems: [String]
  }

  var checks: [String: Check]

  struct Failure: Error, CustomStringConvertible { var description: String }

  enum Page: String, CaseIterable, CustomTestStringConvertible {
    case oneModel = "one-model", twoModels = "two-models"
    /// With everything wrong that the checks must see.
    case spoiled

    var testDescription: String { rawValue }
  }

  /// Every page, written as `clearbox render` does and looked at in one run of the browser.
  static let all: Result<[String: Examination], any Error> = Result { try examine() }

  static func of(_ page: Page) throws -> Examination {
    guard let examination = try all.get()[page.rawValue] else {
      throw Failure(description: "the browser did not report on \(page.rawValue)")
    }
    return examination
  }

  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func examine() throws -> [String: Examination] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("clearbox-browser-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let reports = [(Page.oneModel, [Fabricated()]), (.twoModels, Fabricated.article)]
    for (page, fabricated) in reports {
      _ = try ReportWriter.write(
        findings: fabricated.map(\.findings), to: folder.appendingPathComponent(page.rawValue),
        templates: root.appendingPathComponent("templates"), fonts: root.appendingPathComponent("assets/fonts"),
        references: root.appendingPathComponent("assets/references"))
    }
    try spoil(
      folder.appendingPathComponent(Page.oneModel.rawValue), as: folder.appendingPathComponent(Page.spoiled.rawValue))

    let scripts = root.appendingPathComponent("Tests/BrowserTests/Scripts")
    let cache =
      ProcessInfo.processInfo.environment["CLEARBOX_CACHE"] ?? NSHomeDirectory() + "/.cache/clearbox"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Python.interpreter)
    process.arguments =
      [scripts.appendingPathComponent("examine.py").path, "--axe", cache + "/axe.min.js"]
      + ["--pictures", root.appendingPathComponent(".build-test/browser").path]
      + Page.allCases.map { folder.appendingPathComponent($0.rawValue).path }
    let (output, complaints) = (Pipe(), FileHandle(forWritingAtPath: try emptyFile(folder, "complaints")))
    process.standardOutput = output
    process.standardError = complaints
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: try String(contentsOf: folder.appendingPathComponent("complaints"), encoding: .utf8))
    }
    return try JSONDecoder().decode([String: Examination].self, from: printed)
  }

  private static func emptyFile(_ folder: URL, _ name: String) throws -> String {
    let url = folder.appendingPathComponent(name)
    try Data().write(to: url)
    return url.path
  }

  /// The same report with a request to elsewhere, a script that the policy forbids, a pale line wider than any screen, a
  /// link to nowhere, a second heading of the first order, and a script of its own that is not the one allowed.
  private static func spoil(_ report: URL, as spoiled: URL) throws {
    try FileManager.default.copyItem(at: report, to: spoiled)
    let page = spoiled.appendingPathComponent("report.html")
    let wrong = """
      <p style="width:3000px;color:#ddd;background:#fff"><img src="http://127.0.0.1:9/elsewhere.png"> pale and wide
      <a href="#nowhere">to nowhere</a><button style="outline:0!important">unseen</button></p>
      <script>document.title = "spoiled"</script>
      """
    let html = try String(contentsOf: page, encoding: .utf8)
      .replacingOccurrences(of: "<h2 id=\"summary-title\">", with: wrong + "<h4>Too deep</h4><h2 id=\"summary-title\">")
      .replacingOccurrences(of: "(() => {\n", with: "(() => {\n\n")
      .replacingOccurrences(of: "<p class=\"files\"><a download", with: "<p class=\"files\"><a data-was")
    try Data(html.utf8).write(to: page)
  }
}
