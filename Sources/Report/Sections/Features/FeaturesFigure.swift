import Analysis
import Measures
import Plot
import RunFile
import Words

extension StudyFigure {
  static let features = StudyFigure("features", draw: FeaturesFigure.draw)
}

/// How well each feature agrees with itself: histograms of r, beside a rerun and noise of the same size.
enum FeaturesFigure {
  private static let binCount = 40

  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { model in
      model.conditions.compressed.contains { judged(model.findings.features($0.name)) != nil }
    }
    guard !models.isEmpty else {
      return .absent(
        reason: "The run did not compare features, or none fires often enough, so there is no figure of them.")
    }
    let panels = models.flatMap { model in
      model.conditions.compressed.compactMap { panel(model, $0, models) }
    }
    return .figure(
      Figure(
        key: StudyFigure.features.key, title: try title(models),
        caption: """
          Features that fire on at least \(NumberText.integer(FeatureFindings.fewestTokens)) ordinary tokens, by the correlation of \
          their activations with those under \(models.baseline()). Dashed: a rerun; dotted: noise of the same size. \
          \(try models.sample()).
          """,
        altText: "Histograms of the correlation of features with themselves. \(try models.told(sentence)).",
        table: try models.table(
          words: ["condition", "compared with"], numbers: ["r from", "r to", "features", "share (%)"]
        ) { try rows($0) },
        content: .panels(
          panels, columns: 2,
          key: [
            DirectLabel("compression", at: 0, MarkStyle(.ink, .square)),
            DirectLabel("rerun", at: 0, MarkStyle(.reference, .square)),
            DirectLabel("noise", at: 0, MarkStyle(.axis, .square, isHollow: true)),
          ])))
  }

  private static func judged(_ findings: FeatureFindings?) -> FeatureFindings? {
    findings.flatMap { $0.correlations().isEmpty ? nil : $0 }
  }

  /// "Most features stay themselves under int8, fewer than half under nf4-dq".
  private static func title(_ models: [StudyModel]) throws -> String {
    func word(_ one: Case) -> String? {
      guard let share = models.cases.findings(one)?.features(one.condition)?.value(of: .kept09) else { return nil }
      return share >= 0.9 ? "nearly all" : share >= 0.5 ? "most" : share >= 0.1 ? "fewer than half" : "few"
    }
    let parts = models.cases.all.compactMap { one in word(one).map { (one, $0) } }.grouped(by: \.1).map {
      "\($0.key) under \(models.cases.phrase($0.elements.map(\.0), atMost: 2))"
    }
    return parts.isEmpty ? "Correlation of features with themselves" : "Features keep r ≥ 0.9: \(parts.listed)"
  }

  private static func panel(_ model: StudyModel, _ entry: StudyConditions.Entry, _ models: [StudyModel]) -> Panel? {
    guard let own = judged(model.findings.features(entry.name)) else { return nil }
    let style = MarkStyle(entry.style.role)
    var marks = [
      Mark(.verticalRule(0.9), MarkStyle(.reference, dash: [3, 2]), series: "0.9"),
      Mark(.band(outline(own).map { Extent(at: $0.x, low: 0, high: $0.y) }), style, series: entry.name),
      Mark(.line(outline(own)), style, series: entry.name),
    ]
    if let rerun = judged(model.findings.featuresOfRerun(of: entry.name)) {
      marks.append(
        Mark(.line(outline(rerun)), MarkStyle(.reference, dash: [4, 2]), series: "\(entry.name), rerun"))
    }
    if let noise = judged(model.findings.features(entry.name, control: .noise)) {
      marks.append(
        Mark(.line(outline(noise)), MarkStyle(.axis, dash: [1.2, 1.8]), series: "\(entry.name), noise"))
    }
    return Panel(
      title: models.title(model, entry.name),
      x: Axis("r of a feature with itself", unit: "1", .linear(fromZero: false), including: [0, 1]),
      y: Axis("Features", unit: "%", .linear(fromZero: true)), marks: marks, height: 92)
  }

  /// The histogram's outline, two points a bin: bins from the first that has a feature on.
  private static func outline(_ findings: FeatureFindings) -> [Datum] {
    let counts = findings.histogram(bins: binCount)
    let all = Double(max(1, findings.judged.count))
    let first = max(0, (counts.firstIndex { $0 > 0 } ?? 0) - 1)
    return (first..<binCount).flatMap { bin -> [Datum] in
      let share = 100 * Double(counts[bin]) / all
      return [Datum(edge(bin), share), Datum(edge(bin + 1), share)]
    }
  }

  private static func edge(_ bin: Int) -> Double { -1 + 2 * Double(bin) / Double(binCount) }

  private static func sentence(_ model: StudyModel) throws -> Prose {
    try model.conditions.compressed.compactMap { entry -> Prose? in
      let pairs = [
        (entry.name, "the condition"), (RunDescription.Condition.rerunName(of: entry.name), "its rerun"),
        (entry.name + "~noise", "noise of its size"),
      ]
      let parts = try pairs.compactMap { pair, word -> Prose? in
        try model.numbers.number(.feature(FeatureAddress(pair: pair, quantity: .kept09))).map { "\(word) \($0)" }
      }
      return parts.isEmpty ? nil : "\(entry.name), features with r of at least 0.9: \(parts.prose(separator: ", "))"
    }.prose(separator: "; ")
  }

  private static func rows(_ model: StudyModel) throws -> [[DataTable.Cell]] {
    try model.findings.features.flatMap { findings -> [[DataTable.Cell]] in
      let other = findings.isRerun ? "its original" : model.findings.reference(of: findings.pair.condition)?.name ?? ""
      let counts = findings.histogram(bins: binCount)
      return try counts.indices.filter { counts[$0] > 0 }.map { bin in
        let share = 100 * Double(counts[bin]) / Double(findings.judged.count)
        return [.text(findings.pair.name), .text(other)]
          + (try [edge(bin), edge(bin + 1)].map { .number($0, shown: try NumberText.fixed($0, decimals: 2)) })
          + [.count(counts[bin]), .number(share, shown: try NumberText.fixed(share, decimals: 2))]
      }
    }
  }
}
