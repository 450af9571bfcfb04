import Analysis
import Measures
import RunFile
import Words

/// Whether the autoencoder finds the same features in the compressed model, on the same tokens.
struct FeaturesSection: ReportSection {
  static let key: Section.Key = "features"
  static let title = "Same features"
  static let figures: [StudyFigure] = [.features, .featureTokens, .featureEnergy]
  static let measure: Measure? = .features
  static let subject = "the features that fire"
  let report: ReportBuilder

  var isMeasured: Bool { models.contains { $0.numbers.has(.jaccard) } }

  func blocks() throws -> [Block] {
    var blocks: [Block] = [
      .paragraph(
        """
        A reconstruction can stay as good with other features. Here the same autoencoder reads both models on the same tokens.
        """)
    ]
    if let said = try sentences(.featuresChanged) { blocks.append(.paragraph(said)) }
    if let said = try eachTogether(kept) { blocks.append(.paragraph(said)) }
    if let figure = figureBlock(.features) { blocks.append(figure) }
    let inside = [
      try mainTable(), try eachTogether(split).map { .paragraph($0) }, figureBlock(.featureTokens),
      figureBlock(.featureEnergy), try overlapTable(), try controlTable(), try shiftTable(),
    ]
    if let more = fold("Features in numbers", inside) { blocks.append(more) }
    return blocks
  }

  /// How many features are kept, beside what a rerun and noise of the same size keep.
  private func kept(_ model: ReportModel) throws -> Prose? {
    let parts = try model.compressed.map(\.name).compactMap { name -> Prose? in
      guard let own = try number(model, name, .kept09, withInterval: true),
        let judged = try number(model, name, .judged)
      else { return nil }
      var others: [Prose] = []
      if let noise = try number(model, name + "~noise", .kept09) {
        others.append("\(noise) under random noise of the same size")
      }
      // A rerun stands on fewer tokens, where fewer features fire often enough.
      let rerun = RunDescription.Condition.rerunName(of: name)
      if let again = try number(model, rerun, .kept09), let judged = try number(model, rerun, .judged) {
        others.append("\(again) of \(judged) in a rerun")
      }
      let start: Prose = "\(own) of \(judged) under \(strong: name)"
      return others.isEmpty ? start : "\(start) (\(others.prose(separator: ", ")))"
    }
    guard !parts.isEmpty else { return nil }
    return
      """
      Of the features that fire on at least \(count: FeatureFindings.fewestTokens) of the ordinary tokens compared, these keep a correlation of \
      0.9 or more with themselves under \(model.base): \(parts.prose(separator: "; ")).
      """
  }

  /// What of the shift features carry.
  private func split(_ model: ReportModel) throws -> Prose? {
    let numbers = model.numbers
    let parts = try model.compressed.map(\.name).filter { numbers.has(.explainedShift, $0, .ordinary) }.map {
      name -> Prose in
      """
      under \(strong: name) the reconstruction’s move makes up \(try numbers.value(.explainedShift, name, .ordinary)) of the \
      stream’s squared shift and what the autoencoder misses \(try numbers.value(.missedShift, name, .ordinary))
      """
    }
    return parts.isEmpty
      ? nil : "On ordinary tokens, \(parts.prose(separator: "; ")) (the rest is what the two have in common)."
  }

  /// A number over features as the report prints it; nil where the run does not have it.
  private func number(
    _ model: ReportModel, _ pair: String, _ quantity: FeatureQuantity, withInterval: Bool = false
  ) throws -> Prose? {
    let address = NumberAddress.feature(FeatureAddress(pair: pair, quantity: quantity))
    return withInterval
      ? try model.numbers.numberWithInterval(address) : try model.numbers.number(address).map { Prose($0) }
  }

  // MARK: Tables

  private func mainTable() throws -> Block {
    let rows = try rows(compressed, measured: { $0.numbers.has(.jaccard, $1) }) { model, name in
      let numbers = model.numbers
      func share(_ metric: Metric) throws -> Prose {
        numbers.has(metric, name) ? try numbers.valueWithInterval(metric, name) : "–"
      }
      return [
        try share(.jaccard), try share(.featuresChangedExcess), try share(.jaccardNoise), try share(.jaccardChance),
        try number(model, name, .kept09, withInterval: true) ?? "–", try number(model, name, .median) ?? "–",
      ]
    }
    return table(
      "features", caption: "Same features by \(areSeveral ? "model and " : "")condition.",
      columns: conditionColumns + [
        .init("Same per token", .right), .init("Changed beyond rounding", .right), .init("Same under noise", .right),
        .init("By chance", .right), .init("Kept, r ≥ 0.9", .right), .init("Median r", .right),
      ], rows: rows,
      remarks:
        """
        Same: features active in both models, of those active in either, averaged over tokens; under noise as long as \
        compression’s shift of each token; by chance: another token of the chunk. Kept, median: of features with \
        \(count: FeatureFindings.fewestTokens) ordinary tokens. In brackets: \(level) intervals.
        """)
  }

