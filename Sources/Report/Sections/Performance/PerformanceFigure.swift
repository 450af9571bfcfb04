import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let performance = StudyFigure("performance", draw: PerformanceFigure.draw)
}

/// Performance against compression: a row per condition, the largest first, with the paired change of cross-entropy in
/// nats, and perplexity on a second scale of the same dots.
enum PerformanceFigure {
  private static let metric = Metric.crossEntropy

  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
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
    let changes = models.flatMap { model in measured(model).compactMap { change(model, $0) } }
    let reached = [0] + changes.flatMap(\.reach)
    let hasPerplexity = models.contains { perplexity($0) != nil }
    let level = try models.level()
    return .figure(
      Figure(
        key: StudyFigure.performance.key, title: title(models),
        caption:
          """
          Change of cross-entropy against the baseline\(hasPerplexity ? ", and on the upper scale the perplexity that it makes" : ""); \
          rows in the order of their size in bits per parameter. Shaded: too little to matter. \
          \(models.onIntervals("Bars: paired \(level) intervals by \(models.unit)."))\
          \(models.notMeasured { model, name in measured(model).contains { $0.name == name } }) \(try models.sample()).
          """,
        altText:
          "Dot plot\(models.onIntervals("") == "" ? " with \(level) intervals" : ""). \(try models.told { try sentence($0, level) }).",
        table: try models.table(
          words: ["condition"],
          numbers: [
            "bits per parameter", "cross-entropy (nats per token)", "change (nats per token)", "interval low",
            "interval high", "change (%)", "perplexity",
          ], rows: rows),
        content: .panels(
          try models.map { try panel($0, title: models.title($0), reached) }, columns: models.areSeveral ? 2 : 1,
          key: [])))
  }

  static func title(_ models: [StudyModel]) -> String {
    models.title(.crossEntropyChange, "Predictions", or: "Model performance against compression") { outcome in
      switch outcome {
      case .largeRise: "get much worse"
      case .smallRise: "get a little worse"
      case .negligible: "stay about as good"
      case .identical: "stay exactly as good"
      case .smallFall, .largeFall: "get better"
      case .openRise: "get worse (margin open)"
      case .openFall: "get better (margin open)"
      case .undecided: "change undecidedly"
      default: nil
      }
    }
  }

  private static func change(_ model: StudyModel, _ entry: StudyConditions.Entry) -> Estimate? {
    model.findings.finding(metric, condition: entry.name)?.change
  }

  /// The largest first.
  private static func measured(_ model: StudyModel) -> [StudyConditions.Entry] {
    model.conditions.bySize.reversed().filter { !$0.isBaseline && change(model, $0) != nil }
  }

  /// The baseline's.
  private static func perplexity(_ model: StudyModel) -> Double? {
    let value = model.conditions.baseline.flatMap { model.findings.finding(.perplexity, condition: $0.name) }?.estimate
      .value
    return value.flatMap { $0 > 0 ? $0 : nil }
  }

  private static func panel(_ model: StudyModel, title: String?, _ reached: [Double]) throws -> Panel {
    let entries = measured(model)
    var marks = [Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: "baseline")]
    if let base = model.conditions.baseline.flatMap({ model.findings.finding(metric, condition: $0.name) }) {
      let margin = base.estimate.value * metric.margin.size / 100
      marks.insert(Mark(.region(low: -margin, high: margin), MarkStyle(.shade), series: "negligible"), at: 0)
    }
    for (row, entry) in entries.enumerated() {
      guard let change = change(model, entry) else { continue }
      marks += .horizontal(
        change, row: row, dodge: 0, entry.style, series: entry.name,
        text: model.conditions.areFew ? try model.formats.change(change, metric) : nil)
    }
    let (low, high) = (reached.min() ?? 0, reached.max() ?? 0)
    let room = (high - low) * 0.07
    let upper = try perplexity(model).map { base in
      try UpperAxis(
        "Perplexity", over: low - room...high + room, value: { base * exponential(of: $0) },
        place: { logarithm(of: $0 / base) })
    }
    return Panel(
      title: title,
      x: Axis("Change of cross-entropy", unit: "nats per token", .linear(fromZero: false), including: reached),
      y: Axis("", unit: "", .categories(try entries.map { try $0.rowTitle }, entries.map(\.style.role))), marks: marks,
      upper: upper, height: Points(19) * Double(entries.count) + 8)
  }

  private static func sentence(_ model: StudyModel, _ level: String) throws -> Prose {
    var results: [Prose] = []
    for entry in measured(model) {
      guard let bits = try model.numbers.number(.size(.model(entry.name))),
        let change = try model.numbers.changeWithInterval(metric, entry.name)
      else { continue }
      results.append("\(entry.name) at \(bits) bits \(change)")
    }
    var perplexities: [Prose] = []
    for entry in model.conditions.entries where model.numbers.has(.perplexity, entry.name) {
      perplexities.append("\(entry.name) \(try model.numbers.value(.perplexity, entry.name))")
    }
    let name = model.conditions.baseline?.name ?? "the baseline"
    let start: Prose =
      model.numbers.has(metric, name) ? " (\(try model.numbers.value(metric, name)) nats per token)" : ""
    return """
      Change of cross-entropy in nats per token against \(name)\(start), and effective bits per parameter: \
      \(results.prose(separator: "; ")). Perplexity: \(Prose.list(perplexities))
      """
  }

  private static func rows(_ model: StudyModel) throws -> [[DataTable.Cell]] {
    var rows: [[DataTable.Cell]] = []
    for entry in model.conditions.entries {
      guard let finding = model.findings.finding(metric, condition: entry.name) else { continue }
      let size = DataTable.Cell.number(entry.bits, shown: try NumberFormats.bits(entry.bits))
      let value = try DataTable.Cell.estimate(finding.estimate, decimals: model.formats.decimals(metric))[0]
      let change = try DataTable.Cell.estimate(
        finding.change, decimals: model.formats.changeDecimals(metric), signed: true)
      let percent = try DataTable.Cell.percent(finding.percentChange, model.formats)[0]
      let perplexity = try DataTable.Cell.estimate(
        model.findings.finding(.perplexity, condition: entry.name)?.estimate,
        decimals: model.formats.decimals(.perplexity))[0]
      rows.append([.text(entry.name), size, value] + change + [percent, perplexity])
    }
    return rows
  }
}

extension StudyConditions.Entry {
  /// "nf4-dq, 11.56 bits".
  var rowTitle: String { get throws { "\(name), \(try NumberFormats.bits(bits)) bits" } }
}
