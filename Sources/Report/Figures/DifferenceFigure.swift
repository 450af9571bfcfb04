import Analysis
import Measures
import Plot
import Words

/// Figures of two runs set against each other: their values in one figure, and their differences against what does not matter.
public enum DifferenceFigures {
  /// - Parameters:
  ///   - a, b: of the compared runs, in any order; models are found by name.
  /// - Returns: none where nothing can be compared, or nothing differs.
  /// - Throws: `PlotError` for numbers that no figure can show.
  public static func make(_ comparison: RunComparison, a: [Findings], b: [Findings]) throws -> [Figure] {
    var models: [Pair] = []
    for model in comparison.models where !model.isSameFile {
      guard let inA = a.first(where: { $0.description.model.name == model.model }),
        let inB = b.first(where: { $0.description.model.name == model.model })
      else { continue }
      let place = comparison.models.count > 1 ? model.model + "/" : ""
      models.append(
        Pair(
          model: model, a: inA, b: inB, numbersA: Numbers(inA, prefix: "A/" + place),
          numbersB: Numbers(inB, prefix: "B/" + place), name: comparison.models.count > 1 ? model.model : nil))
    }
    return try [values(models), forest(models, comparison)].compactMap(\.self)
  }

  /// One model in both runs.
  struct Pair {
    let model: RunComparison.Model
    let a: Findings
    let b: Findings
    let numbersA: Numbers
    let numbersB: Numbers
    /// Nil where the comparison has one model.
    let name: String?

    func title(_ metric: Metric) -> String { (name.map { $0 + ": " } ?? "") + metric.name.typeset }

    /// The row's colour and marker: those of its condition among A's.
    func style(_ row: MetricDifference) -> MarkStyle {
      if a.baseline?.name == row.conditionA { return .baseline }
      return .condition(a.compressed.firstIndex { $0.name == row.conditionA } ?? 0)
    }

    func rows(_ metric: Metric) -> [MetricDifference] {
      model.differences.filter {
        $0.metric.id == metric.id && $0.quantity == .value && $0.verdict != .notComparable
          && [.all, .ordinary].contains($0.stratum)
      }
    }
  }

  private static func rowName(_ row: MetricDifference) -> String {
    row.conditions + (row.stratum == .all ? "" : ", \(row.stratum.rawValue)")
  }

  // MARK: Both runs' values

  private static let shown: [Metric] = [.crossEntropy, .fvu, .fvuArticle, .noiseFloorArticle]

