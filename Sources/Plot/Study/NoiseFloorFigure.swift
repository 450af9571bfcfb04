import Analysis

extension StudyFigures {
  /// Noise floor: how far compression moves the activations, in units of the SAE's own error, against the line at 1.
  static func noiseFloor(_ findings: Findings) throws(PlotError) -> Outcome {
    let conditions = try StudyConditions(findings)
    let formats = NumberFormats(findings)
    let baseline = conditions.baseline?.name ?? "baseline"
    let kinds: [(metric: Metric, name: String, style: MarkStyle, dodge: Points)] = [
      (.noiseFloorArticle, "÷ SAE residual on the compressed model (article’s code)", MarkStyle(.articleForm, .circle), -6),
      (.noiseFloor, "÷ SAE residual on \(baseline) (article’s prose)", MarkStyle(.textbookForm, .square), 6),
    ]
    let rowsShown = conditions.compressed.filter { entry in
      kinds.contains { findings.finding($0.metric, condition: entry.name) != nil }
    }
    guard !rowsShown.isEmpty else {
      return .absent(reason: "The run did not measure the noise floor, so there is no figure of it.")
    }
    var marks: [Mark] = [
      Mark(.region(low: 1, high: .infinity), MarkStyle(.shade), series: "at least 1"),
      Mark(.verticalRule(1), MarkStyle(.reference, dash: [3, 2]), series: "1"),
    ]
    var key: [DirectLabel] = []
    var rows: [[DataTable.Cell]] = []
    var sentences: [String] = []
    for kind in kinds {
      for (row, entry) in rowsShown.enumerated() {
        guard let finding = findings.finding(kind.metric, condition: entry.name) else { continue }
        if key.last?.text != kind.name { key.append(DirectLabel(kind.name, at: 0, kind.style)) }
        let datum = Datum(finding.estimate.value, Double(row), dodge: kind.dodge)
        if let interval = finding.estimate.interval {
          marks.append(
            Mark(
              .horizontalIntervals([
                Extent(at: Double(row), low: interval.low, high: interval.high, dodge: kind.dodge)
              ]), kind.style, series: kind.name))
        }
        marks.append(Mark(.points([datum]), kind.style, series: kind.name))
        let shown = try formats.value(finding.estimate, kind.metric)
        marks.append(Mark(.values([datum], [shown]), MarkStyle(.ink), series: kind.name))
        let decimals = formats.decimals(kind.metric)
        rows.append([
          .text(entry.name), .text(kind.name.replacingOccurrence(of: "÷ ", with: "")),
          .number(finding.estimate.value, shown: shown),
          try cell(finding.estimate.interval?.low, decimals: decimals),
          try cell(finding.estimate.interval?.high, decimals: decimals),
        ])
        sentences.append("\(entry.name) \(shown) (\(kind.metric == .noiseFloor ? "residual on \(baseline)" : "residual on the compressed model"))")
      }
    }
    let level = try level(findings)
    let panel = Panel(
      x: Axis("Perturbation ÷ SAE residual", unit: "ratio of relative L2 norms", .linear(fromZero: true), including: [0, 1]),
      y: Axis("", unit: "", .categories(rowsShown.map(\.name), rowsShown.map(\.style.role))), marks: marks,
      note: "Shaded: compression moves the activations at least as far as the SAE itself misses them.",
      height: Points(30) * Double(rowsShown.count) + 6)
    return .figure(
      Figure(
        key: Kind.noiseFloor.rawValue, title: "Noise-floor test",
        caption:
          "How far each condition moves the residual stream, divided by how far the sparse autoencoder’s reconstruction is from it (both as relative L2 norms over all tokens). At 1 (dashed) the two are equal. The article’s prose divides by the residual on the uncompressed model, its code by the residual on the compressed one; both are shown. Bars: \(level) bootstrap intervals, resampled by chunk; where no bar shows, it is smaller than its marker. \(model(findings)); \(sample(findings)).",
        altText:
          "Dot plot of noise-floor ratios against the line at 1: \(sentences.joined(separator: "; ")).",
        table: DataTable(
          columns: [
            .init("condition", isNumeric: false), .init("denominator", isNumeric: false), .init("ratio"),
            .init("interval low"), .init("interval high"),
          ], rows: rows), content: .panels([panel], columns: 1, key: key)))
  }
}

extension String {
  func replacingOccurrence(of text: String, with other: String) -> String {
    hasPrefix(text) ? other + dropFirst(text.count) : self
  }
}
