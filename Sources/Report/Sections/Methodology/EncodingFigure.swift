import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let encoding = StudyFigure("encoding", draw: EncodingFigure.draw)
}

enum EncodingFigure {
  /// How a sparse autoencoder encodes and decodes the residual stream, with the numbers of this study.
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { l0($0) != nil && $0.findings.description.sae != nil }
    guard !models.isEmpty else {
      return .absent(reason: "The run has no sparse autoencoder, so there is no illustration of its encoding.")
    }
    var schematics: [EncodingSchematic] = []
    var rows: [String: [[DataTable.Cell]]] = [:]
    var captions: [Prose] = []
    var alternatives: [(StudyModel, Prose)] = []
    for model in models {
      guard let sae = model.findings.description.sae, let baseline = model.findings.baseline, let l0 = l0(model) else {
        continue
      }
      let layer = model.findings.description.model.layer
      let dModel = model.findings.description.model.dModel
      let width = NumberText.integer(dModel)
      let features = NumberText.integer(sae.featureCount)
      let active = try model.numbers.value(.l0, baseline.name)
      let share = try NumberText.significant(
        l0.value / Double(max(1, sae.featureCount)) * 100, digits: 2, of: "share of active features")
      var own: [[DataTable.Cell]] = [
        [.text("width of the residual stream, D"), .count(dModel)],
        [.text("features of the autoencoder, F"), .count(sae.featureCount)],
        [.text("features active on a token, mean L0"), .number(l0.value, shown: active.text)],
      ]
      var output = ["\(width) numbers again"]
      var missing: [Prose] = []
      for (metric, stratum) in [(Metric.fvu, Stratum.all), (.fvuArticle, .all)] {
        guard let finding = model.findings.finding(metric, condition: baseline.name, stratum: stratum) else { continue }
        let shown = try model.numbers.value(metric, baseline.name, stratum)
        let form = metric == .fvu ? "textbook" : "article’s"
        output.append("FVU \(shown.text) (\(form), all tokens)")
        missing.append("\(shown) in the \(form) form")
        own.append([.text(metric.title(over: stratum)), .number(finding.estimate.value, shown: shown.text)])
      }
      rows[model.name] = own
      schematics.append(
        EncodingSchematic(
          title: models.title(model), width: dModel, features: sae.featureCount, meanL0: l0.value,
          relativeError: model.findings.finding(.relativeResidual, condition: baseline.name)?.estimate.value,
          inputLines: ["\(width) numbers a token", "residual stream", "after layer \(layer)"],
          featureLines: [
            "\(features) features, \(active.text) active on average (L0)",
            "\(share)% of them: so many of \(EncodingSchematic.dotCount) dots are lit",
          ],
          outputLines: output, encoder: sae.architectureName))
      let forms: Prose = missing.prose(separator: " or ")
      let fvuSentence: Prose =
        missing.isEmpty ? "" : " FVU measures what is missing, x − x̂: \(forms)."
      captions.append(
        """
        After layer \(count: layer) of \(model.name), \(width) numbers become \(features) features, \(active) of them active on \
        average (L0, \(baseline.name)), and \(width) numbers again.\(fvuSentence)
        """)
      alternatives.append(
        (
          model,
          """
          the residual stream of a token, \(width) numbers, is encoded into \
          \(features) features of which \(active) are active on average, and decoded into a reconstruction of \
          \(width) numbers.\(fvuSentence)
          """
        ))
    }
    let dot = try models.each { model in
      try NumberText.significant(
        Double(model.findings.description.sae?.featureCount ?? 0) / Double(EncodingSchematic.dotCount), digits: 3,
        of: "features per dot")
    }
    return .figure(
      Figure(
        key: StudyFigure.encoding.key, title: "A sparse autoencoder rewrites a state as a few of many features",
        caption: """
          \(captions.prose(separator: " ")) One dot stands for \(dot) features.
          """,
        altText: "Diagram from left to right: "
          + alternatives.map { models.areSeveral ? "\($0.0.name): \($0.1)" : $0.1 }.prose(separator: " "),
        table: models.table(words: ["quantity"], numbers: ["value"]) { rows[$0.name] ?? [] },
        content: .illustration(EncodingSchematics(models: schematics))))
  }

  private static func l0(_ model: StudyModel) -> Estimate? {
    model.findings.baseline.flatMap { model.findings.finding(.l0, condition: $0.name)?.estimate }
  }
}
