import Analysis
import RunFile
import Words

/// What the models are, and how conditions store them.
extension MethodologySection {
  /// What the compressed conditions do, the same for all models.
  private func compressionSentence(_ layers: Prose) -> Prose {
    if compressed.isEmpty { return "No condition compresses it." }
    if madeNames.isEmpty { return "No condition compresses it here.\(originSentence())" }
    let who: Prose =
      hasCheckpoints
      ? "\(madeNames.listed) \(madeNames.count == 1 ? "compresses" : "compress")" : "The other conditions compress"
    return """
      \(who) its linear layers\(layers) when they are loaded; embeddings, output head and norms stay.\(originSentence())
      """
  }

  private func depth(_ model: RunDescription.Model) throws -> String {
    try NumberText.fixed(
      Double(model.layer + 1) / Double(max(1, model.layerCount)) * 100, decimals: 0, of: "depth") + "%"
  }

  func modelParagraph(_ own: ReportModel) throws -> Prose? {
    let model = own.description.model
    if own.description.origin != nil, model.parameterCount == 0 || model.layer < 0 {
      return "The model is \(strong: model.name); the source says no more of it."
    }
    let lossy: Prose =
      model.isDequantized
      ? """
       The baseline \(strong: own.base) is not the original checkpoint: its weights were decoded from a lossy file \
      (\(model.lossyFormat ?? model.storage)) and rounded to bfloat16, and “change” means change against that.
      """ : ""
    return
      """
      \(strong: model.name) has \(count: model.parameterCount) parameters in \(count: model.layerCount) layers; its residual \
      stream is read after layer \(count: model.layer), counted from 0.\(lossy) \(compressionSentence(""))
      """
  }

  func storageParagraph(_ own: ReportModel) throws -> Prose? {
    let model = own.description.model
    if areSeveral || model.layer < 0 || model.parameterCount == 0 { return nil }
    let storage: Prose =
      model.storage == RunDescription.notRecorded
      ? "How its weights were stored is not recorded"
      : model.isDequantized
        ? "Its weights were dequantized from a file that stores them with loss (\(model.storage)) and rounded to bfloat16"
        : "Its weights are stored as \(model.storage)"
    return """
      The model’s architecture is \(model.architecture), its residual stream \(count: model.dModel) wide; layer \
      \(count: model.layer) is after \(try depth(model)) of the layers. \(storage). Compression changes \
      \(count: model.compressibleParameterCount) parameters.
      """
  }

  func severalModelsParagraph() -> Prose {
    let architectures = distinct { $0.description.model.architecture }
    return
      """
      The models are \(Prose.list(models.map { "\(strong: $0.name)" })) (\(architectures.listed)); the table below \
      has what tells them apart. Each model’s residual stream is read after one layer, counted from 0. \
      \(compressionSentence(""))
      """
  }

  /// What differs between models; what is the same for all stands in the text.
  func modelsTable() throws -> Block {
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

  func conditionsTable() throws -> Block {
    var rows: [[Prose]] = []
    for model in models {
      for condition in model.description.conditions {
        let settings = condition.parameters.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        rows.append(
          modelCell(model) + [
            "\(strong: condition.name)", Prose(condition.label + (condition.isBaseline ? " (baseline)" : "")),
            Prose(settings.isEmpty ? "–" : settings),
          ] + (hasCheckpoints ? [Prose(condition.origin.rawValue)] : []) + [
            try shown(.linear(condition.name), model),
            try shown(.model(condition.name), model),
          ])
      }
    }
    return table(
      "conditions", isNumbered: false,
      caption: "Conditions, with bits per parameter, scales included.",
      columns: conditionColumns + [
        .init("Method"), .init("Settings"),
      ] + (hasCheckpoints ? [.init("Origin")] : []) + [
        .init("Bits, linear", .right), .init("Bits, model", .right),
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
  func bitsParagraph() throws -> Prose? {
    // Of imported runs some sizes may be unknown, and a run may have no compressed condition.
    let sizes = models.flatMap(\.compressed).map(\.bitsPerCompressedParameter)
    if sizes.contains(0) || sizes.isEmpty || models.contains(where: { $0.description.model.parameterCount == 0 }) {
      return nil
    }
    func smallest(_ model: ReportModel) -> RunDescription.Condition? {
      model.compressed.min { $0.effectiveBitsPerParameter < $1.effectiveBitsPerParameter }
    }
    let shares =
      try range(models) { model in
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
}
