import Analysis

extension StudyFigures {
  /// The four kinds of FVU that the figure shows: two definitions on two sets of tokens.
  private static let forms = [
    MetricSeries(.fvu, .all, "textbook form, all tokens", MarkStyle(.textbookForm, .square)),
    MetricSeries(
      .fvu, .ordinary, "textbook form, ordinary tokens",
      MarkStyle(.textbookForm, .square, dash: [3, 2], isHollow: true)),
    MetricSeries(.fvuArticle, .all, "article’s form, all tokens", MarkStyle(.articleForm, .circle)),
    MetricSeries(
      .fvuArticle, .ordinary, "article’s form, ordinary tokens",
      MarkStyle(.articleForm, .circle, dash: [3, 2], isHollow: true)),
  ]

  /// FVU against compression: the values from zero, and beside them the paired changes, which the zero-based axis hides.
  static func fvu(_ all: [StudyModel]) throws(PlotError) -> Outcome {
    func measured(_ form: MetricSeries, _ model: StudyModel) -> Bool {
      model.conditions.entries.contains { form.finding(model, $0.name) != nil }
    }
    let models = all.filter { model in forms.contains { measured($0, model) } }
    let present = forms.filter { form in models.contains { measured(form, $0) } }
    guard !models.isEmpty else {
      return .absent(reason: "The run did not measure the SAE’s reconstruction, so there is no figure of FVU.")
    }
    // Models share both axes.
    var values: [Double] = []
    var changes: [Double] = []
    for model in models {
      for form in present {
        for finding in model.conditions.entries.compactMap({ form.finding(model, $0.name) }) {
          values += ends(finding.estimate)
          changes += finding.percentChange.map(ends) ?? []
        }
      }
    }
    let tallest = models.map(\.conditions.compressed.count).max() ?? 1
    let rowHeight = max(Points(30), Points(118) / Double(max(1, tallest)))
    var rows: [[Panel]] = []
    for model in models {
      var panels = [
        valuePanel(
          model, present, title: models.title(model, models.areSeveral ? nil : "The definition"), including: values,
          height: rowHeight * Double(max(1, tallest)))
      ]
      if let panel = fvuChangePanel(
        model, present, title: models.title(model, models.areSeveral ? nil : "The change by compression"),
        including: [0] + changes, rowHeight: rowHeight)
      {
        panels.append(panel)
      }
      rows.append(panels)
    }

    let level = try models.level()
    let baseline = try models.baseline()
    let (first, second) = (models.letters(0, of: 2), models.letters(1, of: 2))
    let isRow = models.areSeveral ? " One row per model, on the same axes." : ""
    let shown =
      present.count == 1
      ? present[0].name
      : "by the article’s and by the textbook definition, on all tokens (filled) and on ordinary tokens (open: without first positions and massive tokens)"
    var alternatives: [(StudyModel, String)] = []
    for model in models { alternatives.append((model, try fvuSentence(model, present))) }
    return .figure(
      Figure(
        key: Kind.fvu.rawValue, title: "FVU against compression",
        caption:
          """
          Fraction of variance unexplained (FVU) of the sparse autoencoder’s reconstruction, \(shown).\(isRow) \(first) The values, on an axis from zero; lines only guide the eye. \
          \(second) The \
          change in percent of each FVU under \(baseline). \
          \(models.onIntervals("Bars: \(level) bootstrap intervals, resampled by chunk, paired in \(second); where no bar shows, it is smaller than its marker.")) \
          FVU also falls when the variance that it \
          divides by grows: a fall is no better reconstruction unless the squared error falls too. \(models.sample).
          """,
        altText: """
          \(models.areSeveral ? "Dot plots" : "Two dot plots") of FVU against effective bits per parameter, values from zero and changes in percent of the \
          baseline. \(models.told(alternatives)).
          """,
        table: try fvuTable(models, present),
        content: models.rows(rows, key: present.map { DirectLabel($0.name, at: 0, $0.style) })))
  }

  private static func ends(_ estimate: Estimate) -> [Double] {
    [estimate.value] + (estimate.interval.map { [$0.low, $0.high] } ?? [])
  }

