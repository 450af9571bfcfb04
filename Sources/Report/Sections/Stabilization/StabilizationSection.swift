import Analysis
import Measures
import Words

/// Whether FVU depends on how much text was measured.
struct StabilizationSection: ReportSection {
  static let key: Section.Key = "stabilization"
  static let title = "Sample-size stabilization"
  static let figures: [StudyFigure] = [.stabilization]
  static let measure: Measure? = .stabilization
  let report: ReportBuilder

  var isMeasured: Bool { models.contains { !$0.findings.snapshots.isEmpty } }

  func blocks() throws -> [Block] {
    var blocks: [Block] = []
    for question in [Verdict.Question.fvuStable, .fvuChangeStable] {
      if let said = try sentences(question) { blocks.append(.paragraph(said)) }
    }
    if let figure = figureBlock(.stabilization) { blocks.append(figure) }
    let facets = models.flatMap(\.findings.snapshots).distinct(by: \.facet)
    var groups: [(title: String, rows: [[Prose]])] = []
    for facet in facets {
      func snapshots(_ model: ReportModel, _ condition: String) -> [Snapshot] {
        model.findings.snapshots.filter { $0.facet == facet.facet && $0.condition == condition }
      }
      let own = try rows(conditions, measured: { !snapshots($0, $1).isEmpty }) { model, name in
        let measured = snapshots(model, name)
        return try actualCounts.map { count in
          try measured.first { $0.tokens == count }.map { Prose(try model.numbers.snapshot($0)) } ?? "–"
        }
      }
      groups.append((facet.metric.title(over: facet.stratum), own))
    }
    let asked = distinct { ($0.description.budget.snapshots.map(NumberText.integer)).listed }
    blocks.append(
      .fold(
        Fold(
          title: "FVU by number of tokens",
          blocks: [
            table(
              "stabilization", caption: "FVU over the first tokens of the run.", groups: groups,
              columns: conditionColumns + actualCounts.map { .init(NumberText.integer($0), .right) },
              remarks:
                """
                Columns: actual numbers of tokens, each the first batch boundary at or after the number asked for \
                (\(asked.joined(separator: "; "))).
                """
            )
          ]))
    )
    return blocks
  }

  /// Of all models.
  private var actualCounts: [Int] { Set(models.flatMap { $0.findings.snapshots.map(\.tokens) }).sorted() }

  func sentence(_ clause: VerdictClause) throws -> Prose? {
    if clause.question == .fvuChangeStable { return try changeSentence(clause) }
    let parts: [Prose] = try clause.entries.map { entry in
      if entry.models.count > 1 {
        let differences = try range(entry.models) { try snapshotDifference($0, entry.condition) }
        return differences.map { "\(strong: entry.condition) (last two counts \($0) apart)" }
          ?? "\(strong: entry.condition)"
      }
      return "\(strong: entry.condition)"
    }
    let conditions = Prose.list(parts) + on(clause.models)
    return switch clause.outcome {
    case .stable: "The article’s FVU of all tokens has settled between the last two counts under \(conditions)."
    case .unstable:
      """
      The article’s FVU of all tokens has not settled between the last two counts under \(conditions); more tokens may move \
      it further.
      """
    case .undecided:
      "Whether the article’s FVU of all tokens has settled between the last two counts cannot be said under \(conditions)."
    default: throw clause.impossible
    }
  }

  /// On the effect of compression, which the level says little of.
  private func changeSentence(_ clause: VerdictClause) throws -> Prose {
    let parts: [Prose] = try clause.entries.map { entry in
      guard entry.models.count == 1, let model = entry.models.first,
        let (before, last) = lastSnapshots(model, entry.condition),
        let early = try model.numbers.snapshotChange(before), let late = try model.numbers.snapshotChange(last)
      else { return "\(strong: entry.condition)" }
      return "\(strong: entry.condition) (\(early), then \(late))"
    }
    let conditions = Prose.list(parts) + on(clause.models)
    return switch clause.outcome {
    case .stable: "Its change against \(base) has settled too under \(conditions)."
    case .unstable: "Its change against \(base) still drifts under \(conditions)."
    default: throw clause.impossible
    }
  }

  /// The article's FVU over all tokens at the last two counts.
  private func lastSnapshots(_ model: ReportModel, _ condition: String) -> (before: Snapshot, last: Snapshot)? {
    let own = model.findings.snapshots.filter {
      $0.condition == condition && $0.metric.id == Metric.fvuArticle.id && $0.stratum == .all
    }.sorted { $0.tokens < $1.tokens }
    guard let last = own.last, let before = own.dropLast().last else { return nil }
    return (before, last)
  }

  private func snapshotDifference(_ model: ReportModel, _ condition: String) throws -> Numbers.Amount? {
    guard let (before, last) = lastSnapshots(model, condition) else { return nil }
    let tokens = MeasureAddress.Tokens.between(before.tokens, last.tokens, .all)
    let address = MeasureAddress(metric: Metric.fvuArticle.id, condition: condition, tokens: tokens)
    guard let difference = try model.numbers.number(.measure(address)) else { return nil }
    // "Apart", whichever is larger.
    var amount = Numbers.Amount(
      number: difference, printed: difference.value.magnitude,
      decimals: max(5, model.numbers.formats.decimals(.fvuArticle)))
    amount.number = try amount.rounded(to: amount.decimals)
    return amount
  }

  // MARK: What it gives to others

  func tests() -> [TestKind: [TestRow]] {
    let metric: Prose = "FVU over the first \(actualCounts.map(NumberText.integer).listed) tokens"
    return [.sampleValidation: [("Sample-size stabilization", metric, { !$0.findings.snapshots.isEmpty })]]
  }

  func results() throws -> [TestKind: [ResultRow]] {
    func change(_ model: ReportModel, _ condition: String) throws -> BoundNumber? {
      try lastSnapshots(model, condition).flatMap { try model.numbers.snapshotChange($0.before) }
    }
    let row = ResultRow(
      measure: "FVU’s change with fewer tokens",
      cell: { model, condition in
        guard condition != model.base, let (before, _) = lastSnapshots(model, condition),
          let number = try change(model, condition)
        else { return nil }
        return "\(number) at \(count: before.tokens)"
      }, order: { model, condition in (try? change(model, condition))?.value },
      meaning: { model in
        meaning(.fvuChangeStable, model, start: "The change ") { outcome in
          switch outcome {
          case .stable: "has settled"
          case .unstable: "still drifts with more text"
          default: nil
          }
        }
      })
    return [.sampleValidation: [row]]
  }

  func limitations() throws -> [Concern: [Prose]] {
    [
      .measure: [
        """
        “Settled” is judged on one form of FVU, within a tolerance.
        """
      ]
    ]
  }
}