  private static func values(_ pairs: [Pair]) throws -> Figure? {
    let styles = (a: MarkStyle(.ink, .circle), b: MarkStyle(.ink, .diamond, isHollow: true))
    var panels: [Panel] = []
    var table: [[DataTable.Cell]] = []
    var sentences: [Prose] = []
    for pair in pairs {
      for metric in shown {
        let rows = pair.rows(metric).filter { $0.stratum == .all }
        guard !rows.isEmpty else { continue }
        var marks: [Mark] = []
        var said: [Prose] = []
        for (index, row) in rows.enumerated() {
          let role = pair.style(row).role
          for (run, findings, numbers, name, style, dodge) in [
            ("A", pair.a, pair.numbersA, row.conditionA, styles.a, Points(-4.8)),
            ("B", pair.b, pair.numbersB, row.conditionB, styles.b, Points(4.8)),
          ] {
            guard let estimate = findings.finding(metric, condition: name)?.estimate else { continue }
            marks += .horizontal(
              estimate, row: index, dodge: dodge, MarkStyle(role, style.marker, isHollow: style.isHollow),
              series: "\(run), \(name)", text: try numbers.formats.value(estimate, metric))
            said.append("\(run) \(name) \(try numbers.valueWithInterval(metric, name))")
            table.append(
              [.text(pair.model.model), .text(metric.name.typeset), .text(name), .text(run)]
                + (try DataTable.Cell.estimate(estimate, decimals: numbers.formats.decimals(metric))))
          }
        }
        panels.append(
          Panel(
            title: pair.title(metric), x: Axis("", unit: "", .linear(fromZero: false)),
            y: Axis("", unit: "", .categories(rows.map(\.conditions), rows.map { pair.style($0).role })), marks: marks,
            note: metric.unit == "1" ? nil : metric.unit.capitalizedFirst + ".", height: Points(Double(rows.count) * 26)
          ))
        sentences.append("\(pair.title(metric)): \(said.prose(separator: "; "))")
      }
    }
    guard !panels.isEmpty else { return nil }
    let isPaired = pairs.contains { $0.model.samples.contains(where: \.isPaired) }
    let level = pairs[0].a.description.bootstrap.level.inPercent + "%"
    let overlap =
      isPaired
      ? " On the same tokens both runs share most of their sampling error: bars that overlap do not say that nothing differs; the next figure shows the differences themselves."
      : ""
    return Figure(
      key: "values", title: "Values of both runs",
      caption: """
        Run A (filled circles) and run B (open diamonds) under each condition, over all tokens. Bars: each run’s own \
        \(level) bootstrap intervals, resampled by document, as in its report.\(overlap) The axes do not start at zero.
        """,
      altText: "Dot plot of the values of A and B. \(sentences.prose(separator: ". ")).",
      table: DataTable(
        words: ["model", "metric", "condition", "run"], numbers: ["value", "interval low", "interval high"],
        rows: table),
      content: .panels(
        panels, columns: 2, key: [DirectLabel("A", at: 0, styles.a), DirectLabel("B", at: 0, styles.b)]))
  }

  // MARK: Differences

  private static let judged: [Metric] = [.crossEntropy, .kl, .top1Agreement, .fvu, .fvuArticle, .noiseFloorArticle]

  private static func forest(_ pairs: [Pair], _ comparison: RunComparison) throws -> Figure? {
    var panels: [Panel] = []
    var table: [[DataTable.Cell]] = []
    var sentences: [Prose] = []
    var identical: [String] = []
    for pair in pairs {
      for metric in judged {
        let rows = pair.rows(metric).filter { $0.relative != nil }
        guard rows.contains(where: { $0.verdict != .identical }) else {
          if !rows.isEmpty { identical.append(pair.title(metric)) }
          continue
        }
        panels.append(try panel(pair, metric, rows))
        var said: [Prose] = []
        for row in rows {
          said.append("\(rowName(row)) \(try relative(row, pair))")
          table.append(try cells(row, pair))
        }
        sentences.append("\(pair.title(metric)): \(said.prose(separator: "; "))")
      }
    }
    guard !panels.isEmpty else { return nil }
    let same = identical.isEmpty ? "" : " Identical in both runs, and not drawn: \(identical.joined(separator: "; "))."
    let how =
      pairs.allSatisfy { $0.model.samples.allSatisfy(\.isPaired) }
      ? "both runs resampled together"
      : pairs.contains { $0.model.samples.contains(where: \.isPaired) }
        ? "resampled together where the tokens are the same, apart elsewhere" : "the runs resampled apart"
    return Figure(
      key: "differences", title: "Differences between the runs",
      caption: """
        Difference of B from A in percent of A’s value, with \(comparison.options.level.inPercent)% symmetric studentized \
        bootstrap intervals, \(how). Shaded: the margin within which a difference does not matter. Filled: different after \
        Holm’s correction over \(count: comparison.familySize) hypotheses; open: not. Dashed: no difference. The intervals \
        themselves are not corrected, and each panel has an axis of its own.\(same)
        """,
      altText: "Forest plot of differences in percent of A. \(sentences.prose(separator: ". ")).",
      table: DataTable(
        columns: [
          .init("model", isNumeric: false), .init("metric", isNumeric: false), .init("condition", isNumeric: false),
          .init("tokens", isNumeric: false), .init("difference (%)"), .init("interval low (%)"),
          .init("interval high (%)"),
          .init("margin (%)"), .init("p (Holm)"), .init("verdict", isNumeric: false),
        ], rows: table),
      content: .panels(
        panels, columns: 2,
        key: [
          DirectLabel("different after correction", at: 0, MarkStyle(.ink, .circle)),
          DirectLabel("not different", at: 0, MarkStyle(.ink, .circle, isHollow: true)),
        ]))
  }

