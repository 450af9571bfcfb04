import Analysis
import ArgumentParser
import Foundation
import Plot
import Report

struct FigureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figure", abstract: "Draw one figure from run files alone.",
    discussion: """
      The figure is the report's, at the width and on the ground that you want. Several run files, one per model, give \
      one figure of all of them. csv has the numbers drawn; txt has title, caption and alt text. The same run files give \
      the same bytes.
      """)

  @Argument(help: ArgumentHelp("Run files, or folders of parts.", valueName: "run"))
  var runs: [String]

  @Option(help: ArgumentHelp("Which figure.", valueName: "kind"))
  var kind: StudyFigure

  @Option(help: ArgumentHelp("File format; default: what the output's name ends with.", valueName: "format"))
  var format: Format?

  @Option(name: [.short, .customLong("output")], help: ArgumentHelp("File to write.", valueName: "file"))
  var output: String

  @Option(help: "The ground it will stand on.")
  var theme: Ground = .light

  @Option(help: ArgumentHelp("Width of a journal's column: single is 89 mm, double is 183 mm."))
  var column: Column?

  @Option(help: ArgumentHelp("Width in millimetres, 80 to 400, instead of a column's.", valueName: "mm"))
  var width: Double?

  @Option(help: ArgumentHelp("Pixels per 1/96 inch of a PNG, 1 to 8.", valueName: "n"))
  var pixelRatio = 2

  enum Format: String, ExpressibleByArgument, CaseIterable { case svg, pdf, png, csv, txt }
  enum Ground: String, ExpressibleByArgument, CaseIterable { case light, dark }
  enum Column: String, ExpressibleByArgument, CaseIterable { case single, double }

  func validate() throws {
    if let width, !(80...400).contains(width) {
      throw ValidationError("--width \(width): a figure is between 80 and 400 mm wide.")
    }
    if width != nil, column != nil { throw ValidationError("Give --width or --column, not both.") }
    guard (1...8).contains(pixelRatio) else {
      throw ValidationError("--pixel-ratio \(pixelRatio): give a whole number from 1 to 8.")
    }
    _ = try resolvedFormat()
  }

  private func resolvedFormat() throws -> Format {
    if let format { return format }
    let ending = URL(fileURLWithPath: output).pathExtension.lowercased()
    guard let format = Format(rawValue: ending) else {
      throw ValidationError(
        "\(output): the format is not clear from this name. Give --format, one of \(Format.allCases.map(\.rawValue).joined(separator: ", "))."
      )
    }
    return format
  }

  func run() throws {
    let format = try resolvedFormat()
    try OutputPlace.check(output)
    let findings = try runs.map { try Findings(of: Render.open($0)) }
    switch try kind.outcome(of: findings) {
    case .absent(let reason): throw FigureError.absent(kind.key, reason)
    case .figure(let figure):
      let renderer = try StudyFigure.renderer(
        of: findings, fonts: Resources.home().appendingPathComponent("assets/fonts"),
        date: RenderingDate.fromEnvironment())
      try OutputPlace.write(Data(bytes(of: figure, format, renderer)), to: output)
    }
  }

  private func bytes(of figure: Figure, _ format: Format, _ renderer: FigureRenderer) throws -> [UInt8] {
    let width = self.width.map { Points.millimetres($0) } ?? (column == .single ? .singleColumn : .doubleColumn)
    let theme: Theme = theme == .dark ? .dark : .light
    return switch format {
    case .svg: Array(try renderer.svg(figure, theme: theme, width: width).utf8)
    case .pdf: try renderer.pdf(figure, theme: theme, width: width)
    case .png: try renderer.png(figure, theme: theme, width: width, pixelRatio: pixelRatio)
    case .csv: Array(figure.table.csv.utf8)
    case .txt: Array("\(figure.title)\n\n\(figure.caption.plain)\n\nAlt text: \(figure.altText.plain)\n".utf8)
    }
  }
}

enum FigureError: Error, CustomStringConvertible {
  case absent(String, String)

  var description: String {
    switch self {
    case .absent(let kind, let reason): "There is no figure “\(kind)” of this run. \(reason)"
    }
  }
}

extension StudyFigure: ExpressibleByArgument {
  public init?(argument: String) {
    guard let figure = Self.all.first(where: { $0.key == argument }) else { return nil }
    self = figure
  }

  public static var allValueStrings: [String] { all.map(\.key) }
  public var defaultValueDescription: String { key }
}
