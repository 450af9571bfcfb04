import Analysis
import Measures
import Words

/// How well the models predict: cross-entropy, perplexity, agreement with the baseline; over all text and by its sources.
struct PerformanceSection: ReportSection {
  static let key: Section.Key = "performance"
  static let title = "Model performance"
  static let figures: [StudyFigure] = [.performance, .sources]
  static let measure: Measure? = .accuracy
  static let subject = "cross-entropy"
  static let isInShort = true
  let report: ReportBuilder

  var isMeasured: Bool { hasAccuracy }

  func blocks() throws -> [Block] {
    var blocks = try blocks(.crossEntropyChange, .performance, inPercent: false)
    let distances = [try agreementSentence(), try sentences(.divergence)]
    if let said = Self.together(distances.compactMap(\.self)) { blocks.append(.paragraph(said)) }
    let metrics: [Metric] = [.crossEntropy, .perplexity, .kl, .top1Agreement]
    let rows = try rows(conditions, measured: { $0.numbers.has(.crossEntropy, $1) }) { model, name in
      try metrics.map { model.numbers.has($0, name) ? try model.numbers.valueWithInterval($0, name) : "–" }
    }
    blocks.append(
      table(
        "performance", caption: "Model performance by \(areSeveral ? "model and " : "")condition.",
        columns: conditionColumns + [
          .init("Cross-entropy", .right), .init("Perplexity", .right), .init("KL", .right), .init("Top-1", .right),
        ], rows: rows,
        remarks:
          """
          Cross-entropy and KL divergence from \(base) in nats per token; top-1: positions with the same first choice. In \
          brackets: \(level) intervals of the values, not of changes.
          """
      ))
    if let reruns = fold("Distances beyond rounding", [try rerunTable()]) { blocks.append(reruns) }
    if let sources = try sourcesTable() {
      blocks += [.heading("By text source"), figureBlock(.sources), fold("Numbers by text source", [sources])]
        .compactMap(\.self)
    }
    return blocks
  }

  private func sourcesTable() throws -> Block? {
    let names = models.flatMap(\.findings.sources).map(\.bucket.name).distinct
    guard !names.isEmpty else { return nil }
    var rows: [[Prose]] = []
    for model in models {
      for name in names {
        let own = model.findings.sources.filter { $0.bucket.name == name }
        guard let baseline = own.first(where: { $0.condition == model.base }) else { continue }
        rows.append(
          modelCell(model) + [
            Prose(name), Prose(NumberText.integer(baseline.estimate.tokenCount)),
            Prose(try model.numbers.value(baseline)),
          ]
            + (try compressed.map { condition in
              guard let source = own.first(where: { $0.condition == condition }) else {
                return areSeveral ? "not measured" : "–"
              }
              return try sourceChange(source, model) ?? "–"
            }))
      }
    }
    return table(
      "sources", caption: "Cross-entropy by text source: nats per token under \(base), and change in percent.",
      columns: modelColumn + [
        .init("Source"), .init("Predictions", .right), .init(base, .right),
      ] + compressed.map { .init($0, .right) }, rows: rows,
      remarks:
        """
        In brackets: paired \(level) intervals. † From fewer than \(count: VerdictRules.fewClusters) \
        \(unit)s: indicative; from one there is no interval. The text decides how hard a source is: \
        compare cross-entropies along a row; changes in percent can be compared down a column. The intervals are each for \
        one number; no correction is made for their number.
        """
    )
  }

  private func sourceChange(_ source: BucketFinding, _ model: ReportModel) throws -> Prose? {
    guard let change = try model.numbers.percentWithInterval(source) else { return nil }
    return source.percentChange?.isIndicative == true ? change + "†" : change
  }

  private func agreementSentence() throws -> Prose? {
    func has(_ model: ReportModel, _ condition: String) -> Bool {
      model.numbers.has(.kl, condition) && model.numbers.has(.top1Agreement, condition)
    }
    let told = models.filter { model in compressed.contains { has(model, $0) } }
    var parts: [(text: Prose, models: [ReportModel])] = []
    for condition in compressed {
      let own = models.filter { has($0, condition) }
      // One clause where the condition is the same on all, one per model where it is not.
      for some in isSame(condition, on: own) ? [own] : own.map({ [$0] }) {
        guard let share = try range(some, { try $0.numbers.amount(.top1Agreement, condition) }),
          let divergence = try range(some, { try $0.numbers.amount(.kl, condition) })
        else { continue }
        parts.append(
          (
            parts.isEmpty
              ? "at \(share) of the positions under \(strong: condition) (KL divergence \(divergence) nats per token)"
              : "at \(share) under \(strong: condition) (\(divergence))", some
          ))
      }
    }
    guard !parts.isEmpty else { return nil }
    // The models are named once where every clause speaks of the same ones.
    let isShared = parts.allSatisfy { $0.models.count == told.count }
    let clauses = Prose.list(parts.map { isShared ? $0.text : $0.text + on($0.models) })
    return "The top prediction matches \(base) \(clauses)\(isShared ? on(told) : "")."
  }

