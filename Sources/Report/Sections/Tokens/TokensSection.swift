import Analysis
import Measures
import Words

/// Which predictions compression changes, and how unevenly. It explores: no verdict rests on it.
struct TokensSection: ReportSection {
  static let key: Section.Key = "tokens"
  static let title = "Which tokens change"
  static let figures: [StudyFigure] = [.tokens]
  let report: ReportBuilder

  var isMeasured: Bool {
    models.contains { model in TokensFigure.kinds.contains { !model.findings.names(of: $0).isEmpty } }
  }

  func blocks() throws -> [Block] {
    var blocks: [Block] = []
    if let said = try eachTogether(spread) { blocks.append(.paragraph(said)) }
    if let figure = figureBlock(.tokens) { blocks.append(figure) }
    let percentiles = try percentileTable()
    let title = "Numbers by kind of token" + (percentiles == nil ? "" : ", and percentiles")
    return blocks + [fold(title, [try bucketTable(), percentiles])].compactMap(\.self)
  }

  /// How far the middle prediction and the hundredth one diverge.
  private func spread(_ model: ReportModel) throws -> Prose? {
    let numbers = model.numbers
    let parts: [Prose] = try model.compressed.map(\.name).filter {
      numbers.has(.klMedian, $0) && numbers.has(.klP99, $0)
    }
    .map { condition in
      """
      under \(strong: condition) half of the predictions diverge from \(model.base) by less than \
      \(try numbers.value(.klMedian, condition)) nats, and one in a hundred by more than \
      \(try numbers.value(.klP99, condition))
      """
    }
    guard !parts.isEmpty else { return nil }
    return "The change is spread unevenly: \(parts.prose(separator: "; "))."
  }

  private func bucketTable() throws -> Block {
    let groups = try TokensFigure.kinds.map { kind in
      let rows = try models.flatMap { model in
        try model.findings.names(of: kind).flatMap { name in
          try model.compressed.compactMap { condition in
            try row(model, Bucket(kind, name), condition.name).map { modelCell(model) + $0 }
          }
        }
      }
      return (title: title(kind), rows: rows)
    }
    return table(
      "tokens", isNumbered: false, caption: "Changes by kind of token.", groups: groups.filter { !$0.rows.isEmpty },
      columns: modelColumn + [
        .init("Tokens"), .init("Condition"), .init("Predictions", .right), .init("Cross-entropy, nats", .right),
        .init("Cross-entropy, percent", .right), .init("KL, nats", .right), .init("Top-1", .right),
      ],
      remarks:
        """
        Changes against \(base). In brackets: \(level) intervals by \(unit), each for one number; nothing is corrected for \
        how many there are. † From fewer than \(count: VerdictRules.fewClusters) \(unit)s: indicative. Position and script \
        are those of the predicted token; quarters are of the predictions by how unsure \(base) is of them.
        """)
  }

  private func title(_ kind: Bucket.Kind) -> String {
    switch kind {
    case .source: "By text source"
    case .entropy: "By entropy of \(base)"
    case .position: "By position in the chunk"
    case .script: "By script"
    }
  }

  private func row(_ model: ReportModel, _ bucket: Bucket, _ condition: String) throws -> [Prose]? {
    let (findings, numbers) = (model.findings, model.numbers)
    guard let kl = findings.finding(.kl, in: bucket, condition) else { return nil }
    let loss = findings.finding(.crossEntropy, in: bucket, condition)
    let agreement = findings.finding(.top1Agreement, in: bucket, condition)
    return [
      Prose(bucket.shortTitle + (kl.estimate.isIndicative ? "\u{a0}†" : "")), "\(strong: condition)",
      Prose(NumberText.integer(kl.estimate.tokenCount)), try loss.flatMap { try numbers.changeWithInterval($0) } ?? "–",
      try loss.flatMap { try numbers.percentWithInterval($0) } ?? "–", try numbers.valueWithInterval(kl),
      try agreement.map { try numbers.valueWithInterval($0) } ?? "–",
    ]
  }

  private func percentileTable() throws -> Block? {
    let metrics =
      Metric.klPercentiles + [.probabilityChangeMean, .probabilityChangeRMS] + Metric.probabilityChangePercentiles
    var rows: [[Prose]] = []
    for model in models {
      for metric in metrics where model.numbers.has(metric) {
        rows.append(
          modelCell(model) + [Prose(metric.name.typeset)]
            + (try compressed.map { condition in
              model.numbers.has(metric, condition) ? try model.numbers.valueWithInterval(metric, condition) : "–"
            }))
      }
    }
    return rows.isEmpty
      ? nil
      : table(
        "percentiles", isNumbered: false, caption: "How the change is spread over predictions.",
        columns: modelColumn + [.init("Number")] + compressed.map { .init($0, .right) }, rows: rows,
        remarks:
          """
          KL divergence in nats per token; changes of the next token’s probability in points. Percentiles are llama.cpp’s \
          and numpy’s, of all scored predictions.
          """)
  }
}
