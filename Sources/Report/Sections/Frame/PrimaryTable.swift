import Analysis
import Measures
import Words

/// The primary measures of each condition, as docs/protocol.md lists them: what changed, by which verdict, and what would have
/// been seen.
struct PrimaryTable {
  let subject: any ReportSubject

  func block() throws -> Block? {
    let rows = try subject.models.flatMap { model in
      try model.compressed.flatMap { condition in
        try StudyProtocol.primary.compactMap { try row($0, condition.name, model) }
      }
    }
    guard !rows.isEmpty else { return nil }
    return subject.table(
      "sensitivity", caption: "Primary measures: changes, verdicts, and the smallest change that would have been seen.",
      columns: subject.modelColumn + [
        .init("Condition"), .init("Measure"), .init("Change", .right), .init("Verdict"), .init("Margin", .right),
        .init("Detectable", .right),
      ], rows: rows,
      remarks:
        """
        In brackets: \(subject.level) intervals that hold for a condition’s measures at once. Verdicts set them against the margin. \
        Detectable: the smallest change that the test tells from zero in four of five repetitions.
        """)
  }

  private func row(_ primary: StudyProtocol.Primary, _ condition: String, _ model: ReportModel) throws -> [Prose]? {
    let (metric, stratum) = (primary.metric, primary.stratum)
    guard let finding = model.findings.finding(metric, condition: condition, stratum: stratum),
      let rule = model.findings.measures.rules.first(where: { $0.judges(metric, stratum) }),
      let question = rule.question,
      let outcome = model.outcome(question, condition)
    else { return nil }
    let change = try model.numbers.withInterval(metric, condition, stratum, metric.judgedQuantity)
    let scale = metric.isShare && metric.isComparison ? 100.0 : 1
    let unit = metric.margin.isRelative || scale == 100 ? "%" : ""
    func amount(_ value: Double) throws -> Prose {
      Prose(try NumberText.significant(value * scale, digits: 2, of: metric.name) + unit)
    }
    return subject.modelCell(model) + [
      subject.cell(condition), Prose(stratum == .all ? metric.name.typeset : metric.title(over: stratum)), change ?? "–",
      Prose(outcome.title), "±\(try amount(metric.margin.size))", try finding.judged?.detectable.map(amount) ?? "–",
    ]
  }
}

extension VerdictRule {
  fileprivate func judges(_ metric: Metric, _ stratum: Stratum) -> Bool {
    if case .change(let own, let tokens, _) = judgement { own == metric && tokens == stratum } else { false }
  }
}

extension Verdict.Outcome {
  /// In a word or two.
  var title: String {
    switch self {
    case .openRise: "rises, margin open"
    case .openFall: "falls, margin open"
    case .smallRise: "rises, small"
    case .largeRise: "rises, large"
    case .smallFall: "falls, small"
    case .largeFall: "falls, large"
    case .interpretWithCare: "with care"
    case .notMeasured: "not measured"
    default: rawValue
    }
  }
}
