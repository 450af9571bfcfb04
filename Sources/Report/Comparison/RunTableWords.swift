import Analysis
import Words

/// What a table of runs says in words and numbers, the same in every format.
struct RunTableWords {
  let table: RunTable

  struct Grid {
    var caption: String
    var columns: [(title: String, isNumeric: Bool)]
    var rows: [[Cell]]
    /// Columns at the left that name the row.
    var headings = 1
  }

  struct Cell {
    var text: String
    var value: Double?
    /// Under the number, or after it.
    var interval = ""
    var detail = ""

    init(_ text: String, value: Double? = nil, interval: String = "", detail: String = "") {
      (self.text, self.value, self.interval, self.detail) = (text, value, interval, detail)
    }
  }

  // MARK: Who is who

  func headline() -> [String] {
    let replicated = table.replicated
    let names = Set(table.runs.map(\.description.model.name))
    var lines = ["\(table.runs.count) runs of \(names.count == 1 ? "one model" : "\(names.count) models")."]
    if replicated.isEmpty {
      lines.append("None is a replicate of another: nothing is averaged.")
    }
    for group in replicated {
      lines.append("Group \(group.name): runs \(numbers(group.runs)) are replicates.")
      if group.sharesTokens {
        lines.append("Group \(group.name) measured the same tokens in all its runs: its spread says nothing of other text.")
      }
    }
    for group in table.groups {
      for repeated in group.repeats {
        lines.append("Run \(repeated.run + 1) repeats run \(repeated.of + 1), with the same seeds and tokens, and is not counted again.")
      }
    }
    for (run, index) in zip(table.runs, table.runs.indices) where run.isPartial { lines.append("Run \(index + 1) is partial: it had not finished.") }
    return lines
  }

  /// Why groups are no replicates of one another.
  func reasons() -> [String] {
    table.groups.compactMap { group in
      guard let nearest = group.apart.first else { return nil }
      let more = nearest.reasons.count > 3 ? ", and \(nearest.reasons.count - 3) more" : ""
      let isText = nearest.reasons.allSatisfy { $0.hasPrefix("corpus.path:") || $0.hasPrefix("SHA-256 of the corpus:") }
      let hint = isText ? " Where these are samples of one population of text, --over corpus.path says so." : ""
      return "Group \(group.name) (\(runs(group))) is no replicate of group \(nearest.group): \(nearest.reasons.prefix(3).joined(separator: "; "))\(more).\(hint)"
    }
  }

  private func runs(_ group: ReplicateGroup) -> String {
    "run\(group.runs.count == 1 ? "" : "s") \(numbers(group.runs))"
  }

  private func numbers(_ runs: [Int]) -> String { runs.map { String($0 + 1) }.joined(separator: ", ") }

  func legend() -> Grid {
    Grid(
      caption: "The runs.", columns: [("run", true), ("group", false), ("model", false), ("tokens", true), ("conditions", false), ("file", false)],
      rows: table.runs.enumerated().map { index, run in
        let tokens = run.findings.measured.tokens
        return [
          Cell(String(index + 1), value: Double(index + 1)), Cell(table.group(of: index)?.name ?? ""), Cell(run.description.model.name),
          Cell(NumberText.integer(tokens), value: Double(tokens)), Cell(run.description.conditions.map(\.name).joined(separator: ", ")),
          Cell(run.path),
        ]
      })
  }

  /// What differs among the runs; nil where nothing does.
  func differences() -> Grid? {
    guard !table.keys.isEmpty else { return nil }
    return Grid(
      caption: "What differs among them.",
      columns: [("kind", false), ("what", false)] + table.runs.indices.map { (String($0 + 1), false) },
      rows: table.keys.map { key in
        [Cell(key.kind.rawValue), Cell(key.name)] + key.values.map { Cell(Self.short($0, among: table.runs.count)) }
      }, headings: 2)
  }

  private static func short(_ value: String?, among count: Int) -> String {
    guard let value else { return "–" }
    if value.count == 64, value.allSatisfy(\.isHexDigit) { return String(value.prefix(8)) + "…" }
    let line = value.split(whereSeparator: \.isNewline).joined(separator: " ")
    let most = count > 3 ? 24 : 48
    // Paths differ at their ends, most other values at their beginnings.
    guard line.count > most else { return line }
    return line.contains("/") && !line.contains(" ") ? "…" + line.suffix(most - 1) : line.prefix(most - 1) + "…"
  }

  // MARK: Values

  private static let main: [(Metric, MetricDifference.Quantity)] = [
    (.crossEntropy, .value), (.crossEntropy, .percentChange), (.kl, .value), (.top1Agreement, .value), (.fvu, .value),
    (.fvu, .percentChange), (.fvuArticle, .value), (.fvuArticle, .percentChange), (.noiseFloorArticle, .value),
  ]

  /// Rows that a short account shows: the main metrics over all tokens, or those that were asked for.
  func rows(showsAll: Bool) -> [RunTable.Row] {
    if showsAll || !table.options.metrics.isEmpty { return table.rows }
    return table.rows.filter { row in
      row.stratum == .all && Self.main.contains { $0.0.id == row.metric.id && $0.1 == row.quantity }
    }
  }

