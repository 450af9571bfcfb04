import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let fvu = StudyFigure("fvu", draw: FVUFigure.draw)
}

enum FVUFigure {
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

  /// FVU against compression: each form's values from zero, with the part that an axis from zero presses together
  /// enlarged, and the paired changes of all forms on one axis.
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    func measured(_ form: MetricSeries, _ model: StudyModel) -> Bool {
      model.conditions.entries.contains { form.finding(model, $0.name) != nil }
    }
    let models = all.filter { model in forms.contains { measured($0, model) } }
    let present = forms.filter { form in models.contains { measured(form, $0) } }
    guard !models.isEmpty else {
      return .absent(reason: "The run did not measure the SAE’s reconstruction, so there is no figure of FVU.")
    }
    let metrics = [Metric.fvu, .fvuArticle].filter { metric in present.contains { $0.metric.id == metric.id } }
    func findings(_ forms: [MetricSeries]) -> [Finding] {
      models.flatMap { model in
        forms.flatMap { form in model.conditions.entries.compactMap { form.finding(model, $0.name) } }
      }
    }
    let changes = findings(present).flatMap { $0.percentChange?.reach ?? [] }
    var panels: [Panel] = []
    for model in models {
      for metric in metrics {
        let own = present.filter { $0.metric.id == metric.id }
        // Models share the axis of a form.
        panels.append(
          valuePanel(model, own, metric, models, including: findings(own).flatMap(\.estimate.reach)))
      }
      if let panel = try changePanel(
        model, present, title: models.title(model, "The change by compression"), including: [0] + changes)
      {
        panels.append(panel)
      }
    }

