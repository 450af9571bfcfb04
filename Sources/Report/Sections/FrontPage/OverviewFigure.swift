import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let overview = StudyFigure("overview", draw: OverviewFigure.draw)
}

/// The whole study in one unit: every primary measure's change in margins, so that all share an axis and its zones.
enum OverviewFigure {
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let models = all.filter { !rows($0).isEmpty }
    guard !models.isEmpty else {
      return .absent(reason: "The run has no change of a primary measure, so there is no figure of them all.")
    }
    let reached = models.flatMap { model in
      rows(model).flatMap { row in model.conditions.compressed.flatMap { margins(row, model, $0.name)?.reach ?? [] } }
    }
    let baseline = models.map(\.findings.baselineLabel).distinct.listed
    return .figure(
      Figure(
        key: StudyFigure.overview.key, title: title(models),
        caption: """
          Change of each primary measure against \(baseline) in units of its margin, the change that was taken to matter \
          before measuring. \
          \(models.onIntervals("Bars: \(try models.level()) intervals that hold together.")) Right is worse.\
          \(models.notMeasured { model, name in rows(model).contains { margins($0, model, name) != nil } })
          """,
        altText: "Dot plot of changes in margins, a row per primary measure. \(try models.told(sentence)).",
        table: try models.table(
          words: ["measure", "condition", "verdict"],
          numbers: ["change in margins", "interval low", "interval high", "margin"], rows: cells),
        content: .panels(
          models.map { panel($0, title: models.title($0), reached) }, columns: models.areSeveral ? 2 : 1,
          key: models.compressed.map { DirectLabel($0.name, at: 0, $0.style) })))
  }

  private static func rows(_ model: StudyModel) -> [StudyProtocol.Primary] {
    StudyProtocol.primary.filter { row in
      model.conditions.compressed.contains { margins(row, model, $0.name) != nil }
    }
  }

  /// What the verdict judges, in margins.
  private static func margins(_ row: StudyProtocol.Primary, _ model: StudyModel, _ condition: String) -> Estimate? {
    guard
      var judged = model.findings.finding(row.metric, condition: condition, stratum: row.stratum)?.judged
    else { return nil }
    let margin = row.metric.margin.size
    judged.value /= margin
    judged.interval = judged.interval.map {
      Interval(low: $0.low / margin, high: $0.high / margin, level: $0.level)
    }
    return judged
  }

  private static func panel(_ model: StudyModel, title: String?, _ reached: [Double]) -> Panel {
    let (compressed, rows) = (model.conditions.compressed, rows(model))
    let step: Points = compressed.count > 5 ? 5 : 8
    var marks = [
      Mark(.region(low: -1, high: 1), MarkStyle(.shade), series: "negligible"),
      Mark(.verticalRule(0), MarkStyle(.reference, dash: [3, 2]), series: "no change"),
      Mark(.verticalRule(StudyProtocol.largeMargins), MarkStyle(.axis, dash: [1.5, 1.5]), series: "large"),
    ]
    for (rank, entry) in compressed.enumerated() {
      let dodge = step * (Double(rank) - Double(compressed.count - 1) / 2)
      for (index, row) in rows.enumerated() {
        guard let change = margins(row, model, entry.name) else { continue }
        marks += .horizontal(
          change, row: index, dodge: dodge, entry.style, series: entry.name,
          meaning: change.value * row.metric.margin.size)
      }
    }
    return Panel(
      title: title,
      x: Axis("Change", unit: "in margins, log scale beyond ±1", .symmetricLogarithmic, including: reached + [10]),
      y: Axis("", unit: "", .categories(rows.map(\.title), rows.map { _ in .ink })), marks: marks,
      note: "Shaded: negligible. Right of the dotted line: large.",
      height: (step * Double(max(1, compressed.count)) + 7) * Double(rows.count))
  }

  /// "Large changes under nf4-dq; at most small ones under int8": by the worst verdict of each condition.
  private static func title(_ models: [StudyModel]) -> String {
    let cases = Cases(findings: models.map(\.findings))
    let worst = cases.all.compactMap { one -> (Case, Int)? in
      let sizes = StudyProtocol.primary.compactMap { cases.outcome($0.question, one)?.weight }
      return sizes.max().map { (one, $0) }
    }
    let parts = [(3, "large changes"), (2, "small changes at most"), (1, "undecided changes at most"), (0, "none")]
      .compactMap { size, words -> String? in
        let own = worst.filter { $0.1 == size }.map(\.0)
        return own.isEmpty ? nil : "\(words) under \(cases.phrase(own))"
      }
    return parts.isEmpty ? "Primary measures" : parts.joined(separator: ", ").capitalizedFirst
  }

  private static func sentence(_ model: StudyModel) throws -> Prose {
    try rows(model).map { row -> Prose in
      let parts = try model.conditions.compressed.compactMap { entry -> Prose? in
        try model.numbers.has(row.metric, entry.name, row.stratum)
          ? model.numbers.withInterval(row.metric, entry.name, row.stratum, row.metric.judgedQuantity).map {
            "\(entry.name) \($0)"
          } : nil
      }
      return "\(row.title): \(Prose.list(parts))"
    }.prose(separator: "; ")
  }

  private static func cells(_ model: StudyModel) throws -> [[DataTable.Cell]] {
    var all: [[DataTable.Cell]] = []
    for row in rows(model) {
      for entry in model.conditions.compressed {
        guard let change = margins(row, model, entry.name) else { continue }
        let outcome = model.findings.verdict(row.question, condition: entry.name)
        let margin = row.metric.margin.size
        all.append(
          [.text(row.title), .text(entry.name), .text(outcome?.title ?? "")]
            + (try DataTable.Cell.estimate(change, decimals: 2, signed: true))
            + [.number(margin, shown: try NumberText.significant(margin, digits: 2))])
      }
    }
    return all
  }
}

extension StudyProtocol.Primary {
  /// As a row of a figure or a table: "FVU, textbook, ordinary tokens".
  var title: String {
    switch metric.id {
    case Metric.klExcess.id: "KL divergence beyond rounding"
    case Metric.disagreementExcess.id: "Top prediction changed, beyond rounding"
    case Metric.fvuArticle.id: "FVU, article’s form, all tokens"
    case Metric.fvu.id: "FVU, textbook form, ordinary tokens"
    case Metric.mse.id: "SAE’s squared error, ordinary tokens"
    default: metric.name.typeset
    }
  }

  /// The question that the verdict on it answers.
  var question: Verdict.Question {
    let rule = [Measure].all.rules.first { rule in
      if case .change(let metric, let stratum, _) = rule.judgement {
        metric == self.metric && stratum == self.stratum
      } else {
        false
      }
    }
    return rule?.question ?? .crossEntropyChange
  }
}
