import Analysis
import RunFile
import Words

/// Limitations that follow from these runs.
extension ReportBuilder {
  func limitations() throws -> Section {
    var items: [Prose] = []
    items += try each { $0.findings.isPartial ? "The run is unfinished; what is missing may change every number." : nil }
    items += try each { model in
      let headline = reference.tokens.headlineInText
      guard model.findings.measured.tokens < headline else { return nil }
      return
        "\(count: model.findings.measured.tokens) tokens are few: the article’s headline stands on \(count: headline)."
    }
    items += try each { model in
      guard !model.isSummary, model.fewestChunks < VerdictRules.fewClusters else { return nil }
      return """
        Intervals stand on \(count: model.fewestChunks) chunks\(model.findings.ownCounts.isEmpty ? "" : " or more"). A bootstrap over fewer than \
        \(count: VerdictRules.fewClusters) units is indicative: the intervals are likely too narrow.
        """
    }
    let judged = [
      Verdict.Question.crossEntropyChange, .fvuArticleChange, .fvuChange, .fvuOrdinaryChange, .errorChange,
      .errorOrdinaryChange,
    ].flatMap(entries).flatMap(\.models).filter { !$0.isSummary }.count
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
    items += try each { model in
      guard model.description.model.isDequantized else { return nil }
      return """
        The baseline is a dequantized file (\(model.description.model.storage)). It already carries one loss, which no \
        number here shows; compressing it again need not do what compressing the original does.
        """
    }
    items += try each { model in
      guard let rounded = model.description.rounded else { return nil }
      return """
        The run file behind this report is a copy for publishing: its measurements are rounded to \
        \(count: rounded.significantBits) significant bits, that is by at most one part in \(count: 1 << rounded.significantBits). \
        The last digit of a number can differ from the original run’s.
        """
    }
    let saes = models.compactMap(\.description.sae)
    if !saes.isEmpty {
      let names: [Prose] = saes.map { "\($0.name), \(count: $0.featureCount) features" }
      items.append(
        """
        One SAE\(areSeveral ? " per model" : "") (\(names.dropFirst().reduce(names[0]) { $0 + "; " + $1 })) at one layer. \
        Another dictionary or layer may answer otherwise, and FVU does not say whether the same \
        features fire.
        """
      )
    }
    items += try each { model in
      let massive = model.findings.cells.filter { $0.cell == .massive || $0.cell == .firstAndMassive }
      guard massive.map(\.varianceShare).reduce(0, +) > 0.5 else { return nil }
      return """
        A few massive tokens hold most of the variance, so FVU over all tokens rests on them. Ordinary tokens are \
        ordinary by their norms under \(model.base): one that becomes massive under compression stays among them, and \
        enlarges the variance that their FVU divides by.
        """
    }
    items += try each { model in
      guard let short = model.findings.measured.shortBatch,
        model.description.conditions.contains(where: { $0.kind == "int8" })
      else { return nil }
      return """
        LLM.int8 decides by batch which columns are outliers; the last batch is short (\(count: short) of \
        \(count: model.description.corpus.batchSize) chunks).
        """
    }
    items.append(
      """
      Rounding has noise of its own: summing the same products in another order moves a bfloat16 forward pass, and \
      LLM.int8 amplifies it (docs/validation.md has its size on one model). The intervals contain the part of it that varies between chunks, not a shift \
      that all chunks share; a change of that size is not compression’s alone.
      """
    )
    if hasNoiseFloor {
      items.append(
        """
        The noise-floor ratio compares sums over tokens: a few that move far can carry it, and it does not say that a \
        typical token is moved so far.
        """
      )
    }
    if hasSnapshots {
      items.append(
        """
        “Settled” is judged on one form of FVU and within a tolerance; smaller differences, and FVU in other forms or \
        over other tokens, may still move with more text.
        """
      )
    }
    items.append(
      """
      One order of the text, one seed. Intervals tell how the numbers vary with the text sampled, not with the \
      corpus, the hardware or the training of model and SAE.
      """
    )
    let sized: [Prose] = models.map {
      "\($0.name) with \(count: $0.description.model.parameterCount) parameters"
    }
    items.append(
      """
      \(Self.word(models.count).capitalizedFirst) model\(areSeveral ? "s" : ""). What holds for \(Prose.list(sized)) \
      need not hold for models of another size or family.
      """
    )
    return Section(.limitations, "Limitations and further research", [.list(items)] + (try furtherResearch()))
  }
}
