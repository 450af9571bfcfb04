import Analysis
import Measures
import Words

/// The rules behind the words, the definitions behind the numbers, and the words themselves.
struct AppendixSection: ReportSection {
  static let key = Section.Key.appendix
  static let title = "Appendix"
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    var told = verdictRules.filter { rule in
      models.contains { model in
        model.findings.verdicts.contains { $0.question == rule.question && $0.outcome != .notMeasured }
      }
    }
    told += report.measured.flatMap(\.rules)
    if areSeveral { told.append(.acrossModels) }
    let rules: [[Prose]] = told.map { ["\(code: $0.id)", Prose($0.statement.typeset)] }
    let metrics = models.flatMap(\.findings.findings).map(\.metric).distinct(by: \.id)
    let definitions: [[Prose]] = metrics.map { metric in
      [
        "\(strong: metric.name.typeset) \(code: metric.id)", Prose(metric.formula.typeset),
        Prose(metric.unit == "1" ? "–" : metric.unit), Prose(metric.explanation.typeset),
      ]
    }
    return [
      .fold(
        Fold(
          title: "Verdict rules",
          blocks: [
            table(
              "rules", caption: "Verdict rules.", columns: [.init("Rule"), .init("Statement")],
              rows: rules)
          ])),
      .fold(
        Fold(
          title: "Definitions of the metrics",
          blocks: [
            table(
              "metrics", caption: "Definitions of the metrics, with their versions.",
              columns: [.init("Metric and id"), .init("Formula"), .init("Unit"), .init("In words")],
              rows: definitions,
              remarks:
                """
                x: residual stream of a token; x̂: its reconstruction; x̄: mean over tokens; N tokens of D \
                dimensions. A changed formula gets a new version, and two versions are never compared.
                """
            )
          ])),
      .fold(Fold(title: "Glossary", blocks: [glossaryTable])),
    ]
  }

  /// The report's own words, for readers who do not have the project at hand.
  private var glossaryTable: Block {
    let entries = report.measured.flatMap { $0.glossary() }.sorted { $0.key.lowercased() < $1.key.lowercased() }
    return table(
      "glossary", caption: "Glossary.", columns: [.init("Term"), .init("Meaning")],
      rows: entries.map { ["\(strong: $0.key)", $0.value] })
  }

  func glossary() -> [String: Prose] {
    [
      "baseline": "The condition with which the others are compared: the model before this study compresses it.",
      "bits per parameter":
        "Bits stored, scales and uncompressed tensors counted, divided by the number of parameters of the whole model.",
      "chunk": "Consecutive tokens that the model sees at once; what the bootstrap resamples.",
      "condition": "The same model with its linear layers stored, and under LLM.int8 also computed, in another way.",
      "interval":
        """
      Bootstrap interval of the stated level. Paired: of a difference, both conditions resampled together, so that the \
      luck of the text cancels.
      """,
      "LLM.int8": "Weights and activations as 8-bit integers with a scale per row; outlier columns stay in 16 bits.",
      "NF4": "Weights as 4-bit codes at the quantiles of a normal distribution; blocks of weights share a scale.",
    ]
  }
}

extension Section.Key {
  static let appendix = Self(rawValue: "appendix")
}