  private static func panel(_ pair: Pair, _ metric: Metric, _ rows: [MetricDifference]) throws -> Panel {
    let margins = rows.enumerated().map { index, row in
      Extent(at: Double(index), low: -marginInPercent(row), high: marginInPercent(row))
    }
    var marks = [
      Mark(.rowRegions(margins), MarkStyle(.grid), series: "margin"),
      Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: "no difference"),
    ]
    for (index, row) in rows.enumerated() {
      let style = MarkStyle(pair.style(row).role, .circle, isHollow: !row.verdict.isDifferent)
      let text = row.verdict == .identical ? "identical" : "\(try percent(row, pair)), \(row.verdict.rawValue)"
      marks += .horizontal(change(row), row: index, dodge: 0, style, series: "\(row.id)", text: text)
    }
    // No difference stands in the middle; margins are shown whole unless they would leave the intervals too little room.
    let reach =
      rows.flatMap { [$0.relative, $0.relativeInterval?.low, $0.relativeInterval?.high] }.compactMap { $0?.magnitude }
      .max() ?? 0
    let ends = margins.map(\.high).filter { $0 <= 3 * reach } + [reach]
    let end = ends.max() ?? reach
    return Panel(
      title: pair.title(metric),
      x: Axis("Difference", unit: "% of A", .linear(fromZero: false), including: [-end, end]),
      y: Axis("", unit: "", .categories(rows.map(rowName), rows.map { pair.style($0).role })), marks: marks,
      height: Points(Double(rows.count) * 17))
  }

  private static func marginInPercent(_ row: MetricDifference) -> Double {
    if row.margin.isRelative { return row.margin.size }
    guard let a = row.a, a != 0 else { return 0 }
    return 100 * row.margin.size / a.magnitude
  }

  /// `+0.20%`, with the digits of its interval.
  private static func percent(_ row: MetricDifference, _ pair: Pair) throws -> String {
    try pair.numbersA.formats.percentChange(change(row), row.metric)
  }

  private static func change(_ row: MetricDifference) -> Estimate {
    Estimate(value: row.relative ?? 0, interval: row.relativeInterval, tokenCount: 0, clusterCount: row.clustersA)
  }

  /// "+0.20% [+0.11%, +0.29%] (worse)", its number bound to the comparison's row.
  private static func relative(_ row: MetricDifference, _ pair: Pair) throws -> Prose {
    if row.verdict == .identical { return "identical" }
    let id = pair.numbersA.prefix.dropFirst(2) + row.id + "/relative"
    let number = BoundNumber(
      text: try percent(row, pair), value: row.relative ?? 0, id: String(id),
      detail: "\(row.metric.name.typeset), \(rowName(row)): B less A, in percent of A’s value.")
    guard let interval = row.relativeInterval,
      let text = try pair.numbersA.formats.percentInterval(change(row), row.metric)
    else { return "\(number) (\(row.verdict.rawValue))" }
    let bound = BoundInterval(text: text, low: interval.low, high: interval.high, id: number.id)
    return "\(number) \(bound) (\(row.verdict.rawValue))"
  }

  private static func cells(_ row: MetricDifference, _ pair: Pair) throws -> [DataTable.Cell] {
    let margin = marginInPercent(row)
    return [.text(row.model), .text(row.metric.name.typeset), .text(row.conditions), .text(row.stratum.title)]
      + (try DataTable.Cell.percent(change(row), pair.numbersA.formats)) + [
        .number(margin, shown: try NumberText.significant(margin, digits: 2)),
        try .optional(row.adjustedPValue, shown: DifferenceWords.probability), .text(row.verdict.rawValue),
      ]
  }
}
