import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let fvu = StudyFigure("fvu", draw: FVUFigure.draw)
}

/// FVU against compression: the paired change of each form, on all and on ordinary tokens, a row per condition.
enum FVUFigure {
  /// The four kinds of FVU that the figure shows: two definitions on two sets of tokens.
  private static let forms = [
    MetricSeries(.fvuArticle, .all, "article’s form, all tokens", MarkStyle(.articleForm, .circle)),
    MetricSeries(
      .fvuArticle, .ordinary, "article’s form, ordinary tokens", MarkStyle(.articleForm, .circle, isHollow: true)),
    MetricSeries(.fvu, .all, "textbook form, all tokens", MarkStyle(.textbookForm, .square)),
    MetricSeries(
      .fvu, .ordinary, "textbook form, ordinary tokens", MarkStyle(.textbookForm, .square, isHollow: true)),
  ]

  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    func measured(_ form: MetricSeries, _ model: StudyModel) -> Bool {
      model.conditions.compressed.contains { form.finding(model, $0.name)?.percentChange != nil }
    }
    let models = all.filter { model in forms.contains { measured($0, model) } }
    let present = forms.filter { form in models.contains { measured(form, $0) } }
    guard !models.isEmpty else {
      return .absent(reason: "The run has no change of the SAE’s reconstruction, so there is no figure of FVU.")
    }
    let metrics = [Metric.fvuArticle, .fvu].filter { metric in present.contains { $0.metric.id == metric.id } }
    let reached = models.flatMap { model in
      present.flatMap { form in
        model.conditions.compressed.flatMap { form.finding(model, $0.name)?.percentChange?.reach ?? [] }
      }
    }
    let panels = try models.flatMap { model in
      try metrics.map { metric in
        let facet = metric.id == Metric.fvu.id ? "Textbook form" : "Article’s form"
        return try panel(
          model, present.filter { $0.metric.id == metric.id }, title: models.title(model, facet), [0] + reached)
      }
    }
    let shown =
      present.count == 1
      ? ", \(present[0].name)" : ": filled on all tokens, open without the first and the massive ones"
    return .figure(
      Figure(
        key: StudyFigure.fvu.key, title: title(models),
        caption:
          """
          Change of FVU against the baseline\(shown). Shaded: too little to matter. \
          \(models.onIntervals("Bars: paired \(try models.level()) intervals by \(models.unit)."))\
          \(models.notMeasured { model, name in present.contains { $0.finding(model, name) != nil } }) \(try models.sample()).
          """,
        altText:
          "Dot plots of the change of FVU in percent of the baseline. \(try models.told { try sentence($0, present) }).",
        table: try models.table(
          words: ["condition", "definition"],
          numbers: [
            "FVU", "interval low", "interval high", "change (%)", "change low (%)", "change high (%)",
          ]
        ) { try rows($0, present) },
        content: .panels(panels, columns: metrics.count, key: key(present))))
  }

  private static func title(_ models: [StudyModel]) -> String {
    models.title(.fvuArticleChange, "The article’s FVU", or: "FVU against compression") { outcome in
      switch outcome {
      case .largeRise: "rises much"
      case .smallRise: "rises a little"
      case .negligible: "hardly changes"
      case .identical: "stays the same"
      case .smallFall, .largeFall: "falls"
      case .openRise: "rises (margin open)"
      case .openFall: "falls (margin open)"
      case .undecided: "is undecided"
      default: nil
      }
    }
  }

  /// What filled and open say; forms have panels of their own.
  private static func key(_ forms: [MetricSeries]) -> [DirectLabel] {
    guard forms.contains(where: { $0.stratum == .ordinary }) else { return [] }
    return [
      DirectLabel(Stratum.all.title, at: 0, MarkStyle(.reference, .circle)),
      DirectLabel(Stratum.ordinary.title, at: 0, MarkStyle(.reference, .circle, isHollow: true)),
    ]
  }

  private static func panel(
    _ model: StudyModel, _ forms: [MetricSeries], title: String?, _ reached: [Double]
  ) throws -> Panel {
    let compressed = Array(model.conditions.bySize.reversed().filter { !$0.isBaseline })
    let baseline = model.conditions.baseline?.name ?? "the baseline"
    let step: Points = model.conditions.areFew ? 11 : 7
    let margin = Metric.fvu.margin.size
    var marks = [
      Mark(.region(low: -margin, high: margin), MarkStyle(.shade), series: "negligible"),
      Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: baseline),
    ]
    for (rank, form) in forms.enumerated() {
      let shift = step * (Double(rank) - Double(forms.count - 1) / 2)
      for (row, entry) in compressed.enumerated() {
        guard let change = form.finding(model, entry.name)?.percentChange else { continue }
        marks += .horizontal(
          change, row: row, dodge: shift, form.style, series: form.name,
          text: model.conditions.areFew ? try model.formats.percentChange(change, form.metric) : nil)
      }
    }
    return Panel(
      title: title,
      x: Axis("Change of FVU", unit: "% of \(baseline)", .linear(fromZero: false), including: reached),
      y: Axis("", unit: "", .categories(compressed.map(\.name), compressed.map(\.style.role))), marks: marks,
      height: (step * Double(forms.count) + 8) * Double(compressed.count))
  }

  private static func rows(_ model: StudyModel, _ forms: [MetricSeries]) throws -> [[DataTable.Cell]] {
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
  private static func sentence(_ model: StudyModel, _ forms: [MetricSeries]) throws -> Prose {
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
