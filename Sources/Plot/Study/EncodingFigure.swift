import Analysis

extension StudyFigures {
  /// How a sparse autoencoder encodes and decodes the residual stream, with the numbers of this study.
  static func encoding(_ findings: Findings) throws(PlotError) -> Outcome {
    guard let sae = findings.description.sae, let baseline = findings.baseline,
      let l0 = findings.finding(.l0, condition: baseline.name)
    else {
      return .absent(reason: "The run has no sparse autoencoder, so there is no illustration of its encoding.")
    }
    let formats = NumberFormats(findings)
    let model = findings.description.model
    let width = NumberText.integer(model.dModel)
    let features = NumberText.integer(sae.featureCount)
    let active = try formats.value(l0.estimate, .l0)
    let share = try NumberText.significant(
      l0.estimate.value / Double(max(1, sae.featureCount)) * 100, digits: 2, of: "share of active features")
    var output = ["\(width) numbers again"]
    var missing = ""
    var rows: [[DataTable.Cell]] = [
      [.text("width of the residual stream, D"), .count(model.dModel)],
      [.text("features of the autoencoder, F"), .count(sae.featureCount)],
      [.text("features active on a token, mean L0"), .number(l0.estimate.value, shown: active)],
    ]
    for (metric, stratum) in [(Metric.fvu, Stratum.all), (.fvuArticle, .all)] {
      guard let finding = findings.finding(metric, condition: baseline.name, stratum: stratum) else { continue }
      let shown = try formats.value(finding.estimate, metric, stratum)
      let form = metric == .fvu ? "textbook" : "article’s"
      output.append("FVU \(shown) (\(form))")
      missing += "\(missing.isEmpty ? "" : " or ")\(shown) in the \(form) form"
      rows.append([.text(name(metric, stratum)), .number(finding.estimate.value, shown: shown)])
    }
    let schematic = EncodingSchematic(
      width: model.dModel, features: sae.featureCount, meanL0: l0.estimate.value,
      inputLines: ["\(width) numbers a token", "residual stream", "after layer \(model.layer)"],
      featureLines: [
        "\(features) features, \(active) active on average (L0)",
        "\(share)% of them: so many of \(EncodingSchematic.dotCount) dots are lit",
      ],
      outputLines: output, encoder: sae.architectureName)
    let fvuSentence = missing.isEmpty ? "" : " What is missing, x − x̂, is measured by FVU: \(missing)."
    return .figure(
      Figure(
        key: Kind.encoding.rawValue, title: "Encoding and decoding with a sparse autoencoder",
        caption:
          """
          The autoencoder turns the \(width) numbers x of a token’s residual stream after layer \(model.layer) of \
          \(model.name) into \(features) feature activations, of which \(active) differ from zero on average (L0, \
          \(baseline.name)), and back into a reconstruction x̂.\(fvuSentence) One dot stands for \
          \(try NumberText.significant(Double(sae.featureCount) / Double(EncodingSchematic.dotCount), digits: 3)) \
          features; the share of lit dots is true, shades and places are schematic.
          """,
        altText:
          """
          Diagram from left to right: the residual stream of a token, \(width) numbers, is encoded into \
          \(features) features of which \(active) are active on average, and decoded into a reconstruction of \
          \(width) numbers.\(fvuSentence)
          """,
        table: DataTable(columns: [.init("quantity", isNumeric: false), .init("value")], rows: rows),
        content: .encoding(schematic)))
  }
}
