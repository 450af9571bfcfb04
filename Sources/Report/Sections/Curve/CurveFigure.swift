import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let curve = StudyFigure("curve", draw: CurveFigure.draw)
}

/// What each bit buys: measures against bits per compressed weight, a line per family of methods, over what rounding alone
/// does.
enum CurveFigure {
  private struct Shown {
    var metric: Metric
    var stratum: Stratum
    var title: String
    var unit: String
    var scale = 1.0
    var isLogarithmic = false
    /// What rounding alone makes of it.
    var floor: Metric?
    /// Whether the baseline has a value of its own.
    var hasBaseline = false
  }

  private static let shown = [
    Shown(
      metric: .kl, stratum: .all, title: "KL divergence", unit: "nats per token, log scale", isLogarithmic: true,
      floor: .klRounding),
    Shown(
      metric: .disagreementExcess, stratum: .all, title: "Top prediction changed, beyond rounding", unit: "%",
      scale: 100),
    Shown(metric: .fvu, stratum: .ordinary, title: "FVU of ordinary tokens", unit: "1", hasBaseline: true),
    Shown(
      metric: .featuresChangedExcess, stratum: .all, title: "Features changed, beyond rounding", unit: "%", scale: 100),
  ]

  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { CompressionCurve($0.findings) != nil }
    let panels = models.flatMap { model in shown.compactMap { panel(model, $0, models) } }
    guard !panels.isEmpty else {
      return .absent(
        reason:
          "The run has fewer than \(CompressionCurve.fewest) compressed sizes, so there is no figure of what bits buy.")
    }
    let families = families(models)
    return .figure(
      Figure(
        key: StudyFigure.curve.key, title: title(models),
        caption: """
          Each measure against the bits that a compressed weight takes, scales counted; lines join conditions of one family. \
          Shaded: what another order of summation alone does. \
          \(models.onIntervals("Bars: \(try models.level()) intervals by \(models.unit). "))\(leftOut(models))\
          \(try models.sample()).
          """,
        altText: "Line plots of four measures against bits per compressed weight. \(try models.told(sentence)).",
        table: try models.table(
          words: ["family", "condition", "measure"], numbers: ["bits per weight", "value", "low", "high"]
        ) { try rows($0) },
        content: .panels(
          panels, columns: 2, key: families.enumerated().map { DirectLabel($1, at: 0, .condition($0)) })))
  }

  private static func families(_ models: [StudyModel]) -> [String] {
    Set(models.flatMap { CompressionCurve($0.findings)?.families ?? [] }).sorted()
  }

  private static func value(_ model: StudyModel, _ point: CompressionCurve.Point, _ shown: Shown) -> Estimate? {
    guard
      var estimate = model.findings.finding(
        shown.metric, condition: point.condition.name, stratum: shown.stratum)?.estimate
    else { return nil }
    estimate.value *= shown.scale
    estimate.interval = estimate.interval.map {
      Interval(low: shown.scale * $0.low, high: shown.scale * $0.high, level: $0.level)
    }
    return estimate
  }

  private static func panel(_ model: StudyModel, _ shown: Shown, _ models: [StudyModel]) -> Panel? {
    guard let curve = CompressionCurve(model.findings) else { return nil }
    let points = curve.points.compactMap { point in
      value(model, point, shown).map { (point: point, estimate: $0) }
    }.filter { !shown.isLogarithmic || $0.estimate.value > 0 }
    guard points.count >= 2 else { return nil }
    let all = points.map(\.estimate.value)
    var marks: [Mark] = []
    if let floor = shown.floor {
      let least = (all.min() ?? 1) / 4
      let band = points.compactMap { point -> Extent? in
        model.findings.finding(floor, condition: point.point.condition.name).flatMap { finding in
          finding.estimate.value > least
            ? Extent(at: point.point.bits, low: least, high: finding.estimate.value) : nil
        }
      }
      if band.count > 1 { marks.append(Mark(.band(band), MarkStyle(.reference), series: "rounding alone")) }
    }
    if shown.hasBaseline, let name = model.conditions.baseline?.name,
      let base = model.findings.finding(shown.metric, condition: name, stratum: shown.stratum)
    {
      marks.append(
        Mark(.horizontalRule(shown.scale * base.estimate.value), MarkStyle(.reference, dash: [3, 2]), series: name))
    }
    for (rank, family) in families(models).enumerated() {
      let own = points.filter { $0.point.family == family }
      let style = MarkStyle.condition(rank)
      if own.count > 1 {
        marks.append(
          Mark(.line(own.map { Datum($0.point.bits, $0.estimate.value) }), style, series: family))
      }
      for entry in own {
        let lowest = shown.isLogarithmic ? entry.estimate.value / 10 : -.infinity
        let interval = entry.estimate.interval.map {
          Interval(low: max($0.low, lowest), high: $0.high, level: $0.level)
        }
        marks += .vertical(
          entry.estimate.value, interval, at: entry.point.bits, dodge: 0, style, series: entry.point.condition.name)
      }
    }
    return Panel(
      title: models.title(model), x: Axis("Bits per compressed weight", unit: "log scale", .logarithmic),
      y: Axis(
        shown.title, unit: shown.unit,
        shown.isLogarithmic ? .logarithmic : .linear(fromZero: !shown.hasBaseline)),
      marks: marks, height: 132)
  }

  // MARK: Words

  private static func title(_ models: [StudyModel]) -> String {
    let smallest = models.compactMap { model -> String? in
      CompressionCurve(model.findings)?.choices(model.findings).first { $0.metric == .crossEntropy }?.smallest?
        .condition
        .name
    }
    guard smallest.count == models.count, Set(smallest).count == 1, let name = smallest.first else {
      return "What bits buy: measures by size and family of methods"
    }
    return "\(name) is the smallest shown to predict about as well"
  }

  private static func leftOut(_ models: [StudyModel]) -> String {
    let names = models.flatMap { CompressionCurve($0.findings)?.leftOut.map(\.name) ?? [] }
    return names.isEmpty
      ? "" : "Left out, because the baseline’s weights lie on their grid already: \(Set(names).sorted().listed). "
  }

  private static func sentence(_ model: StudyModel) throws -> Prose {
    guard let curve = CompressionCurve(model.findings) else { return "" }
    return try curve.points.compactMap { point -> Prose? in
      let name = point.condition.name
      guard model.numbers.has(.kl, name), let bits = try model.numbers.number(.size(.linear(name))) else { return nil }
      return "\(name) at \(bits) bits: KL \(try model.numbers.valueWithInterval(.kl, name))"
    }.prose(separator: "; ")
  }

  private static func rows(_ model: StudyModel) throws -> [[DataTable.Cell]] {
    guard let curve = CompressionCurve(model.findings) else { return [] }
    var rows: [[DataTable.Cell]] = []
    for shown in shown {
      for point in curve.points {
        guard let estimate = value(model, point, shown) else { continue }
        rows.append(
          [
            .text(point.family), .text(point.condition.name), .text("\(shown.title) (\(shown.unit))"),
            .number(point.bits, shown: try NumberFormats.bits(point.bits)),
          ] + (try DataTable.Cell.estimate(estimate, decimals: 4)))
      }
    }
    return rows
  }
}
