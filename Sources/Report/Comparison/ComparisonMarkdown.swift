import Analysis

/// A comparison for a pull request: headline, gates, what matters as a table, the rest to unfold.
public struct ComparisonMarkdown {
  private let words: ComparisonWords
  private let gates: GateResults?
  private let showsAll: Bool
  private let sentences: [ReportSentences.Difference]

  /// - Parameter sentences: what the two reports say differently.
  public init(
    _ comparison: RunComparison, gates: GateResults?, showsAll: Bool, sentences: [ReportSentences.Difference] = []
  ) {
    words = ComparisonWords(comparison: comparison)
    self.sentences = sentences
    self.gates = gates
    self.showsAll = showsAll
  }

  /// - Throws: `PlotError` for a number that cannot be printed.
  public func text() throws -> String {
    let comparison = words.comparison
    let headline = try words.headline()
    var blocks = ["## Comparison of two runs", "**\(escaped(headline.first ?? ""))**"]
    if headline.count > 1 { blocks.append(headline.dropFirst().map { "- " + escaped($0) }.joined(separator: "\n")) }
    for (run, names) in [("A", comparison.modelsOnlyInA), ("B", comparison.modelsOnlyInB)] where !names.isEmpty {
      blocks.append(escaped("Models only in \(run): \(names.joined(separator: ", "))."))
    }
    if let gates {
      let marks: [Gate.Judgement.Outcome: String] = [.passed: "✅", .failed: "❌", .notComparable: "⚠️"]
      blocks.append("### Gates")
      blocks.append(
        try gates.judgements.map { "- \(marks[$0.outcome] ?? "") " + escaped(try words.text(of: $0)) }.joined(separator: "\n"))
    }
    for model in comparison.models { blocks += try section(model) }
    if !sentences.isEmpty {
      blocks += details(
        "Key findings that the two reports tell differently (\(sentences.count))",
        grid(["finding", "A", "B"], sentences.map { [$0.heading, $0.a ?? "–", $0.b ?? "–"] }))
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private func section(_ model: RunComparison.Model) throws -> [String] {
    var blocks: [String] = []
    if words.comparison.models.count > 1 { blocks.append("### " + escaped(model.model)) }
    blocks += (words.onlyInOne(model) + model.notes).map(escaped)
    let isSame = model.isSameFile || model.differences.allSatisfy { $0.verdict == .identical }
    let short = isSame ? [] : model.differences.filter { words.isShort($0) }
    if !short.isEmpty { blocks.append(try table(short)) }
    if !model.causes.isEmpty {
      blocks += details(
        "What differs in how they were made (\(model.causes.count))",
        grid(["", "", "A", "B"], model.causes.map { [$0.kind.rawValue, $0.name, words.text(of: $0.a), words.text(of: $0.b)] }))
    }
    let rest = isSame ? [] : model.differences.filter { row in row.verdict != .notComparable && !short.contains { $0.id == row.id } }
    if !rest.isEmpty {
      if showsAll {
        blocks += details("The other rows (\(words.counts(rest)))", try table(rest))
      } else {
        blocks.append("And \(words.counts(rest)).")
      }
    }
    let reasons = words.notComparable(model)
    if !reasons.isEmpty {
      blocks.append(reasons.map { "- Not comparable: " + escaped($0.reason) + " (\($0.rows.count) rows)" }.joined(separator: "\n"))
    }
    let method = words.method(model)
    if !method.isEmpty { blocks.append(method.map(escaped).joined(separator: "\n")) }
    return blocks
  }

  private func details(_ summary: String, _ content: String) -> [String] {
    ["<details>\n<summary>\(escaped(summary))</summary>", content, "</details>"]
  }

  private func table(_ rows: [MetricDifference]) throws -> String {
    grid(
      ["metric", "condition", "A", "B", "B − A", "interval", "relative", "p (Holm)", "verdict"],
      try rows.map { row in
        let numbers = try words.numbers(row)
        return [
          words.name(row), words.condition(row), numbers.a, numbers.b, numbers.difference, numbers.interval,
          numbers.relative, numbers.p, words.verdict(row),
        ]
      }, right: 2...7)
  }

  private func grid(_ head: [String], _ rows: [[String]], right: ClosedRange<Int>? = nil) -> String {
    let rule = head.indices.map { right?.contains($0) == true ? "---:" : "---" }
    return ([head.map(escaped), rule] + rows.map { $0.map(escaped) })
      .map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }

  private func escaped(_ text: String) -> String { Self.escaped(text) }

  /// Text without meaning for GitHub's Markdown.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\", "`", "*", "_", "[", "]", "|", "~", "#", "@": result += "\\\(character)"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\n", "\r\n", "\r": result += " "
      default: result.append(character)
      }
    }
    return result
  }
}
