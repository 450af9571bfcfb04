import Analysis
import ArgumentParser
import Foundation
import Measures
import Report
import RunFile
import Words

struct Log: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List runs, oldest first, with their headline and what changed since the run before.",
    discussion: """
      Searches the folders for run files. Each is listed with date, model, tokens, version and commit, conditions, the \
      change of cross-entropy and of FVU (the article's form) against the baseline with intervals, and what differs from \
      the run before it of the same model: keys of the study, seeds, digests of what was measured, versions, machine. \
      Copies of one run are listed once.

      EXAMPLE
        clearbox log out
      """)

  @Argument(help: ArgumentHelp("Folders, or run files.", valueName: "folder"))
  var folders: [String]

  @Flag(help: "Print the list as JSON.")
  var json = false

  func run() throws {
    var log = try RunLog(folders)
    for (path, reason) in log.skipped {
      Terminal.write(error: "clearbox: \(path) is left out: \(reason.split(separator: "\n").first ?? "")\n")
    }
    guard !log.entries.isEmpty else {
      throw ValidationError("There is no run file in \(folders.joined(separator: ", ")).")
    }
    log.computeHeadlines()
    if json { try Self.printJSON(log) } else { try Self.tell(log) }
  }

  // MARK: For people

  private static func tell(_ log: RunLog) throws {
    let rows = log.entries.map { entry in
      let description = entry.description
      let provenance = description.provenance
      return [
        entry.date.map { $0.prefix(16).replacingOccurrences(of: "T", with: " ") } ?? "no date", description.model.name,
        entry.headline.map { NumberText.integer($0.tokens) + " tokens" } ?? "",
        "clearbox \(provenance.clearboxVersion)",
        provenance.commit == RunDescription.notRecorded ? "" : provenance.commit,
        description.conditions.map(\.name).joined(separator: " ") + (entry.reader.isPartial ? "  (unfinished)" : ""),
      ]
    }
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for (entry, row) in zip(log.entries, rows) {
      let cells = row.enumerated().map { column, text in
        let space = column < widths.count ? String(repeating: " ", count: widths[column] - text.count) : ""
        return column == 2 ? space + text : text + space
      }
      Terminal.say(cells.joined(separator: "  "))
      for line in try headline(entry) { Terminal.say("    \(line)") }
      if entry.previous != nil {
        if entry.changes.isEmpty { Terminal.say("    changed        nothing but the time") }
        for (index, change) in entry.changes.enumerated() {
          Terminal.say("    \(index == 0 ? "changed      " : "             ")  \(text(change))")
        }
      }
      for (index, path) in entry.paths.enumerated() {
        Terminal.say("    \(index == 0 ? "file         " : "             ")  \(path)")
      }
      Terminal.say()
    }
  }

  private static func headline(_ entry: RunLog.Entry) throws -> [String] {
    guard let headline = entry.headline else { return ["no numbers     \(entry.problem ?? "")"] }
    let formats = NumberFormats(
      Findings(
        description: entry.description, isPartial: entry.reader.isPartial,
        measured: .init(tokens: headline.tokens, predictions: 0, chunks: 0, batches: 0, documents: 0),
        findings: headline.findings, snapshots: [], buckets: [], cells: [], verdicts: []))
    return try RunHeadline.metrics.compactMap { metric in
      let parts = try headline.findings.filter { $0.metric.id == metric.id }.compactMap { finding -> String? in
        guard let percent = finding.percentChange else { return nil }
        let interval = try formats.percentInterval(percent, metric).map { " \($0)" } ?? ""
        return "\(finding.condition) \(try formats.percentChange(percent, metric))\(interval)"
      }
      let name = metric.id == Metric.crossEntropy.id ? "cross-entropy" : "FVU          "
      return parts.isEmpty ? nil : "\(name)  \(parts.joined(separator: "   "))"
    }
  }

  /// `packing.length 512 → 256`; digests and long texts are shortened.
  private static func text(_ change: RunLog.Change) -> String {
    func short(_ value: String?) -> String {
      guard let value else { return "none" }
      if value.count == 64, value.allSatisfy(\.isHexDigit) { return value.prefix(12) + "…" }
      let line = value.replacingOccurrences(of: "\n", with: " ")
      return line.count > 60 ? line.prefix(59) + "…" : line
    }
    return "\(change.name) \(short(change.before)) → \(short(change.now))"
  }

  // MARK: For programs

  private struct Line: Encodable {
    var files: [String]
    var date: String?
    var model: String
    var study: String
    var version: String
    var commit: String
    var partial: Bool
    var contentSHA256: String?
    var conditions: [String]
    var tokens: Int?
    var headline: [Number]
    var problem: String?
    /// The file of the run that the changes are against; none for a model's first.
    var since: String?
    var changes: [RunLog.Change]
  }

  private struct Number: Encodable {
    var metric: String
    var condition: String
    var value: Estimate
    var change: Estimate?
    var percentChange: Estimate?
  }

  private static func printJSON(_ log: RunLog) throws {
    let lines = log.entries.map { entry in
      let description = entry.description
      return Line(
        files: entry.paths, date: entry.date, model: description.model.name, study: description.study,
        version: description.provenance.clearboxVersion, commit: description.provenance.commit,
        partial: entry.reader.isPartial, contentSHA256: entry.reader.contentSHA256,
        conditions: description.conditions.map(\.name), tokens: entry.headline?.tokens,
        headline: (entry.headline?.findings ?? []).map {
          Number(
            metric: $0.metric.id, condition: $0.condition, value: $0.estimate, change: $0.change,
            percentChange: $0.percentChange)
        }, problem: entry.problem, since: entry.previous.map { log.entries[$0].paths[0] }, changes: entry.changes)
    }
    Terminal.say(String(decoding: try lines.sortedJSON().dropLast(), as: UTF8.self))
  }
}
