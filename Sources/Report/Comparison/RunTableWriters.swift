import Analysis
import Foundation
import Plot

/// A table of runs for a terminal: who is who, what differs, aligned columns.
public struct RunTableText {
  private let words: RunTableWords
  private let showsAll: Bool

  /// - Parameter showsAll: every metric and stratum, rather than the main ones.
  public init(_ table: RunTable, showsAll: Bool) {
    words = RunTableWords(table: table)
    self.showsAll = showsAll
  }

  /// - Throws: `PlotError` for a number that cannot be printed.
  public func text() throws -> String {
    let rows = words.rows(showsAll: showsAll)
    var lines = words.headline() + words.reasons() + lines(words.legend())
    if let grid = words.differences() { lines += self.lines(grid) }
    lines += self.lines(try words.values(rows), showsIntervals: false)
    if let grid = try words.spreads(rows) { lines += self.lines(grid) }
    let definitions = words.definitions(rows)
    if !definitions.isEmpty { lines += [""] + definitions }
    let hidden = words.table.rows.count - rows.count
    if hidden > 0 { lines += ["", "And \(hidden) more rows: --all shows them; intervals are in --format markdown, html, csv and json."] }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(_ grid: RunTableWords.Grid, showsIntervals: Bool = true) -> [String] {
    let cells = [grid.columns.map(\.title)] + grid.rows.map { $0.map { showsIntervals && !$0.interval.isEmpty ? "\($0.text) \($0.interval)" : $0.text } }
    let widths = grid.columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    return ["", grid.caption]
      + cells.map { row in
        var line = zip(zip(row, widths), grid.columns).map { pair, column in
          let space = String(repeating: " ", count: pair.1 - pair.0.count)
          return column.isNumeric ? space + pair.0 : pair.0 + space
        }.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return "  " + line
      }
  }
}

/// A table of runs in Markdown.
public struct RunTableMarkdown {
  private let words: RunTableWords
  private let showsAll: Bool

  public init(_ table: RunTable, showsAll: Bool) {
    words = RunTableWords(table: table)
    self.showsAll = showsAll
  }

