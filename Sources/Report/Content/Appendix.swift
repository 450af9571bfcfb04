import Analysis
import RunFile
import Words

/// The rules behind the words, and the definitions behind the numbers.
extension ReportBuilder {
  func appendix() throws -> Section {
    var told = VerdictRules.all.filter { rule in
      models.contains { model in
        model.findings.verdicts.contains { $0.question == rule.question && $0.outcome != .notMeasured }
      }
    }
    if try published() != nil { told += PublishedReference.rules }
    if areSeveral { told.append(Self.acrossModels) }
    let rules: [[Prose]] = told.map { ["\(code: $0.id)", Prose($0.statement.typeset)] }
    var metrics: [Metric] = []
    for finding in models.flatMap(\.findings.findings) where !metrics.contains(where: { $0.id == finding.metric.id }) {
      metrics.append(finding.metric)
    }
    let definitions: [[Prose]] = metrics.map { metric in
      [
        "\(strong: metric.name.typeset) \(code: metric.id)", Prose(metric.formula.typeset),
        Prose(metric.unit == "1" ? "–" : metric.unit), Prose(metric.explanation.typeset),
      ]
    }
    return Section(
      .appendix, "Appendix: rules, definitions, words",
      [
        table(
          "rules", caption: "When this report says what.", columns: [.init("Rule"), .init("Statement")],
          rows: rules),
        table(
          "metrics", caption: "Definitions of the metrics, with their versions.",
          columns: [.init("Metric and id"), .init("Formula"), .init("Unit"), .init("In words")],
          rows: definitions,
          remarks:
            """
            x: residual stream of a token; x̂: its reconstruction; x̄: mean over tokens; N tokens of D \
            dimensions. A changed formula gets a new version, and two versions are never compared.
            """
        ),
      ] + glossary())
  }
}
