import Analysis
import RunFile
import Words

/// One section per measure: what was found, the figure, the table.
extension ReportBuilder {
  // MARK: Performance

  func performance() throws -> Section? {
    guard hasAccuracy else { return nil }
    var blocks: [Block] = []
    if let said = try sentences(.crossEntropyChange) { blocks.append(.paragraph(said)) }
    if let figure = figureBlock(.performance) { blocks.append(figure) }
    let rows = try rows(conditions, measured: { $0.numbers.has(.crossEntropy, $1) }) { model, name in
      let numbers = model.numbers
      return [
        Prose(try numbers.value(.crossEntropy, name)),
        numbers.has(.perplexity, name) ? Prose(try numbers.value(.perplexity, name)) : "–",
        try numbers.percentChange(.crossEntropy, name).map { Prose($0) } ?? "–",
        try numbers.percentInterval(.crossEntropy, name).map { "\($0)" } ?? "–",
        numbers.has(.kl, name) ? Prose(try numbers.value(.kl, name)) : "–",
        numbers.has(.top1Agreement, name) ? Prose(try numbers.value(.top1Agreement, name)) : "–",
      ]
    }
    blocks.append(
      table(
        "performance", caption: "Model performance by \(areSeveral ? "model and " : "")condition.",
        columns: modelColumn + [
          .init("Condition"), .init("Cross-entropy", .right), .init("Perplexity", .right), .init("Change of cross-entropy", .right),
          .init("\(level) interval", .right), .init("KL", .right), .init("Top-1", .right),
        ], rows: rows,
        remarks:
          """
          Cross-entropy and KL divergence in nats per token. Change and interval: of cross-entropy, in percent of \
          \(base), paired. KL: from \(base) to the condition. Top-1: positions where both rank the same token \
          first.
          """
      ))
    if let agreement = try agreementSentence() { blocks.append(.paragraph(agreement)) }
    if let sources = try sourcesTable() {
      blocks += [.heading("By text source"), figureBlock(.sources), sources].compactMap(\.self)
    }
    return Section(.performance, "Model performance", blocks)
  }

  private func sourcesTable() throws -> Block? {
    var names: [String] = []
    for source in models.flatMap(\.findings.sources) where !names.contains(source.source) { names.append(source.source) }
    guard !names.isEmpty else { return nil }
    var rows: [[Prose]] = []
    for model in models {
      for name in names {
        let own = model.findings.sources.filter { $0.source == name }
        guard let baseline = own.first(where: { $0.condition == model.base }) else { continue }
        rows.append(
          modelCell(model) + [
            Prose(name), Prose(NumberText.integer(baseline.crossEntropy.tokenCount)),
            Prose(try model.numbers.source(baseline)),
          ]
            + (try compressed.map { condition in
              guard let source = own.first(where: { $0.condition == condition }) else {
                return areSeveral ? "not measured" : "–"
              }
              return try sourceChange(source, model) ?? "–"
            }))
      }
    }
    return table(
      "sources", caption: "Cross-entropy by text source: nats per token under \(base), and change in percent.",
      columns: modelColumn + [
        .init("Source"), .init("Predictions", .right), .init(base, .right),
      ] + compressed.map { .init($0, .right) }, rows: rows,
      remarks:
        """
        In brackets: paired \(level) intervals. † From fewer than \(count: VerdictRules.fewClusters) \
        chunks: indicative; from one chunk there is no interval. The text decides how hard a source is: \
        compare cross-entropies along a row; changes in percent can be compared down a column. The intervals are each for \
        one number; no correction is made for their number.
        """
    )
  }

  private func sourceChange(_ source: SourceFinding, _ model: ReportModel) throws -> Prose? {
    guard let change = try model.numbers.sourceChangeWithInterval(source) else { return nil }
    return source.percentChange?.isIndicative == true ? change + "†" : change
  }

  // MARK: Reconstruction

