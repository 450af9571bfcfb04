import Analysis

/// A comparison for a terminal: headline, causes, aligned columns, gates.
public struct ComparisonText {
  private let words: ComparisonWords
  private let gates: GateResults?
  private let showsAll: Bool
  private let isColoured: Bool

  /// - Parameters:
  ///   - showsAll: every row, rather than what matters.
  ///   - isColoured: verdicts in a terminal's colours.
  public init(_ comparison: RunComparison, gates: GateResults?, showsAll: Bool, isColoured: Bool) {
    words = ComparisonWords(comparison: comparison)
    self.gates = gates
    self.showsAll = showsAll
    self.isColoured = isColoured
  }

  /// - Throws: `PlotError` for a number that cannot be printed.
  public func text() throws -> String {
    let comparison = words.comparison
    var lines = try words.headline()
    for (run, names) in [("A", comparison.modelsOnlyInA), ("B", comparison.modelsOnlyInB)] where !names.isEmpty {
      lines.append("Models only in \(run): \(names.joined(separator: ", ")).")
    }
    for model in comparison.models { lines += try section(model) }
    if let gates {
      lines += ["", "Gates"]
      for judgement in gates.judgements {
        let colour: Colour = judgement.outcome == .passed ? .green : judgement.outcome == .failed ? .red : .yellow
        lines.append("  " + painted(try words.text(of: judgement), colour))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ model: RunComparison.Model) throws -> [String] {
    var lines: [String] = []
    if words.comparison.models.count > 1 { lines += ["", "== \(model.model)"] }
    if !model.causes.isEmpty {
      lines += ["", "What differs in how they were made"]
      lines += aligned(
        [["", "", "A", "B"]]
          + model.causes.map { [$0.kind.rawValue, $0.name, words.text(of: $0.a), words.text(of: $0.b)] }
      ).map { "  " + $0 }
    }
    lines += words.onlyInOne(model)
    lines += model.notes
    if model.isSameFile || model.differences.allSatisfy({ $0.verdict == .identical }) && !showsAll { return lines }
    let rows = model.differences.filter { showsAll ? $0.verdict != .notComparable : words.isShort($0) }
    if !rows.isEmpty {
      lines += ["", "What differs in what came out"]
      lines += try table(rows)
    }
    let hidden = model.differences.filter { row in row.verdict != .notComparable && !rows.contains { $0.id == row.id } }
    if !hidden.isEmpty { lines.append("  And \(words.counts(hidden)): --all shows every row.") }
    for (reason, rows) in words.notComparable(model) {
      lines.append("  Not comparable: \(reason) (\(showsAll ? rows.map { words.name($0) + " " + words.condition($0) }.joined(separator: ", ") : "\(rows.count) rows")).")
    }
    let method = words.method(model)
    return lines + (method.isEmpty ? [] : [""]) + method
  }

  private func table(_ rows: [MetricDifference]) throws -> [String] {
    var cells = [["metric", "condition", "A", "B", "B − A", "interval", "relative", "p (Holm)", "verdict"]]
    for row in rows {
      let numbers = try words.numbers(row)
      cells.append([
        words.name(row), words.condition(row), numbers.a, numbers.b, numbers.difference, numbers.interval,
        numbers.relative, numbers.p, words.verdict(row),
      ])
    }
    let lines = aligned(cells, right: [2, 3, 4, 5, 6, 7])
    return zip(lines, [nil] + rows.map { Optional($0) }).map { line, row in
      guard let row else { return "  " + line }
      return "  " + painted(line, colour(of: row.verdict))
    }
  }

  /// Columns padded to their widest cell, two spaces between them.
  private func aligned(_ cells: [[String]], right: Set<Int> = []) -> [String] {
    let widths = (cells.first ?? []).indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    return cells.map { row in
      let padded = row.indices.map { column -> String in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return right.contains(column) ? space + row[column] : row[column] + space
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  private enum Colour: String { case green = "32", red = "31", yellow = "33", dim = "2" }

  private func colour(of verdict: MetricDifference.Verdict) -> Colour {
    switch verdict {
    case .better: .green
    case .worse: .red
    case .differs, .notComparable: .yellow
    case .identical, .equivalent, .withinNoise: .dim
    }
  }

  private func painted(_ text: String, _ colour: Colour) -> String {
    isColoured ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }
}
