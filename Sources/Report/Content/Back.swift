import Analysis
import Plot
import RunFile

/// Conclusion, limitations, how to reproduce, and the rules and definitions behind it all.
extension ReportBuilder {
  // MARK: Conclusion

  func conclusion() throws -> Section {
    var blocks: [Block] = []
    var said: [(clauses: Prose, conditions: [Prose])] = []
    for condition in compressed {
      guard let clauses = conclusionClauses(condition.name) else { continue }
      let name: Prose = "\(strong: condition.name)"
      if let index = said.firstIndex(where: { $0.clauses == clauses }) {
        said[index].conditions.append(name)
      } else {
        said.append((clauses, [name]))
      }
    }
    blocks += said.map { .paragraph("Under \(Prose.list($0.conditions)), \($0.clauses).") }
    if blocks.isEmpty { blocks.append(.paragraph("The run completed no test, so it supports no conclusion.")) }
    if let said = try priceSentence() { blocks.append(.paragraph(said)) }
    if let said = try separateQuestionsSentence() { blocks.append(.paragraph(said)) }
    return Section(.conclusion, "Conclusion", blocks)
  }

  /// Accuracy and reconstruction under one condition, side by side: each clause is one verdict.
  private func conclusionClauses(_ condition: String) -> Prose? {
    func outcome(_ question: Verdict.Question) -> Verdict.Outcome? { verdict(question, condition)?.outcome }
    var clauses = [
      outcome(.crossEntropyChange).flatMap(accuracyClause),
      reconstructionClause(all: outcome(.fvuChange), ordinary: outcome(.fvuOrdinaryChange)),
    ].compactMap { $0 }
    guard !clauses.isEmpty else { return nil }
    switch outcome(.noiseFloor) {
    case .uninformative?: clauses.append("the noise-floor test says that FVU could not have shown a change of this size")
    case .interpretWithCare?: clauses.append("the noise-floor test asks for care in reading the FVU")
    default: break
    }
    return Prose.list(clauses, last: ", and")
  }

  private func accuracyClause(_ outcome: Verdict.Outcome) -> Prose? {
    switch outcome {
    case .increase: "the model predicts this text measurably worse than \(base)"
    case .decrease: "the model predicts this text measurably better than \(base)"
    case .inconclusive: "no change of the model’s predictions can be told from zero"
    case .identical: "the model’s predictions cost exactly what they cost under \(base)"
    default: nil
    }
  }

  /// By the textbook FVU, over all tokens and over ordinary ones.
  private func reconstructionClause(all: Verdict.Outcome?, ordinary: Verdict.Outcome?) -> Prose? {
    func said(_ outcome: Verdict.Outcome?) -> Prose? {
      switch outcome {
      case .increase?: "the autoencoder reconstructs the activations measurably worse"
      case .decrease?: "the autoencoder reconstructs the activations measurably better"
      case .inconclusive?: "no change in how the autoencoder reconstructs the activations can be told from zero"
      case .identical?: "the autoencoder reconstructs the activations exactly as before"
      default: nil
      }
    }
    func contrast(_ outcome: Verdict.Outcome?) -> Prose {
      switch outcome {
      case .increase?: "it does so measurably worse"
      case .decrease?: "it does so measurably better"
      case .identical?: "nothing changes"
      default: "no change can be told from zero"
      }
    }
    switch (said(all), said(ordinary)) {
    case (let whole?, _?):
      return all == ordinary
        ? "\(whole), over all tokens and over ordinary ones"
        : "\(whole) over all tokens, while over ordinary ones \(contrast(ordinary))"
    case (let whole?, nil): return "\(whole), over all tokens"
    case (nil, let part?): return "\(part), over ordinary tokens"
    case (nil, nil): return nil
    }
  }