  /// A column per run, or per value of the pivot: means there where runs are replicates.
  func values(_ rows: [RunTable.Row]) throws -> Grid {
    let isPivot = table.options.pivot != nil
    let caption =
      isPivot
      ? "Values by \(table.options.pivot ?? ""): single runs, and means over n replicates."
      : "Values of each run\(table.runs.contains { !$0.isSummary } ? ", with bootstrap intervals" : "")."
    return Grid(
      caption: caption,
      columns: [("metric", false), ("condition", false)]
        + table.columns.map { (isPivot ? "\($0.label)\($0.runs.count > 1 ? " (n = \($0.runs.count))" : "")" : $0.label, true) },
      rows: try rows.map { row in
        let digits = decimals(row)
        return try named(row)
          + table.columns.map { column in
            if column.runs.count == 1 {
              guard let estimate = row.values[column.runs[0]] else { return Cell("–") }
              return Cell(
                try number(estimate.value, row, digits), value: estimate.value, interval: try interval(estimate.interval, row, digits),
                detail: "\(title(row)), run \(column.runs[0] + 1), \(NumberText.integer(estimate.tokenCount)) tokens")
            }
            guard let spread = table.spread(row, over: column.runs) else { return Cell("–") }
            return Cell(
              try number(spread.mean, row, digits), value: spread.mean, interval: try interval(spread.interval, row, digits),
              detail: "\(title(row)), mean over runs \(numbers(column.runs))")
          }
      }, headings: 2)
  }

  /// Mean and spread over the replicates of each group; nil where there are none.
  func spreads(_ rows: [RunTable.Row]) throws -> Grid? {
    let groups = table.replicated
    guard !groups.isEmpty else { return nil }
    let level = try NumberText.significant(table.options.level * 100, digits: 4).trimmingZeros
    return Grid(
      caption: "Means over replicates, with standard deviation, range, and \(level)% intervals of the mean by Student’s t where there are three or more that vary.",
      columns: [
        ("metric", false), ("condition", false), ("group", false), ("n", true), ("mean", true), ("interval", true), ("SD", true),
        ("lowest", true), ("highest", true),
      ],
      rows: try rows.flatMap { row in
        let digits = decimals(row)
        return try groups.compactMap { group -> [Cell]? in
          guard let spread = table.spread(row, over: group.runs) else { return nil }
          return named(row) + [
            Cell(group.name), Cell(String(spread.count), value: Double(spread.count)),
            Cell(try number(spread.mean, row, digits), value: spread.mean), Cell(try interval(spread.interval, row, digits)),
            try spread.standardDeviation.map { Cell(try NumberText.significant($0, digits: 2), value: $0) } ?? Cell("–"),
            Cell(try number(spread.minimum, row, digits), value: spread.minimum),
            Cell(try number(spread.maximum, row, digits), value: spread.maximum),
          ]
        }
      }, headings: 2)
  }

  /// Definitions of the rows that have several.
  func definitions(_ rows: [RunTable.Row]) -> [String] {
    var lines: [String] = []
    for row in rows where row.isOneOfSeveral {
      let line = "\(mark(row)): \(row.definition)"
      if !lines.contains(line) { lines.append(line) }
    }
    return lines
  }

  private func named(_ row: RunTable.Row) -> [Cell] {
    [Cell(row.isOneOfSeveral ? mark(row) : row.name, detail: ""), Cell(row.condition)]
  }

  /// `cross_entropy, definition 2`: which of the definitions that the table has.
  private func mark(_ row: RunTable.Row) -> String {
    let all = table.rows.filter {
      $0.metric.id == row.metric.id && $0.condition == row.condition && $0.stratum == row.stratum && $0.quantity == row.quantity
    }
    return "\(row.name), definition \((all.firstIndex { $0.definition == row.definition } ?? 0) + 1)"
  }

  private func title(_ row: RunTable.Row) -> String {
    let unit = row.unit == "1" ? "" : " (\(row.unit))"
    return "\(row.metric.name.typeset)\(row.quantity == .value ? "" : ", change against the baseline")\(unit), \(row.condition), \(row.stratum.title)"
  }

  // MARK: Numbers

  /// As many decimals as the narrowest interval of the row needs; without intervals, four digits of the largest value.
  private func decimals(_ row: RunTable.Row) -> Int {
    let widths = row.values.compactMap { $0?.interval }.compactMap { NumberText.decimals(forHalfWidth: ($0.high - $0.low) / 2) }
    return max(2, widths.max() ?? 4)
  }

  private func number(_ value: Double, _ row: RunTable.Row, _ digits: Int) throws -> String {
    row.quantity == .percentChange
      ? try NumberText.signed(value, decimals: digits) + "%" : try NumberText.fixed(value, decimals: digits)
  }

  private func interval(_ interval: Interval?, _ row: RunTable.Row, _ digits: Int) throws -> String {
    guard let interval else { return "" }
    return "[\(try number(interval.low, row, digits)), \(try number(interval.high, row, digits))]"
  }
}

extension String {
  /// "95" of "95.00".
  fileprivate var trimmingZeros: String {
    guard contains(".") else { return self }
    var text = self
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
