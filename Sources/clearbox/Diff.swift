import Analysis
import ArgumentParser
import Foundation
import Report
import RunFile

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what differs between two runs, with intervals, and whether it may pass.",
    discussion: """
      A and B are run files, folders with one run file per model, or folders of a run in progress. The same tokens are \
      compared pair by pair, other tokens run by run. docs/diff.md describes statistics, margins and gates.

      EXAMPLE
        clearbox diff out/main/gemma-3-270m.h5 out/branch/gemma-3-270m.h5
        clearbox diff A.h5 B.h5 --match nf4=nf4-dq --metrics 'cross_entropy' --metrics 'fvu*/*'
        clearbox diff A.h5 B.h5 --format html -o diff.html
        clearbox diff A.h5 B.h5 --gate 'cross_entropy nf4 <= +0.5%' --gate 'fvu * within noise'

      EXIT CODES
        0  done, and every gate passes
        1  a gate failed
        2  bad input
        3  not comparable, or a gate that cannot be judged
      """)

  @Argument(help: ArgumentHelp("The run before: a run file, or a folder.", valueName: "A"))
  var a: String

  @Argument(help: ArgumentHelp("The run after.", valueName: "B"))
  var b: String

  @Option(help: "text for a terminal, markdown for a pull request, json, or html: one page with figures.")
  var format: Format = .text

  @OptionGroup var destination: DocumentOutput

  @Flag(help: "Every row, not only what differs and the main metrics.")
  var all = false

  @Option(
    name: .customLong("match"),
    help: ArgumentHelp("Compare a condition of A with one of B of another name: nf4=nf4-dq.", valueName: "a=b"))
  var matches: [String] = []

  @Option(
    help: ArgumentHelp(
      "Compare these alone, and correct over them alone: METRIC[/STRATUM][/change], * for any. Repeatable, or with commas between.",
      valueName: "pattern"))
  var metrics: [String] = []

  @Option(help: "What is resampled: document or chunk; default: documents where both runs know them.")
  var unit: ResamplingUnit?

  @Option(help: "Confidence level of the intervals; 1 − level is the error rate that the correction keeps.")
  var level = 0.95

  @Option(help: ArgumentHelp("Bootstrap resamples.", valueName: "n"))
  var resamples = 2000

  @Option(help: ArgumentHelp("Seed of the resamples.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    name: .customLong("margin"),
    help: ArgumentHelp(
      "Difference that does not matter: 'cross_entropy 0.5%', 'kl 0.001'. Repeatable.", valueName: "margin"))
  var margins: [String] = []

  @Option(
    name: .customLong("gate"),
    help: ArgumentHelp(
      "'METRIC CONDITION OP VALUE[%] [surely]', or '… within noise', 'equivalent', 'identical'. Repeatable.",
      valueName: "gate"))
  var gates: [String] = []

  @Option(
    name: .customLong("gates"),
    help: ArgumentHelp("File with one gate a line, or a YAML list. Repeatable.", valueName: "file"))
  var gateFiles: [String] = []

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, markdown, json, html }

  func validate() throws {
    guard (0.5...0.9999).contains(level) else {
      throw ValidationError("--level \(level): give a number from 0.5 to 0.9999.")
    }
    guard (200...1_000_000).contains(resamples) else {
      throw ValidationError("--resamples \(resamples): give a whole number from 200 to 1000000.")
    }
  }

  func run() throws {
    try destination.check(format.rawValue)
    var options = RunComparison.Options()
    (options.unit, options.level, options.replicates, options.seed) = (unit, level, resamples, seed)
    options.matches = try matches.map { text in
      let names = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else {
        throw ComparisonInputError.match(text, known: ["nf4=nf4-dq is an example"])
      }
      return .init(a: names[0], b: names[1])
    }
    options.metrics = try metrics.flatMap { $0.split(separator: ",") }.map { try MetricPattern(String($0)) }
    options.margins = try margins.map { try MarginRule($0) }
    let gates = try self.gates.map { try Gate($0) } + gateFiles.flatMap { try GateFile.read($0) }
    let runs = (a: try Self.readers(a), b: try Self.readers(b))
    // Numbers are printed as each run's own report prints them, which takes its findings.
    let printed = format == .json ? [] : runs.a + runs.b
    let (comparison, findings) = try inParallel(
      { [options] in try RunComparison(runs.a, runs.b, options) }, { try Findings.each(of: printed) })
    let results = gates.isEmpty ? nil : try GateResults(gates, comparison)
    try write(comparison, results, Array(findings.prefix(runs.a.count)), Array(findings.dropFirst(runs.a.count)))
    if let results {
      if results.anyFailed { throw ExitCode(1) }
      if results.anyNotComparable { throw ExitCode(3) }
    }
    if !comparison.isComparable { throw ExitCode(3) }
  }

  private func write(_ comparison: RunComparison, _ gates: GateResults?, _ a: [Findings], _ b: [Findings]) throws {
    if format == .json { return try destination.write(ComparisonJSON.data(comparison, gates: gates)) }
    let presentation =
      format == .text
      ? nil
      : try ComparedPresentation(
        comparison, a: a, b: b, references: Resources.home().appendingPathComponent("assets/references"),
        hasFigures: format == .html)
    let document = try Document(
      comparison, a: a, b: b, gates: gates, showsAll: all || format == .html, presentation: presentation,
      creator: DocumentOutput.creator)
    switch format {
    case .html: try destination.write(destination.html(document))
    case .markdown: try destination.write(destination.markdown(document))
    case .text, .json: try destination.write(destination.text(document))
    }
  }

  /// The runs at a path: one run file, all of a folder, or the finished part of a run in progress.
  ///
  /// - Throws: `ComparisonInputError.noRuns`; `RunFileError` for what is no run file.
  static func readers(_ path: String) throws -> [RunReader] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      return [try RunReader(path)]
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    if names.contains("run-in-progress.json") { return [try RunReader(partsFolder: path)] }
    let files = names.filter { $0.hasSuffix(".h5") && !$0.hasPrefix(".") }
    guard !files.isEmpty else { throw ComparisonInputError.noRuns(path) }
    return try files.map { try RunReader(path + "/" + $0) }
  }
}

extension ResamplingUnit: ExpressibleByArgument {}
