import Analysis
import Measures
import Plot
import RunFile
import Words

extension StudyFigure {
  static let featureTokens = StudyFigure("feature-tokens", draw: FeatureTokensFigure.draw)
}

/// Where features change: by the baseline's entropy, by position, and by how far above its threshold a feature fires.
enum FeatureTokensFigure {
  static let kinds: [Bucket.Kind] = [.entropy, .position]
  private static let metric = Metric.featuresChangedExcess
  private static let step: Points = 6

  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { model in !panels(model, nil).isEmpty }
    guard !models.isEmpty else {
      return .absent(
        reason: "The run did not compare features with reruns, so there is no figure of where they change.")
    }
    // Older runs have no margins.
    let flipping = models.filter { model in
      model.conditions.compressed.contains { flips(model, $0.name, nil, .flips0) != nil }
    }
    let ofMargins: Prose =
      flipping.isEmpty
      ? ""
      : """
      ; and share of firings that flip, by how far above its threshold the feature fires, in units of what a random shift of \
      that length does to its pre-activation (open: noise of that length)
      """
    return .figure(
      Figure(
        key: StudyFigure.featureTokens.key, title: title(models),
        caption: """
          Share of a token’s features that change beyond what reruns have, by kind of token\(ofMargins). \
          \(models.onIntervals("Bars: \(try models.level()) intervals by \(models.unit), each by itself. "))\
          \(try models.sample()).
          """,
        altText: flipping.isEmpty
          ? "Dot plots of features that change, by kind of token."
          : "Dot plots of features that change, by kind of token and by margin. \(try flipping.told(sentence)).",
        table: try models.table(
          words: ["by", "kind", "condition"], numbers: ["tokens", "share (%)", "low (%)", "high (%)"]
        ) { try rows($0) },
        content: .panels(
          models.flatMap { panels($0, models) }, columns: 2,
          key: models.compressed.map { DirectLabel($0.name, at: 0, $0.style) })))
  }

  private static func inPercent(_ estimate: Estimate) -> Estimate {
    var percent = estimate
    percent.value *= 100
    percent.interval = estimate.interval.map { Interval(low: 100 * $0.low, high: 100 * $0.high, level: $0.level) }
    return percent
  }

  // MARK: Panels

  private static func panels(_ model: StudyModel, _ models: [StudyModel]?) -> [Panel] {
    let compressed = model.conditions.compressed
    func panel(_ title: String, _ axis: String, _ names: [String], _ marks: [Mark]) -> Panel? {
      marks.isEmpty
        ? nil
        : Panel(
          title: models?.title(model, title) ?? title, x: Axis(axis, unit: "%", .linear(fromZero: true)),
          y: Axis("", unit: "", .categories(names, names.map { _ in .ink })), marks: marks,
          height: (step * Double(max(1, compressed.count)) + 5) * Double(names.count))
    }
    func dodge(_ rank: Int) -> Points { step * (Double(rank) - Double(compressed.count - 1) / 2) }
    let byToken = kinds.compactMap { kind -> Panel? in
      let names = model.findings.names(of: kind, metric)
      let marks = compressed.enumerated().flatMap { rank, entry in
        names.enumerated().flatMap { row, name -> [Mark] in
          guard let finding = model.findings.finding(metric, in: Bucket(kind, name), entry.name) else { return [] }
          return .horizontal(
            inPercent(finding.estimate), row: row, dodge: dodge(rank), entry.style, series: entry.name)
        }
      }
      return panel(
        TokensFigure.title(kind, model), "Features changed beyond rounding", names.map { Bucket(kind, $0).shortTitle },
        marks)
    }
    let margins = compressed.enumerated().flatMap { rank, entry in
      [RunDescription.FeaturePair.Control.noise, nil].flatMap { control in
        FeatureQuantity.flips.enumerated().flatMap { row, quantity -> [Mark] in
          guard let estimate = flips(model, entry.name, control, quantity) else { return [] }
          return .horizontal(
            inPercent(estimate), row: row, dodge: dodge(rank), control == nil ? entry.style : entry.style.hollow,
            series: control == nil ? entry.name : "\(entry.name), noise")
        }
      }
    }
    let names = FeatureQuantity.flips.indices.map { "margin \(marginName($0))" }
    return byToken + [panel("Margin of the feature", "Firings that flip", names, margins)].compactMap(\.self)
  }

  private static func flips(
    _ model: StudyModel, _ condition: String, _ control: RunDescription.FeaturePair.Control?,
    _ quantity: FeatureQuantity
  ) -> Estimate? {
    model.findings.features(condition, control: control)?.estimate(
      of: quantity, level: model.findings.description.bootstrap.level)
  }

  /// "0.5–1", "4 and up".
  static func marginName(_ bin: Int) -> String {
    let edges = FlipCounts.edges.map { Int(exactly: $0).map(String.init) ?? "\($0)" }
    return bin + 1 < edges.count ? "\(edges[bin])–\(edges[bin + 1])" : "\(edges[bin]) and up"
  }

  // MARK: Words

  /// The kind of token whose features change most, where it is the same for every condition.
  private static func title(_ models: [StudyModel]) -> String {
    let most = models.flatMap { model in
      model.conditions.compressed.compactMap { entry in
        model.findings.buckets.filter {
          $0.metric == metric && $0.condition == entry.name && kinds.contains($0.bucket.kind)
            && !$0.estimate.isIndicative
        }.max { $0.estimate.value < $1.estimate.value }?.bucket
      }
    }
    guard let first = most.first, most.allSatisfy({ $0 == first }) else {
      return "Features change more on some tokens than on others"
    }
    return "Features change most at \(first.title.replacing("-", with: "–"))"
  }

  private static func sentence(_ model: StudyModel) throws -> Prose {
    try model.conditions.compressed.compactMap { entry -> Prose? in
      func share(_ quantity: FeatureQuantity) throws -> Prose? {
        try model.numbers.number(.feature(FeatureAddress(pair: entry.name, quantity: quantity))).map { Prose($0) }
      }
      guard let near = try share(.flips0), let far = try share(.flips4) else { return nil }
      return "\(entry.name): \(near) of the firings nearest the threshold flip, \(far) of those farthest above it"
    }.prose(separator: "; ")
  }

  private static func rows(_ model: StudyModel) throws -> [[DataTable.Cell]] {
    func cells(_ estimate: Estimate) throws -> [DataTable.Cell] {
      try [.count(estimate.tokenCount)] + DataTable.Cell.estimate(inPercent(estimate), decimals: 2)
    }
    var rows: [[DataTable.Cell]] = []
    for kind in kinds {
      for name in model.findings.names(of: kind, metric) {
        for entry in model.conditions.compressed {
          guard let finding = model.findings.finding(metric, in: Bucket(kind, name), entry.name) else { continue }
          rows.append(
            [
              .text(TokensFigure.title(kind, model)), .text(Bucket(kind, name).shortTitle), .text(entry.name),
            ] + (try cells(finding.estimate)))
        }
      }
    }
    for (bin, quantity) in FeatureQuantity.flips.enumerated() {
      for entry in model.conditions.compressed {
        for control in [nil, RunDescription.FeaturePair.Control.noise] {
          guard let estimate = flips(model, entry.name, control, quantity) else { continue }
          rows.append(
            [
              .text("Margin"), .text(marginName(bin)), .text(entry.name + (control == nil ? "" : ", noise")),
            ] + (try cells(estimate)))
        }
      }
    }
    return rows
  }
}
