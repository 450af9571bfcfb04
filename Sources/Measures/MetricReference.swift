/// The tables of docs/metrics.md and docs/run-file.md, as Markdown.
public enum MetricReference {
  /// A measure's metrics: formula, unit, which way is better, strata, the margin of a difference that does not matter.
  public static func metrics(of measure: Measure) -> String {
    table(
      ["id", "formula", "unit", "better", "tokens", "margin", "source"],
      measure.metrics.map { metric in
        [
          "`\(metric.id)`", metric.formula, metric.unit, better(metric.direction), strata(metric), margin(metric),
          metric.source,
        ]
      })
  }

  /// Columns in a run file.
  public static func columns(of measures: [Measure]) -> String {
    table(
      ["data set", "axis", "type", "unit", "meaning", "values"],
      measures.columns.map { column in
        [
          "`\(column.experiment)/\(column.name)`\(mark(column))",
          column.axis.rawValue + shape(column.row), column.type.rawValue,
          column.unit, column.meaning, values(column.values),
        ]
      })
  }

  private static func table(_ titles: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
    return ([line(titles), "|" + titles.map { _ in "---|" }.joined()] + rows.map(line)).joined(separator: "\n")
  }

  private static func mark(_ column: Column) -> String {
    column.isComparison ? " *" : column.isOfBaseline ? " †" : column.isOfBranch ? " ‡" : ""
  }

  private static func shape(_ row: Column.Row) -> String {
    switch row {
    case .scalar: ""
    case .vector: ", [D]"
    case .vectorPerCell: ", [4, D]"
    }
  }

  private static func better(_ direction: Metric.Direction) -> String {
    switch direction {
    case .lowerIsBetter: "lower"
    case .higherIsBetter: "higher"
    case .neither: "–"
    }
  }

  private static func strata(_ metric: Metric) -> String {
    metric.strata == Stratum.allCases
      ? "every stratum" : metric.strata.map { "`\($0.rawValue)`" }.joined(separator: ", ")
  }

  private static func margin(_ metric: Metric) -> String {
    let size = metric.margin.size
    let digits = size == size.rounded() ? "\(Int(size))" : "\(size)"
    return metric.margin.isRelative ? "±\(digits) %" : "±\(digits)"
  }

  private static func values(_ values: Column.Values) -> String {
    switch values {
    case .loss: "0 or more; NaN where nothing is scored"
    case .divergence: "−0.01 or more; NaN where nothing is scored"
    case .agreement: "0, 1; 255 where nothing is scored"
    case .square: "0 or more"
    case .finite: "finite"
    case .count: "whole, 0 or more"
    case .flag: "0, 1"
    }
  }
}
