import Analysis
import ArgumentParser
import Exchange
import Foundation
import Measures
import Report
import RunFile
import Words

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write runs for others: the article's JSON, SAEBench's core results, all numbers, a smaller run file.",
    discussion: """
      run: a copy of a run file for publishing, a third smaller, with every measured number rounded to 16 significant \
      bits or as many as you say, and of reruns only what a report reads; it tells so, and names the original's content hash. \
      article: one JSON file over all runs given, one run per model, as the article's code writes it. \
      saebench: one JSON file per run and condition. numbers: every number that 'explain' derives, with interval, unit and \
      sample, as one JSON list over all runs given. What a run did not measure is left out, or -1 where the layout wants \
      a number. docs/exchange.md says what can be compared.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case article, saebench, numbers, run }

  @Argument(
    help: ArgumentHelp("Run files; for the article's JSON and numbers also folders of parts.", valueName: "run"))
  var runs: [String]

  @Option(help: "Layout to write: article, saebench, numbers or run.")
  var format: Format = .article

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "File (run; article and numbers, default: standard output) or folder (saebench; default: where the run lies).",
      valueName: "path"))
  var output: String?

  @Option(help: ArgumentHelp("Of measured numbers, in the layout run: 10 to 24.", valueName: "n"))
  var significantBits = 16

  func validate() throws {
    if format == .run, runs.count != 1 || output == nil {
      throw ValidationError("The layout run copies one run file: name one, and say with --output where the copy goes.")
    }
  }

  func run() throws {
    if format != .saebench { try output.map(OutputPlace.check) }
    let readers = try runs.map { try Render.open($0) }
    switch format {
    case .run:
      let place = output ?? ""
      let reruns = Set((readers[0].description.rerunConditions ?? []).map(\.name))
      let read = [Measure].all.readOfReruns
      try RoundedRun(readers[0], significantBits: significantBits) { key in
        !reruns.contains(key.condition) || read.contains { $0.key(key.condition) == key }
      }.write(to: place)
      let size = try FileManager.default.attributesOfItem(atPath: place)[.size] as? Int ?? 0
      Terminal.say("   \(place), \(NumberText.integer(size)) bytes")
    case .article:
      let data = try ArticleExport.data(readers)
      try OutputPlace.write(data, to: output)
    case .numbers:
      try OutputPlace.write(NumberList.data(try readers.map { try Findings(of: $0) }), to: output)
    case .saebench:
      for reader in readers {
        let folder =
          output.map { URL(fileURLWithPath: $0) } ?? URL(fileURLWithPath: reader.path).deletingLastPathComponent()
        for file in try SAEBenchExport.files(reader) {
          let place = folder.appendingPathComponent(file.name)
          try Self.write(file.data, to: place)
          Terminal.say("   \(place.path)")
        }
      }
    }
  }

  /// Makes the folder where it is missing.
  private static func write(_ data: Data, to place: URL) throws {
    do {
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: place, options: .atomic)
    } catch {
      throw ExchangeError.fileSystem(path: place.path, reason: error.localizedDescription)
    }
  }
}