  /// What each condition saves in size and costs in cross-entropy.
  private func priceSentence() throws -> Prose? {
    guard let baseline, baseline.effectiveBitsPerParameter > 0 else { return nil }
    let parts: [Prose] = try compressed.compactMap { condition in
      guard let verdict = verdict(.crossEntropyChange, condition.name), numbers.has(.crossEntropy, condition.name) else {
        return nil
      }
      let saved = (1 - condition.effectiveBitsPerParameter / baseline.effectiveBitsPerParameter) * 100
      let text = try NumberText.fixed(saved.magnitude, decimals: 0, of: "size saved") + "%"
      let size = BoundNumber(
        text: text, value: saved, id: "\(numbers.prefix)bits/\(condition.name)/saved",
        detail:
          "\(try NumberFormats.bits(condition.effectiveBitsPerParameter)) instead of \(try NumberFormats.bits(baseline.effectiveBitsPerParameter)) bits per parameter, whole model")
      let start: Prose = "\(strong: condition.name) takes \(size) \(saved < 0 ? "more" : "less") room than \(base)"
      guard let change = try numbers.percentChange(.crossEntropy, condition.name) else { return nil }
      return switch verdict.outcome {
      case .increase, .decrease: "\(start) and changes cross-entropy by \(change)"
      case .inconclusive: "\(start), and its cost in cross-entropy cannot be told from zero"
      case .identical: "\(start) and costs nothing in cross-entropy"
      default: nil
      }
    }
    guard !parts.isEmpty else { return nil }
    return "As for the price: " + parts.dropFirst().reduce(parts[0]) { $0 + "; " + $1 } + "."
  }

  /// Whether accuracy and reconstruction (of ordinary tokens) went the same way, by their verdicts; a verdict that
  /// could not be reached supports neither answer.
  private func separateQuestionsSentence() throws -> Prose? {
    var (together, apart, undecided): ([Prose], [Prose], [Prose]) = ([], [], [])
    for condition in compressed {
      guard let accuracy = verdict(.crossEntropyChange, condition.name)?.outcome,
        let state = (verdict(.fvuOrdinaryChange, condition.name) ?? verdict(.fvuChange, condition.name))?.outcome,
        accuracy != .notMeasured, state != .notMeasured
      else { continue }
      let name: Prose = "\(strong: condition.name)"
      if accuracy == .inconclusive || state == .inconclusive {
        undecided.append(name)
      } else if accuracy == state {
        together.append(name)
      } else {
        apart.append(name)
      }
    }
    var sentences: [Prose] = []
    if !apart.isEmpty {
      sentences.append(
        "Under \(Prose.list(apart)), accuracy and reconstruction went different ways: the one does not stand for the other, and who needs both must measure both."
      )
    }
    if !together.isEmpty {
      sentences.append(
        "Accuracy and reconstruction went the same way under \(Prose.list(together)). That is a finding of this run, not a law: they are separate questions."
      )
    }
    if !undecided.isEmpty {
      sentences.append(
        "Whether accuracy and reconstruction went the same way under \(Prose.list(undecided)) this run cannot say, because at least one of the two changes cannot be told from zero."
      )
    }
    guard let first = sentences.first else { return nil }
    return sentences.dropFirst().reduce(first) { $0 + " " + $1 }
  }

  // MARK: Limitations

  /// Articles of the same kind report their headline at this many tokens.
  private static let articleHeadline = 200_000
  func limitations() throws -> Section {
    let measured = findings.measured
    var items: [Prose] = []
    if findings.isPartial { items.append("The run is unfinished; what is missing may change every number.") }
    if measured.tokens < Self.articleHeadline {
      items.append(
        "\(count: measured.tokens) tokens are few: the article’s headline stands on \(count: Self.articleHeadline).")
    }
    if measured.chunks < VerdictRules.fewClusters {
      items.append(
        "Intervals stand on \(count: measured.chunks) chunks. A bootstrap over fewer than \(count: VerdictRules.fewClusters) units is indicative: the intervals are likely too narrow."
      )
    }
    if description.model.isDequantized {
      items.append(
        "The baseline is a dequantized file (\(description.model.storage)). It already carries one loss, which no number here shows; compressing it again need not do what compressing the original does."
      )
    }
    if let sae = description.sae {
      items.append(
        "One SAE (\(sae.name), \(count: sae.featureCount) features) at one layer, trained on uncompressed activations. Another dictionary or layer may answer otherwise, and FVU does not say whether the same features fire."
      )
    }
    let massive = findings.cells.filter { $0.cell == .massive || $0.cell == .firstAndMassive }
    if massive.map(\.varianceShare).reduce(0, +) > 0.5 {
      items.append(
        "A few massive tokens hold most of the variance, so FVU over all tokens rests on them; the FVU of ordinary tokens does not."
      )
    }
    if let short = measured.shortBatch, description.conditions.contains(where: { $0.kind == "int8" }) {
      items.append(
        "LLM.int8 decides by batch which columns are outliers; the last batch is short (\(count: short) of \(count: description.corpus.batchSize) chunks)."
      )
    }
    items.append(
      "One order of the text, one seed. Intervals tell how the numbers vary with the text sampled, not with the corpus, the hardware or the training of model and SAE."
    )
    items.append(
      "One model. What holds for \(description.model.name) with \(count: description.model.parameterCount) parameters need not hold for models of another size or family."
    )
    return Section(.limitations, "Limitations", [.list(items)])
  }

