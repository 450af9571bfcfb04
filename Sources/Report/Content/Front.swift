import Analysis
import Plot
import RunFile

/// Key findings, the question, the lists of tests and results.
extension ReportBuilder {
  func summary() throws -> Section {
    var blocks: [Block] = []
    if findings.isPartial {
      blocks.append(
        .note(
          Note(
            kind: .warning, title: "Unfinished run",
            text:
              """
              This run had not finished: every number below stands on the \(count: findings.measured.tokens) \
              tokens measured so far, of \(count: description.budget.headline) asked for.
              """
          )))
    }
    var points: [Prose] = []
    func add(_ name: String, _ sentences: [Prose?]) {
      let said = sentences.compactMap { $0 }
      guard !said.isEmpty else { return }
      points.append(said.reduce("\(strong: name)") { $0 + Prose(" ") + $1 })
    }
    add("Accuracy.", [try sentences(.crossEntropyChange)])
    add("Interpretability.", [
        try sentences(.fvuChange), try sentences(.fvuOrdinaryChange), try sentences(.errorOrdinaryChange),
        grownVarianceSentence(),
      ])
    add("The definition of FVU.", [try definitionSentence()])
    add("Noise floor.", [try sentences(.noiseFloor)])
    add("Sample size.", [try sentences(.fvuStable)])
    add("Against the article.", [try sentences(.agreesWithArticle)])
    if points.isEmpty { points.append("No test of this study was completed, so nothing can be concluded.") }
    blocks.append(.list(points))
    if findings.measured.chunks < VerdictRules.fewClusters {
      blocks.append(
        .note(
          Note(
            kind: .remark, title: "Small sample",
            text:
              """
              Intervals stand on \(count: findings.measured.chunks) chunks. Below \
              \(count: VerdictRules.fewClusters) they are indicative, and so is every “rises” or “falls” that \
              follows from them.
              """
          )))
    }
    if description.model.isDequantized { blocks.append(.note(dequantizedNote)) }
    return Section(.summary, "Key findings", blocks)
  }

  var dequantizedNote: Note {
    Note(
      kind: .remark, title: "What the baseline is",
      text:
        """
        The baseline \(strong: base) is not the original checkpoint. Its weights were read from a file that \
        stores them with loss (\(description.model.storage)), dequantized, and rounded to bfloat16. “Change” in \
        this report means change against that model, not against the published weights.
        """
    )
  }

  /// Which moves FVU more on this run: the definition or the compression.
  func definitionSentence() throws -> Prose? {
    guard numbers.has(.fvu, base), numbers.has(.fvuArticle, base) else { return nil }
    let textbook = try numbers.value(.fvu, base)
    let article = try numbers.value(.fvuArticle, base)
    let gap = (textbook.value - article.value).magnitude
    var sentence: Prose =
      """
      One and the same reconstruction (\(base), all tokens) has an FVU of \(article) in the article’s form and of \
      \(textbook) in the textbook form
      """
    if numbers.has(.fvu, base, .ordinary), numbers.has(.fvuArticle, base, .ordinary) {
      sentence +=
        """
        ; on ordinary tokens, \(try numbers.value(.fvuArticle, base, .ordinary)) and \
        \(try numbers.value(.fvu, base, .ordinary))
        """
    }
    sentence += "."
    let changes = try compressed.flatMap { condition in
      try [Metric.fvu, .fvuArticle].compactMap { try numbers.change($0, condition.name) }
    }
    if let largest = changes.max(by: { $0.value.magnitude < $1.value.magnitude }) {
      sentence +=
        gap > largest.value.magnitude
        ? " Over all tokens, the choice of definition moves FVU more than any compression does here (at most \(largest))."
        : " Over all tokens, compression moves FVU by up to \(largest), at least as much as the choice of definition does."
    }
    return sentence
  }

  func question() throws -> Section {
    var aspects: [Prose] = []
    if hasAccuracy { aspects.append("how well the model predicts real text") }
    if hasSAE || hasNoiseFloor {
      aspects.append(
        """
        how well a sparse autoencoder (SAE), trained on the uncompressed model, still reconstructs the model’s \
        internal state
        """
      )
    }
    let subject: Prose = aspects.isEmpty ? "the model" : Prose.list(aspects)
    return Section(
      .question, "The question",
      [
        .paragraph(
          """
          Compressed models are cheaper to run, and nearly everybody runs them. Those who study how models work \
          mostly look at uncompressed ones. What does compressing the weights do to a model, and does what was \
          learned about the original still hold for the copy that is deployed?
          """
        ),
        .paragraph(
          """
          This report measures it for \(strong: description.model.name): what \(names(compressed)) \
          \(compressed.count == 1 ? "changes" : "change") in \(subject), with \(strong: base) as the baseline. \
          Accuracy and interpretability are separate questions: a model can keep its predictions and lose the \
          structure that explains them, or the other way round. It follows the protocol of “A Black Box Made Less \
          Opaque (part 4)” (McDonnell, 2026), here called \(emphasis: "the article").
          """
        ),
      ])
  }

