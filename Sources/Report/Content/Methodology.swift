import Analysis
import RunFile
import Words

/// How it was measured, filled from the runs. What models share is said once; where there are several, a table has what
/// tells them apart.
extension ReportBuilder {
  func methodology() throws -> Section {
    var blocks: [Block] = [.heading(areSeveral ? "Models and conditions" : "Model and conditions")]
    if areSeveral {
      blocks += [.paragraph(severalModelsParagraph()), try modelsTable()]
    } else {
      blocks += try each(modelParagraph).map { .paragraph($0) }
    }
    blocks.append(try conditionsTable())
    if let said = try bitsParagraph() { blocks.append(.paragraph(said)) }
    if models.contains(where: { $0.description.sae != nil }) {
      blocks += [.heading("Sparse autoencoder")] + (try each(saeParagraph).map { .paragraph($0) })
      if let figure = figureBlock(.encoding) { blocks.append(figure) }
    }
    blocks.append(.heading("Text"))
    blocks += try each(textParagraph).map { .paragraph($0) }
    blocks += try each(countParagraph).map { .paragraph($0) }
    if let said = comparabilityParagraph { blocks.append(.paragraph(said)) }
    if models.contains(where: { $0.description.strata.medianNorm != nil || $0.hasSAE }) {
      blocks += [.heading("Kinds of tokens")] + (try each(strataParagraph).map { .paragraph($0) })
    }
    blocks += [.heading("Intervals")] + (try each(intervalParagraph).map { .paragraph($0) })
    return Section(.methodology, "Methodology", blocks)
  }

  // MARK: Models

  /// What the compressed conditions do, the same for all models.
  private func compressionSentence(_ layers: Prose) -> Prose {
    if compressed.isEmpty { return "No condition compresses it." }
    return """
    The compressed conditions are made from the baseline’s weights when they are loaded; they change the linear \
    layers\(layers), while embeddings, output head and norms stay as they are.
    """
  }

  private func depth(_ model: RunDescription.Model) throws -> String {
    try NumberText.fixed(
      Double(model.layer + 1) / Double(max(1, model.layerCount)) * 100, decimals: 0, of: "depth") + "%"
  }

  private func modelParagraph(_ own: ReportModel) throws -> Prose? {
    let model = own.description.model
    if own.description.origin != nil, model.parameterCount == 0 || model.layer < 0 {
      return "The model is \(strong: model.name); the source says no more of it."
    }
    let storage: Prose =
      model.storage == RunDescription.notRecorded
      ? "How its weights were stored is not recorded"
      : model.isDequantized
      ? """
      Its weights were dequantized from a file that stores them with loss (\(model.storage)) and rounded to \
      bfloat16: this is the baseline
      """
      : "Its weights are stored as \(model.storage)"
    return
      """
      \(strong: model.name) (\(model.architecture)) has \(count: model.parameterCount) parameters in \
      \(count: model.layerCount) layers; its residual stream is \(count: model.dModel) wide and is read after \
      layer \(count: model.layer), counted from 0, that is after \(try depth(model)) of the layers. \(storage). \
      \(compressionSentence(" (\(count: model.compressibleParameterCount) parameters)"))
      """
  }

  private func severalModelsParagraph() -> Prose {
    let architectures = distinct { $0.description.model.architecture }
    return
      """
      The models are \(Prose.list(models.map { "\(strong: $0.name)" })) (\(Self.list(architectures))); the table below \
      has what tells them apart. Each model’s residual stream is read after one layer, counted from 0. \
      \(compressionSentence(""))
      """
  }

  /// What differs between models; what is the same for all stands in the text.
  private func modelsTable() throws -> Block {
    var rows: [[Prose]] = []
    func add(_ title: String, always: Bool = false, _ text: (ReportModel) throws -> String?) throws {
      let texts = try models.map { try text($0) ?? "–" }
      guard always || Set(texts).count > 1 else { return }
      rows.append([Prose(title)] + texts.map { Prose($0) })
    }
    func count(_ value: Int) -> String { NumberText.integer(value) }
    try add("Parameters", always: true) { count($0.description.model.parameterCount) }
    try add("… in compressed layers", always: true) { count($0.description.model.compressibleParameterCount) }
    try add("Layers", always: true) { count($0.description.model.layerCount) }
    try add("Read after layer", always: true) {
      "\($0.description.model.layer) (\(try depth($0.description.model)))"
    }
    try add("Width of the residual stream", always: true) { count($0.description.model.dModel) }
    try add("Weights stored as", always: true) {
      $0.description.model.storage + ($0.description.model.isDequantized ? ", dequantized" : "")
    }
    try add("Autoencoder", always: hasSAE) { $0.description.sae?.name }
    try add("Features") { $0.description.sae.map { count($0.featureCount) } }
    try add("Text") { $0.description.corpus.name }
    try add("Tokens measured", always: true) { count($0.findings.measured.tokens) }
    try add("… in chunks") { count($0.findings.measured.chunks) }
    try add("Tokens asked for") { count($0.description.budget.headline) }
    try add("Token stream, SHA-256") { String($0.description.corpus.tokenStreamSHA256.prefix(12)) + "…" }
    try add("Conditions") { $0.description.conditions.map(\.name).joined(separator: ", ") }
    try add("Median norm, first batch") {
      try $0.description.strata.medianNorm.map { try NumberText.significant($0, digits: 4, of: "median norm") }
    }
    return table(
      "models", isNumbered: false, caption: "The models, and how they differ.",
      columns: [.init("Property")] + models.map { .init($0.name, .right) }, rows: rows)
  }

