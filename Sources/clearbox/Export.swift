import ArgumentParser
import Exchange
import Foundation

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write runs in the layouts of others: the article's JSON, or SAEBench's core results.",
    discussion: """
      article: one JSON file over all runs given, one run per model, as the article's code writes it. \
      saebench: one JSON file per run and condition. What a run did not measure is left out, or -1 where the layout wants \
      a number. docs/exchange.md says what can be compared.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case article, saebench }

  @Argument(help: ArgumentHelp("Run files; for the article's JSON also folders of parts.", valueName: "run"))
  var runs: [String]

  @Option(help: "Layout to write: article or saebench.")
  var format: Format = .article

  @Option(name: .shortAndLong, help: ArgumentHelp("File (article; default: standard output) or folder (saebench; default: where the run lies).", valueName: "path"))
  var output: String?

  func run() throws {
    let readers = try runs.map { try Render.open($0) }
    switch format {
    case .article:
      let data = try ArticleExport.data(readers)
      guard let output else { return FileHandle.standardOutput.write(data) }
      try Self.write(data, to: URL(fileURLWithPath: output))
      Terminal.say("   \(output)")
    case .saebench:
      for reader in readers {
        let folder = output.map { URL(fileURLWithPath: $0) } ?? URL(fileURLWithPath: reader.path).deletingLastPathComponent()
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
