import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let performance = StudyFigure("performance", draw: PerformanceFigure.draw)
}

enum PerformanceFigure {
  /// Performance against compression: change of cross-entropy with its paired interval, and perplexity.
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let metric = Metric.crossEntropy
    let withBaseline = all.filter { model in
      model.conditions.baseline.map { model.findings.finding(metric, condition: $0.name) != nil } ?? false
    }
    guard !withBaseline.isEmpty else {
      return .absent(reason: "The run did not measure cross-entropy, so there is no figure of performance.")
    }
    let models = withBaseline.filter { !measured($0).isEmpty }
    guard !models.isEmpty else {
      return .absent(reason: "The run has no compressed condition to set against the baseline.")
    }

    // Models share the axis of changes.
    let changes = models.flatMap { model in
      measured(model).flatMap { entry in
        model.findings.finding(metric, condition: entry.name)?.percentChange?.reach ?? []
      }
    }
    let rows = try models.map { model in
      [
        try changePanel(model, title: models.title(model), including: [0] + changes),
        try perplexityPanel(model, title: models.title(model)),
      ].compactMap(\.self)
    }

    let level = try models.level()
    let baseline = models.baseline()
    let isRow = models.areSeveral ? " One row per model; the scale of perplexity is each model’s own." : ""
    return .figure(
      Figure(
        key: StudyFigure.performance.key, title: "Model performance against compression",
        caption:
          """
          Change of cross-entropy in percent of the baseline \(baseline), and perplexity, against the \
          effective size of the whole model in bits per parameter.\(isRow) \
          \(models.onIntervals("Bars: paired \(level) bootstrap intervals of the difference from \(baseline), resampled by \(models.unit); where no bar shows, it is smaller than its marker."))\(models.onDodging)\
          \(models.notMeasured { model, name in measured(model).contains { $0.name == name } }) \(try models.sample()).
          """,
        altText:
          "Dot plot\(models.onIntervals("") == "" ? " with \(level) intervals" : ""). \(try models.told { try performanceSentence($0, level) }).",
        table: try models.table(
          words: ["condition"],
          numbers: [
            "bits per parameter", "cross-entropy (nats per token)", "change (%)", "interval low (%)",
            "interval high (%)", "perplexity", "perplexity, paired low", "perplexity, paired high",
          ], rows: performanceRows), content: models.rows(rows)))
  }

  private static func measured(_ model: StudyModel) -> [StudyConditions.Entry] {
    model.conditions.compressed.filter {
      model.findings.finding(.crossEntropy, condition: $0.name)?.percentChange != nil
    }
  }

  private static func changePanel(
    _ model: StudyModel, title: String?, including: [Double]
  ) throws -> Panel {
    let conditions = model.conditions
    var marks: [Mark] = []
    if let baseline = conditions.baseline {
      marks = [
        Mark(.horizontalRule(0), MarkStyle(.reference, dash: [3, 2]), series: baseline.name),
        Mark(.points([Datum(baseline.bits, 0, dodge: baseline.dodge)]), baseline.style, series: baseline.name),
      ]
    }
    for entry in measured(model) {
      guard let percent = model.findings.finding(.crossEntropy, condition: entry.name)?.percentChange else { continue }
      marks += .vertical(
        percent.value, percent.interval, at: entry.bits, dodge: entry.dodge, entry.style, series: entry.name,
        text: conditions.areFew ? try model.formats.percentChange(percent, .crossEntropy) : nil)
    }
    return Panel(
      title: title, x: conditions.axis,
      y: Axis(
        "Change of cross-entropy", unit: "% of \(conditions.baseline?.name ?? "the baseline")",
        .linear(fromZero: false), including: including),
      marks: marks, topLabels: conditions.topLabels())
  }

  /// Nil where the baseline has no perplexity.
  private static func perplexityPanel(_ model: StudyModel, title: String?) throws -> Panel? {
    let conditions = model.conditions
    guard let baseline = conditions.baseline,
      let base = model.findings.finding(.perplexity, condition: baseline.name)?.estimate
    else { return nil }
    let start = Datum(baseline.bits, base.value, dodge: baseline.dodge)
    var marks = [
      Mark(.horizontalRule(base.value), MarkStyle(.reference, dash: [3, 2]), series: baseline.name),
      Mark(.points([start]), baseline.style, series: baseline.name),
      Mark(.values([start], [try model.formats.value(base, .perplexity)]), MarkStyle(.muted), series: baseline.name),
    ]
    for entry in measured(model) {
      guard let own = model.findings.finding(.perplexity, condition: entry.name) else { continue }
      marks += .vertical(
        own.estimate.value, own.intervalOfChange(on: base), at: entry.bits, dodge: entry.dodge, entry.style,
        series: entry.name, text: conditions.areFew ? try model.formats.value(own.estimate, .perplexity) : nil)
    }
    return Panel(
      title: title, x: conditions.axis, y: Axis("Perplexity", unit: "1", .linear(fromZero: false)), marks: marks,
      topLabels: conditions.topLabels(), note: "The y axis does not start at zero.")
  }

  private static func performanceSentence(_ model: StudyModel, _ level: String) throws -> Prose {
    var results: [Prose] = []
    for entry in measured(model) {
      guard let percent = try model.numbers.percentChange(.crossEntropy, entry.name),
        let bits = try model.numbers.number(.size(.model(entry.name)))
      else { continue }
      let interval: Prose =
        try model.numbers.percentInterval(.crossEntropy, entry.name).map { " (\(level) interval \($0))" } ?? ""
      results.append("\(entry.name) at \(bits) bits \(percent)\(interval)")
    }
    var perplexities: [Prose] = []
    for entry in model.conditions.entries where model.numbers.has(.perplexity, entry.name) {
      perplexities.append("\(entry.name) \(try model.numbers.value(.perplexity, entry.name))")
    }
    let name = model.conditions.baseline?.name ?? "the baseline"
    let start: Prose =
      model.numbers.has(.crossEntropy, name) ? " (\(try model.numbers.value(.crossEntropy, name)) nats per token)" : ""
    return """
      Change of cross-entropy relative to \(name)\(start) against effective bits per parameter: \
      \(results.prose(separator: "; ")). Perplexity: \(Prose.list(perplexities))
      """
  }

  private static func performanceRows(_ model: StudyModel) throws -> [[DataTable.Cell]] {
    let base = model.conditions.baseline.flatMap { model.findings.finding(.perplexity, condition: $0.name)?.estimate }
    var rows: [[DataTable.Cell]] = []
    for entry in model.conditions.entries {
      guard let finding = model.findings.finding(.crossEntropy, condition: entry.name) else { continue }
      let perplexity = model.findings.finding(.perplexity, condition: entry.name)
      let size = DataTable.Cell.number(entry.bits, shown: try NumberFormats.bits(entry.bits))
      let value = try DataTable.Cell.estimate(finding.estimate, decimals: model.formats.decimals(.crossEntropy))[0]
      let change = try DataTable.Cell.percent(finding.percentChange, model.formats)
      var drawn = perplexity?.estimate
      drawn?.interval = base.flatMap { perplexity?.intervalOfChange(on: $0) }
      let others = try DataTable.Cell.estimate(drawn, decimals: model.formats.decimals(.perplexity))
      rows.append([.text(entry.name), size, value] + change + others)
    }
    return rows
  }
}