  private func overlapTable() throws -> Block? {
    let metrics: [Metric] = [
      .featurePrecision, .featureRecall, .topOverlap, .featureCosine, .explainedShift, .missedShift, .shiftCross,
    ]
    let groups = try [Stratum.all, .ordinary].map { stratum in
      let own = try rows(
        compressed, measured: { model, name in metrics.contains { model.numbers.has($0, name, stratum) } }
      ) { model, name in
        try metrics.map {
          model.numbers.has($0, name, stratum) ? try model.numbers.valueWithInterval($0, name, stratum) : "–"
        }
      }
      return (title: stratum.title.capitalizedFirst, rows: own)
    }
    return table(
      "feature-overlap", isNumbered: false, caption: "Overlap of active features, and what carries the shift.",
      groups: groups,
      columns: conditionColumns + [
        .init("There before", .right), .init("Found again", .right), .init("Ten strongest", .right),
        .init("Cosine", .right), .init("Shift: features", .right), .init("Shift: missed", .right),
        .init("Cross term", .right),
      ],
      remarks:
        """
        There before: of the features active in the compressed model, those active in \(base) on the token; found again: the \
        other way round. Shift: of Σ‖x_c − x_b‖², what the reconstruction’s move and the miss’s move make up; with the cross \
        term they sum to 1.
        """)
  }

  /// Conditions, their reruns and noise, side by side.
  private func controlTable() throws -> Block? {
    let rows = try pairRows([
      .judged, .kept05, .kept08, .kept09, .keptActive09, .median, .died, .halved, .doubled, .topEnergy, .gini,
    ])
    guard !rows.isEmpty else { return nil }
    return table(
      "feature-controls", isNumbered: false, caption: "Features under compression and under its controls.",
      columns: conditionColumns + [
        .init("Judged", .right), .init("r ≥ 0.5", .right), .init("r ≥ 0.8", .right), .init("r ≥ 0.9", .right),
        .init("r ≥ 0.9, active", .right), .init("Median r", .right), .init("Silent", .right), .init("< ½", .right),
        .init("> 2×", .right), .init("Top 1%", .right), .init("Gini", .right),
      ], rows: rows,
      remarks:
        """
        Reruns stand on the chunks that were measured again, so fewer features are judged. Active: r over tokens on which the \
        feature fires under either. Silent: judged features that no longer fire; < ½ and > 2×: fire less than half, more than \
        twice as often. Top 1%, Gini: how few features carry Σ (b − a)²·‖W_dec‖²; read them beside the noise’s.
        """)
  }

  /// How alike the stream's shifts are, and which firings flip.
  private func shiftTable() throws -> Block? {
    let rows = try pairRows([.meanShift, .firstDirection] + FeatureQuantity.flips)
    guard rows.contains(where: { $0.last?.plain != "–" || $0.dropLast().last?.plain != "–" }) else { return nil }
    let margins = FeatureQuantity.flips.indices.map {
      TableBlock.Column("Margin \(FeatureTokensFigure.marginName($0))", .right)
    }
    return table(
      "feature-shift", isNumbered: false, caption: "How alike the stream’s shifts are, and which firings flip.",
      columns: conditionColumns + [.init("Mean shift", .right), .init("First direction", .right)] + margins, rows: rows,
      remarks:
        """
        On ordinary tokens. Mean shift, first direction: of Σ‖Δx‖², what one shift for all tokens makes up, and what lies along \
        the first principal direction (at least). Margins: share of firings that flip, by how far above its threshold the \
        feature fires, in units of what a random shift of that length does to its pre-activation.
        """)
  }

  /// Conditions, their reruns and noise: one row each.
  private func pairRows(_ quantities: [FeatureQuantity]) throws -> [[Prose]] {
    try models.flatMap { model in
      try model.findings.features.map { findings in
        let name = findings.pair.name
        let shown: Prose = name.hasSuffix("~noise") ? "\(findings.pair.condition), noise" : "\(strong: name)"
        return modelCell(model) + [shown] + (try quantities.map { try number(model, name, $0) ?? "–" })
      }
    }
  }

  // MARK: What it gives to others

  func aspect() -> Prose? { "whether the same features of the autoencoder fire" }

  func frontFindings(atMost: Int) throws -> [FrontFinding] {
    try [
      report.finding(
        .featuresChanged, .featuresChangedExcess, .all, "Beyond rounding, the share of a token’s features that change",
        atMost: atMost, rises: "is ", falls: "is below zero by ", negligible: "is negligible"
      ) { try $0.numbers.amount(.featuresChangedExcess, $1) }
    ].compactMap(\.self)
  }

  func tests() -> [TestKind: [TestRow]] {
    [
      .primary: [
        (
          "Same features", "Active features of the same tokens in both models; correlation of each feature with itself",
          { $0.numbers.has(.jaccard) }
        )
      ]
    ]
  }

  func results() throws -> [TestKind: [ResultRow]] {
    let words = Self.words(
      "many are others", "some are others", "the same fire", fall: "more agree than in a rerun",
      identical: "exactly the same fire")
    return [
      .primary: [
        resultRow(
          "Features changed beyond rounding", .featuresChanged, .featuresChangedExcess,
          start: "Of a token’s features, ", { words($0) })
      ]
    ]
  }

  func glossary() -> [String: Prose] {
    [
      "feature":
        "One of the autoencoder’s terms: a direction in the residual stream, active on a token or not, with a strength.",
      "r":
        "Pearson’s correlation of a feature’s activations in two models over the same tokens: 1 is the same feature.",
    ]
  }

  func limitations() throws -> [Concern: [Prose]] {
    [
      .measure: [
        """
        That a feature fires alike does not show that it means the same or does the same in the model: correlation is no \
        intervention.
        """
      ]
    ]
  }

  func headline(_ model: ReportModel) throws -> String? {
    let parts = try model.compressed.map(\.name).filter { model.numbers.has(.jaccard, $0) }.map { name in
      "\(name) \(try model.numbers.value(.jaccard, name).text)"
    }
    return parts.isEmpty ? nil : "Same features per token: \(parts.joined(separator: "; "))."
  }
}
