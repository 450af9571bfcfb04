import Analysis
import RunFile
import Words

/// Against the published numbers: what the article printed, beside what was measured here.
extension ReportBuilder {
  /// Nil where nothing of it was measured on a model that the article did not study.
  func published() throws -> Section? {
    let compared = models.map { (model: $0, comparisons: reference.comparisons(with: $0.findings)) }
    guard compared.contains(where: { $0.comparisons.contains { !$0.isContext || $0.outcome != .notMeasured } }) else {
      return nil
    }
    var rows: [[Prose]] = []
    for (model, comparisons) in compared { rows += try publishedRows(comparisons, model) }
    var blocks: [Block] = []
    blocks += recognitionParagraphs().map { .paragraph($0) }
    blocks += apart { publishedSentence($0, isAlone: false) }.map { .paragraph($0) }
    blocks.append(
      table(
        "published", caption: "The published numbers beside the measured ones.",
        columns: modelColumn + [
          .init("Quantity"), .init("Condition"), .init("Published", .right), .init("Measured", .right), .init("Verdict"),
        ], rows: rows, headings: modelColumn.count + 1,
        remarks:
          """
          In brackets: \(level) intervals. The rules are in \(reference(table: "rules")). Not published: \
          \(reference.notKnown.joined(separator: "; ")).
          """))
    if let forms = try formsBlocks() { blocks += forms }
    return Section(.published, "Against the published numbers", blocks)
  }

  // MARK: Whether the article studied the model

  private func recognitionParagraphs() -> [Prose] {
    var (studied, others): ([Prose], [String]) = ([], [])
    for model in models {
      guard let known = reference.model(of: model.description) else {
        others.append(model.name)
        continue
      }
      studied.append(
        """
        \(strong: model.name) has the shape of its \(known.name) (\(known.checkpoint): width \(count: known.dModel), \
        \(count: known.layerCount) layers) and is read after the same layer, \(count: known.layer)
        """)
    }
    var paragraphs: [Prose] = []
    if !studied.isEmpty {
      paragraphs.append(
        """
        The article studied \(studied.count == 1 ? "such a model" : "such models"): \(Prose.list(studied)). Whether \
        checkpoint, autoencoder and text are the article’s too, only their hashes could tell\(models.contains { $0.description.origin == nil } ? ": they stand under “How to reproduce”" : ", and the source has none").
        """)
    }
    if !others.isEmpty {
      let own: Prose =
        !areSeveral ? "this model" : Prose.list(others.map { "\(strong: $0)" })
      paragraphs.append(
        """
        The article studied \(Self.list(reference.models.map(\.name))), not \(own). Its numbers stand here as context: \
        model, and with it autoencoder, text and baseline may all differ, so a difference below has no single cause, and \
        nothing is reproduced or refuted.
        """)
    }
    return paragraphs
  }

  // MARK: What came out

  /// Counts the outcomes, and names what does not agree; of context, says that it is no more.
  ///
  /// - Parameter isAlone: where no other sentence says whether the article studied the model.
  func publishedSentence(_ model: ReportModel, isAlone: Bool) -> Prose? {
    let all = reference.comparisons(with: model.findings)
    let decided = all.filter { $0.outcome != .notMeasured }
    guard let first = decided.first else {
      return all.isEmpty || all[0].isContext ? nil : "None of the article’s published numbers was measured."
    }
    if first.isContext {
      guard isAlone else { return nil }
      return """
        The article did not study this model. Its numbers stand beside these as context, in \
        \(reference(table: "published")); nothing is reproduced or refuted.
        """
    }
    let agreeing = decided.count { $0.outcome == .agrees }
    let start: Prose = "Set beside the article’s published numbers, "
    var parts: [Prose] = [
      """
      \(count: agreeing) of \(count: decided.count) measured \(decided.count == 1 ? "quantity" : "quantities") \
      \(agreeing == 1 ? "agrees" : "agree")
      """
    ]
    for (outcome, word) in [
      (ReferenceComparison.Outcome.larger, "larger"), (.smaller, "smaller"), (.inconclusive, "inconclusive"),
    ] {
      let own = decided.filter { $0.outcome == outcome }
      guard !own.isEmpty else { continue }
      parts.append("\(word): \(Prose.list(quantities(own), last: ", and"))")
    }
    let missing = Set(all.filter { $0.outcome == .notMeasured }.map { $0.findings[0].id }).count
    if missing > 0 { parts.append("\(count: missing) not measured") }
    return start + parts.dropFirst().reduce(parts[0]) { $0 + "; " + $1 } + "."
  }