  private static func valuePanel(
    _ model: StudyModel, _ forms: [MetricSeries], title: String?, including: [Double], height: Points
  ) -> Panel {
    var marks: [Mark] = []
    for form in forms {
      var data: [Datum] = []
      for entry in model.conditions.entries.sorted(by: { ($0.bits, $0.dodge) < ($1.bits, $1.dodge) }) {
        guard let finding = form.finding(model, entry.name) else { continue }
        data.append(Datum(entry.bits, finding.estimate.value, dodge: entry.dodge))
        if let interval = finding.estimate.interval {
          let extent = Extent(at: entry.bits, low: interval.low, high: interval.high, dodge: entry.dodge)
          marks.append(Mark(.intervals([extent]), form.style, series: form.name))
        }
      }
      guard !data.isEmpty else { continue }
      marks.append(Mark(.line(data), form.style, series: form.name))
      marks.append(Mark(.points(data), form.style, series: form.name))
    }
    return Panel(
      title: title, x: model.conditions.axis,
      y: Axis("FVU, axis from zero", unit: "1", .linear(fromZero: true), including: including), marks: marks,
      topLabels: model.conditions.topLabels(), height: height)
  }

  /// Nil where no change was measured.
  private static func fvuChangePanel(
    _ model: StudyModel, _ forms: [MetricSeries], title: String?, including: [Double], rowHeight: Points
  ) -> Panel? {
    let compressed = model.conditions.compressed
    let baseline = model.conditions.baseline?.name ?? "the baseline"
    let step = min(Points(11), rowHeight / Double(forms.count + 1))
    var marks: [Mark] = []
    for (rank, form) in forms.enumerated() {
      let shift = step * (Double(rank) - Double(forms.count - 1) / 2)
      for (row, entry) in compressed.enumerated() {
        guard let change = form.finding(model, entry.name)?.percentChange else { continue }
        if let interval = change.interval {
          let extent = Extent(at: Double(row), low: interval.low, high: interval.high, dodge: shift)
          marks.append(Mark(.horizontalIntervals([extent]), form.style, series: form.name))
        }
        marks.append(Mark(.points([Datum(change.value, Double(row), dodge: shift)]), form.style, series: form.name))
      }
    }
    guard !marks.isEmpty else { return nil }
    return Panel(
      title: title,
      x: Axis("Change of FVU", unit: "% of \(baseline)", .linear(fromZero: false), including: including),
      y: Axis("", unit: "", .categories(compressed.map(\.name), compressed.map(\.style.role))),
      marks: [Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: baseline)] + marks,
      height: rowHeight * Double(compressed.count))
  }

  private static func fvuTable(_ models: [StudyModel], _ forms: [MetricSeries]) throws(PlotError) -> DataTable {
    var rows: [(StudyModel, [DataTable.Cell])] = []
    for model in models {
      for form in forms {
        for entry in model.conditions.entries.sorted(by: { ($0.bits, $0.dodge) < ($1.bits, $1.dodge) }) {
          guard let finding = form.finding(model, entry.name) else { continue }
          let decimals = model.formats.decimals(form.metric, form.stratum)
          let percent = finding.percentChange
          let percentDecimals = percent.map { model.formats.percentDecimals($0) } ?? 1
          rows.append(
            (
              model,
              [
                .text(entry.name), .text(form.name),
                try cell(finding.estimate.value, decimals: decimals),
                try cell(finding.estimate.interval?.low, decimals: decimals),
                try cell(finding.estimate.interval?.high, decimals: decimals),
                try cell(percent?.value, decimals: percentDecimals, signed: true),
                try cell(percent?.interval?.low, decimals: percentDecimals, signed: true),
                try cell(percent?.interval?.high, decimals: percentDecimals, signed: true),
              ]
            ))
        }
      }
    }
    return models.table(
      columns: [
        .init("condition", isNumeric: false), .init("definition", isNumeric: false), .init("FVU"),
        .init("interval low"), .init("interval high"), .init("change (%)"), .init("change low (%)"),
        .init("change high (%)"),
      ], rows: rows)
  }

  private static func fvuSentence(_ model: StudyModel, _ forms: [MetricSeries]) throws(PlotError) -> String {
    var parts: [String] = []
    for form in forms {
      var values: [String] = []
      for entry in model.conditions.entries {
        guard let finding = form.finding(model, entry.name) else { continue }
        let change =
          try finding.percentChange.map { estimate throws(PlotError) in
            " (\(try model.formats.percentChange(estimate, form.metric)))"
          } ?? ""
        values.append(
          "\(entry.name) \(try model.formats.value(finding.estimate, form.metric, form.stratum))\(change)")
      }
      if !values.isEmpty { parts.append("\(form.name): \(values.joined(separator: ", "))") }
    }
    return parts.joined(separator: "; ")
  }
}