  func reconstruction() throws -> Section? {
    guard hasSAE else { return nil }
    var blocks: [Block] = [
      .heading("What FVU says"),
      .paragraph(
        """
        An SAE rewrites each activation vector as a sum of a few features out of many. The fraction of variance \
        unexplained (FVU) asks how much of the variation between tokens this rewriting misses: 0 is a perfect \
        copy, 1 is no better than answering every time with the average. It says nothing about how good the model \
        is, only whether this dictionary still describes its states.
        """
      ),
      .paragraph(
        """
        “The average” hides a choice. The textbook form measures variation around the mean vector, dimension by \
        dimension. The article’s code measures it around one single number, the mean over all tokens and \
        dimensions. Where activations have a large part that all tokens share, the article’s form counts it as variation that the \
        SAE explains, and comes out smaller. \
        Neither is wrong, but they are not the same quantity, and only equal forms on equal tokens may be \
        compared.
        """
      ),
    ]
    if let said = try definitionSentence() { blocks.append(.paragraph(said)) }
    blocks.append(.heading("What compression changes"))
    for question in [Verdict.Question.fvuChange, .fvuArticleChange, .errorChange, .fvuOrdinaryChange, .errorOrdinaryChange] {
      if let said = try sentences(question) { blocks.append(.paragraph(said)) }
    }
    if let said = grownVarianceSentence() { blocks.append(.paragraph(said)) }
    if let figure = figureBlock(.fvu) { blocks.append(figure) }
    if hasAccuracy, let figure = figureBlock(.tradeoff) { blocks.append(figure) }
    blocks.append(try fvuTable())
    if let others = try otherMeasuresTable() { blocks.append(others) }
    if let cells = try cellBlocks() { blocks += cells }
    return Section(.reconstruction, "SAE reconstruction", blocks)
  }

  private func fvuTable() throws -> Block {
    var all: [[Prose]] = []
    var groups: [String] = []
    for stratum in Stratum.allCases {
      let own = try rows(
        conditions,
        measured: { $0.numbers.has(.fvu, $1, stratum) || $0.numbers.has(.fvuArticle, $1, stratum) }
      ) { model, name in
        try [Metric.fvuArticle, .fvu].flatMap { metric -> [Prose] in
          guard model.numbers.has(metric, name, stratum) else { return ["–", "–"] }
          return [
            Prose(try model.numbers.value(metric, name, stratum)),
            try model.numbers.changeWithInterval(metric, name, stratum) ?? "–",
          ]
        }
      }
      all += own
      groups += own.map { _ in stratum.title.capitalizedFirst }
    }
    return table(
      "fvu", caption: "FVU by tokens, \(areSeveral ? "model, " : "")condition and form.", groups: groups,
      columns: modelColumn + [
        .init("Condition"), .init("FVU, article’s", .right), .init("Change, article’s", .right),
        .init("FVU, textbook", .right), .init("Change, textbook", .right),
      ], rows: all,
      remarks: "Change against \(base), with its paired \(level) interval in brackets.")
  }

  private func otherMeasuresTable() throws -> Block? {
    let metrics: [Metric] = [.l0, .mse, .cosine, .relativeResidual, .relativeErrorMedian].filter { metric in
      models.contains { $0.numbers.has(metric) }
    }
    guard !metrics.isEmpty else { return nil }
    let rows = try rows(
      conditions, measured: { model, name in metrics.contains { model.numbers.has($0, name) } }
    ) { model, name in
      try metrics.map { model.numbers.has($0, name) ? Prose(try model.numbers.value($0, name)) : "–" }
    }
    return table(
      "reconstruction", caption: "Other measures of the reconstruction, all tokens.",
      columns: modelColumn + [.init("Condition")] + metrics.map { .init($0.name.typeset, .right) }, rows: rows,
      remarks: "L0: features active per token. The others are defined in \(reference(table: "metrics")).")
  }

  // MARK: Noise floor

