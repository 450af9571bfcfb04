import Analysis
import RunFile
import Words

/// The conclusion: each clause is one verdict, and nothing is said without one.
extension ReportBuilder {
  func conclusion() throws -> Section {
    var blocks: [Block] = []
    var said: [(clauses: Prose, cells: [(condition: String, model: ReportModel)])] = []
    for condition in compressed {
      for model in models {
        guard let clauses = conclusionClauses(condition, model) else { continue }
        if let index = said.firstIndex(where: { $0.clauses == clauses }) {
          said[index].cells.append((condition, model))
        } else {
          said.append((clauses, [(condition, model)]))
        }
      }
    }
    blocks += said.map { .paragraph("Under \(places($0.cells)), \($0.clauses).") }
    if blocks.isEmpty { blocks.append(.paragraph("The run completed no test, so it supports no conclusion.")) }
    if let said = try priceSentence() { blocks.append(.paragraph(said)) }
    if let said = separateQuestionsSentence() { blocks.append(.paragraph(said)) }
    return Section(.conclusion, "Conclusion and implications", blocks + (try implications()))
  }

  /// Accuracy and reconstruction under one condition, side by side: each clause is one verdict.
  private func conclusionClauses(_ condition: String, _ model: ReportModel) -> Prose? {
    var clauses = [
      model.outcome(.crossEntropyChange, condition).flatMap {
        model.hasNoInterval(.crossEntropy, condition, .all)
          ? "the source’s numbers do not say whether the change of the model’s predictions can be told from zero"
          : accuracyClause($0, model.base)
      },
      model.isSummary ? nil : reconstructionClause(
        all: model.outcome(.errorChange, condition), ordinary: model.outcome(.errorOrdinaryChange, condition)),
    ].compactMap { $0 }
    guard !clauses.isEmpty else { return nil }
    switch model.outcome(.noiseFloor, condition) {
    case .uninformative?:
      clauses.append("the noise-floor test says that FVU could not have shown a change of this size")
    case .interpretWithCare?: clauses.append("the noise-floor test asks for care in reading the FVU")
    default: break
    }
    return Prose.list(clauses, last: ", and")
  }

  private func accuracyClause(_ outcome: Verdict.Outcome, _ base: String) -> Prose? {
    switch outcome {
    case .increase: "the model predicts this text measurably worse than \(base)"
    case .decrease: "the model predicts this text measurably better than \(base)"
    case .inconclusive: "no change of the model’s predictions can be told from zero"
    case .identical: "the model’s predictions cost exactly what they cost under \(base)"
    default: nil
    }
  }

  /// By the squared error, over all tokens and over ordinary ones: FVU also moves with the variance it divides by.
  private func reconstructionClause(all: Verdict.Outcome?, ordinary: Verdict.Outcome?) -> Prose? {
    func said(_ outcome: Verdict.Outcome?) -> Prose? {
      switch outcome {
      case .increase?: "the autoencoder reconstructs the activations measurably worse"
      case .decrease?: "the autoencoder reconstructs the activations measurably better"
      case .inconclusive?: "no change in how the autoencoder reconstructs the activations can be told from zero"
      case .identical?: "the autoencoder reconstructs the activations exactly as before"
      default: nil
      }
    }
    func contrast(_ outcome: Verdict.Outcome?) -> Prose {
      switch outcome {
      case .increase?: "it does so measurably worse"
      case .decrease?: "it does so measurably better"
      case .identical?: "nothing changes"
      default: "no change can be told from zero"
      }
    }
    switch (said(all), said(ordinary)) {
    case (let whole?, _?):
      return all == ordinary
        ? "\(whole), over all tokens and over ordinary ones"
        : "\(whole) over all tokens, while over ordinary ones \(contrast(ordinary))"
    case (let whole?, nil): return "\(whole), over all tokens"
    case (nil, let part?): return "\(part), over ordinary tokens"
    case (nil, nil): return nil
    }
  }

  /// What each condition saves in size and costs in cross-entropy.
  private func priceSentence() throws -> Prose? {
    let parts: [Prose] = try entries(.crossEntropyChange).compactMap { entry in
      let sizes = try entry.models.compactMap { try saved($0, entry.condition) }
      guard sizes.count == entry.models.count, let first = sizes.first,
        sizes.allSatisfy({ ($0.number.value < 0) == (first.number.value < 0) }),
        let size = try range(entry.models, { try saved($0, entry.condition) })
      else { return nil }
      let room = first.number.value < 0 ? "more" : "fewer"
      let start: Prose = "\(strong: entry.condition) needs \(size) \(room) bits for the weights than \(base)"
      let change = try range(entry.models) {
        try $0.numbers.changeAmount(.crossEntropy, entry.condition, inPercent: true)
      }
      guard let change else { return nil }
      let cost: Prose? =
        switch entry.outcome {
        case .increase, .decrease: " and changes cross-entropy by \(change)"
        case .inconclusive where entry.models.contains(where: { $0.hasNoInterval(.crossEntropy, entry.condition, .all) }):
          " and its cross-entropy differs by \(change)"
        case .inconclusive: ", and its cost in cross-entropy cannot be told from zero"
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

  /// Whether accuracy and reconstruction (of ordinary tokens) went the same way, by their verdicts; a verdict that
  /// could not be reached supports neither answer.
  private func separateQuestionsSentence() -> Prose? {
    typealias Cell = (condition: String, model: ReportModel)
    var (together, apart, undecided): ([Cell], [Cell], [Cell]) = ([], [], [])
    for condition in compressed {
      for model in models {
        guard let accuracy = model.outcome(.crossEntropyChange, condition),
          let state = model.outcome(.errorOrdinaryChange, condition) ?? model.outcome(.errorChange, condition),
          !model.isSummary
        else { continue }
        if accuracy == .inconclusive || state == .inconclusive {
          undecided.append((condition, model))
        } else if accuracy == state {
          together.append((condition, model))
        } else {
          apart.append((condition, model))
        }
      }
    }
    var sentences: [Prose] = []
    if !apart.isEmpty {
      sentences.append(
        """
        Under \(places(apart)), accuracy and reconstruction went different ways: the one does not stand for \
        the other, and who needs both must measure both.
        """
      )
    }
    if !together.isEmpty {
      sentences.append(
        """
        Accuracy and reconstruction went the same way under \(places(together)). That is a finding of \
        \(areSeveral ? "these runs" : "this run"), not a law: they are separate questions.
        """
      )
    }
    if !undecided.isEmpty {
      sentences.append(
        """
        Whether accuracy and reconstruction went the same way under \(places(undecided)) \
        \(areSeveral ? "these runs" : "this run") cannot say, \
        because at least one of the two changes cannot be told from zero.
        """
      )
    }
    guard let first = sentences.first else { return nil }
    return sentences.dropFirst().reduce(first) { $0 + " " + $1 }
  }
}
