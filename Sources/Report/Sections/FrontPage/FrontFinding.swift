import Analysis
import Measures
import Words

/// A sentence that competes for a place among a report's first findings.
struct FrontFinding {
  enum Place: Equatable {
    /// The verdicts on a primary measure: how large the largest is, and how many margins.
    case result(size: Int, margins: Double)
    /// What has no verdict.
    case exploratory
    /// Which condition an engineer would take.
    case choice
    /// Whether FVU can be trusted, and what all of it holds for: each has a place of its own.
    case trust, limits
  }

  var place: Place
  var sentence: Prose

  /// Results by size and margins, then what is exploratory.
  func ranksBefore(_ other: FrontFinding) -> Bool {
    switch (place, other.place) {
    case (.result(let size, let margins), .result(let otherSize, let otherMargins)):
      (size, margins) > (otherSize, otherMargins)
    case (.result, .exploratory): true
    default: false
    }
  }

  /// The rule that ranks, as the appendix prints it.
  static let rule = VerdictRule(
    id: "front_page@2", question: nil,
    statement:
      "The bold sentence tells the verdicts on cross-entropy and on the squared error over ordinary tokens, the worst "
      + "first, for at most three groups of conditions with the same two verdicts. Each tile shows a measure under the "
      + "condition that is worst by its verdict and, among equals, by its change in margins. Of the findings at most "
      + "six are told, a sentence each: verdicts on the other primary measures, ranked by size word (large, small, "
      + "undecided, negligible) and within it by the largest change in margins; then what is exploratory; places are kept "
      + "for the smallest condition within each margin, where there are at least \(CompressionCurve.fewest) sizes, for whether FVU can be "
      + "trusted and for what all of it holds for. Names give way to counts, and "
      + "the lowest ranked is left out, until bold sentence and findings have at most \(FrontPage.mostWords) words and "
      + "\(FrontPage.mostNumerals) numerals.")
}

extension ReportBuilder {
  var cases: Cases { Cases(findings: models.map(\.findings)) }

  func model(_ one: Case) -> ReportModel? { models.first { $0.name == one.model } }

  /// The number of each case, or the smallest and the largest of several.
  func range(_ cases: [Case], _ amount: (ReportModel, String) throws -> Numbers.Amount?) throws -> Prose? {
    try Self.range(
      try cases.compactMap { one in try model(one).flatMap { try amount($0, one.condition) } })
  }

  /// "The article’s FVU rises by 23.0% under nf4-dq (large) and 2.4% under int8 (small).": the verdicts on a change.
  func changeFinding(
    _ question: Verdict.Question, _ metric: Metric, _ stratum: Stratum, _ subject: String, atMost: Int
  ) throws -> FrontFinding? {
    try finding(
      question, metric, stratum, subject, atMost: atMost, rises: "rises by ", falls: "falls by ",
      negligible: "changes negligibly"
    ) { model, condition in
      guard
        var amount = try model.numbers.changeAmount(metric, condition, stratum, inPercent: metric.margin.isRelative)
      else { return nil }
      (amount.printed, amount.isSigned) = (amount.printed.magnitude, false)
      amount.number = try amount.rounded(to: amount.decimals)
      return amount
    }
  }

  /// The verdicts on a measure in one sentence; nil where there are none.
  ///
  /// - Parameters:
  ///   - rises, falls: before the first amount, "rises by ".
  ///   - unit: behind the first amount.
  ///   - negligible: what is said of cases where nothing changes.
  func finding(
    _ question: Verdict.Question, _ metric: Metric, _ stratum: Stratum, _ subject: String, atMost: Int,
    rises: Prose, falls: Prose, negligible: String, of unit: Prose = "",
    amount: (ReportModel, String) throws -> Numbers.Amount?
  ) throws -> FrontFinding? {
    let cases = cases
    let groups = cases.groups(question)
    guard let first = groups.max(by: { $0.outcome.weight < $1.outcome.weight }) else { return nil }
    var (parts, isRising, isFalling): ([Prose], Bool, Bool) = ([], false, false)
    for (outcome, own) in groups {
      let pieces = cases.pieces(own, atMost: atMost)
      if outcome.direction == 0 {
        let word =
          switch outcome {
          case .negligible: negligible
          case .identical: "is exactly the same"
          default: "is undecided"
          }
        parts.append("\(word) under \(Prose.list(pieces.map(\.name)))")
        continue
      }
      for (name, cases) in pieces {
        let isFirst = outcome.direction > 0 ? !isRising : !isFalling
        if outcome.direction > 0 { isRising = true } else { isFalling = true }
        let start: Prose = isFirst ? (outcome.direction > 0 ? rises : falls) : ""
        let number = try range(cases, amount) ?? "an amount not given"
        parts.append(
          "\(start)\(number)\(isFirst ? unit : "") under \(name) (\(outcome.isUndecided ? "margin open" : outcome.isLarge ? "large" : "small"))"
        )
      }
    }
    let margins = first.cases.compactMap { cases.margins(metric, stratum, $0) }.max() ?? 0
    return FrontFinding(
      place: .result(size: first.outcome.weight, margins: margins), sentence: "\(subject) \(Prose.list(parts)).")
  }
}