  private func conditionsTable() throws -> Block {
    var rows: [[Prose]] = []
    for model in models {
      for condition in model.description.conditions {
        let settings = condition.parameters.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        rows.append(
          modelCell(model) + [
            "\(strong: condition.name)", Prose(condition.label + (condition.isBaseline ? " (baseline)" : "")),
            Prose(settings.isEmpty ? "–" : settings),
            try shown(.linear(condition.name), model),
            try shown(.model(condition.name), model),
          ])
      }
    }
    return table(
      "conditions", isNumbered: false,
      caption:
        "Conditions, with bits per parameter of the compressed linear layers and of the whole model, scales included.",
      columns: modelColumn + [
        .init("Condition"), .init("Method"), .init("Settings"), .init("Bits, linear", .right),
        .init("Bits, model", .right),
      ], rows: rows)
  }

  /// Bits of a model whose shapes an import does not tell are not known.
  private func shown(_ size: SizeAddress, _ model: ReportModel) throws -> Prose {
    try model.numbers.number(.size(size)).map { Prose($0) } ?? "–"
  }

  private func bits(_ size: SizeAddress, _ model: ReportModel) throws -> Numbers.Amount? {
    try model.numbers.number(.size(size)).map { Numbers.Amount(number: $0, printed: $0.value, decimals: 2) }
  }

  /// "4-bit" is not 4 where most of a model is embeddings.
  private func bitsParagraph() throws -> Prose? {
    // Of imported runs some sizes may be unknown, and a run may have no compressed condition.
    let sizes = models.flatMap(\.compressed).map(\.bitsPerCompressedParameter)
    if sizes.contains(0) || sizes.isEmpty || models.contains(where: { $0.description.model.parameterCount == 0 }) {
      return nil
    }
    func smallest(_ model: ReportModel) -> RunDescription.Condition? {
      model.compressed.min { $0.effectiveBitsPerParameter < $1.effectiveBitsPerParameter }
    }
    let shares = try range(models) { model in
      try model.numbers.number(.size(.compressedShare)).map {
        Numbers.Amount(number: $0, printed: $0.value, decimals: 0, suffix: "%")
      }
    } ?? "–"
    let names = Set(models.compactMap { smallest($0)?.name })
    guard let name = names.first else { return "The run has no compressed condition." }
    guard names.count == 1 else {
      return """
        Only \(shares) of the parameters are in layers that are compressed, so a condition’s name is not its \
        size: figures use the bits per parameter of the whole model.
        """
    }
    let some = models.filter { smallest($0) != nil }
    let inLayers = try range(some) { try bits(.linear(name), $0) }
    let inModel = try range(some) { try bits(.model(name), $0) }
    return
      """
      Only \(shares) of the parameters are in layers that are compressed. So \(strong: name), with \
      \(inLayers ?? "–") bits per parameter where it applies, leaves the whole model at \(inModel ?? "–") bits per \
      parameter\(on(some)); figures use the latter.
      """
  }

  private func saeParagraph(_ model: ReportModel) -> Prose? {
    guard let sae = model.description.sae else {
      return areSeveral ? "No autoencoder was measured." : nil
    }
    if sae.name == RunDescription.notRecorded { return "Which autoencoder was measured is not recorded." }
    // Where there are several models, the table above names each one's.
    let name: Prose = areSeveral ? "" : "\(strong: sae.name), "
    return """
      One autoencoder serves all conditions\(areSeveral ? " of a model" : ""), as in the article: \(name)\
      \(sae.architectureName), \(count: sae.featureCount) features, in \
      \(sae.format) format, computed in float32.
      """
  }

  // MARK: Text

  private func textParagraph(_ model: ReportModel) -> Prose? {
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

  private func countParagraph(_ model: ReportModel) -> Prose? {
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
      scored = " A chunk’s last token has no successor, so \(count: accuracy.predictions) predictions entered cross-entropy."
    } else if accuracy.predictions > 0 {
      scored = " \(count: accuracy.predictions) predictions were scored and entered cross-entropy."
    } else {
      scored = ""
    }
    let reason: Prose =
      measured.tokens == budget.headline
      ? ""
      : measured.tokens > budget.headline
        ? " (the first batch boundary at or after them)"
        : model.findings.isPartial ? " so far" : ", all that the corpus has"
    return
      """
      Asked for were \(count: budget.headline) tokens; measured were \
      \(strong: NumberText.integer(measured.tokens))\(reason), in \(count: measured.chunks) chunks and \
      \(count: measured.batches) \(measured.batches == 1 ? "batch" : "batches"), from \(count: measured.documents) documents.\(ownCounts(model))\(scored)\(short)
      """
  }

