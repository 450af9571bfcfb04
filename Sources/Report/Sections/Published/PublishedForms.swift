import Analysis
import Measures
import RunFile
import Words

/// Where the article's text and its public code differ.
extension PublishedSection {
  /// Where the article's text and its public code differ: what each says, and both numbers.
  func formsBlocks() throws -> [Block]? {
    let metrics: [(metric: Metric, isChange: Bool)] = [
      (.fvuArticle, true), (.fvu, true), (.noiseFloorArticle, false), (.noiseFloor, false),
    ]
    var paragraphs: [Prose] = []
    if hasSAE {
      paragraphs.append(
        """
        \(strong: "FVU.") In words, FVU is the share of the tokens’ variance that the reconstruction leaves unexplained, \
        and variance is taken about the mean vector; the article’s code takes it about one number, the mean over all \
        tokens and dimensions. The published changes are the code’s, so they are set beside the article’s form, and \
        the table below has the textbook form next to it.
        """)
    }
    if hasNoiseFloor {
      paragraphs.append(
        """
        \(strong: "Noise floor.") The article’s text divides the perturbation by the autoencoder’s error on the \
        uncompressed model; its code divides by the error on the compressed one. The published ratios are the code’s, \
        so they are set beside the code’s form, and the table below has both.
        """)
    }
    let tokens = report.reference.tokens
    let counts = try each { model -> Prose? in
      func tokens(_ metric: Metric) -> Int? {
        model.findings.findings.first { $0.metric == metric && $0.stratum == .all }?.estimate.tokenCount
      }
      let parts: [Prose] = [
        tokens(.crossEntropy).map { "\(count: $0) predictions for cross-entropy" },
        tokens(.fvuArticle).map { "\(count: $0) tokens for FVU" },
        (tokens(.noiseFloorArticle) ?? tokens(.noiseFloor)).map { "\(count: $0) tokens for the noise floor" },
      ].compactMap { $0 }
      return parts.isEmpty ? nil : "This report has \(Prose.list(parts))."
    }
    paragraphs.append(
      counts.reduce(
        """
        \(strong: "Token counts.") The article’s text names \(count: tokens.headlineInText) tokens as its headline; its \
        code measured cross-entropy on \(count: tokens.crossEntropyInCode) tokens and the noise floor on \
        \(count: tokens.noiseFloorInCode).
        """
      ) { $0 + " " + $1 })
    paragraphs.append("\(strong: "Not published:") \(report.reference.notKnown.joined(separator: "; ")).")
    let rows = try rows(
      compressed, measured: { model, name in metrics.contains { model.numbers.has($0.metric, name) } }
    ) { model, name in
      try metrics.map { metric, isChange in
        guard model.numbers.has(metric, name) else { return "–" }
        return isChange
          ? try model.numbers.changeWithInterval(metric, name) ?? "–"
          : try model.numbers.valueWithInterval(metric, name)
      }
    }
    let blocks: [Block] = paragraphs.map { .paragraph($0) }
    guard !rows.isEmpty else { return blocks }
    return blocks + [
      table(
        "forms", caption: "Both forms of what the article’s text and code define differently, all tokens.",
        columns: conditionColumns + [
          .init("Change of FVU, code", .right), .init("Change of FVU, textbook", .right),
          .init("Noise floor, code", .right), .init("Noise floor, text", .right),
        ], rows: rows,
        remarks: "Change against \(base). In brackets: \(level) intervals.")
    ]
  }
}