    let level = try models.level()
    let baseline = models.baseline()
    let isRow = models.areSeveral ? " Two rows per model, on the same axes." : ""
    let shown =
      present.count == 1
      ? present[0].name
      : "by the textbook and by the article’s definition, on all tokens (filled) and on ordinary tokens (open: without first positions and massive tokens)"
    return .figure(
      Figure(
        key: StudyFigure.fvu.key, title: "FVU against compression",
        caption:
          """
          Fraction of variance unexplained (FVU) of the sparse autoencoder’s reconstruction, \(shown).\(isRow) The \
          values stand on axes from zero; lines only guide the eye. An inset enlarges all tokens’ FVU where the axis \
          presses it together and there is room. At the bottom, the change in percent of each FVU under \(baseline). \
          \(models.onIntervals("Bars: \(level) bootstrap intervals, resampled by \(models.unit): of the value on the axes from zero, of the paired difference from \(baseline) in insets and changes; where no bar shows, it is smaller than its marker.")) \
          FVU also falls when the variance that it \
          divides by grows: a fall is no better reconstruction unless the squared error falls too.\(models.onDodging)\
          \(models.notMeasured { model, name in present.contains { $0.finding(model, name) != nil } }) \(try models.sample()).
          """,
        altText: """
          Dot plots of FVU against effective bits per parameter, values from zero and changes in percent of the \
          baseline. \(try models.told { try fvuSentence($0, present) }).
          """,
        table: try models.table(
          words: ["condition", "definition"],
          numbers: [
            "FVU", "interval low", "interval high", "change (%)", "change low (%)", "change high (%)",
          ]
        ) { try fvuRows($0, present) },
        content: .panels(panels, columns: metrics.count, key: present.map { DirectLabel($0.name, at: 0, $0.style) })))
  }

  private static func valuePanel(
    _ model: StudyModel, _ forms: [MetricSeries], _ metric: Metric, _ models: [StudyModel], including: [Double]
  ) -> Panel {
    var marks: [Mark] = []
    for form in forms {
      let own = model.conditions.bySize
        .compactMap { entry in form.finding(model, entry.name).map { (entry, $0.estimate) } }
      guard !own.isEmpty else { continue }
      let data = own.map { Datum($0.bits, $1.value, dodge: $0.dodge) }
      marks.append(Mark(.line(data), form.style, series: form.name))
      for (entry, estimate) in own {
        marks += .vertical(
          estimate.value, estimate.interval, at: entry.bits, dodge: entry.dodge, form.style, series: form.name)
      }
    }
    return Panel(
      title: models.title(model, metric.id == Metric.fvu.id ? "Textbook form" : "Article’s form"),
      x: model.conditions.axis, y: Axis("FVU", unit: "1", .linear(fromZero: true), including: including), marks: marks,
      topLabels: model.conditions.topLabels(), inset: inset(model, forms), height: 138)
  }

  /// All tokens' FVU by condition, each with the paired interval of its difference from the baseline.
  private static func inset(_ model: StudyModel, _ forms: [MetricSeries]) -> Inset? {
    guard let form = forms.first(where: { $0.stratum == .all }), let baseline = model.conditions.baseline,
      let base = form.finding(model, baseline.name)?.estimate
    else { return nil }
    var marks = [Mark(.horizontalRule(base.value), MarkStyle(.reference, dash: [3, 2]), series: baseline.name)]
    for entry in model.conditions.entries {
      guard let finding = form.finding(model, entry.name) else { continue }
      marks += .vertical(
        finding.estimate.value, finding.intervalOfChange(on: base), at: entry.bits, dodge: entry.dodge, form.style,
        series: form.name)
    }
    return Inset(form.stratum.title, marks: marks)
  }

  /// Nil where no change was measured.
  private static func changePanel(
    _ model: StudyModel, _ forms: [MetricSeries], title: String?, including: [Double]
  ) throws -> Panel? {
    let compressed = model.conditions.compressed
    let baseline = model.conditions.baseline?.name ?? "the baseline"
    let step: Points = 11
    var marks: [Mark] = []
    for (rank, form) in forms.enumerated() {
      let shift = step * (Double(rank) - Double(forms.count - 1) / 2)
      for (row, entry) in compressed.enumerated() {
        guard let change = form.finding(model, entry.name)?.percentChange else { continue }
        marks += .horizontal(
          change, row: row, dodge: shift, form.style, series: form.name,
          text: try model.formats.percentChange(change, form.metric))
      }
    }
    guard !marks.isEmpty else { return nil }
    return Panel(
      title: title,
      x: Axis("Change of FVU", unit: "% of \(baseline)", .linear(fromZero: false), including: including),
      y: Axis("", unit: "", .categories(compressed.map(\.name), compressed.map(\.style.role))),
      marks: [Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: baseline)] + marks,
      height: (step * Double(forms.count) + 8) * Double(compressed.count), isWide: true)
  }

  private static func fvuRows(_ model: StudyModel, _ forms: [MetricSeries]) throws -> [[DataTable.Cell]] {
    var rows: [[DataTable.Cell]] = []
    for form in forms {
      let decimals = model.formats.decimals(form.metric, form.stratum)
      for entry in model.conditions.bySize {
        guard let finding = form.finding(model, entry.name) else { continue }
        let values = try DataTable.Cell.estimate(finding.estimate, decimals: decimals)
        let changes = try DataTable.Cell.percent(finding.percentChange, model.formats)
        rows.append([.text(entry.name), .text(form.name)] + values + changes)
      }
    }
    return rows
  }

  /// The baseline's values, then each condition's changes with their intervals.
  private static func fvuSentence(_ model: StudyModel, _ forms: [MetricSeries]) throws -> Prose {
    var values: [Prose] = []
    for form in forms {
      guard let baseline = model.conditions.baseline, form.finding(model, baseline.name) != nil else { continue }
      values.append("\(form.name), \(try model.numbers.value(form.metric, baseline.name, form.stratum))")
    }
    var sentences: [Prose] =
      values.isEmpty ? [] : ["FVU under \(model.conditions.baseline?.name ?? ""): \(values.prose(separator: "; "))"]
    for entry in model.conditions.compressed {
      var changes: [Prose] = []
      for form in forms where form.finding(model, entry.name) != nil {
        guard let change = try model.numbers.percentWithInterval(form.metric, entry.name, form.stratum) else {
          continue
        }
        changes.append("\(form.name), \(change)")
      }
      if !changes.isEmpty { sentences.append("Change under \(entry.name): \(changes.prose(separator: "; "))") }
    }
    return sentences.prose(separator: ". ")
  }
}
