import Analysis
import Measures
import RunFile
import Words

/// How it was measured, filled from the runs. What models share is said once; where there are several, a table has what
/// tells them apart.
struct MethodologySection: ReportSection {
  static let key: Section.Key = "methodology"
  static let title = "Methodology"
  static let figures: [StudyFigure] = [.encoding]
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    var blocks: [Block] = [.heading(areSeveral ? "Models and conditions" : "Model and conditions")]
    var details: [Block] = []
    if areSeveral {
      blocks += [.paragraph(severalModelsParagraph()), try modelsTable()]
    } else {
      blocks += try each(modelParagraph).map { .paragraph($0) }
    }
    blocks += [try conditionsTable(), try checkpointsTable()].compactMap(\.self)
    if let said = try equalCodesParagraph() { blocks.append(.paragraph(said)) }
    details += (try each(storageParagraph) + [try bitsParagraph()].compactMap(\.self)).map { .paragraph($0) }
    if models.contains(where: { $0.description.sae != nil }) {
      blocks += [.heading("Sparse autoencoder")] + (try each(saeParagraph).map { .paragraph($0) })
      if let figure = figureBlock(.encoding) { blocks.append(figure) }
    }
    blocks.append(.heading("Text, tokens and intervals"))
    blocks += try each(countParagraph).map { .paragraph($0) }
    if let said = comparabilityParagraph { blocks.append(.paragraph(said)) }
    if models.contains(where: { $0.description.strata.medianNorm != nil || $0.hasSAE }) {
      blocks += try each(strataParagraph).map { .paragraph($0) }
    }
    blocks += try each(intervalParagraph).map { .paragraph($0) }
    details += try each(textParagraph).map { .paragraph($0) }
    details += try each(bootstrapParagraph).map { .paragraph($0) }
    return blocks + [fold("Details of the methods", details)].compactMap(\.self)
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

  private func strataParagraph(_ model: ReportModel) throws -> Prose? {
    if model.isSummary { return "The source tells no kinds of tokens apart: every number stands on all tokens." }
    let strata = model.description.strata
    let multiple = try NumberText.fixed(
      strata.massiveMultiple, decimals: strata.massiveMultiple == strata.massiveMultiple.rounded() ? 0 : 1,
      of: "multiple of the median norm")
    var norm: Prose = "\(multiple) times the median of the first batch"
    if let median = strata.medianNorm, !areSeveral {
      norm = """
        \(try NumberText.significant(median * strata.massiveMultiple, digits: 4, of: "massive norm")), \(multiple) times the first \
        batch’s median
        """
    }
    let massive: Prose =
      model.findings.decidesByPairs
      ? "A change is taken over tokens that are massive in neither condition."
      : "What is massive is judged on \(model.base) alone, for all conditions."
    return
      """
      \(emphasis: "First") tokens are BOS and the first \(count: strata.firstPositions) positions of a chunk; \
      \(emphasis: "massive") ones have a residual norm above \(norm); \(emphasis: "ordinary") ones are neither. \(massive)
      """
  }

  private func intervalParagraph(_ model: ReportModel) -> Prose? {
    if model.isSummary {
      return "The source gives values without the raw data behind them, so no interval can be computed."
    }
    return """
      Intervals are \(model.numbers.level) bootstrap intervals over \(unit)s, paired between conditions; those of a condition’s \
      \(count: StudyProtocol.primary.count) primary measures hold at once. Each change has a margin that was fixed beforehand; \
      verdicts set the interval against it.
      """
  }

  private func bootstrapParagraph(_ model: ReportModel) -> Prose? {
    if model.isSummary { return nil }
    let bootstrap = model.description.bootstrap
    return
      """
      This report follows version \(String(model.findings.protocolVersion)) of clearbox’s protocol (docs/protocol.md). \
      All intervals are symmetric studentized, with \(count: bootstrap.replicates) replicates, seed \
      \(String(model.description.seed)). \(unit.capitalizedFirst)s are resampled whole, because their tokens are not independent; \
      numerators and denominators are resampled together.
      """
  }

  private var comparabilityParagraph: Prose? {
    guard areSeveral else { return nil }
    if differences.isEmpty,
      models.contains(where: { $0.description.corpus.tokenStreamSHA256 == RunDescription.notRecorded })
    {
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
      The models were not measured alike: they differ in \(differences.listed). Changes are paired within each \
      model; no model is paired with another.
      """
  }

  // MARK: What it gives to others

  func limitations() throws -> [Concern: [Prose]] {
    let names: [Prose] = models.compactMap(\.description.sae).map { "\($0.name), \(count: $0.featureCount) features" }
    guard let first = names.first else { return [:] }
    return [
      .instrument: [
        """
        One SAE\(areSeveral ? " per model" : "") (\(names.dropFirst().reduce(first) { $0 + "; " + $1 })) at one layer; another \
        dictionary or layer may answer otherwise.
        """
      ]
    ]
  }

  func citations() -> [Source] {
    var citations: [Source] = []
    if models.contains(where: { $0.description.model.architecture.hasPrefix("gemma3") }) {
      citations.append(.paper("Gemma 3: Gemma Team, Gemma 3 Technical Report, 2025", "2503.19786"))
    }
    citations += methods.map { .paper($0.text, $0.arXiv) }
    if models.contains(where: { $0.description.sae?.architecture == "jumprelu" }) {
      citations.append(.paper("JumpReLU autoencoders: Rajamanoharan and others, Jumping Ahead, 2024", "2407.14435"))
    }
    return citations
  }

  /// Of the conditions' methods, each once.
  private var methods: [RunDescription.Citation] {
    var methods: [RunDescription.Citation] = []
    for condition in models.flatMap(\.description.conditions) {
      guard let citation = condition.citation ?? Self.olderCitations[condition.kind], !methods.contains(citation)
      else { continue }
      methods.append(citation)
    }
    return methods
  }

  /// What run files from before conditions named their source leave out.
  private static var olderCitations: [String: RunDescription.Citation] {
    [
      "int8": .init(
        text:
          "LLM.int8: Dettmers, Lewis, Belkada and Zettlemoyer, 8-bit Matrix Multiplication for Transformers at Scale, 2022",
        arXiv: "2208.07339"),
      "nf4": .init(
        text: "NF4 and double quantization: Dettmers, Pagnoni, Holtzman and Zettlemoyer, QLoRA, 2023",
        arXiv: "2305.14314"),
    ]
  }
}
