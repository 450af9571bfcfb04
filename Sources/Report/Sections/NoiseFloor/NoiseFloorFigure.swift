import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let noiseFloor = StudyFigure("noise-floor", draw: NoiseFloorFigure.draw)
}

/// Noise floor, token by token: how far compression moves each, in units of what the autoencoder misses of it.
enum NoiseFloorFigure {
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { !$0.findings.noiseRatios.isEmpty }
    guard !models.isEmpty else {
      return .absent(reason: "The run did not measure the noise floor by token, so there is no figure of it.")
    }
    let shown = models.flatMap(\.findings.noiseRatios)
    let bins = (0..<NoiseRatios.binCount).filter { bin in shown.contains { $0.counts[bin] > 0 } }
    // One empty bin on each side, where the outline comes down to zero.
    let range = max(0, (bins.first ?? 0) - 1)...min(NoiseRatios.binCount - 1, (bins.last ?? 0) + 1)
    let highest =
      shown.flatMap { ratios in ratios.counts.map { 100 * Double($0) / Double(ratios.tokenCount) } }.max() ?? 0
    let panels = models.flatMap { model in
      model.conditions.compressed.compactMap { panel(model, $0, models, range, highest: highest) }
    }
    let reruns = shown.contains(where: \.isRerun)
    return .figure(
      Figure(
        key: StudyFigure.noiseFloor.key, title: title(models),
        caption: """
          How far compression moves a token’s state, divided by how far the autoencoder’s reconstruction is from it: share of \
          tokens. Right of 1 (dashed) it moves the token farther than the autoencoder misses it.\
          \(reruns ? " Dashed outline: rounding alone." : "")\
          \(models.notMeasured { model, name in ratios(model, name, isRerun: false) != nil }) \(try models.sample()).
          """,
        altText:
          "Histograms of the ratio of perturbation to SAE residual by token, on a logarithmic axis. \(try models.told(sentence)).",
        table: try models.table(
          words: ["condition", "compared with"], numbers: ["ratio from", "ratio to", "tokens", "share (%)"]
        ) { try rows($0, range) },
        content: .panels(
          panels, columns: 2,
          key: reruns
            ? [
              DirectLabel("compression", at: 0, MarkStyle(.ink, .square)),
              DirectLabel("rounding alone", at: 0, MarkStyle(.reference, .square, isHollow: true)),
            ] : [])))
  }

  /// "Compression moves most tokens farther than the autoencoder misses them under nf4-dq, few under int8".
  private static func title(_ models: [StudyModel]) -> String {
    func word(_ one: Case) -> String? {
      models.cases.findings(one)?.finding(.movedFarther, condition: one.condition).map {
        $0.estimate.value > 0.5 ? "most tokens" : $0.estimate.value > 0.1 ? "some tokens" : "few tokens"
      }
    }
    let parts = models.cases.all.compactMap { one in word(one).map { (one, $0) } }.grouped(by: \.1)
      .sorted { $0.key < $1.key }
      .map { "\($0.key) under \(models.cases.phrase($0.elements.map(\.0), atMost: 2))" }
    return parts.isEmpty
      ? "Noise floor by token" : "Compression moves farther than the autoencoder misses: \(parts.listed)"
  }

  private static func ratios(_ model: StudyModel, _ condition: String, isRerun: Bool) -> NoiseRatios? {
    model.findings.noiseRatios.first { $0.condition == condition && $0.isRerun == isRerun }
  }

  private static func panel(
    _ model: StudyModel, _ entry: StudyConditions.Entry, _ models: [StudyModel], _ range: ClosedRange<Int>,
    highest: Double
  ) -> Panel? {
    guard let own = ratios(model, entry.name, isRerun: false) else { return nil }
    var marks = [
      Mark(.verticalRule(1), MarkStyle(.reference, dash: [3, 2]), series: "1"),
      Mark(
        .band(outline(own, range).map { Extent(at: $0.x, low: 0, high: $0.y) }), MarkStyle(entry.style.role),
        series: entry.name),
      Mark(.line(outline(own, range)), MarkStyle(entry.style.role), series: entry.name),
    ]
    if let again = ratios(model, entry.name, isRerun: true) {
      marks.append(
        Mark(.line(outline(again, range)), MarkStyle(.reference, dash: [2, 1.5]), series: "\(entry.name), rerun"))
    }
    return Panel(
      title: models.title(model, entry.name),
      x: Axis("Perturbation ÷ SAE residual", unit: "by token, log scale", .logarithmic, including: [1]),
      y: Axis("Tokens", unit: "%", .linear(fromZero: true), including: [highest]), marks: marks, height: 78)
  }

  /// The histogram's outline: two points a bin.
  private static func outline(_ ratios: NoiseRatios, _ range: ClosedRange<Int>) -> [Datum] {
    range.flatMap { bin -> [Datum] in
      let share = 100 * Double(ratios.counts[bin]) / Double(ratios.tokenCount)
      return [Datum(NoiseRatios.ratio(bin: bin, at: 0), share), Datum(NoiseRatios.ratio(bin: bin, at: 1), share)]
    }
  }

  /// Each condition's median token and the share that is moved farther than missed, and the article's ratios of sums.
  private static func sentence(_ model: StudyModel) throws -> Prose {
    let numbers = model.numbers
    return try model.conditions.compressed.compactMap { entry -> Prose? in
      guard ratios(model, entry.name, isRerun: false) != nil else { return nil }
      var parts: [Prose] = []
      if numbers.has(.noiseRatioMedian, entry.name) {
        parts.append("median of the tokens \(try numbers.valueWithInterval(.noiseRatioMedian, entry.name))")
      }
      if numbers.has(.movedFarther, entry.name) {
        parts.append("\(try numbers.value(.movedFarther, entry.name)) of the tokens right of the line")
      }
      for (metric, form) in [(Metric.noiseFloorArticle, "article’s code"), (.noiseFloor, "article’s prose")]
      where numbers.has(metric, entry.name) {
        parts.append("ratio of sums (\(form)) \(try numbers.valueWithInterval(metric, entry.name))")
      }
      let again = ratios(model, entry.name, isRerun: true) == nil ? "" : ", with its rerun"
      return "\(entry.name)\(again): \(parts.prose(separator: "; "))"
    }.prose(separator: ". ")
  }

  private static func rows(_ model: StudyModel, _ range: ClosedRange<Int>) throws -> [[DataTable.Cell]] {
    try model.findings.noiseRatios.flatMap { ratios -> [[DataTable.Cell]] in
      let other = ratios.isRerun ? "its rerun" : model.findings.reference(of: ratios.condition)?.name ?? ""
      return try range.filter { ratios.counts[$0] > 0 }.map { bin in
        let share = 100 * Double(ratios.counts[bin]) / Double(ratios.tokenCount)
        return [.text(ratios.condition), .text(other)]
          + (try [0.0, 1].map { place in
            let end = NoiseRatios.ratio(bin: bin, at: place)
            return .number(end, shown: try NumberText.significant(end, digits: 3))
          }) + [.count(ratios.counts[bin]), .number(share, shown: try NumberText.fixed(share, decimals: 2))]
      }
    }
  }
}
