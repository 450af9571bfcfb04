import Analysis
import Plot
import Words

extension StudyFigure {
  static let noiseFloor = StudyFigure("noise-floor", draw: NoiseFloorFigure.draw)
}

enum NoiseFloorFigure {
  /// Noise floor: how far compression moves the activations, in units of the SAE's own error, against the line at 1.
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let forms: [MetricSeries] = [
      MetricSeries(.noiseFloorArticle, .all, "article’s code, all tokens", MarkStyle(.reference, .circle)),
      MetricSeries(.noiseFloor, .all, "article’s prose, all tokens", MarkStyle(.reference, .square)),
      MetricSeries(
        .noiseFloorArticle, .ordinary, "article’s code, ordinary tokens",
        MarkStyle(.reference, .circle, isHollow: true)),
      MetricSeries(
        .noiseFloor, .ordinary, "article’s prose, ordinary tokens",
        MarkStyle(.reference, .square, isHollow: true)),
    ]
    func measured(_ ratio: MetricSeries, _ model: StudyModel) -> Bool {
      model.conditions.compressed.contains { ratio.finding(model, $0.name) != nil }
    }
    let models = all.filter { model in forms.contains { measured($0, model) } }
    let present = forms.filter { ratio in models.contains { measured(ratio, $0) } }
    guard !models.isEmpty else {
      return .absent(reason: "The run did not measure the noise floor, so there is no figure of it.")
    }
    let reached = models.flatMap { model in
      present.flatMap { ratio in
        model.conditions.compressed.flatMap { ratio.finding(model, $0.name)?.estimate.reach ?? [] }
      }
    }
    let tallest = models.map(\.conditions.compressed.count).max() ?? 1
    let panels = try models.map { model in
      try ratioPanel(
        model, present, title: models.title(model), including: [0, 1] + reached, rowsShown: tallest,
        note: models.areSeveral ? nil : shadeNote)
    }
    let hasOrdinary = present.contains { $0.stratum == .ordinary }
    let hasBoth = Set(present.map(\.metric.id)).count > 1
    let shade = (models.areSeveral ? " One panel per model, on the same axis." : "") + " " + shadeNote
    return .figure(
      Figure(
        key: StudyFigure.noiseFloor.key, title: "Noise-floor test",
        caption:
          """
          How far each condition moves the residual stream, divided by how far the sparse autoencoder’s \
          reconstruction is from it (each as an L2 norm relative to that of the activations it is measured on\(hasOrdinary ? "; filled, all tokens; open, ordinary tokens" : "")). At 1 \
          (dashed) the two are equal.\(shade) The article’s prose divides by the residual on the uncompressed model, its \
          code by the residual on the compressed one; \(hasBoth ? "both are shown" : "the latter is shown"). \
          \(models.onIntervals("Bars: \(try models.level()) bootstrap intervals, resampled by \(models.unit); where no bar shows, it is smaller than its marker."))\
          \(models.notMeasured { model, name in present.contains { $0.finding(model, name) != nil } }) \(try models.sample()).
          """,
        altText:
          "Dot plot of noise-floor ratios against the line at 1: \(try models.told { try ratioSentence($0, present) }).",
        table: try models.table(
          words: ["condition", "tokens", "ratio, form"], numbers: ["ratio", "interval low", "interval high"]
        ) { try ratioRows($0, present) },
        content: .panels(
          panels, columns: models.areSeveral ? 2 : 1, key: present.map { DirectLabel($0.name, at: 0, $0.style) })))
  }

  private static let shadeNote =
    "Shaded: compression moves the activations at least as far as the SAE itself misses them."

  private static func ratioPanel(
    _ model: StudyModel, _ ratios: [MetricSeries], title: String?, including: [Double], rowsShown: Int, note: String?
  ) throws -> Panel {
    let compressed = model.conditions.compressed
    let step: Points = 9.5
    var marks: [Mark] = [
      Mark(.region(low: 1, high: .infinity), MarkStyle(.shade), series: "at least 1"),
      Mark(.verticalRule(1), MarkStyle(.reference, dash: [3, 2]), series: "1"),
    ]
    for (rank, ratio) in ratios.enumerated() {
      let dodge = step * (Double(rank) - Double(ratios.count - 1) / 2)
      for (row, entry) in compressed.enumerated() {
        guard let estimate = ratio.finding(model, entry.name)?.estimate else { continue }
        marks += .horizontal(
          estimate, row: row, dodge: dodge,
          MarkStyle(entry.style.role, ratio.style.marker, isHollow: ratio.style.isHollow),
          series: ratio.name,
          text: try model.formats.value(estimate, ratio.metric, ratio.stratum))
      }
    }
    return Panel(
      title: title,
      x: Axis(
        "Perturbation ÷ SAE residual", unit: "ratio of relative L2 norms", .linear(fromZero: true),
        including: including),
      y: Axis("", unit: "", .categories(compressed.map(\.name), compressed.map(\.style.role))), marks: marks,
      note: note, height: (step * Double(ratios.count) + 10) * Double(rowsShown))
  }

  /// Each condition's ratios with their intervals, and on which side of 1 they lie.
  private static func ratioSentence(_ model: StudyModel, _ ratios: [MetricSeries]) throws -> Prose {
    var sentences: [Prose] = []
    for entry in model.conditions.compressed {
      var parts: [Prose] = []
      var ends: [Double] = []
      for ratio in ratios {
        guard let estimate = ratio.finding(model, entry.name)?.estimate else { continue }
        ends += estimate.reach
        parts.append("\(ratio.name), \(try model.numbers.valueWithInterval(ratio.metric, entry.name, ratio.stratum))")
      }
      guard let low = ends.min(), let high = ends.max() else { continue }
      let side = low >= 1 ? "at or above 1" : high < 1 ? "below 1" : "on both sides of 1"
      sentences.append("\(entry.name) lies \(side): \(parts.prose(separator: "; "))")
    }
    return sentences.prose(separator: ". ")
  }

  private static func ratioRows(_ model: StudyModel, _ ratios: [MetricSeries]) throws -> [[DataTable.Cell]] {
    var rows: [[DataTable.Cell]] = []
    for ratio in ratios {
      let decimals = model.formats.decimals(ratio.metric, ratio.stratum)
      for entry in model.conditions.compressed {
        guard let estimate = ratio.finding(model, entry.name)?.estimate else { continue }
        let values = try DataTable.Cell.estimate(estimate, decimals: decimals)
        rows.append([.text(entry.name), .text(ratio.stratum.title), .text(ratio.metric.name.typeset)] + values)
      }
    }
    return rows
  }
}
