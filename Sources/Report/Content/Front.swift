import Analysis
import RunFile
import Words

/// Key findings, the question, the lists of tests and results.
extension ReportBuilder {
  func summary() throws -> Section {
    var blocks: [Block] = []
    if let text = try eachTogether({ model in
      guard model.findings.isPartial else { return nil }
      return """
        This run had not finished: every number below stands on the \(count: model.findings.measured.tokens) \
        tokens measured so far, of \(count: model.description.budget.headline) asked for.
        """
    }) {
      blocks.append(.note(Note(kind: .warning, title: "Unfinished run", text: text)))
    }
    if let text = try eachTogether(importedSentences) {
      blocks.append(.note(Note(kind: .remark, title: "Imported numbers", text: text)))
    }
    if let note = differencesNote { blocks.append(.note(note)) }
    var points: [Prose] = []
    func add(_ name: String, _ sentences: [Prose?]) {
      let said = sentences.compactMap { $0 }
      guard !said.isEmpty else { return }
      points.append(said.reduce("\(strong: name)") { $0 + Prose(" ") + $1 })
    }
    add("Accuracy.", [try sentences(.crossEntropyChange)])
    add("Reconstruction.", [
        try sentences(.errorOrdinaryChange), try sentences(.fvuChange), try sentences(.fvuOrdinaryChange),
        grownVarianceSentence(),
      ])
    add("The definition of FVU.", [try definitionSentence()])
    add("Noise floor.", [try sentences(.noiseFloor)])
    add("Sample size.", [try sentences(.fvuStable)])
    add("Against the article.", [Self.together(apart { publishedSentence($0, isAlone: true) })])
    if points.isEmpty {
      let alone: Prose? = try Self.together(
        models.filter(\.hasAccuracy).map { model in
          """
          Cross-entropy is \(try model.numbers.value(.crossEntropy, model.base)) nats per token under \
          \(strong: model.base)\(on([model])). No other condition was measured, so nothing is compared.
          """
        })
      points.append(
        compressed.isEmpty ? alone ?? "No condition was compared with the baseline."
          : "No test of this study was completed, so nothing can be concluded.")
    }
    if !compressed.isEmpty, let words = plainWords { blocks.append(.paragraph(words)) }
    blocks.append(.list(points))
    if let text = try eachTogether({ model in
      guard !model.isSummary, model.fewestChunks < VerdictRules.fewClusters else { return nil }
      return """
        Intervals stand on \(count: model.fewestChunks) chunks\(model.findings.ownCounts.isEmpty ? "" : " or more"). Below \
        \(count: VerdictRules.fewClusters) they are indicative, and so is every “rises” or “falls” that \
        follows from them.
        """
    }) {
      blocks.append(.note(Note(kind: .remark, title: "Small sample", text: text)))
    }
    if let text = try eachTogether({ model in
      guard model.description.model.isDequantized else { return nil }
      return """
        The baseline \(strong: model.base) is not the original checkpoint. Its weights were read from a file that \
        stores them with loss (\(model.description.model.storage)), dequantized, and rounded to bfloat16. “Change” in \
        this report means change against that model, not against the published weights.
        """
    }) {
      blocks.append(.note(Note(kind: .remark, title: "What the baseline is", text: text)))
    }
    return Section(.summary, "Key findings", blocks)
  }

  /// What the findings speak of, for a reader who is no specialist.
  private var plainWords: Prose? {
    let accuracy: Prose? =
      hasAccuracy ? "Cross-entropy says how badly the model predicts the next token: lower is better." : nil
    let reconstruction: Prose? =
      hasSAE
      ? """
      A sparse autoencoder (SAE) rewrites the model’s inner state as a few features out of many; its squared error, and FVU, \
      the fraction of variance unexplained, say how much of that state it misses.
      """ : nil
    let isJudged = models.contains { !$0.isSummary }
    let brackets: Prose =
      isJudged
      ? "Numbers in brackets are \(level) intervals; \(reference(table: "glossary")) has the other words."
      : "\(reference(table: "glossary")) has the other words."
    return Self.together([accuracy, reconstruction].compactMap { $0 }).map { $0 + " " + brackets }
  }

