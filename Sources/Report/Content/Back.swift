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
    let accuracy = verdict(.crossEntropyChange, condition).flatMap { accuracyClause($0.outcome) }
    let state = verdict(.fvuOrdinaryChange, condition) ?? verdict(.fvuChange, condition)
    let isOrdinary = state?.question == .fvuOrdinaryChange
    let reconstruction = state.flatMap { reconstructionClause($0.outcome, isOrdinary: isOrdinary) }
    var clauses: [Prose] = [accuracy, reconstruction].compactMap { $0 }
    guard !clauses.isEmpty else { return nil }
    switch verdict(.noiseFloor, condition)?.outcome {
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

  private func reconstructionClause(_ outcome: Verdict.Outcome, isOrdinary: Bool) -> Prose? {
    let tokens: Prose = isOrdinary ? "its activations on ordinary tokens" : "its activations"
    return switch outcome {
    case .increase: "the autoencoder reconstructs \(tokens) measurably worse"
    case .decrease: "the autoencoder reconstructs \(tokens) measurably better"
    case .inconclusive: "no change in how the autoencoder reconstructs \(tokens) can be told from zero"
    case .identical: "the autoencoder reconstructs \(tokens) exactly as before"
    default: nil
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

  /// Said only where the two kinds of verdict differ, or where they agree, for at least one condition.
  private func separateQuestionsSentence() throws -> Prose? {
    var apart: [String] = []
    var together: [String] = []
    for condition in compressed {
      guard let accuracy = verdict(.crossEntropyChange, condition.name)?.outcome,
        let state = (verdict(.fvuOrdinaryChange, condition.name) ?? verdict(.fvuChange, condition.name))?.outcome,
        accuracy != .notMeasured, state != .notMeasured
      else { continue }
      if accuracy == state { together.append(condition.name) } else { apart.append(condition.name) }
    }
    if !apart.isEmpty {
      return
        "Under \(Prose.list(apart.map { Prose($0) })), accuracy and reconstruction answered differently: the one does not stand for the other, and who needs both must measure both."
    }
    guard !together.isEmpty else { return nil }
    return
      "Accuracy and reconstruction moved the same way under \(Prose.list(together.map { Prose($0) })). That is a finding of this run, not a law: they are separate questions."
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
      "One model. What holds for \(description.model.name) with \(count: description.model.parameterCount) parameters need not hold for larger ones, which as a rule suffer less from the same compression."
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
        .code("clearbox run studies/\(description.study).yaml"),
        table(
          "provenance", isNumbered: false, caption: "What went in.",
          columns: [.init("Item"), .init("Value")], rows: rows),
        .heading("The study file"),
        .code(description.studyText),
      ])
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
