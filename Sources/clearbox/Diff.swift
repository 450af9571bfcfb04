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

  @Option(name: [.short, .customLong("output")], help: ArgumentHelp("File to write, instead of standard output.", valueName: "file"))
  var output: String?

  @Flag(help: "Every row, not only what differs and the main metrics.")
  var all = false

  @Option(name: .customLong("match"), help: ArgumentHelp("Compare a condition of A with one of B of another name: nf4=nf4-dq.", valueName: "a=b"))
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

  @Option(name: .customLong("margin"), help: ArgumentHelp("Difference that does not matter: 'cross_entropy 0.5%', 'kl 0.001'. Repeatable.", valueName: "margin"))
  var margins: [String] = []

  @Option(name: .customLong("gate"), help: ArgumentHelp("'METRIC CONDITION OP VALUE[%] [surely]', or '… within noise', 'equivalent', 'identical'. Repeatable.", valueName: "gate"))
  var gates: [String] = []

  @Option(name: .customLong("gates"), help: ArgumentHelp("File with one gate a line, or a YAML list. Repeatable.", valueName: "file"))
  var gateFiles: [String] = []

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, markdown, json, html }

  func validate() throws {
    guard (0.5...0.9999).contains(level) else { throw ValidationError("--level \(level): give a number from 0.5 to 0.9999.") }
    guard (200...1_000_000).contains(resamples) else {
      throw ValidationError("--resamples \(resamples): give a whole number from 200 to 1000000.")
    }
  }

  func run() throws {
    try output.map(OutputPlace.check)
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
    let comparison = try RunComparison(runs.a, runs.b, options)
    let results = gates.isEmpty ? nil : try GateResults(gates, comparison)
    try write(comparison, results, runs)
    if let results {
      if results.anyFailed { throw ExitCode(1) }
      if results.anyNotComparable { throw ExitCode(3) }
    }
    if !comparison.isComparable { throw ExitCode(3) }
  }

  private func write(_ comparison: RunComparison, _ gates: GateResults?, _ runs: (a: [RunReader], b: [RunReader])) throws {
    let isColoured =
      output == nil && isatty(FileHandle.standardOutput.fileDescriptor) == 1
      && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    let data =
      switch format {
      case .text:
        Data(try ComparisonText(comparison, gates: gates, showsAll: all, isColoured: isColoured).text().utf8)
      case .markdown:
        Data(try ComparisonMarkdown(comparison, gates: gates, showsAll: all, sentences: try sentences(comparison, runs)).text().utf8)
      case .json: try ComparisonJSON.data(comparison, gates: gates)
      case .html: Data(try page(comparison, gates, runs).utf8)
      }
    try OutputPlace.write(data, to: output)
  }

  private func page(
    _ comparison: RunComparison, _ gates: GateResults?, _ runs: (a: [RunReader], b: [RunReader])
  ) throws -> String {
    let resources = try PageResources(home: Resources.home(), creator: "clearbox \(Version.text)")
    // Of identical runs there is nothing to draw, and nothing that their reports could say differently.
    guard !comparison.isIdentical else {
      return try ComparisonHTML(comparison, gates: gates, figures: [], sentences: []).text(resources)
    }
    let (a, b) = (try runs.a.map { try Findings(of: $0) }, try runs.b.map { try Findings(of: $0) })
    return try ComparisonHTML(
      comparison, gates: gates, figures: try DifferenceFigures.make(comparison, a: a, b: b), sentences: try sentences(a, b)
    ).text(resources)
  }

  private func sentences(
    _ comparison: RunComparison, _ runs: (a: [RunReader], b: [RunReader])
  ) throws -> [ReportSentences.Difference] {
    guard !comparison.isIdentical else { return [] }
    guard (try? Resources.home()) != nil else {
      Terminal.write(error: "clearbox: the two reports' sentences are left out: templates and assets are not found. Set CLEARBOX_HOME to clearbox's source folder.\n")
      return []
    }
    return try sentences(runs.a.map { try Findings(of: $0) }, runs.b.map { try Findings(of: $0) })
  }

  /// What the reports of both say differently.
  private func sentences(_ a: [Findings], _ b: [Findings]) throws -> [ReportSentences.Difference] {
    let reference = try PublishedReference.article(in: Resources.home().appendingPathComponent("assets/references"))
    return ReportSentences.differences(
      try ReportSentences(of: a, reference: reference), try ReportSentences(of: b, reference: reference))
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
