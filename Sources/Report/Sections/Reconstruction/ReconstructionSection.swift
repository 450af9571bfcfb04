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
  let report: ReportBuilder

  var isMeasured: Bool { hasSAE }

  func blocks() throws -> [Block] {
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
    let questions = [Verdict.Question.fvuArticleChange, .fvuOrdinaryChange, .errorOrdinaryChange]
    blocks += try questions.compactMap(sentences).map { .paragraph($0) }
    if let figure = figureBlock(.fvu) { blocks.append(figure) }
    if hasAccuracy, let figure = figureBlock(.tradeoff) { blocks.append(figure) }
    blocks.append(try fvuTable())
    if let others = try otherMeasuresTable() { blocks.append(others) }
    if let cells = try cellBlocks() { blocks += cells }
    return blocks
  }

  private func fvuTable() throws -> Block {
    let groups = try Stratum.allCases.map { stratum in
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
      return (title: stratum.title.capitalizedFirst, rows: own)
    }
    return table(
      "fvu", caption: "FVU by tokens, \(areSeveral ? "model, " : "")condition and form.", groups: groups,
      columns: conditionColumns + [
        .init("FVU, article’s", .right), .init("Change, article’s", .right),
        .init("FVU, textbook", .right), .init("Change, textbook", .right),
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
      try report.changeFinding(.fvuArticleChange, .fvuArticle, .all, "The article’s FVU", atMost: atMost),
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
    let questions: [(Verdict.Question, Prose)] = [
      (.fvuArticleChange, "FVU, article’s form"), (.fvuOrdinaryChange, "FVU, textbook form, ordinary tokens"),
      (.errorOrdinaryChange, "Squared error, ordinary tokens"),
    ]
    return [.primary: try questions.map { ("SAE reconstruction", $1, try sentences($0)) }]
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
