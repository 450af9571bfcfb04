import Analysis
import ArgumentParser
import Foundation
import Report
import RunFile

struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw figures and report from run files alone: no model is needed.",
    discussion: """
      Give one run file per model: one report tells of all of them. The folder of a run that was interrupted \
      (<model>.h5.parts) does too; its report says that it is partial. The same run files give the same bytes.
      """)

  @Argument(help: ArgumentHelp("Run files, or folders of parts.", valueName: "run"))
  var runs: [String]

  @Option(help: ArgumentHelp("Folder for the report; default: where the first run lies.", valueName: "folder"))
  var out: String?

  func run() throws {
    let folder = out.map { URL(fileURLWithPath: $0) } ?? URL(fileURLWithPath: runs[0]).deletingLastPathComponent()
    try Self.report(runs, to: folder, home: Resources.home())
  }

  /// Writes the report and prints where it is and its headline.
  static func report(_ runs: [String], to folder: URL, home: URL) throws {
    Terminal.say("== Report")
    let findings = try runs.map { try Findings(of: open($0)) }
    let written = try ReportWriter.write(
      findings: findings, to: folder, templates: home.appendingPathComponent("templates"),
      fonts: home.appendingPathComponent("assets/fonts"), references: home.appendingPathComponent("assets/references"),
      date: RenderingDate.fromEnvironment())
    Terminal.say("   \(folder.appendingPathComponent("report.html").path)")
    Terminal.say("   \(folder.appendingPathComponent("report.md").path), and \(written.files.count - 2) files of figures and tables")
    Terminal.say()
    for line in written.headline { Terminal.say(line) }
  }

  static func open(_ path: String) throws -> RunReader {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return exists && isFolder.boolValue ? try RunReader(partsFolder: path) : try RunReader(path)
  }
}
