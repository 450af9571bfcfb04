import Analysis
import RunFile
import Words

/// What text was measured, how it was packed, and how much of it.
extension MethodologySection {
  func textParagraph(_ model: ReportModel) -> Prose? {
    let corpus = model.description.corpus
    let sources: Prose =
      corpus.sources.isEmpty
      ? ""
      : """
      , from \(corpus.sources.count == 1 ? "one source" : "\(corpus.sources.count) sources") \
      (\(Prose.list(corpus.sources.map { Prose($0) })))
      """
    if model.description.origin != nil, corpus.name == RunDescription.notRecorded {
      return "What text was measured, the source does not say."
    }
    let documents: Prose = corpus.documentCount > 0 ? ": \(count: corpus.documentCount) documents\(sources)" : ""
    let order: Prose = corpus.order == RunDescription.notRecorded ? "" : ", \(corpus.order)"
    return
      """
      The text is \(strong: corpus.name)\(documents)\(order). \
      \(packingSentences(corpus))
      """
  }

  /// How documents became chunks, style by style.
  private func packingSentences(_ corpus: RunDescription.Corpus) -> Prose {
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

  func countParagraph(_ model: ReportModel) -> Prose? {
    let measured = model.findings.measured
    let budget = model.description.budget
    if model.isSummary {
      return """
        The source states \(strong: NumberText.integer(measured.tokens)) tokens, and \(count: measured.predictions) \
        predictions for cross-entropy; where a measure stands on another count, its table says so.
        """
    }
    var short: Prose = ""
    if let count = measured.shortBatch {
      short = " The last batch holds \(count: count) \(count == 1 ? "chunk" : "chunks") only."
    }
    let accuracy = model.findings.measured(by: "accuracy")
    let scored: Prose
    if accuracy.predictions == accuracy.tokens - accuracy.chunks {
      scored =
        " A chunk’s last token has no successor: \(count: accuracy.predictions) predictions."
    } else if accuracy.predictions > 0 {
      scored = " \(count: accuracy.predictions) predictions were scored and entered cross-entropy."
    } else {
      scored = ""
    }
    let asked: Prose =
      measured.tokens == budget.headline
      ? "We measured \(strong: NumberText.integer(measured.tokens)) tokens"
      : measured.tokens > budget.headline
        ? """
        We asked for \(count: budget.headline) tokens; whole batches made it \(strong: NumberText.integer(measured.tokens))
        """
        : """
        We asked for \(count: budget.headline) tokens; measured were \(strong: NumberText.integer(measured.tokens))\
        \(model.findings.isPartial ? " so far" : ", all that the corpus has")
        """
    let corpus = model.description.corpus.name
    let text: Prose = corpus == RunDescription.notRecorded ? "" : " of \(strong: corpus)"
    return
      """
      \(asked)\(text), in \(count: measured.chunks) chunks from \(count: measured.documents) \
      documents.\(ownCounts(model))\(scored)\(short)
      """
  }

  /// The measures whose numbers stand on a count of their own.
  private func ownCounts(_ model: ReportModel) -> Prose {
    let own = model.description.budget.counts.compactMap { count -> Prose? in
      guard let section = report.sections.first(where: { $0.measure?.experiment == count.experiment }) else {
        return nil
      }
      return "\(section.subject) the first \(count: model.findings.measured(by: count.experiment).tokens) tokens"
    }
    return own.isEmpty ? "" : " Some measures have a count of their own: \(Prose.list(own))."
  }
}
