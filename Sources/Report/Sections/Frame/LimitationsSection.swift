import Analysis
import Words

/// Limitations that follow from these runs, and what they leave open.
struct LimitationsSection: ReportSection {
  static let key: Section.Key = "limitations"
  static let title = "Limitations and further research"
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

  func limitations() throws -> [Concern: [Prose]] {
    [
      .sample: try ofSample(), .intervals: try ofIntervals(), .input: try ofInput(), .arithmetic: try ofArithmetic(),
      .scope: ofScope(),
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
      guard !model.isSummary, model.fewestChunks < VerdictRules.fewClusters else { return nil }
      return """
        Intervals stand on \(count: model.fewestChunks) chunks\(model.findings.ownCounts.isEmpty ? "" : " or more"). A bootstrap over fewer than \
        \(count: VerdictRules.fewClusters) units is indicative: the intervals are likely too narrow.
        """
    }
    let judged = judgedChanges
    if judged > 1 {
      items.append(
        """
        Each verdict stands by itself: the \(count: judged) changes judged here, each by its \(level) interval, are not \
        corrected for their number, and they are not independent of each other.
        """)
    }
    if models.contains(where: { !$0.isSummary }) {
      items.append(
        """
        Bootstrap intervals are approximate. In simulated studies of 100 documents of very unequal lengths, resampled by \
        document, such intervals at 95% held the true value in 91 to 93 of 100 studies, and of 400 documents in 93 to 94 \
        (docs/diff.md). For chunks of equal length this was not simulated.
        """)
    }
    items += try each { model in
      guard model.isSummary else { return nil }
      return "Only values were imported: without intervals nobody can tell how far chance moves them."
    }
    return items
  }

  /// How many changes verdicts tell of, each under one condition on one model.
  private var judgedChanges: Int {
    verdictRules.filter { rule in
      if case .change? = rule.judgement { true } else { false }
    }.compactMap(\.question).flatMap(entries).flatMap(\.models).filter { !$0.isSummary }.count
  }

  /// What was measured on.
  private func ofInput() throws -> [Prose] {
    try each { model in
      guard model.description.model.isDequantized else { return nil }
      return """
        The baseline is a dequantized file (\(model.description.model.storage)). It already carries one loss, which no \
        number here shows; compressing it again need not do what compressing the original does.
        """
    }
      + each { model in
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
    } + [
      """
      Rounding has noise of its own: summing the same products in another order moves a bfloat16 forward pass, and \
      LLM.int8 amplifies it (docs/validation.md has its size on one model). The intervals contain the part of it that \
      varies between chunks, not a shift that all chunks share; a change of that size is not compression’s alone.
      """
    ]
  }

  /// What else it may hold for.
  private func ofScope() -> [Prose] {
    let sized: [Prose] = models.map { "\($0.name) with \(count: $0.description.model.parameterCount) parameters" }
    return [
      """
      One order of the text, one seed. Intervals tell how the numbers vary with the text sampled, not with the \
      corpus, the hardware or the training of model and SAE.
      """,
      """
      \(Self.word(models.count).capitalizedFirst) model\(areSeveral ? "s" : ""). What holds for \(Prose.list(sized)) \
      need not hold for models of another size or family.
      """,
    ]
  }
}