  // MARK: What it gives to others

  func aspect() -> Prose? { "how well the model predicts real text" }

  func plainWords() -> Prose? { "Cross-entropy says how badly the model predicts the next token: lower is better." }

  func frontFindings(atMost: Int) throws -> [FrontFinding] {
    let beyond = try report.finding(
      .disagreement, .disagreementExcess, .all, "Beyond rounding, the top prediction", atMost: atMost,
      rises: "changes at ", falls: "changes at ", negligible: "hardly changes", of: " of positions"
    ) { try $0.numbers.amount(.disagreementExcess, $1) }
    if models.contains(where: { $0.numbers.has(.disagreementExcess) }) { return [beyond].compactMap(\.self) }
    // Without reruns the agreement is not judged.
    let parts = try report.cases.pieces(report.cases.all, atMost: atMost).compactMap { name, cases -> Prose? in
      try report.range(cases) { try $0.numbers.amount(.top1Agreement, $1) }.map { "\($0) under \(name)" }
    }
    guard !parts.isEmpty else { return [] }
    return [
      FrontFinding(
        place: .result(size: Verdict.Outcome.undecided.weight, margins: 0),
        sentence: "The top prediction stays that of \(base), rounding included, at \(Prose.list(parts)) of positions.")
    ]
  }

  func tests() -> [TestKind: [TestRow]] {
    let predictions = distinct { NumberText.integer($0.findings.measured(by: "accuracy").predictions) }
    return [
      .primary: [
        (
          "Model performance", "Cross-entropy (nats per token) and perplexity on \(predictions.listed) predictions",
          \.hasAccuracy
        ),
        (
          "Agreement with \(base)",
          "KL divergence of the predicted distributions; share of equal first choices", { $0.numbers.has(.kl) }
        ),
      ]
    ]
  }

  func results() throws -> [TestKind: [ResultRow]] {
    [
      .primary: [
        resultRow(
          "Cross-entropy, nats per token", .crossEntropyChange, .crossEntropy, start: "Predictions are ",
          Self.words("much worse", "a little worse", "about as good", fall: "better")),
        resultRow(
          "KL divergence beyond rounding, nats", .divergence, .klExcess, start: "The odds of the next token move ",
          Self.words("far", "a little", "hardly", fall: "less than rounding")),
        resultRow(
          "Top prediction changed, beyond rounding", .disagreement, .disagreementExcess,
          start: "The model’s first choice changes ",
          Self.words("often", "now and then", "hardly ever", fall: "less than by rounding")),
      ]
    ]
  }

  func openQuestions() throws -> [Concern: [Prose]] {
    let open: [Prose] = entries(.crossEntropyChange).filter { $0.outcome.isUndecided }.map {
      "\(strong: $0.condition)\(on($0.models))"
    }
    if open.isEmpty { return [:] }
    return [.sample: ["More text for \(Prose.list(open)), whose change of cross-entropy is undecided."]]
  }

  func glossary() -> [String: Prose] {
    [
      "cross-entropy":
        "The mean of −ln p(next token), in nats per token: how surprised the model is. Lower is better.",
      "KL divergence": "How far two predicted distributions are apart, in nats; 0 where they are equal.",
      "perplexity": "exp(cross-entropy): among how many equally likely tokens the model would be as unsure.",
      "top-1 agreement": "The share of positions at which two conditions rank the same token first.",
    ]
  }

  func headline(_ model: ReportModel) throws -> String? {
    let numbers = model.numbers
    guard numbers.has(.crossEntropy, model.base) else { return "Cross-entropy: not measured." }
    let changes = try model.compressed.filter { numbers.has(.crossEntropy, $0.name) }.compactMap { condition in
      try numbers.percentWithInterval(.crossEntropy, condition.name).map { "\(condition.name) \($0.plain)" }
    }
    let start = "Cross-entropy: \(model.base) \(try numbers.value(.crossEntropy, model.base).text) nats per token"
    return ([start] + changes).joined(separator: "; ") + "."
  }
}
