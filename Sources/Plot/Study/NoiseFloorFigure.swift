import Analysis

extension StudyFigures {
  /// Noise floor: how far compression moves the activations, in units of the SAE's own error, against the line at 1.
  static func noiseFloor(_ findings: Findings) throws(PlotError) -> Outcome {
    let conditions = try StudyConditions(findings)
    let formats = NumberFormats(findings)
    let baseline = conditions.baseline?.name ?? "baseline"
    let kinds: [Ratio] = [
      Ratio(.noiseFloorArticle, .all, "article’s code, all tokens", MarkStyle(.articleForm, .circle)),
      Ratio(.noiseFloor, .all, "article’s prose, all tokens", MarkStyle(.textbookForm, .square)),
      Ratio(
        .noiseFloorArticle, .ordinary, "article’s code, ordinary tokens",
        MarkStyle(.articleForm, .circle, isHollow: true)),
      Ratio(
        .noiseFloor, .ordinary, "article’s prose, ordinary tokens",
        MarkStyle(.textbookForm, .square, isHollow: true)),
    ].filter { kind in
      conditions.compressed.contains {
        findings.finding(kind.metric, condition: $0.name, stratum: kind.stratum) != nil
      }
    }
    guard !kinds.isEmpty else {
      return .absent(reason: "The run did not measure the noise floor, so there is no figure of it.")
    }
    let rowsShown = conditions.compressed
    var marks: [Mark] = [
      Mark(.region(low: 1, high: .infinity), MarkStyle(.shade), series: "at least 1"),
      Mark(.verticalRule(1), MarkStyle(.reference, dash: [3, 2]), series: "1"),
    ]
    var rows: [[DataTable.Cell]] = []
    var sentences: [String] = []
    let step: Points = 9.5
    for (rank, kind) in kinds.enumerated() {
      let dodge = step * (Double(rank) - Double(kinds.count - 1) / 2)
      for (row, entry) in rowsShown.enumerated() {
        guard let finding = findings.finding(kind.metric, condition: entry.name, stratum: kind.stratum) else {
          continue
        }
        let datum = Datum(finding.estimate.value, Double(row), dodge: dodge)
        if let interval = finding.estimate.interval {
          let extent = Extent(at: Double(row), low: interval.low, high: interval.high, dodge: dodge)
          marks.append(Mark(.horizontalIntervals([extent]), kind.style, series: kind.name))
        }
        marks.append(Mark(.points([datum]), kind.style, series: kind.name))
        let shown = try formats.value(finding.estimate, kind.metric, kind.stratum)
        marks.append(Mark(.values([datum], [shown]), MarkStyle(.ink), series: kind.name))
        let decimals = formats.decimals(kind.metric, kind.stratum)
        rows.append([
          .text(entry.name), .text(kind.stratum.title), .text(kind.metric.name.typeset),
          .number(finding.estimate.value, shown: shown),
          try cell(finding.estimate.interval?.low, decimals: decimals),
          try cell(finding.estimate.interval?.high, decimals: decimals),
        ])
        if kind.stratum == .all {
          sentences.append(
            """
            \(entry.name) \(shown) \
            (\(kind.metric.id == Metric.noiseFloor.id ? "residual on \(baseline)" : "residual on the compressed model"))
            """)
        }
      }
    }
    let level = try level(findings)
    let panel = Panel(
      x: Axis(
        "Perturbation ÷ SAE residual", unit: "ratio of relative L2 norms", .linear(fromZero: true), including: [0, 1]),
      y: Axis("", unit: "", .categories(rowsShown.map(\.name), rowsShown.map(\.style.role))), marks: marks,
      note: "Shaded: compression moves the activations at least as far as the SAE itself misses them.",
      height: (step * Double(kinds.count) + 10) * Double(rowsShown.count))
    return .figure(
      Figure(
        key: Kind.noiseFloor.rawValue, title: "Noise-floor test",
        caption:
          """
          How far each condition moves the residual stream, divided by how far the sparse autoencoder’s \
          reconstruction is from it (both as relative L2 norms; filled, all tokens; open, ordinary tokens). At 1 \
          (dashed) the two are equal. The article’s prose divides by the residual on the uncompressed model, its \
          code by the residual on the compressed one; both are shown. Bars: \(level) bootstrap intervals, \
          resampled by chunk; where no bar shows, it is smaller than its marker. \(model(findings)); \
          \(sample(findings)).
          """,
        altText:
          "Dot plot of noise-floor ratios against the line at 1: \(sentences.joined(separator: "; ")).",
        table: DataTable(
          columns: [
            .init("condition", isNumeric: false), .init("tokens", isNumeric: false),
            .init("ratio, form", isNumeric: false), .init("ratio"),
            .init("interval low"), .init("interval high"),
          ], rows: rows),
        content: .panels([panel], columns: 1, key: kinds.map { DirectLabel($0.name, at: 0, $0.style) })))
  }
}

/// A denominator on a set of tokens.
private struct Ratio {
  let metric: Metric
  let stratum: Stratum
  let name: String
  let style: MarkStyle

  init(_ metric: Metric, _ stratum: Stratum, _ name: String, _ style: MarkStyle) {
    self.metric = metric
    self.stratum = stratum
    self.name = name
    self.style = style
  }
}
