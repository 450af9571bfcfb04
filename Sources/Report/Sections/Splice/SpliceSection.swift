import Analysis
import Measures
import Words

/// What the autoencoder's reconstruction is worth to the model that goes on with it.
struct SpliceSection: ReportSection {
  static let key: Section.Key = "splice"
  static let title = "Spliced in"
  static let measure: Measure? = .splice
  static let subject = "what the spliced-in SAE costs"
  let report: ReportBuilder

  private static let shown: [Metric] = [.lossWithSAE, .lossRise, .lossRecoveredZero, .lossRecoveredMean, .klWithSAE]

  var isMeasured: Bool { models.contains { $0.numbers.has(.lossRise) } }

  func blocks() throws -> [Block] {
    var blocks: [Block] = [
      .paragraph(
        """
        Squares do not tell what the model makes of the SAE’s errors. Here the reconstruction takes the residual stream’s \
        place after layer \(Prose(distinct { String($0.description.model.layer) }.listed)), and the rest of the model, \
        compressed as it is, runs on it.
        """)
    ]
    if let said = try sentences(.spliceRiseChange) { blocks.append(.paragraph(said)) }
    let rows = try models.filter { $0.numbers.has(.lossRise) }.flatMap { model in
      try Self.shown.map { metric in
        try modelCell(model) + [Prose(metric.name.typeset)]
          + conditions.map { model.numbers.has(metric, $0) ? try model.numbers.valueWithInterval(metric, $0) : "–" }
      }
    }
    let stands = models.compactMap { model -> Prose? in
      guard let branches = model.description.branches else { return nil }
      return "\(count: branches.tokens) tokens of \(count: branches.documents) documents\(on([model]))"
    }
    blocks.append(
      table(
        "splice", caption: "The model with the SAE spliced in, each condition against itself without.",
        columns: modelColumn + [.init("Measure")] + conditions.map { .init($0, .right) }, rows: rows,
        headings: areSeveral ? 2 : 1,
        remarks:
          """
          In nats per token\(stands.isEmpty ? "" : "; on " + Prose.list(stands)). Loss recovered: 100% when the model does as well as without the \
          SAE, 0% when no better than with zeros, or with the mean, at every position. In brackets: \(level) intervals.
          """))
    return blocks
  }

  // MARK: What it gives to others

  func aspect() -> Prose? { "what the autoencoder’s reconstruction is worth to the model" }

  func frontFindings(atMost: Int) throws -> [FrontFinding] {
    let found = try report.changeFinding(
      .spliceRiseChange, .lossRise, .all, "The loss that the spliced-in autoencoder adds", atMost: atMost)
    return [found].compactMap(\.self)
  }

  func tests() -> [TestKind: [TestRow]] {
    [
      .validation: [
        (
          "Spliced in", "Cross-entropy with the SAE’s reconstruction in the residual stream’s place; loss recovered",
          { $0.numbers.has(.lossRise) }
        )
      ]
    ]
  }

  func results() throws -> [TestKind: [ResultRow]] {
    [
      .validation: [
        resultRow(
          "Rise in cross-entropy with SAE, nats", .spliceRiseChange, .lossRise,
          start: "With the SAE spliced in, the extra loss is ",
          Self.words("much larger", "a little larger", "about as large", fall: "smaller", identical: "exactly as large")
        )
      ]
    ]
  }

  func limitations() throws -> [Concern: [Prose]] {
    [
      .measure: [
        """
        Of the spliced-in SAE, BOS keeps its own activations, and the loss recovered depends on the ablation it is set \
        against; that by zeros leaves Gemma 3 a uniform guess.
        """
      ]
    ]
  }

  func glossary() -> [String: Prose] {
    [
      "loss recovered":
        """
      (CE of the ablation − CE with SAE) ∕ (CE of the ablation − CE without): the share of the loss that an ablation of the \
      residual stream causes and the SAE’s reconstruction avoids.
      """
    ]
  }
}