  /// The measures whose numbers stand on a count of their own.
  private func ownCounts(_ model: ReportModel) -> Prose {
    let names = ["accuracy": "cross-entropy", "sae": "reconstruction", "noise_floor": "noise floor"]
    let own = model.description.budget.counts.compactMap { count -> Prose? in
      guard let name = names[count.experiment] else { return nil }
      return "\(name) the first \(count: model.findings.measured(by: count.experiment).tokens) tokens"
    }
    return own.isEmpty ? "" : " Some measures have a count of their own: \(Prose.list(own))."
  }

  // MARK: Comparability

  /// What was not measured alike on all models, in words.
  var differences: [String] {
    var found: [String] = []
    func add(_ name: String, _ text: (ReportModel) -> String) {
      if distinct(text).count > 1 { found.append(name) }
    }
    add("text") { $0.description.corpus.sha256 }
    add("order or packing of the text") {
      let corpus = $0.description.corpus
      return "\(corpus.order), \(corpus.packing), \(corpus.chunkLength), \(corpus.batchSize)"
    }
    add("token stream") { $0.description.corpus.tokenStreamSHA256 }
    add("number of tokens") { "\($0.findings.measured.tokens)" }
    add("token counts asked for") { "\($0.description.budget)" }
    add("conditions") { model in
      model.description.conditions.map { "\($0.name) \($0.kind) \($0.parameters)" }.joined(separator: ", ")
    }
    add("experiments") { $0.description.experiments.joined(separator: ", ") }
    add("kinds of tokens") { "\($0.description.strata.firstPositions), \($0.description.strata.massiveMultiple)" }
    return found
  }

  var differencesNote: Note? {
    guard !differences.isEmpty else { return nil }
    return Note(
      kind: .remark, title: "Not measured alike",
      text: """
        The models differ in more than themselves: \(Self.list(differences)). Each change is within one model and \
        holds; numbers of one model beside those of another do not show what the model alone changes. The methodology \
        has the details.
        """)
  }

  private var comparabilityParagraph: Prose? {
    guard areSeveral else { return nil }
    if differences.isEmpty, models.contains(where: { $0.description.corpus.tokenStreamSHA256 == RunDescription.notRecorded }) {
      return """
        Whether the models saw the same tokens is not recorded; nothing that is says otherwise. Changes are within each \
        model; no model is paired with another.
        """
    }
    return differences.isEmpty
      ? """
      All models were measured on the same token stream in the same conditions. Changes are paired within each model; \
      no model is paired with another.
      """
      : """
      The models were not measured alike: they differ in \(Self.list(differences)). Changes are paired within each \
      model; no model is paired with another.
      """
  }

  // MARK: Strata and intervals

  private func strataParagraph(_ model: ReportModel) throws -> Prose? {
    if model.isSummary { return "The source tells no kinds of tokens apart: every number stands on all tokens." }
    let strata = model.description.strata
    let multiple = try NumberText.fixed(
      strata.massiveMultiple, decimals: strata.massiveMultiple == strata.massiveMultiple.rounded() ? 0 : 1,
      of: "multiple of the median norm")
    var norm: Prose = ""
    if let median = strata.medianNorm {
      // Where there are several models, the table of models has each one's.
      let value = areSeveral ? "" : ", which is \(try NumberText.significant(median, digits: 4, of: "median norm"))"
      norm = " over the first batch\(value)"
    }
    return
      """
      \(emphasis: "First") tokens are BOS and those at the first \(count: strata.firstPositions) positions of a \
      chunk. \(emphasis: "Massive") tokens have a residual norm above \(multiple) times the median\(norm); that is judged \
      on \(model.base), so that all conditions share them. \(emphasis: "Ordinary") tokens are neither. Every FVU below \
      names its form and its tokens.
      """
  }

  private func intervalParagraph(_ model: ReportModel) -> Prose? {
    if model.isSummary {
      return "The source gives values without the raw data behind them, so no interval can be computed."
    }
    let bootstrap = model.description.bootstrap
    return
      """
      All intervals are \(model.numbers.level) bootstrap intervals, bias-corrected and accelerated (BCa), with \
      \(count: bootstrap.replicates) replicates, seed \(String(model.description.seed)). Chunks are resampled whole, \
      because tokens of a chunk are not independent; numerators and denominators are resampled together; and \
      differences are paired: each replicate draws the same chunks for both conditions.
      """
  }
}
