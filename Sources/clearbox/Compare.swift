import Analysis
import ArgumentParser
import Foundation
import Report
import RunFile

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Set any number of runs side by side: what differs, every metric, and the spread over replicates.",
    discussion: """
      Runs are run files, folders with one run file per model, or folders of a run in progress. Runs that differ in their \
      seeds and in the sample of text that these draw are replicates, and have means with spreads; others are never averaged, \
      and the table says why. docs/compare.md describes the rules.

      EXAMPLE
        clearbox compare out/seed-*/gemma-3-270m.h5
        clearbox compare out/seed-* --over corpus.path --format html -o seeds.html
        clearbox compare out/* --pivot model --metrics 'cross_entropy/change,fvu/ordinary' --format csv -o runs.csv
      """)

  @Argument(help: ArgumentHelp("Run files, or folders.", valueName: "run"))
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "Columns are the values of this key: one of the study (corpus.order.seed), or model, seed, version, commit, layer, sae, tokens, study.",
      valueName: "key"))
  var pivot: String?

  @Option(
    name: .customLong("over"),
    help: ArgumentHelp("Replicates may differ in this study key too: corpus.path for samples of one text. Repeatable; * for any.", valueName: "key"))
  var over: [String] = []

  @Option(help: "text for a terminal, markdown, csv, json, or html.")
  var format: Format = .text

  @OptionGroup var destination: DocumentOutput

  @Flag(help: "Every metric and stratum, not only the main ones: csv, json and html have them all.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "These alone: METRIC[/STRATUM][/change], * for any. Repeatable, or with commas between.", valueName: "pattern"))
  var metrics: [String] = []

  @Option(help: "Confidence level of the intervals of means.")
  var level = 0.95

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, markdown, csv, json, html }

  func validate() throws {
    guard (0.5...0.9999).contains(level) else { throw ValidationError("--level \(level): give a number from 0.5 to 0.9999.") }
  }

  func run() throws {
    try destination.check(format.rawValue)
    var options = RunTable.Options()
    (options.pivot, options.level) = (pivot, level)
    options.over = over.map { NamePattern($0) }
    options.metrics = try metrics.flatMap { $0.split(separator: ",") }.map { try MetricPattern(String($0)) }
    let table = try RunTable(runs.flatMap { try Diff.readers($0) }, options)
    switch format {
    case .csv: try destination.write(Data(RunTableCSV.text(table).utf8))
    case .json: try destination.write(RunTableJSON.data(table))
    case .text: try destination.write(destination.text(document(table)))
    case .markdown: try destination.write(destination.markdown(document(table)))
    case .html: try destination.write(destination.html(document(table)))
    }
  }

  private func document(_ table: RunTable) throws -> Document {
    try Document(
      table, figures: format == .html ? [RunTableFigure.make(table)].compactMap(\.self) : nil,
      showsAll: all || format == .html, showsIntervals: format != .text, creator: DocumentOutput.creator)
  }
}