  /// "change of cross-entropy under int8 and nf4".
  private func quantities(_ comparisons: [ReferenceComparison]) -> [Prose] {
    var groups: [(name: String, conditions: [String])] = []
    for comparison in comparisons {
      let name = Self.name(comparison)
      if let index = groups.firstIndex(where: { $0.name == name }) {
        groups[index].conditions.append(comparison.condition)
      } else {
        groups.append((name, [comparison.condition]))
      }
    }
    return groups.map { "\($0.name) under \(Prose.list($0.conditions.map { "\(strong: $0)" }))" }
  }

  private static func name(_ comparison: ReferenceComparison) -> String {
    let metric: String =
      switch comparison.metric.id {
      case Metric.crossEntropy.id: "cross-entropy"
      case Metric.noiseFloorArticle.id: "noise-floor ratio (article’s code)"
      case Metric.fvuArticle.id: "FVU (article’s form)"
      default: comparison.metric.name.typeset
      }
    switch comparison.quantity {
    case .percentChange, .change: return "change of \(metric)"
    case .value: return metric
    case .snapshotDifference:
      let counts = (comparison.findings[0].snapshots ?? []).map(NumberText.integer)
      return "\(metric), from \(counts.joined(separator: " to ")) tokens"
    }
  }

  // MARK: The table

  private func publishedRows(_ comparisons: [ReferenceComparison], _ model: ReportModel) throws -> [[Prose]] {
    var rows: [(key: String, conditions: [String], cells: [Prose])] = []
    for comparison in comparisons {
      let first = comparison.findings[0]
      let isMissing = comparison.outcome == .notMeasured
      // Conditions in which one quantity is missing share a row.
      if isMissing, let last = rows.last, last.key == first.id {
        rows[rows.count - 1].conditions.append(comparison.condition)
        continue
      }
      let printed: [Prose] = comparison.findings.map {
        comparison.isContext && $0.model != nil ? "\($0.printed) (\($0.model ?? ""))" : Prose($0.printed)
      }
      rows.append(
        (
          isMissing ? first.id : "", [comparison.condition],
          [Prose.list(printed), try measured(comparison, model), Self.verdict(comparison)]
        ))
      rows[rows.count - 1].cells.insert(Prose(Self.name(comparison).capitalizedFirst), at: 0)
    }
    return rows.map { row in
      modelCell(model) + [row.cells[0], Prose.list(row.conditions.map { "\(strong: $0)" })] + row.cells.dropFirst()
    }
  }

  private static func verdict(_ comparison: ReferenceComparison) -> Prose {
    let word: Prose =
      switch comparison.outcome {
      case .agrees: "agrees"
      case .larger: "larger"
      case .smaller: "smaller"
      case .inconclusive: "inconclusive"
      case .notMeasured: "–"
      }
    return comparison.isContext && comparison.outcome != .notMeasured ? word + " (context)" : word
  }

  /// "not measured", or the number with its interval.
  private func measured(_ comparison: ReferenceComparison, _ model: ReportModel) throws -> Prose {
    let numbers = model.numbers
    guard comparison.measured != nil else { return "not measured" }
    let (metric, condition) = (comparison.metric, comparison.condition)
    switch comparison.quantity {
    case .percentChange: return try numbers.percentWithInterval(metric, condition) ?? "not measured"
    case .change: return try numbers.changeWithInterval(metric, condition) ?? "not measured"
    case .value: return try numbers.valueWithInterval(metric, condition)
    case .snapshotDifference:
      let counts = (comparison.findings[0].snapshots ?? []).compactMap { asked in
        model.findings.snapshots.first { $0.requestedTokens == asked && $0.condition == condition }?.tokens
      }
      guard counts.count == 2 else { return "not measured" }
      let tokens = MeasureAddress.Tokens.between(counts[0], counts[1], .all)
      return try numbers.number(
        .measure(MeasureAddress(metric: metric.id, condition: condition, tokens: tokens))
      ).map { Prose($0) } ?? "not measured"
    }
  }

  // MARK: Text and code

  /// Where the article's text and its public code differ: what each says, and both numbers.
  private func formsBlocks() throws -> [Block]? {
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
    let tokens = reference.tokens
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
    let blocks: [Block] = [.heading("Where the article’s text and code differ")] + paragraphs.map { .paragraph($0) }
    guard !rows.isEmpty else { return blocks }
    return blocks + [
      table(
        "forms", caption: "Both forms of what the article’s text and code define differently, all tokens.",
        columns: modelColumn + [
          .init("Condition"), .init("Change of FVU, code", .right), .init("Change of FVU, textbook", .right),
          .init("Noise floor, code", .right), .init("Noise floor, text", .right),
        ], rows: rows,
        remarks: "Change against \(base). In brackets: \(level) intervals.")
    ]
  }
}
