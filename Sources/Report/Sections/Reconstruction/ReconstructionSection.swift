import Analysis
import Measures
import Words

/// How well a sparse autoencoder made for the model reconstructs its states.
struct ReconstructionSection: ReportSection {
  static let key: Section.Key = "reconstruction"
  static let title = "SAE reconstruction"
  static let figures: [StudyFigure] = [.fvu, .tradeoff, .variance]
  static let measure: Measure? = .reconstruction
  static let subject = "reconstruction"
  static let isInShort = true
  let report: ReportBuilder

  var isMeasured: Bool { hasSAE }

  func blocks() throws -> [Block] {
    var blocks: [Block] = [
      .paragraph(
        """
        The fraction of variance unexplained (FVU) asks what share of the differences between tokens the SAE’s summary leaves \
        out: 0 is a perfect copy, 1 no better than the same summary for all. FVU also falls when the variance that it divides \
        by grows, so the squared error stands beside it.
        """)
    ]
    let questions = [Verdict.Question.errorOrdinaryChange, .fvuArticleChange, .fvuOrdinaryChange]
    blocks += try questions.compactMap { try sentences($0, inPercent: false) }.map { .paragraph($0) }
    if let figure = figureBlock(.fvu) { blocks.append(figure) }
    if hasAccuracy, compressed.count >= Self.fewestForTradeoff, let figure = figureBlock(.tradeoff) {
      blocks.append(figure)
    }
    blocks += [
      fold(
        "The two forms of FVU",
        [.paragraph(Self.forms)] + (try definitionSentence().map { [.paragraph($0)] } ?? [])),
      fold("FVU on all kinds of tokens, and other measures", [try fvuTable(), try otherMeasuresTable()]),
    ].compactMap(\.self)
    if let cells = try cellBlocks() { blocks += cells }
    return blocks
  }

  /// With fewer compressed conditions there is little to see of one change against another.
  private static let fewestForTradeoff = 3

  private static let forms: Prose =
    """
    The textbook form measures variation around the mean vector, dimension by dimension. The article’s code measures it \
    around one number, the mean over all tokens and dimensions. Where activations have a large part that all tokens share, \
    the article’s form counts it as variation that the SAE explains, and comes out smaller. Neither is wrong, but only equal \
    forms on equal tokens may be compared.
    """

  private func fvuTable() throws -> Block {
    let groups = try Stratum.allCases.map { stratum in
      let own = try rows(
        conditions,
        measured: { $0.numbers.has(.fvu, $1, stratum) || $0.numbers.has(.fvuArticle, $1, stratum) }
      ) { model, name in
        try [Metric.fvuArticle, .fvu].flatMap { metric -> [Prose] in
          guard model.numbers.has(metric, name, stratum) else { return ["–", "–"] }
          return [
            try Prose(model.numbers.value(metric, name, stratum)).inThousandths(),
            try model.numbers.changeWithInterval(metric, name, stratum)?.inThousandths() ?? "–",
          ]
        }
      }
      return (title: stratum.title.capitalizedFirst, rows: own)
    }
    return table(
      "fvu", caption: "FVU by tokens, \(areSeveral ? "model, " : "")condition and form, all ×10⁻³.", groups: groups,
      columns: conditionColumns + [
        .init("FVU, article’s", .right), .init("Change", .right), .init("FVU, textbook", .right),
        .init("Change", .right),
      ],
      remarks: """
        Change against \(base), with its paired \(level) interval in brackets. \(pairRemark)
        """)
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
      columns: conditionColumns + metrics.map { .init($0.name.typeset, .right) }, rows: rows,
      remarks: "L0: features active per token. The others are defined in \(reference(table: "metrics")).")
  }

  /// Which tokens a change without massive ones is taken over.
  private var pairRemark: String {
    models.allSatisfy { $0.findings.decidesByPairs }
      ? """
      Tokens are massive if they are so under the condition or under \(base), and a change is taken over the same tokens \
      of both; the level of \(base) in its own row is over its own.
      """
      : """
      Kinds of tokens are decided under \(base) alone: a token that compression makes massive stays among the others, \
      and enlarges the variance that FVU divides by.
      """
  }

  // MARK: What it gives to others

  /// What is asked of autoencoders, in this section and in that on the noise floor.
  static let aspect: Prose = """
    how well a sparse autoencoder (SAE) still reconstructs the model’s internal state
    """

  func aspect() -> Prose? { Self.aspect }

  func plainWords() -> Prose? {
    """
    A sparse autoencoder (SAE) rewrites the model’s inner state as a few features out of many; its squared error, and FVU, \
    the fraction of variance unexplained, say how much of that state it misses.
    """
  }

  func frontFindings(atMost: Int) throws -> [FrontFinding] {
    [
      try report.changeFinding(
        .fvuArticleChange, .fvuArticle, .all, "The variance that the autoencoder misses (FVU, article’s form)",
        atMost: atMost),
      try report.changeFinding(
        .fvuOrdinaryChange, .fvu, .ordinary, "On ordinary tokens, the textbook FVU", atMost: atMost),
    ].compactMap(\.self)
  }

  func tests() -> [TestKind: [TestRow]] {
    let metrics: Prose =
      models.contains { $0.numbers.has(.fvu) }
      ? "FVU in the article’s and the textbook form, on all and on ordinary tokens; L0, mean squared error, cosine"
      : "FVU in the article’s form; L0, mean squared error"
    return [.primary: [("SAE reconstruction", metrics, \.hasSAE)]]
  }

  func results() throws -> [TestKind: [ResultRow]] {
    [
      .primary: [
        resultRow(
          "FVU, article’s form, all tokens", .fvuArticleChange, .fvuArticle, start: "The SAE misses ",
          Self.words("a much larger share of all variance", "a slightly larger share", "the same share", fall: "less")),
        resultRow(
          "FVU, textbook form, ordinary tokens", .fvuOrdinaryChange, .fvu, .ordinary,
          start: "On usual tokens, it misses ",
          Self.words("a much larger share", "a slightly larger share", "the same share", fall: "a smaller share")),
        resultRow(
          "SAE’s squared error, ordinary tokens", .errorOrdinaryChange, .mse, .ordinary,
          start: "Its summary of usual tokens is ",
          Self.words("much less exact", "a little less exact", "as exact as before", fall: "more exact")),
      ]
    ]
  }

  func headline(_ model: ReportModel) throws -> String? {
    let numbers = model.numbers
    let values = try model.description.conditions.compactMap { condition -> String? in
      guard numbers.has(.fvuArticle, condition.name) else { return nil }
      let article = try numbers.value(.fvuArticle, condition.name).text
      guard numbers.has(.fvu) else { return "\(condition.name) \(article)" }
      guard numbers.has(.fvu, condition.name) else { return nil }
      return "\(condition.name) \(article) / \(try numbers.value(.fvu, condition.name).text)"
    }
    return values.isEmpty
      ? "FVU: not measured."
      : "FVU, article’s \(numbers.has(.fvu) ? "/ textbook form" : "form"): \(values.joined(separator: "; "))."
  }
}
