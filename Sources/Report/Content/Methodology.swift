import Analysis
import Plot
import RunFile

/// How it was measured, filled from the run.
extension ReportBuilder {
  func methodology() throws -> Section {
    var blocks: [Block] = [
      .heading("Model and conditions"), .paragraph(try modelParagraph()), try conditionsTable(),
      .paragraph(try bitsParagraph()),
    ]
    if let sae = description.sae {
      blocks += [.heading("Sparse autoencoder"), .paragraph(saeParagraph(sae))]
      if let figure = figureBlock(.encoding) { blocks.append(figure) }
    }
    blocks += [.heading("Text"), .paragraph(textParagraph()), .paragraph(countParagraph())]
    if description.strata.medianNorm != nil || hasSAE {
      blocks += [.heading("Kinds of tokens"), .paragraph(try strataParagraph())]
    }
    blocks += [.heading("Intervals"), .paragraph(intervalParagraph())]
    return Section(.methodology, "Methodology", blocks)
  }

  private func modelParagraph() throws -> Prose {
    let model = description.model
    let depth = try NumberText.fixed(
      Double(model.layer + 1) / Double(max(1, model.layerCount)) * 100, decimals: 0, of: "depth")
    let storage: Prose =
      model.isDequantized
      ? """
      Its weights were dequantized from a file that stores them with loss (\(model.storage)) and rounded to \
      bfloat16: this is the baseline
      """
      : "Its weights are stored as \(model.storage)"
    return
      """
      \(strong: model.name) (\(model.architecture)) has \(count: model.parameterCount) parameters in \
      \(count: model.layerCount) layers; its residual stream is \(count: model.dModel) wide and is read after \
      layer \(count: model.layer), counted from 0, that is after \(depth)% of the layers. \(storage). The \
      compressed conditions are made from the baseline’s weights when they are loaded; they change the linear \
      layers (\(count: model.compressibleParameterCount) parameters), while embeddings, output head and norms \
      stay as they are.
      """
  }

  private func conditionsTable() throws -> Block {
    var rows: [[Prose]] = []
    for condition in description.conditions {
      let settings = condition.parameters.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      rows.append([
        "\(strong: condition.name)", Prose(condition.label + (condition.isBaseline ? " (baseline)" : "")),
        Prose(settings.isEmpty ? "–" : settings),
        Prose(try bits(condition.bitsPerCompressedParameter, condition.name, "linear layers")),
        Prose(try bits(condition.effectiveBitsPerParameter, condition.name, "whole model")),
      ])
    }
    return table(
      "conditions", isNumbered: false,
      caption:
        "Conditions, with bits per parameter of the compressed linear layers and of the whole model, scales included.",
      columns: [
        .init("Condition"), .init("Method"), .init("Settings"), .init("Bits, linear", .right),
        .init("Bits, model", .right),
      ], rows: rows)
  }

  func bits(_ value: Double, _ condition: String, _ part: String) throws -> BoundNumber {
    let text = try NumberFormats.bits(value)
    return BoundNumber(
      text: text, value: value, id: "\(numbers.prefix)bits/\(condition)/\(part)",
      detail: "Bits per parameter, \(part), condition \(condition), scales counted: \(text)")
  }

  /// "4-bit" is not 4 where most of a model is embeddings.
  private func bitsParagraph() throws -> Prose {
    let model = description.model
    let share = Double(model.compressibleParameterCount) / Double(max(1, model.parameterCount)) * 100
    let percent = try NumberText.fixed(share, decimals: 0, of: "share of compressible parameters")
    guard
      let smallest = compressed.min(by: { $0.effectiveBitsPerParameter < $1.effectiveBitsPerParameter })
    else { return "The run has no compressed condition." }
    let inLayers = try bits(smallest.bitsPerCompressedParameter, smallest.name, "linear layers")
    let inModel = try bits(smallest.effectiveBitsPerParameter, smallest.name, "whole model")
    return
      """
      Only \(percent)% of the parameters are in layers that are compressed. So \(strong: smallest.name), with \
      \(inLayers) bits per parameter where it applies, leaves the whole model at \(inModel) bits per parameter; \
      figures use the latter.
      """
  }

  private func saeParagraph(_ sae: RunDescription.SAE) -> Prose {
    """
    One autoencoder serves all conditions, as in the article: \(strong: sae.name), \
    \(sae.architectureName), \(count: sae.featureCount) features, in \
    \(sae.format) format, computed in float32.
    """
  }