  /// Which moves FVU more on these runs: the definition or the compression.
  func definitionSentence() throws -> Prose? {
    func hasBoth(_ model: ReportModel, _ stratum: Stratum) -> Bool {
      model.numbers.has(.fvu, model.base, stratum) && model.numbers.has(.fvuArticle, model.base, stratum)
    }
    func values(_ some: [ReportModel], _ metric: Metric, _ stratum: Stratum) throws -> Prose {
      try range(some) { try $0.numbers.amount(metric, $0.base, stratum) } ?? "–"
    }
    let told = models.filter { hasBoth($0, .all) }
    guard !told.isEmpty else { return nil }
    var sentence: Prose =
      """
      One and the same reconstruction (\(base), all tokens) has an FVU of \(try values(told, .fvuArticle, .all)) in \
      the article’s form and of \(try values(told, .fvu, .all)) in the textbook form
      """
    let ordinary = told.filter { hasBoth($0, .ordinary) }
    if !ordinary.isEmpty {
      sentence +=
        """
        ; on ordinary tokens, \(try values(ordinary, .fvuArticle, .ordinary)) and \
        \(try values(ordinary, .fvu, .ordinary))
        """
    }
    sentence += on(told) + "."
    for definitionWins in [true, false] {
      let some = try told.filter { try definitionMovesMore($0) == definitionWins }
      let changes = try some.compactMap(largestChange)
      guard let largest = changes.max(by: { $0.printed.magnitude < $1.printed.magnitude })?.number else { continue }
      sentence +=
        definitionWins
        ? " Over all tokens, the two forms are farther apart than any compression moves either\(on(some)) (at most \(largest))."
        : " Over all tokens, compression moves FVU\(on(some)) by up to \(largest), at least as far as the two forms are apart."
    }
    return sentence
  }

  /// Nil where no change was measured.
  private func definitionMovesMore(_ model: ReportModel) throws -> Bool? {
    guard let largest = try largestChange(model) else { return nil }
    let textbook = try model.numbers.value(.fvu, model.base).value
    let article = try model.numbers.value(.fvuArticle, model.base).value
    return (textbook - article).magnitude > largest.printed.magnitude
  }

  private func largestChange(_ model: ReportModel) throws -> Numbers.Amount? {
    try model.compressed.flatMap { condition in
      try [Metric.fvu, .fvuArticle].compactMap {
        try model.numbers.changeAmount($0, condition.name, inPercent: false)
      }
    }.max { $0.printed.magnitude < $1.printed.magnitude }
  }

  func question() throws -> Section {
    var aspects: [Prose] = []
    if hasAccuracy { aspects.append("how well the model predicts real text") }
    if hasSAE || hasNoiseFloor {
      aspects.append(
        """
        how well a sparse autoencoder (SAE), made for the model before compression, still reconstructs the model’s \
        internal state
        """
      )
    }
    let subject: Prose = aspects.isEmpty ? "the model" : Prose.list(aspects)
    let names = Prose.list(models.map { "\(strong: $0.name)" })
    let baselines = Prose.list(distinct(\.base).map { "\(strong: $0)" })
    let verb = compressed.count == 1 ? "changes" : "change"
    let measures: Prose =
      compressed.isEmpty
      ? "This report has one condition, so it measures no change yet: only \(subject)."
      : "This report measures it for \(names): what \(Self.list(compressed)) \(verb) in \(subject), with \(baselines) as the baseline."
    return Section(
      .question, "The question",
      [
        .paragraph(
          """
          Compressed models are cheaper to run.\(hasSAE ? " Tools that read a model, such as the sparse autoencoder used here, are made for the model before it is compressed." : "") \
          What does compressing the weights do to a model, and does what was \
          learned about the original still hold for the copy that is deployed?
          """
        ),
        .paragraph(
          """
          \(measures) \
          Accuracy and interpretability are separate questions: a model can keep its predictions while the autoencoder \
          loses its hold on the states behind them, or the other way round. The measures and the packing are those of “A Black \
          Box Made Less Opaque (part 4)” (\(reference.authors), \(String(reference.year))), here called \(emphasis: "the article").
          """
        ),
      ])
  }

  // MARK: Table 1

