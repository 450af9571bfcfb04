import Analysis
import Measures
import Words

/// Which massive tokens compression switches on and off, and what those carry.
struct MassiveSection: ReportSection {
  static let key: Section.Key = "massive"
  static let title = "Massive tokens"
  static let figures: [StudyFigure] = [.massive]
  let report: ReportBuilder

  /// Of the ids gained or lost, so many are listed.
  private static let mostIDs = 10

  var isMeasured: Bool { models.contains { $0.numbers.has(.massiveGained) } }

  func blocks() throws -> [Block] {
    var blocks: [Block] = [
      .paragraph(
        """
        A massive token’s norm is several times that of the others, so it weighs heavily in every sum of squares. Compression \
        can make a token massive, or end that.
        """)
    ]
    if let said = try switched() { blocks.append(.paragraph(said)) }
    if let figure = figureBlock(.massive) { blocks.append(figure) }
    blocks.append(try countTable())
    if let ids = fold("Which tokens", [idTable()]) { blocks.append(ids) }
    return blocks
  }

  /// How many each condition gains and loses, and how much of that rounding alone does not bring about.
  private func switched() throws -> Prose? {
    try eachTogether { model in
      let parts: [Prose] = try model.compressed.map(\.name).filter { model.numbers.has(.massiveGained, $0) }.map {
        name in
        let numbers = model.numbers
        var part: Prose =
          """
          \(strong: name) makes \(try numbers.value(.massiveGained, name)) \
          \(try numbers.finding(.massiveGained, name).estimate.value == 1 ? "token" : "tokens") massive and ends that of \
          \(try numbers.value(.massiveLost, name))
          """
        if numbers.has(.flippedExcess, name) {
          part +=
            " (\(try numbers.valueWithInterval(.flippedExcess, name)) of all tokens beyond what rounding alone flips)"
        }
        return part
      }
      return parts.isEmpty ? nil : "\(Prose.list(parts))."
    }
  }

  private func countTable() throws -> Block {
    let metrics: [Metric] = [
      .massiveTokens, .massiveGained, .massiveLost, .flippedExcess, .flippedPerturbationShare, .flippedDenominatorShare,
    ]
    let rows = try rows(
      conditions, measured: { model, name in metrics.contains { model.numbers.has($0, name) } }
    ) { model, name in
      try metrics.map { model.numbers.has($0, name) ? try model.numbers.valueWithInterval($0, name) : "–" }
    }
    return table(
      "massive", caption: "Massive tokens by \(areSeveral ? "model and " : "")condition.",
      columns: conditionColumns + [
        .init("Massive", .right), .init("Gained", .right), .init("Lost", .right),
        .init("Flipped beyond rounding", .right), .init("Share of perturbation", .right),
        .init("Share of variance", .right),
      ], rows: rows,
      remarks:
        """
        Massive: share of all tokens. Flipped: gained or lost against \(base), less what rounding alone flips. Shares: of \
        Σ‖x_c − x_b‖² and of the article’s variance, that the flipped carry. In brackets: \(level) intervals.
        """)
  }

  /// The ids that flip most often.
  private func idTable() -> Block? {
    var rows: [[Prose]] = []
    for model in models {
      for condition in model.findings.massiveTokens {
        let flipped = condition.flippedIDs
        let all = flipped.map(\.count).reduce(0, +)
        for (id, count) in flipped.prefix(Self.mostIDs) {
          let text = model.findings.flippedTexts[id].map { Prose([.code(Self.visible($0))]) } ?? "–"
          rows.append(
            modelCell(model) + [
              "\(strong: condition.condition)", Prose(String(id)), text, "\(count: count) of \(count: all)",
            ])
        }
      }
    }
    guard !rows.isEmpty else { return nil }
    return table(
      "massive-ids", isNumbered: false, caption: "Tokens most often gained or lost.",
      columns: conditionColumns + [.init("Id"), .init("Text"), .init("Gained or lost")], rows: rows,
      remarks:
        "At most \(count: Self.mostIDs) ids of a condition. “⏎” is a line’s end; “–” where the run has no vocabulary.")
  }

  /// A token's text on one line.
  private static func visible(_ text: String) -> String {
    let line = text.replacing("\r", with: "␍").replacing("\n", with: "⏎").replacing("\t", with: "⇥")
    return line.allSatisfy { $0 == " " } ? line.replacing(" ", with: "␣") : line
  }

  // MARK: What it gives to others

  func frontFindings(atMost: Int) throws -> [FrontFinding] {
    func changed(_ one: Case) -> Double {
      [Metric.massiveGained, .massiveLost].compactMap {
        report.cases.findings(one)?.finding($0, condition: one.condition)?.estimate.value
      }.reduce(0, +)
    }
    let cases = report.cases.all.filter { changed($0) > 0 }.sorted { changed($0) > changed($1) }
    let parts = try report.cases.pieces(cases, atMost: atMost).compactMap { name, own -> Prose? in
      guard let gained = try report.range(own, { try $0.numbers.amount(.massiveGained, $1) }),
        let lost = try report.range(own, { try $0.numbers.amount(.massiveLost, $1) })
      else { return nil }
      return "\(gained) gained and \(lost) lost under \(name)"
    }
    guard !parts.isEmpty else { return [] }
    return [
      FrontFinding(
        place: .exploratory,
        sentence: "Compression switches massive tokens on and off: \(parts.prose(separator: "; ")).")
    ]
  }

  func results() throws -> [TestKind: [ResultRow]] {
    func switched(_ model: ReportModel, _ condition: String) -> Double? {
      let found = [Metric.massiveGained, .massiveLost].compactMap {
        model.findings.finding($0, condition: condition)?.estimate.value
      }
      return found.isEmpty ? nil : found.reduce(0, +)
    }
    let row = ResultRow(
      measure: "Massive tokens gained, lost",
      cell: { model, condition in
        guard model.numbers.has(.massiveGained, condition), model.numbers.has(.massiveLost, condition) else {
          return nil
        }
        return
          "\(try model.numbers.value(.massiveGained, condition)), \(try model.numbers.value(.massiveLost, condition))"
      }, order: switched,
      meaning: { model in
        model.compressed.contains { switched(model, $0.name) ?? 0 > 0 }
          ? "Compression switches a few very large states on and off." : "The very large states stay as they are."
      })
    return [.exploratory: [row]]
  }

  func glossary() -> [String: Prose] {
    ["flipped token": "A token that is massive under a condition or under its reference, but not under both."]
  }
}
