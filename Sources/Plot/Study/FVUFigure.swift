import Analysis

extension StudyFigures {
  /// The four kinds of FVU that the figure shows: two definitions on two sets of tokens.
  private static let kinds: [(metric: Metric, stratum: Stratum, name: String, style: MarkStyle)] = [
    (.fvu, .all, "textbook form, all tokens", MarkStyle(.textbookForm, .square)),
    (
      .fvu, .ordinary, "textbook form, ordinary tokens",
      MarkStyle(.textbookForm, .square, dash: [3, 2], isHollow: true)
    ),
    (.fvuArticle, .all, "article’s form, all tokens", MarkStyle(.articleForm, .circle)),
    (
      .fvuArticle, .ordinary, "article’s form, ordinary tokens",
      MarkStyle(.articleForm, .circle, dash: [3, 2], isHollow: true)
    ),
  ]

  /// FVU against compression: the values from zero, and beside them the paired changes, which the zero-based axis hides.
  static func fvu(_ findings: Findings) throws(PlotError) -> Outcome {
    let conditions = try StudyConditions(findings)
    let formats = NumberFormats(findings)
    let present = kinds.filter { kind in
      conditions.entries.contains { findings.finding(kind.metric, condition: $0.name, stratum: kind.stratum) != nil }
    }
    guard !present.isEmpty else {
      return .absent(reason: "The run did not measure the SAE’s reconstruction, so there is no figure of FVU.")
    }
    let baseline = conditions.baseline?.name ?? "the baseline"
    let rowHeight = max(Points(30), Points(118) / Double(max(1, conditions.compressed.count)))
    let step = min(Points(11), rowHeight / Double(present.count + 1))
    var values: [Mark] = []
    var changes: [Mark] = []
    var rows: [[DataTable.Cell]] = []
    for (rank, kind) in present.enumerated() {
      let shift = step * (Double(rank) - Double(present.count - 1) / 2)
      var data: [Datum] = []
      for entry in conditions.entries.sorted(by: { ($0.bits, $0.dodge) < ($1.bits, $1.dodge) }) {
        guard let finding = findings.finding(kind.metric, condition: entry.name, stratum: kind.stratum) else {
          continue
        }
        data.append(Datum(entry.bits, finding.estimate.value, dodge: entry.dodge))
        if let interval = finding.estimate.interval {
          let extent = Extent(at: entry.bits, low: interval.low, high: interval.high, dodge: entry.dodge)
          values.append(Mark(.intervals([extent]), kind.style, series: kind.name))
        }
        rows.append(try row(entry.name, kind, finding, formats))
      }
      values.append(Mark(.line(data), kind.style, series: kind.name))
      values.append(Mark(.points(data), kind.style, series: kind.name))
      for (row, entry) in conditions.compressed.enumerated() {
        guard
          let change = findings.finding(kind.metric, condition: entry.name, stratum: kind.stratum)?.percentChange
        else { continue }
        if let interval = change.interval {
          let extent = Extent(at: Double(row), low: interval.low, high: interval.high, dodge: shift)
          changes.append(Mark(.horizontalIntervals([extent]), kind.style, series: kind.name))
        }
        changes.append(Mark(.points([Datum(change.value, Double(row), dodge: shift)]), kind.style, series: kind.name))
      }
    }
    let height = rowHeight * Double(max(1, conditions.compressed.count))
    var panels = [
      Panel(
        title: "The definition", x: conditions.axis, y: Axis("FVU, axis from zero", unit: "1", .linear(fromZero: true)),
        marks: values, topLabels: conditions.topLabels(), height: height)
    ]
    if !changes.isEmpty {
      panels.append(
        Panel(
          title: "The change by compression",
          x: Axis("Change of FVU", unit: "% of \(baseline)", .linear(fromZero: false), including: [0]),
          y: Axis(
            "", unit: "", .categories(conditions.compressed.map(\.name), conditions.compressed.map(\.style.role))),
          marks: [Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: baseline)] + changes,
          height: height))
    }
    let level = try level(findings)
    return .figure(
      Figure(
        key: Kind.fvu.rawValue, title: "FVU against compression",
        caption:
          """
          Fraction of variance unexplained (FVU) of the sparse autoencoder’s reconstruction, by the article’s and \
          by the textbook definition, on all tokens (filled) and on ordinary tokens (open: without first \
          positions and massive tokens). (a) The values, on an axis from zero; lines only guide the eye. (b) The \
          change in percent of each FVU under \(baseline). Bars: \(level) bootstrap intervals, resampled by \
          chunk, paired in (b); where no bar shows, it is smaller than its marker. FVU also falls when the variance that it \
          divides by grows: a fall is no better reconstruction unless the squared error falls too. \(model(findings)); \
          \(sample(findings)).
          """,
        altText: try fvuAlternative(findings, conditions, formats, present.map { ($0.metric, $0.stratum, $0.name) }),
        table: DataTable(
          columns: [
            .init("condition", isNumeric: false), .init("definition", isNumeric: false), .init("FVU"),
            .init("interval low"), .init("interval high"), .init("change (%)"), .init("change low (%)"),
            .init("change high (%)"),
          ], rows: rows),
        content: .panels(panels, columns: 2, key: present.map { DirectLabel($0.name, at: 0, $0.style) })))
  }

  private static func row(
    _ condition: String, _ kind: (metric: Metric, stratum: Stratum, name: String, style: MarkStyle),
    _ finding: Finding, _ formats: NumberFormats
  ) throws(PlotError) -> [DataTable.Cell] {
    let decimals = formats.decimals(kind.metric, kind.stratum)
    let percent = finding.percentChange
    let percentDecimals = percent.map { formats.percentDecimals($0) } ?? 1
    return [
      .text(condition), .text(kind.name),
      try cell(finding.estimate.value, decimals: decimals),
      try cell(finding.estimate.interval?.low, decimals: decimals),
      try cell(finding.estimate.interval?.high, decimals: decimals),
      try cell(percent?.value, decimals: percentDecimals, signed: true),
      try cell(percent?.interval?.low, decimals: percentDecimals, signed: true),
      try cell(percent?.interval?.high, decimals: percentDecimals, signed: true),
    ]
  }

  private static func fvuAlternative(
    _ findings: Findings, _ conditions: StudyConditions, _ formats: NumberFormats, _ kinds: [(Metric, Stratum, String)]
  ) throws(PlotError) -> String {
    var parts: [String] = []
    for (metric, stratum, name) in kinds {
      var values: [String] = []
      for entry in conditions.entries {
        guard let finding = findings.finding(metric, condition: entry.name, stratum: stratum) else { continue }
        let change =
          try finding.percentChange.map { estimate throws(PlotError) in
            " (\(try formats.percentChange(estimate, metric)))"
          } ?? ""
        values.append("\(entry.name) \(try formats.value(finding.estimate, metric, stratum))\(change)")
      }
      parts.append("\(name): \(values.joined(separator: ", "))")
    }
    return """
      Two dot plots of FVU against effective bits per parameter, values from zero and changes in percent of the \
      baseline. \(parts.joined(separator: "; ")).
      """
  }
}