  private func textParagraph() -> Prose {
    let corpus = description.corpus
    let sources: Prose =
      corpus.sources.isEmpty
      ? ""
      : """
      , from \(corpus.sources.count == 1 ? "one source" : "\(corpus.sources.count) sources") \
      (\(Prose.list(corpus.sources.map { Prose($0) })))
      """
    return
      """
      The text is \(strong: corpus.name): \(count: corpus.documentCount) documents\(sources), \(corpus.order). \
      \(packingSentences())
      """
  }

  /// How documents became chunks, style by style.
  private func packingSentences() -> Prose {
    let corpus = description.corpus
    let size: Prose =
      "chunks of \(count: corpus.chunkLength) tokens, \(count: corpus.batchSize) \(corpus.batchSize == 1 ? "chunk" : "chunks") to a batch"
    switch corpus.packing {
    case "article":
      return """
        Packing is the article’s: each document starts with a BOS token, documents follow one another in one \
        stream, and the stream is cut into \(size). Documents are not masked from each other, and a chunk need \
        not start with BOS.
        """
    case "saelens":
      return """
        Packing is SAELens’: documents follow one another in \(size), with a BOS token at the start of each chunk and \
        between documents. Documents are not masked from each other.
        """
    case "transformer_lens":
      return """
        Packing is TransformerLens’: documents follow one another in groups of 1,000, an end token between them, cut into \
        \(size), each with a BOS token in front; what fills no chunk at a group’s end is left out. Documents are not \
        masked from each other.
        """
    case "llama_cpp":
      return """
        Packing is llama-perplexity’s: the documents, joined by empty lines, are one text, tokenized whole and cut \
        into \(size). Each chunk’s first token is replaced by BOS, and only predictions made in its second half are \
        scored. Documents are not masked from each other.
        """
    default:
      return "Packing: \(corpus.packing), \(size)."
    }
  }

  private func countParagraph() -> Prose {
    let measured = findings.measured
    var short: Prose = ""
    if let count = measured.shortBatch {
      short = " The last batch holds \(count: count) \(count == 1 ? "chunk" : "chunks") only."
    }
    let scored: Prose
    if measured.predictions == measured.tokens - measured.chunks {
      scored = " A chunk’s last token has no successor, so \(count: measured.predictions) predictions entered cross-entropy."
    } else if measured.predictions > 0 {
      scored = " \(count: measured.predictions) predictions were scored and entered cross-entropy."
    } else {
      scored = ""
    }
    let reason: Prose =
      measured.tokens == description.budget.headline
      ? ""
      : measured.tokens > description.budget.headline
        ? " (the first batch boundary at or after them)" : findings.isPartial ? " so far" : ", all that the corpus has"
    return
      """
      Asked for were \(count: description.budget.headline) tokens; measured were \
      \(strong: NumberText.integer(measured.tokens))\(reason), in \(count: measured.chunks) chunks and \
      \(count: measured.batches) batches, from \(count: measured.documents) documents.\(scored)\(short)
      """
  }

  private func strataParagraph() throws -> Prose {
    let strata = description.strata
    let multiple = try NumberText.fixed(
      strata.massiveMultiple, decimals: strata.massiveMultiple == strata.massiveMultiple.rounded() ? 0 : 1,
      of: "multiple of the median norm")
    let norm: Prose
    if let median = strata.medianNorm {
      norm = " over the first batch (\(try NumberText.significant(median, digits: 4, of: "median norm")))"
    } else {
      norm = ""
    }
    return
      """
      \(emphasis: "First") tokens are BOS and those at the first \(count: strata.firstPositions) positions of a \
      chunk. \(emphasis: "Massive") tokens have a residual norm above \(multiple) times the median\(norm), judged \
      on \(base) so that all conditions share them. \(emphasis: "Ordinary") tokens are neither. Every FVU below \
      names its form and its tokens.
      """
  }

  private func intervalParagraph() -> Prose {
    let bootstrap = description.bootstrap
    return
      """
      All intervals are \(numbers.level) bootstrap intervals, bias-corrected and accelerated (BCa), with \
      \(count: bootstrap.replicates) replicates, seed \(String(description.seed)). Chunks are resampled whole, \
      because tokens of a chunk are not independent; numerators and denominators are resampled together; and \
      differences are paired: each replicate draws the same chunks for both conditions.
      """
  }
}
