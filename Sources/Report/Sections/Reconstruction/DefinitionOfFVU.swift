import Analysis
import Measures
import Words

/// What the choice between the two forms of FVU moves.
extension ReconstructionSection {
  /// Which moves FVU more on these runs: the definition or the compression.
  func definitionSentence() throws -> Prose? {
    func hasBoth(_ model: ReportModel, _ stratum: Stratum) -> Bool {
      model.numbers.has(.fvu, model.base, stratum) && model.numbers.has(.fvuArticle, model.base, stratum)
    }
    func values(_ some: [ReportModel], _ metric: Metric, _ stratum: Stratum) throws -> Prose {
      try range(some) { try $0.numbers.amount(metric, $0.base, stratum) } ?? "–"
    }
    let told = models.filter { hasBoth($0, .all) }
    guard !told.isEmpty else { return nil }
    var sentence: Prose =
      """
      One and the same reconstruction (\(base), all tokens) has an FVU of \(try values(told, .fvuArticle, .all)) in \
      the article’s form and of \(try values(told, .fvu, .all)) in the textbook form
      """
    let ordinary = told.filter { hasBoth($0, .ordinary) }
    if !ordinary.isEmpty {
      sentence +=
        """
        ; on ordinary tokens, \(try values(ordinary, .fvuArticle, .ordinary)) and \
        \(try values(ordinary, .fvu, .ordinary))
        """
    }
    sentence += on(told) + "."
    for definitionWins in [true, false] {
      let some = try told.filter { try definitionMovesMore($0) == definitionWins }
      let changes = try some.compactMap(largestChange)
      guard let largest = changes.max(by: { $0.printed.magnitude < $1.printed.magnitude })?.number else { continue }
      sentence +=
        definitionWins
        ? " Over all tokens, the two forms are farther apart than any compression moves either\(on(some)) (at most \(largest))."
        : " Over all tokens, compression moves FVU\(on(some)) by up to \(largest), at least as far as the two forms are apart."
    }
    return sentence
  }

  /// Nil where no change was measured.
  private func definitionMovesMore(_ model: ReportModel) throws -> Bool? {
    guard let largest = try largestChange(model) else { return nil }
    let textbook = try model.numbers.value(.fvu, model.base).value
    let article = try model.numbers.value(.fvuArticle, model.base).value
    return (textbook - article).magnitude > largest.printed.magnitude
  }

  private func largestChange(_ model: ReportModel) throws -> Numbers.Amount? {
    try model.compressed.flatMap { condition in
      try [Metric.fvu, .fvuArticle].compactMap {
        try model.numbers.changeAmount($0, condition.name, inPercent: false)
      }
    }.max { $0.printed.magnitude < $1.printed.magnitude }
  }
}
