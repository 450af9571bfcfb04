import Analysis
import Measures
import Words

/// Limitations that follow from these runs, and what they leave open.
struct LimitationsSection: ReportSection {
  static let key: Section.Key = "limitations"
  static let title = "Limitations and further research"
  static let isInShort = true
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    [
      .list(ordered(try report.measured.map { try $0.limitations() })), .heading("Further research"),
      .list(ordered(try report.measured.map { try $0.openQuestions() })),
    ]
  }

  private func ordered(_ all: [[Concern: [Prose]]]) -> [Prose] {
    Concern.allCases.flatMap { concern in all.flatMap { $0[concern] ?? [] } }
  }

  func frontFindings(atMost: Int) throws -> [FrontFinding] {
    let autoencoders = hasSAE ? areSeveral ? " with an autoencoder each" : ", one autoencoder" : ""
    let lossy = models.contains { $0.description.model.isDequantized }
    let imported = models.contains(where: \.isSummary)
    let origin =
      imported ? ", and there are no intervals" : lossy ? "; \(base) itself comes from a compressed file" : ""
    return [
      FrontFinding(
        place: .limits,
        sentence:
          "All this holds for \(Self.word(models.count)) model\(areSeveral ? "s" : "")\(autoencoders) and one mix of texts\(Prose(origin))."
      )
    ]
  }

  func limitations() throws -> [Concern: [Prose]] {
    [
      .sample: try ofSample(), .intervals: try ofIntervals(), .input: try ofInput(), .arithmetic: try ofArithmetic(),
      .scope: ofScope(), .copy: try ofCopy(),
    ]
  }

  func openQuestions() throws -> [Concern: [Prose]] {
    [
      .input: try each { model in
        guard model.description.model.isDequantized else { return nil }
        return "The same on the original weights: this baseline had lost something before it was compressed again."
      },
      .scope: [
        "Tasks besides predicting the next token, where a small change of cross-entropy may weigh more or less.",
        "Other compressions: checkpoints trained with quantization in mind, compressed key-value caches.",
      ],
    ]
  }

  /// How much was measured.
  private func ofSample() throws -> [Prose] {
    try each { $0.findings.isPartial ? "The run is unfinished; what is missing may change every number." : nil }
      + each { model in
        let headline = report.reference.tokens.headlineInText
        guard model.findings.measured.tokens < headline else { return nil }
        return
          "\(count: model.findings.measured.tokens) tokens are few: the article’s headline stands on \(count: headline)."
      }
  }

  /// What intervals stand on, and what they are not corrected for.
  private func ofIntervals() throws -> [Prose] {
    var items: [Prose] = []
    items += try each { model in
      guard !model.isSummary, model.fewestUnits < VerdictRules.fewClusters else { return nil }
      return """
        Intervals stand on \(count: model.fewestUnits) \(unit)s\(model.findings.ownCounts.isEmpty ? "" : " or more"). A bootstrap over fewer than \
        \(count: VerdictRules.fewClusters) units is indicative: the intervals are likely too narrow.
        """
    }
    if models.contains(where: { !$0.isSummary }) {
      items.append(
        """
        Intervals other than those of primary measures hold one by one and are exploratory. All are approximate; docs/diff.md \
        has how often they held the true value in simulated studies.
        """)
    }
    items += try each { model in
      guard !model.isSummary, !model.findings.decidesByPairs, model.hasSAE else { return nil }
      return """
        The run file is older than version 2 of the protocol: kinds of tokens are decided on \(model.base) alone, so no change over \
        ordinary tokens is judged.
        """
    }
    items += try each { model in
      guard model.isSummary else { return nil }
      return "Only values were imported: without intervals nobody can tell how far chance moves them."
    }
    return items
  }

  /// What was measured on.
  private func ofInput() throws -> [Prose] {
    try each { model in
      guard model.description.model.isDequantized else { return nil }
      return """
        The baseline is a dequantized file: it already carries one loss, which no number here shows, and compressing it again \
        need not do what compressing the original does.
        """
    }
      + each { model in
        let shipped = model.description.conditions.filter { $0.origin == .shipped }.map(\.name)
        if shipped.isEmpty { return nil }
        return """
          \(shipped.listed) \(shipped.count == 1 ? "is a file" : "are files") made by others: what differs from \(model.base) can come from \
          rounding, calibration, further training or another revision of the model, which no number here tells apart.
          """
      }
  }

  /// What the run file lost before it was rendered.
  private func ofCopy() throws -> [Prose] {
    try each { model in
      guard let rounded = model.description.rounded else { return nil }
      return """
        The run file behind this report is a copy for publishing: its measurements are rounded to \
        \(count: rounded.significantBits) significant bits, that is by at most one part in \(count: 1 << rounded.significantBits). \
        The last digit of a number can differ from the original run’s.
        """
    }
  }

  /// What rounding does.
  private func ofArithmetic() throws -> [Prose] {
    try each { model in
      guard let short = model.findings.measured.shortBatch,
        model.description.conditions.contains(where: { $0.kind == "int8" })
      else { return nil }
      return """
        LLM.int8 decides by batch which columns are outliers; the last batch is short (\(count: short) of \
        \(count: model.description.corpus.batchSize) chunks).
        """
    }
      + each { model in
        guard !model.isSummary else { return nil }
        return model.description.rerunConditions == nil
          ? """
          Rounding has noise of its own: summing the same products in another order moves a bfloat16 forward pass, and \
          LLM.int8 amplifies it. This run has no reruns, so distances (KL divergence, disagreement, perturbation) hold \
          rounding too, and are not judged.
          """
          : """
          Rounding has noise of its own. Reruns take it off the distances, exactly for squared ones and approximately for the \
          others.
          """
      }
  }

  /// What else it may hold for.
  private func ofScope() -> [Prose] {
    let sized: [Prose] = models.map { "\($0.name) with \(count: $0.description.model.parameterCount) parameters" }
    return [
      """
      One order of one mix of texts, one seed: intervals do not cover other corpora, hardware or trainings.
      """,
      """
      \(Self.word(models.count).capitalizedFirst) model\(areSeveral ? "s" : ""): what holds for \(Prose.list(sized)) need not \
      hold for another size or family.
      """,
    ]
  }
}
