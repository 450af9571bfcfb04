import Analysis
import Words

/// What performance gives to the conclusion: whether predictions changed, and what that costs.
extension PerformanceSection {
  func conclusion(_ condition: String, _ model: ReportModel) -> Prose? {
    model.outcome(.crossEntropyChange, condition).flatMap {
      model.hasNoInterval(.crossEntropy, condition, .all)
        ? "the source’s numbers do not say whether the change of the model’s predictions can be told from zero"
        : clause($0, model.base)
    }
  }

  private func clause(_ outcome: Verdict.Outcome, _ base: String) -> Prose? {
    switch outcome {
    case .largeRise: "the model predicts this text much worse than \(base)"
    case .smallRise: "the model predicts this text a little worse than \(base)"
    case .largeFall: "the model predicts this text much better than \(base)"
    case .smallFall: "the model predicts this text a little better than \(base)"
    case .negligible: "the model predicts this text about as well as \(base)"
    case .openRise: "the model predicts this text worse than \(base), perhaps within the margin"
    case .openFall: "the model predicts this text better than \(base), perhaps within the margin"
    case .undecided: "whether the model predicts this text worse is undecided"
    case .identical: "the model’s predictions cost exactly what they cost under \(base)"
    default: nil
    }
  }

  /// What each condition saves in size and costs in cross-entropy.
  func closing() throws -> Prose? {
    let parts: [Prose] = try entries(.crossEntropyChange).compactMap { entry in
      let sizes = try entry.models.compactMap { try saved($0, entry.condition) }
      guard sizes.count == entry.models.count, let first = sizes.first,
        sizes.allSatisfy({ ($0.number.value < 0) == (first.number.value < 0) }),
        let size = try range(entry.models, { try saved($0, entry.condition) })
      else { return nil }
      let room = first.number.value < 0 ? "more" : "fewer"
      let start: Prose = "\(strong: entry.condition) needs \(size) \(room) bits for the weights than \(base)"
      let cost: Prose? =
        switch entry.outcome {
        case .smallRise: ", at a small cost in cross-entropy"
        case .largeRise: ", at a large cost in cross-entropy"
        case .smallFall, .largeFall: ", and its cross-entropy falls"
        case .undecided
        where entry.models.contains(where: { $0.hasNoInterval(.crossEntropy, entry.condition, .all) }):
          ", at a cost in cross-entropy that the source does not judge"
        case .negligible: ", at a negligible cost in cross-entropy"
        case .openRise, .openFall: ", at a cost in cross-entropy that may lie within the margin"
        case .undecided: ", and its cost in cross-entropy is undecided"
        case .identical: " and costs nothing in cross-entropy"
        default: nil
        }
      return cost.map { start + $0 + on(entry.models) }
    }
    guard !parts.isEmpty else { return nil }
    return "Size against loss: " + parts.dropFirst().reduce(parts[0]) { $0 + "; " + $1 } + "."
  }

  /// The share of the baseline's size that a condition saves, in percent; nil where sizes are not known.
  private func saved(_ model: ReportModel, _ condition: String) throws -> Numbers.Amount? {
    guard let saved = try model.numbers.number(.size(.saved(condition))) else { return nil }
    var amount = Numbers.Amount(number: saved, printed: saved.value.magnitude, decimals: 0, suffix: "%")
    amount.number = try amount.rounded(to: 0)
    return amount
  }

  func implications() throws -> [Audience: [Prose]] {
    var sentences: [Prose] = []
    let entries = entries(.crossEntropyChange)
    let rising = entries.filter { $0.outcome.direction > 0 }
    if !rising.isEmpty {
      let parts: [Prose] = rising.map { "\(strong: $0.condition)\(on($0.models))" }
      sentences.append(
        """
        Text like this is predicted worse under \(Prose.list(parts)); what that costs on a task, only the \
        task can tell.
        """)
    }
    for entry in entries where entry.outcome == .undecided {
      guard let bound = try mostPlausibleRise(entry) else { continue }
      sentences.append(
        """
        Under \(strong: entry.condition)\(on(entry.models)), the change is undecided, and its \(level) interval \
        ends at \(bound): nothing here speaks for a larger rise on text like this.
        """)
    }
    let falling = entries.filter { $0.outcome.direction < 0 }
    if !falling.isEmpty {
      let parts: [Prose] = falling.map { "\(strong: $0.condition)\(on($0.models))" }
      sentences.append("Under \(Prose.list(parts)), this text is predicted better: no cost was found on it.")
    }
    return [.developers: sentences]
  }

  /// The upper end of the interval of the change of cross-entropy, the largest of several models'.
  private func mostPlausibleRise(_ entry: VerdictEntry) throws -> BoundNumber? {
    var highest: BoundNumber?
    for model in entry.models {
      guard let change = model.numbers.findings.finding(.crossEntropy, condition: entry.condition)?.percentChange,
        let high = change.interval?.high, var number = try model.numbers.percentChange(.crossEntropy, entry.condition)
      else { continue }
      guard high > highest?.value ?? -.infinity else { continue }
      number.text =
        try NumberText.signed(high, decimals: model.numbers.formats.percentDecimals(change), of: "interval") + "%"
      number.value = high
      number.id += "/high"
      highest = number
    }
    return highest
  }
}
