import Analysis
import Plot
import Words

/// A comparison as one page that needs nothing else, in three layers: causes, metrics, presentation.
public struct ComparisonHTML {
  private let words: ComparisonWords
  private let gates: GateResults?
  private let figures: [Figure]
  private let sentences: [ReportSentences.Difference]

  /// - Parameters:
  ///   - figures: of `DifferenceFigures`.
  ///   - sentences: what the two reports say differently.
  public init(
    _ comparison: RunComparison, gates: GateResults?, figures: [Figure], sentences: [ReportSentences.Difference]
  ) {
    words = ComparisonWords(comparison: comparison)
    self.gates = gates
    self.figures = figures
    self.sentences = sentences
  }

  private var comparison: RunComparison { words.comparison }
  private var areSeveral: Bool { comparison.models.count > 1 }

  /// - Throws: `PlotError` for a number that cannot be printed.
  public func text(_ resources: PageResources) throws -> String {
    let names = comparison.models.map(\.model)
    var page = ComparisonPage(
      title: "Comparison of two runs", subtitle: names.isEmpty ? "A and B have no model in common" : names.joined(separator: ", "))
    try addResult(&page)
    addCauses(&page)
    try addMetrics(&page)
    try addPresentation(&page, resources)
    return page.html(resources)
  }

  // MARK: Result

  private func addResult(_ page: inout ComparisonPage) throws {
    page.section("result", "Result")
    let headline = try words.headline()
    page.add("<p class=\"lead\">\(HTMLText.escaped(headline.first ?? ""))</p>")
    page.list(Array(headline.dropFirst()))
    for (run, names) in [("A", comparison.modelsOnlyInA), ("B", comparison.modelsOnlyInB)] where !names.isEmpty {
      page.paragraph("Models only in \(run): \(names.joined(separator: ", ")).")
    }
    for model in comparison.models {
      page.list((words.onlyInOne(model) + model.notes).map { (areSeveral ? model.model + ": " : "") + $0 })
    }
    guard let gates else { return }
    page.heading("Gates")
    let signs: [Gate.Judgement.Outcome: (String, String)] = [
      .passed: ("✓", "better"), .failed: ("✗", "worse"), .notComparable: ("?", "calm"),
    ]
    page.table(
      "What the comparison had to pass.", [("outcome", false), ("gate, and what was judged", false)],
      try gates.judgements.map { judgement in
        let (sign, name) = signs[judgement.outcome] ?? ("?", "calm")
        return [
          .init(html: "\(sign) \(HTMLText.escaped(judgement.outcome.rawValue))", className: "verdict \(name)"),
          .text(try words.text(of: judgement)),
        ]
      })
  }

  // MARK: Causes

  private func addCauses(_ page: inout ComparisonPage) {
    page.section("causes", "1. Causes: how they were made")
    for model in comparison.models {
      if areSeveral { page.heading(model.model) }
      guard !model.causes.isEmpty else {
        page.paragraph(
          model.isSameFile
            ? "The two files are the same, byte for byte." : "Nothing that is recorded differs, but times and file names.")
        continue
      }
      page.table(
        "Only what differs; digests and long texts are shortened.",
        [("kind", false), ("what", false), ("A", false), ("B", false)],
        model.causes.map { cause in
          func cell(_ value: String?) -> ComparisonPage.Cell {
            var cell = ComparisonPage.Cell.code(words.text(of: value))
            cell.className = "value"
            return cell
          }
          return [.text(cause.kind.rawValue), .text(cause.name), cell(cause.a), cell(cause.b)]
        }, headings: 2)
    }
  }

  // MARK: Metrics

  private func addMetrics(_ page: inout ComparisonPage) throws {
    page.section("metrics", "2. Metrics: what came out")
    for model in comparison.models {
      if areSeveral { page.heading(model.model) }
      if model.isSameFile {
        page.paragraph("No number differs.")
        continue
      }
      if !model.differences.isEmpty, model.differences.allSatisfy({ $0.verdict == .identical }) {
        page.paragraph("All \(model.differences.count) rows are identical.")
        continue
      }
      let comparable = model.differences.filter { $0.verdict != .notComparable }
      let short = comparable.filter { words.isShort($0) }
      let rest = comparable.filter { row in !short.contains { $0.id == row.id } }
      if !short.isEmpty { try addTable(&page, "What differs, and the main metrics.", short) }
      if !rest.isEmpty {
        page.add("<details>\n<summary>The other rows: \(HTMLText.escaped(words.counts(rest)))</summary>")
        try addTable(&page, "The other rows.", rest)
        page.add("</details>")
      }
      page.list(words.notComparable(model).map { "– Not comparable: \($0.reason) (\($0.rows.count) rows)" })
      page.list(words.method(model))
    }
  }

