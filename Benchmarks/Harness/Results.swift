import Foundation
import Plot

/// All that was measured so far, by group.
struct Results: Codable {
  var groups: [String: GroupResults] = [:]

  /// - Throws: when results are there that cannot be read: they are not to be replaced.
  static func read(_ folder: URL) throws -> Results {
    let file = folder.appendingPathComponent("results.json")
    guard FileManager.default.fileExists(atPath: file.path) else { return Results() }
    return try JSONDecoder().decode(Results.self, from: Data(contentsOf: file))
  }

  mutating func replace(_ group: Group, with results: GroupResults) { groups[group.rawValue] = results }

  /// In the order in which they are measured.
  private var ordered: [(Group, GroupResults)] {
    Group.allCases.compactMap { group in groups[group.rawValue].map { (group, $0) } }
  }

  /// results.json, results.md, and the figures as SVG and PNG.
  func write(_ folder: URL, home: URL) throws {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try encoder.encode(self).write(to: folder.appendingPathComponent("results.json"))
    try table.write(to: folder.appendingPathComponent("results.md"), atomically: true, encoding: .utf8)
    for (key, text) in try figures(home: home, folder) { say("   \(folder.path)/\(key).svg: \(text)") }
  }

  private var table: String {
    var lines = ["# Results", ""]
    for (group, results) in ordered {
      let m = results.machine
      lines += [
        "## \(group.rawValue)", "", "\(m.date), \(m.cpu), \(m.threads) threads; \(m.kernels).", "",
        "| measure | goal | median (range) | | how |", "|---|---|--:|---|---|",
      ]
      lines += results.measures.map { "| \($0.title) | \($0.goal) | \($0.value) | \($0.verdict) | \($0.note) |" }
      lines.append("")
    }
    return lines.joined(separator: "\n")
  }

  private func figures(home: URL, _ folder: URL) throws -> [(String, String)] {
    var made: [(String, String)] = []
    let fonts = try FontFamily(folder: home.appendingPathComponent("assets/fonts"))
    var figures: [(figure: Figure, machine: Machine)] = []
    for (_, results) in ordered {
      if let roofline = results.roofline { figures.append((try roofline.figure(results.machine), results.machine)) }
    }
    let grown = ordered.map(\.1).filter { !$0.curves.isEmpty }
    if let last = grown.last { figures.append((Self.growth(grown, last.machine), last.machine)) }
    for (figure, machine) in figures {
      let renderer = FigureRenderer(fonts: fonts, date: machine.date + "T00:00:00Z", creator: "clearbox bench")
      try renderer.svg(figure, theme: .light).write(
        to: folder.appendingPathComponent(figure.key + ".svg"), atomically: true, encoding: .utf8)
      try Data(renderer.png(figure, pixelRatio: 2)).write(to: folder.appendingPathComponent(figure.key + ".png"))
      made.append((figure.key, figure.title))
    }
    return made
  }

  private static func growth(_ groups: [GroupResults], _ machine: Machine) -> Figure {
    let curves = groups.flatMap(\.curves)
    let style = MarkStyle(.series1, .circle)
    let panels = curves.map { curve in
      let data = curve.points.map { Datum($0[0], $0[1]) }
      let isFlat = curve.x == "tokens" && curve.y == "µs per token"
      let ticks =
        curve.x == "layers" ? nil : curve.points.suffix(isFlat ? 6 : 3).map { Axis.Tick($0[0], Self.short($0[0])) }
      return Panel(
        title: "By \(curve.x)",
        x: Axis(
          curve.x == "tokens" ? "Tokens measured" : curve.x == "layers" ? "Layers run" : "SAE features",
          unit: isFlat ? "log scale" : "", isFlat ? .logarithmic : .linear(fromZero: true), ticks: ticks),
        y: Axis(curve.y == "µs per token" ? "Cost" : "Time", unit: curve.y, .linear(fromZero: true)),
        marks: [Mark(.line(data), style, series: curve.x), Mark(.points(data), style, series: curve.x)])
    }
    let rows = curves.flatMap { curve in
      curve.points.map { point -> [DataTable.Cell] in
        [
          .text(curve.x), .number(point[0], shown: Self.short(point[0])), .text(curve.y),
          .number(point[1], shown: Measure.number(point[1])),
        ]
      }
    }
    let told = groups.flatMap(\.measures).map(\.line).joined(separator: "; ")
    return Figure(
      key: "growth", title: "How the cost of a token grows",
      caption:
        "Wall time per token of Gemma 3 270M in bf16 with the autoencoder, without the head. Features beyond the autoencoder's 8,192 never fire. \(machine.cpu), \(count: machine.threads) threads.",
      altText:
        "Line charts of the cost per token by tokens measured, layers run and autoencoder features, and of the whole process by tokens. \(told).",
      table: DataTable(
        columns: [.init("grows", isNumeric: false), .init("size"), .init("what", isNumeric: false), .init("cost")],
        rows: rows),
      content: .panels(panels, columns: 2, key: []))
  }

  private static func short(_ value: Double) -> String {
    value >= 10_000 && value.truncatingRemainder(dividingBy: 1000) == 0 ? "\(Int(value / 1000))k" : "\(Int(value))"
  }
}