  func noiseFloor() throws -> Section? {
    guard hasNoiseFloor else { return nil }
    var blocks: [Block] = [
      .paragraph(
        """
        If compression moves the activations by less than the SAE misses anyway, an unchanged FVU proves little. \
        The noise-floor test divides the one by the other: above 1, compression moves the residual stream farther \
        than the SAE’s own reconstruction is from it. The ratio compares lengths, not squares; FVU is a ratio of \
        squares.
        """
      )
    ]
    if let said = try sentences(.noiseFloor) { blocks.append(.paragraph(said)) }
    if let figure = figureBlock(.noiseFloor) { blocks.append(figure) }
    var all: [[Prose]] = []
    var groups: [String] = []
    let metrics: [Metric] = [.perturbation, .noiseFloorArticle, .noiseFloor, .movedFarther]
    for stratum in Stratum.allCases {
      let own = try rows(
        compressed, measured: { model, name in metrics.contains { model.numbers.has($0, name, stratum) } }
      ) { model, name in
        try metrics.map {
          model.numbers.has($0, name, stratum) ? try model.numbers.valueWithInterval($0, name, stratum) : "–"
        }
      }
      all += own
      groups += own.map { _ in stratum.title.capitalizedFirst }
    }
    blocks.append(
      table(
        "noise-floor", caption: "Noise floor by tokens\(areSeveral ? ", model" : "") and condition.", groups: groups,
        columns: modelColumn + [
          .init("Condition"), .init("Perturbation", .right), .init("Ratio, article’s code", .right),
          .init("Ratio, article’s prose", .right), .init("Tokens moved farther", .right),
        ], rows: all,
        remarks:
          """
          Perturbation: relative L2 distance of the activations from those of \(base). The article’s code divides \
          it by the SAE’s residual on the compressed activations, its prose by that on \(base). Moved farther: share of \
          tokens that compression moves farther than the SAE misses them. In brackets: \
          \(level) intervals.
          """
      ))
    return Section(.noiseFloor, "Noise floor", blocks)
  }

  // MARK: Stabilization

  func stabilization() throws -> Section? {
    guard hasSnapshots else { return nil }
    var blocks: [Block] = []
    if let said = try sentences(.fvuStable) { blocks.append(.paragraph(said)) }
    if let figure = figureBlock(.stabilization) { blocks.append(figure) }
    var facets: [(metric: Metric, stratum: Stratum)] = []
    for snapshot in models.flatMap(\.findings.snapshots)
    where !facets.contains(where: { $0.metric.id == snapshot.metric.id && $0.stratum == snapshot.stratum }) {
      facets.append((snapshot.metric, snapshot.stratum))
    }
    var all: [[Prose]] = []
    var groups: [String] = []
    for (metric, stratum) in facets {
      func snapshots(_ model: ReportModel, _ condition: String) -> [Snapshot] {
        model.findings.snapshots.filter {
          $0.metric.id == metric.id && $0.stratum == stratum && $0.condition == condition
        }
      }
      let own = try rows(conditions, measured: { !snapshots($0, $1).isEmpty }) { model, name in
        let measured = snapshots(model, name)
        return try actualCounts.map { count in
          try measured.first { $0.tokens == count }.map { Prose(try model.numbers.snapshot($0)) } ?? "–"
        }
      }
      all += own
      groups += own.map { _ in "\(metric.name.typeset), \(stratum.title)" }
    }
    let asked = distinct { Self.list($0.description.budget.snapshots.map(NumberText.integer)) }
    blocks.append(
      table(
        "stabilization", caption: "FVU over the first tokens of the run.", groups: groups,
        columns: modelColumn + [.init("Condition")]
          + actualCounts.map { .init(NumberText.integer($0), .right) }, rows: all,
        remarks:
          """
          Columns: actual numbers of tokens, each the first batch boundary at or after the number asked for \
          (\(asked.joined(separator: "; "))).
          """
      ))
    return Section(.stabilization, "Sample-size stabilization", blocks)
  }
}
