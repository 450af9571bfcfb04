import Analysis

extension StudyFigures {
  /// Performance against compression: change of cross-entropy with its paired interval, and perplexity.
  static func performance(_ findings: Findings) throws(PlotError) -> Outcome {
    let conditions = try StudyConditions(findings)
    let formats = NumberFormats(findings)
    let metric = Metric.crossEntropy
    guard let baseline = conditions.baseline, let base = findings.finding(metric, condition: baseline.name) else {
      return .absent(reason: "The run did not measure cross-entropy, so there is no figure of performance.")
    }
    let measured = conditions.compressed.filter { findings.finding(metric, condition: $0.name)?.percentChange != nil }
    guard !measured.isEmpty else {
      return .absent(reason: "The run has no compressed condition to set against the baseline.")
    }

    var change = [
      Mark(.horizontalRule(0), MarkStyle(.reference, dash: [3, 2]), series: baseline.name),
      Mark(.points([Datum(baseline.bits, 0, dodge: baseline.dodge)]), baseline.style, series: baseline.name),
    ]
    var perplexity: [Mark] = []
    let basePerplexity = findings.finding(.perplexity, condition: baseline.name)
    if let basePerplexity {
      perplexity = [
        Mark(
          .horizontalRule(basePerplexity.estimate.value), MarkStyle(.reference, dash: [3, 2]), series: baseline.name),
        Mark(
          .points([Datum(baseline.bits, basePerplexity.estimate.value, dodge: baseline.dodge)]), baseline.style,
          series: baseline.name),
        Mark(
          .values(
            [Datum(baseline.bits, basePerplexity.estimate.value, dodge: baseline.dodge)],
            [try formats.value(basePerplexity.estimate, .perplexity)]), MarkStyle(.muted), series: baseline.name),
      ]
    }
    for entry in measured {
      guard let finding = findings.finding(metric, condition: entry.name), let percent = finding.percentChange else {
        continue
      }
      let datum = Datum(entry.bits, percent.value, dodge: entry.dodge)
      if let interval = percent.interval {
        change.append(
          Mark(
            .intervals([Extent(at: entry.bits, low: interval.low, high: interval.high, dodge: entry.dodge)]),
            entry.style, series: entry.name))
      }
      change.append(Mark(.points([datum]), entry.style, series: entry.name))
      change.append(
        Mark(
          .values([datum], [try formats.percentChange(percent, metric)]), MarkStyle(entry.style.role),
          series: entry.name))
      guard let basePerplexity, let own = findings.finding(.perplexity, condition: entry.name) else { continue }
      let value = Datum(entry.bits, own.estimate.value, dodge: entry.dodge)
      if let paired = own.change?.interval {
        // The paired interval of the difference, standing on the baseline's value: the sampling error that both share
        // is not part of the comparison.
        let base = basePerplexity.estimate.value
        perplexity.append(
          Mark(
            .intervals([Extent(at: entry.bits, low: base + paired.low, high: base + paired.high, dodge: entry.dodge)]),
            entry.style, series: entry.name))
      }
      perplexity.append(Mark(.points([value]), entry.style, series: entry.name))
      perplexity.append(
        Mark(
          .values([value], [try formats.value(own.estimate, .perplexity)]), MarkStyle(entry.style.role),
          series: entry.name))
    }

    var panels = [
      Panel(
        x: conditions.axis,
        y: Axis("Change of cross-entropy", unit: "% of \(baseline.name)", .linear(fromZero: false), including: [0]),
        marks: change,
        topLabels: conditions.topLabels())
    ]
    if !perplexity.isEmpty {
      panels.append(
        Panel(
          x: conditions.axis, y: Axis("Perplexity", unit: "1", .linear(fromZero: false)), marks: perplexity,
          topLabels: conditions.topLabels(), note: "The y axis does not start at zero."))
    }

    let level = try level(findings)
    var results: [String] = []
    for entry in measured {
      guard let percent = findings.finding(metric, condition: entry.name)?.percentChange else { continue }
      let interval = try formats.percentInterval(percent, metric).map { " (\(level) interval \($0))" } ?? ""
      results.append(
        """
        \(entry.name) at \(try NumberFormats.bits(entry.bits)) bits \
        \(try formats.percentChange(percent, metric))\(interval)
        """)
    }
    return .figure(
      Figure(
        key: Kind.performance.rawValue, title: "Model performance against compression",
        caption:
          """
          Change of cross-entropy in percent of the baseline \(baseline.name), and perplexity, against the \
          effective size of the whole model in bits per parameter. Bars: paired \(level) bootstrap intervals of \
          the difference from \(baseline.name), resampled by chunk; where no bar shows, it is smaller than its \
          marker. \(model(findings)); \(sample(findings)).
          """,
        altText:
          """
          Dot plot with \(level) intervals. Change of cross-entropy relative to \(baseline.name) \
          (\(try formats.value(base.estimate, metric)) nats per token) against effective bits per parameter: \
          \(results.joined(separator: "; ")).
          """,
        table: try performanceTable(findings, conditions, formats), content: .panels(panels, columns: 2, key: [])))
  }

  private static func performanceTable(
    _ findings: Findings, _ conditions: StudyConditions, _ formats: NumberFormats
  ) throws(PlotError) -> DataTable {
    var rows: [[DataTable.Cell]] = []
    for entry in conditions.entries {
      guard let finding = findings.finding(.crossEntropy, condition: entry.name) else { continue }
      let perplexity = findings.finding(.perplexity, condition: entry.name)
      let percent = finding.percentChange
      let decimals = percent.map { formats.percentDecimals($0) } ?? 2
      rows.append([
        .text(entry.name),
        .number(entry.bits, shown: try NumberFormats.bits(entry.bits)),
        .number(finding.estimate.value, shown: try formats.value(finding.estimate, .crossEntropy)),
        try cell(percent?.value, decimals: decimals, signed: true),
        try cell(percent?.interval?.low, decimals: decimals, signed: true),
        try cell(percent?.interval?.high, decimals: decimals, signed: true),
        try cell(perplexity?.estimate.value, decimals: formats.decimals(.perplexity)),
      ])
    }
    return DataTable(
      columns: [
        .init("condition", isNumeric: false), .init("bits per parameter"), .init("cross-entropy (nats per token)"),
        .init("change (%)"), .init("interval low (%)"), .init("interval high (%)"), .init("perplexity"),
      ], rows: rows)
  }

  /// A number cell, or the dash of what is not defined.
  static func cell(_ value: Double?, decimals: Int, signed: Bool = false) throws(PlotError) -> DataTable.Cell {
    guard let value else { return .none }
    let shown =
      signed ? try NumberText.signed(value, decimals: decimals) : try NumberText.fixed(value, decimals: decimals)
    return .number(value, shown: shown)
  }
}