  // MARK: Reproduction

  func reproduction() throws -> Section {
    let p = description.provenance
    var rows: [[Prose]] = []
    func add(_ name: String, _ value: Prose) { rows.append([Prose(name), value]) }
    add("Checkpoint", "\(description.model.checkpointFiles.joined(separator: ", "))")
    add("Checkpoint, SHA-256", "\(code: description.model.checkpointSHA256)")
    add("Tokenizer, SHA-256", "\(code: description.model.tokenizerSHA256)")
    if let sae = description.sae { add("SAE, SHA-256", "\(code: sae.sha256)") }
    add("Corpus", "\(description.corpus.files.joined(separator: ", "))")
    add("Corpus, SHA-256", "\(code: description.corpus.sha256)")
    add("Token stream, SHA-256", "\(code: description.corpus.tokenStreamSHA256)")
    add("clearbox", "\(p.clearboxVersion), commit \(code: p.commit)")
    add("Libraries", Prose(p.libraries.joined(separator: ", ")))
    add("Kernels", Prose(p.kernels))
    add("Machine", "\(p.cpu); \(p.threads == 1 ? "1 thread" : "\(p.threads) threads"); \(p.operatingSystem)")
    add("Seed", Prose(String(description.seed)))
    add("Started", Prose(p.startTime))
    if let finish = p.finishTime { add("Finished", Prose(finish)) }
    if let seconds = p.elapsedSeconds { add("Time measuring", Prose(try Self.duration(seconds))) }
    if let bytes = p.peakAnonymousBytes {
      add("Peak memory", "\(try NumberText.fixed(Double(bytes) / 1_073_741_824, decimals: 2, of: "peak memory")) GiB anonymous resident")
    }
    return Section(
      .reproduction, "How to reproduce",
      [
        .paragraph(
          "The same inputs on the same kind of machine give the same bits. Every number and figure of this report is computed from the run file, which keeps the raw measurements; \(code: "clearbox render") makes the report from it again, without the model."
        ),
        .code(commands),
        table(
          "provenance", isNumbered: false, caption: "What went in.",
          columns: [.init("Item"), .init("Value")], rows: rows),
        .heading("The study file"),
        .code(description.studyText),
      ])
  }

  /// The count is named unless snapshots go beyond it, which naming it would drop.
  private var commands: String {
    let study = description.study
    let headline = description.budget.headline
    let tokens = description.budget.snapshots.contains { $0 > headline } ? "" : " --tokens \(headline)"
    return """
      clearbox run studies/\(study).yaml\(tokens)
      clearbox render out/\(study)/\(description.model.name).h5

      """
  }

  /// "11 min 42 s".
  static func duration(_ seconds: Double) throws -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else {
      throw PlotError.notFinite(value: "\(seconds)", place: "time of measuring")
    }
    let whole = Int(seconds.rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0 ? "\(hours) h \(minutes) min" : minutes > 0 ? "\(minutes) min \(rest) s" : "\(rest) s"
  }

  // MARK: Appendix

  func appendix() throws -> Section {
    let rules: [[Prose]] = VerdictRules.all.filter { rule in
      findings.verdicts.contains { $0.question == rule.question && $0.outcome != .notMeasured }
    }.map { ["\(code: $0.id)", Prose($0.statement.typeset)] }
    var metrics: [Metric] = []
    for finding in findings.findings where !metrics.contains(where: { $0.id == finding.metric.id }) {
      metrics.append(finding.metric)
    }
    let definitions: [[Prose]] = metrics.map { metric in
      [
        "\(strong: metric.name.typeset) \(code: metric.id)", Prose(metric.formula.typeset),
        Prose(metric.unit == "1" ? "–" : metric.unit), Prose(metric.explanation.typeset),
      ]
    }
    return Section(
      .appendix, "Appendix: rules and definitions",
      [
        table(
          "rules", caption: "When this report says what.", columns: [.init("Rule"), .init("Statement")],
          rows: rules),
        table(
          "metrics", caption: "Definitions of the metrics, with their versions.",
          columns: [.init("Metric and id"), .init("Formula"), .init("Unit"), .init("In words")],
          rows: definitions,
          remarks:
            "x: residual stream of a token; x̂: its reconstruction; x̄: mean over tokens; N tokens of D dimensions. A changed formula gets a new version, and two versions are never compared."
        ),
      ])
  }
}
