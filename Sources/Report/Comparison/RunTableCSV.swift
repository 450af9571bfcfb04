import Analysis
import Plot
import Words

/// A table of runs for other programs: one line per number, in full.
public enum RunTableCSV {
  /// Lines of runs, then of groups of replicates, and of the pivot's columns where there is one.
  public static func text(_ table: RunTable) -> String {
    func number(_ value: Double?) -> DataTable.Cell { value.map { .number($0, shown: "") } ?? .none }
    func text(_ value: String?) -> DataTable.Cell { value.map { .text($0) } ?? .none }
    func head(_ row: RunTable.Row) -> [DataTable.Cell] {
      [
        .text(row.metric.id), .text(row.condition), .text(row.stratum.rawValue), .text(row.quantity.rawValue),
        .text(row.unit),
        row.isOneOfSeveral ? .text(row.definition) : .none,
      ]
    }
    func spread(_ row: RunTable.Row, _ kind: String, _ label: String, _ group: String, _ runs: [Int]) -> [DataTable
      .Cell]?
    {
      guard let spread = table.spread(row, over: runs) else { return nil }
      let models = runs.map { table.runs[$0].description.model.name }.distinct
      let shared = table.keys.map { key in
        Set(runs.map { key.values[$0] }).count == 1 ? text(key.values[runs[0]]) : .none
      }
      return [.text(kind), .text(label), .none, .text(group), .text(models.joined(separator: " "))] + head(row) + [
        number(spread.mean), number(spread.interval?.low), number(spread.interval?.high),
        text(spread.interval == nil ? nil : "student t"), .count(spread.count), number(spread.standardDeviation),
        number(spread.minimum), number(spread.maximum), .none, .none,
      ] + shared
    }
    var lines: [[DataTable.Cell]] = []
    for row in table.rows {
      for (index, value) in row.values.enumerated() {
        guard let value else { continue }
        let run = table.runs[index]
        lines.append(
          [
            .text("run"), .text(String(index + 1)), .text(run.path), text(table.group(of: index)?.name),
            .text(run.description.model.name),
          ]
            + head(row) + [
              number(value.value), number(value.interval?.low), number(value.interval?.high),
              text(value.interval == nil ? nil : "bootstrap"), .count(1), .none, .none, .none, .count(value.tokenCount),
              .count(value.clusterCount),
            ] + table.keys.map { text($0.values[index]) })
      }
      for group in table.replicated {
        lines += [spread(row, "replicates", group.name, group.name, group.runs)].compactMap(\.self)
      }
      if table.options.pivot != nil {
        for column in table.columns {
          lines += [spread(row, "pivot", column.label, column.group, column.runs)].compactMap(\.self)
        }
      }
    }
    let names = [
      "kind", "of", "file", "group", "model", "metric", "condition", "stratum", "quantity", "unit", "definition",
    ]
    let numbers = ["value", "low", "high", "interval", "n", "sd", "minimum", "maximum", "tokens", "chunks"]
    return DataTable(
      columns: names.map { .init($0, isNumeric: false) } + numbers.map { .init($0, isNumeric: $0 != "interval") }
        + table.keys.map { .init("\($0.kind.rawValue): \($0.name)", isNumeric: false) }, rows: lines
    ).csv
  }
}