  // MARK: Table 1

  func tests() throws -> Section {
    var rows: [[Prose]] = []
    if hasAccuracy {
      rows.append([
        "Primary", "Model performance",
        "Cross-entropy (nats per token) and perplexity on \(count: findings.measured.predictions) predictions",
      ])
      if numbers.has(.kl) {
        rows.append([
          "Primary", "Agreement with \(base)",
          "KL divergence of the predicted distributions; share of equal first choices",
        ])
      }
    }
    if hasSAE {
      rows.append([
        "Primary", "SAE reconstruction",
        "FVU in the article’s and the textbook form, on all and on ordinary tokens; L0, mean squared error, cosine",
      ])
    }
    if !findings.snapshots.isEmpty {
      rows.append([
        "Validation", "Sample-size stabilization",
        "FVU over the first \(Prose.list(actualCounts.map { Prose(NumberText.integer($0)) })) tokens",
      ])
    }
    if hasNoiseFloor {
      rows.append([
        "Validation", "Noise floor",
        "Perturbation of the activations ÷ SAE reconstruction residual, with both denominators",
      ])
    }
    return Section(
      .tests, "Tests performed",
      [
        table(
          "tests", caption: "Tests performed.",
          columns: [.init("Type"), .init("Test"), .init("Metric")], rows: rows)
      ])
  }

  var actualCounts: [Int] {
    var counts: [Int] = []
    for snapshot in findings.snapshots where !counts.contains(snapshot.tokens) { counts.append(snapshot.tokens) }
    return counts.sorted()
  }

  // MARK: Table 2

  func results() throws -> Section {
    var rows: [[Prose]] = []
    func add(_ type: Prose, _ test: Prose, _ metric: Prose, _ question: Verdict.Question) throws {
      if let said = try sentences(question) { rows.append([type, test, metric, said]) }
    }
    try add("Primary", "Model performance", "Cross-entropy", .crossEntropyChange)
    if hasAccuracy, let agreement = try agreementSentence() {
      rows.append(["Primary", "Agreement with \(base)", "KL divergence, top-1", agreement])
    }
    try add("Primary", "SAE reconstruction", "FVU, article’s form", .fvuArticleChange)
    try add("Primary", "SAE reconstruction", "FVU, textbook form", .fvuChange)
    try add("Primary", "SAE reconstruction", "FVU, textbook form, ordinary tokens", .fvuOrdinaryChange)
    try add("Primary", "SAE reconstruction", "Squared error, ordinary tokens", .errorOrdinaryChange)
    try add("Validation", "Stabilization", "FVU, article’s form", .fvuStable)
    try add("Validation", "Noise floor", "Perturbation ÷ SAE residual", .noiseFloor)
    return Section(
      .results, "Summary of results",
      rows.isEmpty
        ? [.paragraph("No test of this study was completed.")]
        : [
          table(
            "results", caption: "Summary of results.",
            columns: [.init("Type"), .init("Test"), .init("Metric"), .init("Result")], rows: rows,
            remarks:
              """
              In brackets: \(numbers.level) bootstrap intervals, resampled by chunk; those of changes are paired. \
              The rules behind the words are in \(reference(table: "rules")).
              """
          )
        ])
  }

  func agreementSentence() throws -> Prose? {
    var parts: [Prose] = []
    for condition in compressed where numbers.has(.kl, condition.name) && numbers.has(.top1Agreement, condition.name) {
      let share = try numbers.value(.top1Agreement, condition.name)
      let divergence = try numbers.value(.kl, condition.name)
      parts.append(
        parts.isEmpty
          ? "at \(share) of the positions under \(strong: condition.name) (KL divergence \(divergence) nats per token)"
          : "at \(share) under \(strong: condition.name) (\(divergence))")
    }
    return parts.isEmpty ? nil : "The first choice is that of \(base) \(Prose.list(parts))."
  }
}