  private func addTable(_ page: inout ComparisonPage, _ caption: String, _ rows: [MetricDifference]) throws {
    page.table(
      caption,
      [
        ("metric", false), ("condition", false), ("verdict", false), ("B − A", true), ("relative", true), ("A", true), ("B", true),
        ("p (Holm)", true),
      ],
      try rows.map { row in
        let numbers = try words.numbers(row)
        let name = "\(row.metric.name.typeset), \(words.condition(row)), \(row.stratum.title)"
        let unit = row.unit == "1" || row.unit.isEmpty ? "" : " (\(row.unit))"
        let measured = row.clustersA == row.clustersB ? "\(row.clustersA)" : "\(row.clustersA) and \(row.clustersB)"
        return [
          .code(words.name(row)), .text(words.condition(row)), verdict(row),
          .number(
            numbers.difference, row.difference, interval: numbers.interval,
            detail: "\(name): B less A\(unit), \(measured) \(row.isPaired ? "resampled together" : "resampled apart")"),
          .number(numbers.relative, row.relative, detail: "\(name): B less A in percent of A"),
          .number(numbers.a, row.a, detail: "\(name), in A\(unit)"), .number(numbers.b, row.b, detail: "\(name), in B\(unit)"),
          .number(numbers.p, row.adjustedPValue),
        ]
      }, headings: 2, data: data(rows))
  }

  /// A sign and a word, and colour besides.
  private func verdict(_ row: MetricDifference) -> ComparisonPage.Cell {
    let (sign, name) =
      switch row.verdict {
      case .better: ("✓", "better")
      case .worse: ("✗", "worse")
      case .differs: ("≠", "differs")
      case .identical: ("=", "calm")
      case .equivalent: ("≈", "calm")
      case .withinNoise: ("~", "calm")
      case .notComparable: ("–", "calm")
      }
    let full = words.verdict(row)
    let more = full.dropFirst(row.verdict.rawValue.count).drop { $0 == "," || $0 == " " }
    return .init(
      html: "\(sign) \(HTMLText.escaped(row.verdict.rawValue))"
        + (more.isEmpty ? "" : " <span class=\"more\">\(HTMLText.escaped(String(more)))</span>"),
      className: "verdict \(name)")
  }

  /// The numbers in full.
  private func data(_ rows: [MetricDifference]) -> DataTable {
    func number(_ value: Double?) -> DataTable.Cell { value.map { .number($0, shown: "") } ?? .none }
    return DataTable(
      columns: [
        .init("model", isNumeric: false), .init("metric", isNumeric: false), .init("condition_a", isNumeric: false),
        .init("condition_b", isNumeric: false), .init("stratum", isNumeric: false), .init("quantity", isNumeric: false), .init("a"),
        .init("b"), .init("difference"), .init("low"), .init("high"), .init("relative"), .init("relative_low"),
        .init("relative_high"), .init("p"), .init("adjusted_p"), .init("verdict", isNumeric: false),
      ],
      rows: rows.map { row in
        [
          .text(row.model), .text(row.metric.id), .text(row.conditionA), .text(row.conditionB), .text(row.stratum.rawValue),
          .text(row.quantity.rawValue), number(row.a), number(row.b), number(row.difference), number(row.interval?.low),
          number(row.interval?.high), number(row.relative), number(row.relativeInterval?.low), number(row.relativeInterval?.high),
          number(row.pValue), number(row.adjustedPValue), .text(row.verdict.rawValue),
        ]
      })
  }

  // MARK: Presentation

  private func addPresentation(_ page: inout ComparisonPage, _ resources: PageResources) throws {
    page.section("presentation", "3. Presentation: figures and sentences")
    for figure in figures { try page.figure(figure, resources.renderer) }
    if figures.isEmpty {
      page.paragraph(comparison.isIdentical ? "No figure: nothing differs." : "No figure: nothing can be compared.")
    }
    page.heading("Key findings of the two reports")
    guard !sentences.isEmpty else {
      page.paragraph("Both reports’ key findings say the same, word for word.")
      return
    }
    page.paragraph("What the two reports’ key findings say differently, sentence by sentence; words that the other lacks are marked.")
    var heading: String?
    for difference in sentences {
      func line(_ run: String, _ text: String?, _ other: String?) -> String {
        let body = text.map { text in
          ReportSentences.words(text, against: other).map {
            $0.isDifferent ? "<mark>\(HTMLText.escaped($0.text))</mark>" : HTMLText.escaped($0.text)
          }.joined(separator: " ")
        } ?? "<em>says nothing of this</em>"
        return "<dt>\(run)</dt><dd>\(body)</dd>\n"
      }
      if difference.heading != heading { page.add("<p class=\"finding\"><strong>\(HTMLText.escaped(difference.heading))</strong></p>") }
      heading = difference.heading
      page.add(
        "<dl class=\"change\">\n\(line("A", difference.a, difference.b))\(line("B", difference.b, difference.a))</dl>")
    }
  }
}