  func tests() throws -> Section {
    var rows: [[Prose]] = []
    func add(_ type: Prose, _ test: Prose, _ metric: Prose, _ measured: (ReportModel) -> Bool) {
      let missing = models.filter { !measured($0) }
      guard missing.count < models.count else { return }
      rows.append([type, test, missing.isEmpty ? metric : metric + "; not measured" + on(missing)])
    }
    let predictions = distinct { NumberText.integer($0.findings.measured(by: "accuracy").predictions) }
    add(
      "Primary", "Model performance",
      """
      Cross-entropy (nats per token) and perplexity on \(Self.list(predictions)) predictions
      """, \.hasAccuracy)
    add(
      "Primary", "Agreement with \(base)",
      "KL divergence of the predicted distributions; share of equal first choices"
    ) { $0.numbers.has(.kl) }
    add(
      "Primary", "SAE reconstruction",
      models.contains { $0.numbers.has(.fvu) }
        ? "FVU in the article’s and the textbook form, on all and on ordinary tokens; L0, mean squared error, cosine"
        : "FVU in the article’s form; L0, mean squared error",
      \.hasSAE)
    add(
      "Validation", "Sample-size stabilization",
      "FVU over the first \(Prose.list(actualCounts.map { Prose(NumberText.integer($0)) })) tokens"
    ) { !$0.findings.snapshots.isEmpty }
    add(
      "Validation", "Noise floor",
      models.contains { $0.numbers.has(.noiseFloor) }
        ? "Perturbation of the activations ÷ SAE reconstruction residual, with both denominators"
        : "Perturbation of the activations ÷ SAE reconstruction residual, the article’s code’s", \.hasNoiseFloor)
    return Section(
      .tests, "Tests performed",
      [
        table(
          "tests", caption: "Tests performed.",
          columns: [.init("Type"), .init("Test"), .init("Metric")], rows: rows)
      ])
  }

  /// Of all models.
  var actualCounts: [Int] { Set(models.flatMap { $0.findings.snapshots.map(\.tokens) }).sorted() }

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
    try add("Primary", "SAE reconstruction", "Squared error", .errorChange)
    try add("Primary", "SAE reconstruction", "Squared error, ordinary tokens", .errorOrdinaryChange)
    try add("Validation", "Stabilization", "FVU, article’s form", .fvuStable)
    try add("Validation", "Noise floor", "Perturbation ÷ SAE residual", .noiseFloor)
    let ranges: Prose =
      areSeveral ? " A range spans the models; the tables below have each model’s number and interval." : ""
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
              \(models.allSatisfy(\.isSummary) ? "Without intervals: the source gives none." : "In brackets: \(level) bootstrap intervals, resampled by chunk; those of changes are paired.")\(ranges) \
              The rules behind the words are in \(reference(table: "rules")).
              """
          )
        ])
  }

  func agreementSentence() throws -> Prose? {
    func has(_ model: ReportModel, _ condition: String) -> Bool {
      model.numbers.has(.kl, condition) && model.numbers.has(.top1Agreement, condition)
    }
    let told = models.filter { model in compressed.contains { has(model, $0) } }
    var parts: [(text: Prose, models: [ReportModel])] = []
    for condition in compressed {
      let own = models.filter { has($0, condition) }
      // One clause where the condition is the same on all, one per model where it is not.
      for some in isSame(condition, on: own) ? [own] : own.map({ [$0] }) {
        guard let share = try range(some, { try $0.numbers.amount(.top1Agreement, condition) }),
          let divergence = try range(some, { try $0.numbers.amount(.kl, condition) })
        else { continue }
        parts.append(
          (
            parts.isEmpty
              ? "at \(share) of the positions under \(strong: condition) (KL divergence \(divergence) nats per token)"
              : "at \(share) under \(strong: condition) (\(divergence))", some
          ))
      }
    }
    guard !parts.isEmpty else { return nil }
    // The models are named once where every clause speaks of the same ones.
    let isShared = parts.allSatisfy { $0.models.count == told.count }
    let clauses = Prose.list(parts.map { isShared ? $0.text : $0.text + on($0.models) })
    return "The first choice is that of \(base) \(clauses)\(isShared ? on(told) : "")."
  }
}
