import Analysis
import Plot
import RunFile

/// Limitations that follow from this run.
extension ReportBuilder {
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
        """
        Intervals stand on \(count: measured.chunks) chunks. A bootstrap over fewer than \
        \(count: VerdictRules.fewClusters) units is indicative: the intervals are likely too narrow.
        """
      )
    }
    if description.model.isDequantized {
      items.append(
        """
        The baseline is a dequantized file (\(description.model.storage)). It already carries one loss, which no \
        number here shows; compressing it again need not do what compressing the original does.
        """
      )
    }
    if let sae = description.sae {
      items.append(
        """
        One SAE (\(sae.name), \(count: sae.featureCount) features) at one layer, trained on uncompressed \
        activations. Another dictionary or layer may answer otherwise, and FVU does not say whether the same \
        features fire.
        """
      )
    }
    let massive = findings.cells.filter { $0.cell == .massive || $0.cell == .firstAndMassive }
    if massive.map(\.varianceShare).reduce(0, +) > 0.5 {
      items.append(
        """
        A few massive tokens hold most of the variance, so FVU over all tokens rests on them. Ordinary tokens are \
        ordinary by their norms under \(base): one that becomes massive under compression stays among them, and \
        enlarges the variance that their FVU divides by.
        """
      )
    }
    if let short = measured.shortBatch, description.conditions.contains(where: { $0.kind == "int8" }) {
      items.append(
        """
        LLM.int8 decides by batch which columns are outliers; the last batch is short (\(count: short) of \
        \(count: description.corpus.batchSize) chunks).
        """
      )
    }
    items.append(
      """
      Rounding has noise of its own: summing the same products in another order moves a bfloat16 forward pass, and \
      LLM.int8 amplifies it (docs/validation.md has its size on one model). The intervals do not contain it; a change \
      of that size is not compression’s alone.
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
    if !findings.snapshots.isEmpty {
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
    items.append(
      """
      One model. What holds for \(description.model.name) with \(count: description.model.parameterCount) \
      parameters need not hold for models of another size or family.
      """
    )
    return Section(.limitations, "Limitations", [.list(items)])
  }
}
