import Analysis
import Measures
import Plot
import RunFile
import Words

extension StudyFigure {
  static let featureEnergy = StudyFigure("feature-energy", draw: FeatureEnergyFigure.draw)
}

/// Which features change: correlation against the energy of the change.
enum FeatureEnergyFigure {
  /// Of a condition's judged features, so many are drawn, evenly by energy: the others lie among them.
  private static let mostDrawn = 36

  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { model in
      model.conditions.compressed.contains { !points(model, $0.name).isEmpty }
    }
    guard !models.isEmpty else {
      return .absent(
        reason: "The run did not compare features, or none fires often enough, so there is no figure of them.")
    }
    let energies = models.flatMap { model in
      model.conditions.compressed.flatMap { points(model, $0.name).map(\.energy) }
    }
    let densities = models.flatMap { model in
      model.conditions.compressed.flatMap { points(model, $0.name).flatMap { [$0.before, $0.after] } }
    }.filter { $0 > 0 }
    let panels = models.flatMap { model in
      let drawn = model.conditions.compressed.filter { !points(model, $0.name).isEmpty }
      return drawn.map { entry in
        Panel(
          title: models.title(model, entry.name),
          x: Axis("Energy of the change", unit: "share of all, log scale", .logarithmic, including: energies),
          y: Axis("r of the feature", unit: "1", .linear(fromZero: false), including: [0, 1]),
          marks: [circles(points(model, entry.name).map { Datum($0.energy, $0.r) }, entry)], height: 130)
      }
        + drawn.map { entry in
          density(model, entry, densities, title: models.title(model, "\(entry.name), firing rate"))
        }
    }
    return .figure(
      Figure(
        key: StudyFigure.featureEnergy.key, title: title(models),
        caption: """
          Above, each feature’s correlation with itself against its share of Σ (b − a)²·‖W_dec‖², the energy of the change; \
          below, how often it fires before and after, as a share of ordinary tokens (dashed: as often). At most \
          \(NumberText.integer(mostDrawn)) features of a condition are drawn, evenly by energy. \(try models.sample()).
          """,
        altText:
          "Scatter plots of a feature’s correlation against the energy of its change. \(try models.told(sentence)).",
        table: try models.table(
          words: ["condition"], numbers: ["feature", "share of energy", "r", "fires before", "fires after"]
        ) { try rows($0) },
        content: .panels(panels, columns: 2, key: [])))
  }

  private typealias Point = (feature: Int, energy: Double, r: Double, before: Double, after: Double)

  private static func circles(_ data: [Datum], _ entry: StudyConditions.Entry) -> Mark {
    Mark(.points(data), MarkStyle(entry.style.role, .circle, isHollow: true), series: entry.name)
  }

  private static func density(
    _ model: StudyModel, _ entry: StudyConditions.Entry, _ all: [Double], title: String?
  ) -> Panel {
    let data = points(model, entry.name).filter { $0.before > 0 && $0.after > 0 }.map { Datum($0.before, $0.after) }
    let ends = [all.min() ?? 0.001, all.max() ?? 1]
    return Panel(
      title: title, x: Axis("Before", unit: "share of tokens, log scale", .logarithmic, including: ends),
      y: Axis("After", unit: "share, log scale", .logarithmic, including: ends),
      marks: [
        Mark(.line(ends.map { Datum($0, $0) }), MarkStyle(.reference, dash: [3, 2]), series: "as often"),
        circles(data, entry),
      ], height: 130)
  }

  private static func points(_ model: StudyModel, _ condition: String) -> [Point] {
    guard let findings = model.findings.features(condition) else { return [] }
    let sum = findings.table.countReference.indices.reduce(0.0) { $0 + findings.energy($1) }
    guard sum > 0 else { return [] }
    let all = findings.judged.compactMap { feature -> Point? in
      let (r, energy) = (Double(findings.table.correlation[feature]), findings.energy(feature) / sum)
      let tokens = Double(max(1, findings.table.shares.tokens))
      let (before, after) = (findings.table.countReference[feature], findings.table.countCondition[feature])
      return r.isNaN || energy <= 0 ? nil : (feature, energy, r, Double(before) / tokens, Double(after) / tokens)
    }.sorted { ($0.energy, $0.feature) < ($1.energy, $1.feature) }
    let count = min(all.count, mostDrawn)
    return (0..<count).map { all[count == all.count ? $0 : $0 * (all.count - 1) / (count - 1)] }
  }

  private static func title(_ models: [StudyModel]) -> String {
    let quiet = models.allSatisfy { model in
      model.conditions.compressed.allSatisfy { entry in
        let own = points(model, entry.name)
        guard own.count >= 20 else { return true }
        func mean(_ points: ArraySlice<Point>) -> Double { points.reduce(0) { $0 + $1.r } / Double(points.count) }
        return mean(own.prefix(own.count / 2)) < mean(own.suffix(own.count / 2))
      }
    }
    return quiet
      ? "The features that change least like themselves carry little of the change"
      : "How alike a feature stays, and how much of the change it carries"
  }

  private static func sentence(_ model: StudyModel) throws -> Prose {
    try model.conditions.compressed.compactMap { entry -> Prose? in
      try model.numbers.number(.feature(FeatureAddress(pair: entry.name, quantity: .topEnergy))).map {
        "\(entry.name): the most changed hundredth of the features carries \($0)"
      }
    }.prose(separator: "; ")
  }

  private static func rows(_ model: StudyModel) throws -> [[DataTable.Cell]] {
    try model.conditions.compressed.flatMap { entry in
      try points(model, entry.name).map { point in
        [
          .text(entry.name), .count(point.feature),
          .number(point.energy, shown: try NumberText.significant(point.energy, digits: 3)),
          .number(point.r, shown: try NumberText.fixed(point.r, decimals: 3)),
          .number(point.before, shown: try NumberText.significant(point.before, digits: 3)),
          .number(point.after, shown: try NumberText.significant(point.after, digits: 3)),
        ]
      }
    }
  }
}