  /// - Throws: `PlotError` for a number that cannot be printed.
  public func text() throws -> String {
    let rows = words.rows(showsAll: showsAll)
    var blocks = ["## Comparison of \(words.table.runs.count) runs"]
    blocks.append((words.headline() + words.reasons()).map { "- " + ComparisonMarkdown.escaped($0) }.joined(separator: "\n"))
    let grids = [words.legend(), words.differences(), try words.values(rows), try words.spreads(rows)].compactMap(\.self)
    for grid in grids { blocks += ["**\(ComparisonMarkdown.escaped(grid.caption))**", markup(grid)] }
    let definitions = words.definitions(rows)
    if !definitions.isEmpty { blocks.append(definitions.map { "- " + ComparisonMarkdown.escaped($0) }.joined(separator: "\n")) }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private func markup(_ grid: RunTableWords.Grid) -> String {
    let cells = grid.rows.map { $0.map { ComparisonMarkdown.escaped($0.interval.isEmpty ? $0.text : "\($0.text) \($0.interval)") } }
    return ([grid.columns.map { ComparisonMarkdown.escaped($0.title) }, grid.columns.map { $0.isNumeric ? "---:" : "---" }] + cells)
      .map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}

/// A table of runs as a page that needs nothing else.
public struct RunTableHTML {
  private let words: RunTableWords
  private let figure: Figure?

  /// - Parameter figure: of `RunTableFigure`.
  public init(_ table: RunTable, figure: Figure?) {
    words = RunTableWords(table: table)
    self.figure = figure
  }

  /// - Throws: `PlotError` for a number that cannot be printed.
  public func text(_ resources: PageResources) throws -> String {
    let table = words.table
    var models: [String] = []
    for name in table.runs.map(\.description.model.name) where !models.contains(name) { models.append(name) }
    var page = ComparisonPage(title: "Comparison of \(table.runs.count) runs", subtitle: models.joined(separator: ", "))
    page.section("runs", "The runs")
    page.list(words.headline() + words.reasons())
    add(words.legend(), &page)
    page.section("causes", "What differs among them")
    if let grid = words.differences() { add(grid, &page) } else { page.paragraph("Nothing that is recorded, but times and file names.") }
    page.section("figures", "Figures")
    if let figure { try page.figure(figure, resources.renderer) } else { page.paragraph("None of the metrics was measured.") }
    page.section("metrics", "Metrics")
    let rows = words.rows(showsAll: false)
    let rest = table.rows.filter { row in !rows.contains(row) }
    add(try words.values(rows), &page, data: RunTableCSV.data(table, rows))
    if let grid = try words.spreads(rows) { add(grid, &page) }
    page.list(words.definitions(table.rows))
    if !rest.isEmpty {
      page.add("<details>\n<summary>The other \(rest.count) rows</summary>")
      add(try words.values(rest), &page, data: RunTableCSV.data(table, rest))
      if let grid = try words.spreads(rest) { add(grid, &page) }
      page.add("</details>")
    }
    return page.html(resources)
  }

  private func add(_ grid: RunTableWords.Grid, _ page: inout ComparisonPage, data: DataTable? = nil) {
    page.table(
      grid.caption, grid.columns,
      grid.rows.map { row in
        zip(grid.columns, row).map { column, cell in
          column.isNumeric ? .number(cell.text, cell.value, interval: cell.interval, detail: cell.detail) : .text(cell.text)
        }
      }, headings: grid.headings, data: data)
  }
}

/// A table of runs for other programs: one line per number, in full.
public enum RunTableCSV {
  public static func text(_ table: RunTable) -> String { data(table, table.rows).csv }

  /// Lines of runs, then of groups of replicates, and of the pivot's columns where there is one.
  static func data(_ table: RunTable, _ rows: [RunTable.Row]) -> DataTable {
    func number(_ value: Double?) -> DataTable.Cell { value.map { .number($0, shown: "") } ?? .none }
    func text(_ value: String?) -> DataTable.Cell { value.map { .text($0) } ?? .none }
    func head(_ row: RunTable.Row) -> [DataTable.Cell] {
      [
        .text(row.metric.id), .text(row.condition), .text(row.stratum.rawValue), .text(row.quantity.rawValue), .text(row.unit),
        row.isOneOfSeveral ? .text(row.definition) : .none,
      ]
    }
    func spread(_ row: RunTable.Row, _ kind: String, _ label: String, _ group: String, _ runs: [Int]) -> [DataTable.Cell]? {
      guard let spread = table.spread(row, over: runs) else { return nil }
      var models: [String] = []
      for run in runs where !models.contains(table.runs[run].description.model.name) { models.append(table.runs[run].description.model.name) }
      let shared = table.keys.map { key in Set(runs.map { key.values[$0] }).count == 1 ? text(key.values[runs[0]]) : .none }
      return [.text(kind), .text(label), .none, .text(group), .text(models.joined(separator: " "))] + head(row) + [
        number(spread.mean), number(spread.interval?.low), number(spread.interval?.high),
        text(spread.interval == nil ? nil : "student t"), .count(spread.count), number(spread.standardDeviation),
        number(spread.minimum), number(spread.maximum), .none, .none,
      ] + shared
    }
    var lines: [[DataTable.Cell]] = []
    for row in rows {
      for (index, value) in row.values.enumerated() {
        guard let value else { continue }
        let run = table.runs[index]
        lines.append(
          [.text("run"), .text(String(index + 1)), .text(run.path), text(table.group(of: index)?.name), .text(run.description.model.name)]
            + head(row) + [
              number(value.value), number(value.interval?.low), number(value.interval?.high),
              text(value.interval == nil ? nil : "bootstrap"), .count(1), .none, .none, .none, .count(value.tokenCount),
              .count(value.clusterCount),
            ] + table.keys.map { text($0.values[index]) })
      }
      for group in table.replicated { lines += [spread(row, "replicates", group.name, group.name, group.runs)].compactMap(\.self) }
      if table.options.pivot != nil {
        for column in table.columns { lines += [spread(row, "pivot", column.label, column.group, column.runs)].compactMap(\.self) }
      }
    }
    let names = ["kind", "of", "file", "group", "model", "metric", "condition", "stratum", "quantity", "unit", "definition"]
    let numbers = ["value", "low", "high", "interval", "n", "sd", "minimum", "maximum", "tokens", "chunks"]
    return DataTable(
      columns: names.map { .init($0, isNumeric: false) } + numbers.map { .init($0, isNumeric: $0 != "interval") }
        + table.keys.map { .init("\($0.kind.rawValue): \($0.name)", isNumeric: false) }, rows: lines)
  }
}

/// A table of runs as JSON: sorted keys, numbers to the last digit, what has no value left out.
public enum RunTableJSON {
  /// Grows when a reader of the old layout would misread the new one.
  public static let schemaVersion = 1

  /// - Throws: `EncodingError` for a number that is not finite.
  public static func data(_ table: RunTable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    var data = try encoder.encode(Layout(table))
    data.append(UInt8(ascii: "\n"))
    return data
  }

  private struct Layout: Encodable {
    let schemaName = "clearbox-compare"
    let schemaVersion = RunTableJSON.schemaVersion
    let level: Double
    let pivot: String?
    let runs: [Run]
    let differences: [Key]
    let groups: [Group]
    let columns: [Column]
    let rows: [Row]

    init(_ table: RunTable) {
      level = table.options.level
      pivot = table.options.pivot
      runs = table.runs.enumerated().map { index, run in
        Run(
          number: index + 1, file: run.path, model: run.description.model.name, study: run.description.study,
          seed: run.description.seed, version: run.description.provenance.clearboxVersion,
          tokens: run.findings.measured.tokens, isPartial: run.isPartial, group: table.group(of: index)?.name)
      }
      differences = table.keys.map { Key(kind: $0.kind, name: $0.name, values: $0.values) }
      groups = table.groups.map { group in
        Group(
          name: group.name, runs: group.runs.map { $0 + 1 }, repeats: group.repeats.map { $0.run + 1 },
          sharesTokens: group.sharesTokens,
          apart: group.apart.map { Apart(group: $0.group, reasons: $0.reasons) })
      }
      columns = table.columns.map { Column(label: $0.label, runs: $0.runs.map { $0 + 1 }, group: $0.group) }
      rows = table.rows.map { row in
        Row(
          metric: row.metric.id, condition: row.condition, stratum: row.stratum.rawValue, quantity: row.quantity.rawValue,
          unit: row.unit, definition: row.definition, values: row.values,
          replicates: table.replicated.compactMap { group in
            table.spread(row, over: group.runs).map { Replicates(group: group.name, spread: $0) }
          },
          pivot: table.options.pivot == nil ? nil : table.columns.map { table.spread(row, over: $0.runs) })
      }
    }
  }

  private struct Run: Encodable {
    let number: Int
    let file, model, study: String
    let seed: UInt64
    let version: String
    let tokens: Int
    let isPartial: Bool
    let group: String?
  }
  private struct Key: Encodable {
    let kind: Cause.Kind
    let name: String
    let values: [String?]
  }
  private struct Apart: Encodable {
    let group: String
    let reasons: [String]
  }
  private struct Group: Encodable {
    let name: String
    let runs, repeats: [Int]
    let sharesTokens: Bool
    let apart: [Apart]
  }
  private struct Column: Encodable {
    let label: String
    let runs: [Int]
    let group: String
  }
  private struct Replicates: Encodable {
    let group: String
    let spread: Spread
  }
  private struct Row: Encodable {
    let metric, condition, stratum, quantity, unit, definition: String
    let values: [Estimate?]
    let replicates: [Replicates]
    let pivot: [Spread?]?
  }
}
