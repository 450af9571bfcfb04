import Analysis
import Plot
import RunFile

/// The conclusion: each clause is one verdict, and nothing is said without one.
extension ReportBuilder {
  func conclusion() throws -> Section {
    var blocks: [Block] = []
    var said: [(clauses: Prose, conditions: [Prose])] = []
    for condition in compressed {
      guard let clauses = conclusionClauses(condition.name) else { continue }
      let name: Prose = "\(strong: condition.name)"
      if let index = said.firstIndex(where: { $0.clauses == clauses }) {
        said[index].conditions.append(name)
      } else {
        said.append((clauses, [name]))
      }
    }
    blocks += said.map { .paragraph("Under \(Prose.list($0.conditions)), \($0.clauses).") }
    if blocks.isEmpty { blocks.append(.paragraph("The run completed no test, so it supports no conclusion.")) }
    if let said = try priceSentence() { blocks.append(.paragraph(said)) }
    if let said = try separateQuestionsSentence() { blocks.append(.paragraph(said)) }
    return Section(.conclusion, "Conclusion", blocks)
  }

  /// Accuracy and reconstruction under one condition, side by side: each clause is one verdict.
  private func conclusionClauses(_ condition: String) -> Prose? {
    func outcome(_ question: Verdict.Question) -> Verdict.Outcome? { verdict(question, condition)?.outcome }
    var clauses = [
      outcome(.crossEntropyChange).flatMap(accuracyClause),
      reconstructionClause(all: outcome(.errorChange), ordinary: outcome(.errorOrdinaryChange)),
    ].compactMap { $0 }
    guard !clauses.isEmpty else { return nil }
    switch outcome(.noiseFloor) {
    case .uninformative?:
      clauses.append("the noise-floor test says that FVU could not have shown a change of this size")
    case .interpretWithCare?: clauses.append("the noise-floor test asks for care in reading the FVU")
    default: break
    }
    return Prose.list(clauses, last: ", and")
  }

  private func accuracyClause(_ outcome: Verdict.Outcome) -> Prose? {
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
    guard let baseline, baseline.effectiveBitsPerParameter > 0 else { return nil }
    let parts: [Prose] = try compressed.compactMap { condition in
      guard let verdict = verdict(.crossEntropyChange, condition.name), numbers.has(.crossEntropy, condition.name)
      else {
        return nil
      }
      let saved = (1 - condition.effectiveBitsPerParameter / baseline.effectiveBitsPerParameter) * 100
      let text = try NumberText.fixed(saved.magnitude, decimals: 0, of: "size saved") + "%"
      let size = BoundNumber(
        text: text, value: saved, id: "\(numbers.prefix)bits/\(condition.name)/saved",
        detail:
          """
          \(try NumberFormats.bits(condition.effectiveBitsPerParameter)) instead of \
          \(try NumberFormats.bits(baseline.effectiveBitsPerParameter)) bits per parameter, whole model
          """)
      let start: Prose = "\(strong: condition.name) takes \(size) \(saved < 0 ? "more" : "less") room than \(base)"
      guard let change = try numbers.percentChange(.crossEntropy, condition.name) else { return nil }
      return switch verdict.outcome {
      case .increase, .decrease: "\(start) and changes cross-entropy by \(change)"
      case .inconclusive: "\(start), and its cost in cross-entropy cannot be told from zero"
      case .identical: "\(start) and costs nothing in cross-entropy"
      default: nil
      }
    }
    guard !parts.isEmpty else { return nil }
    return "As for the price: " + parts.dropFirst().reduce(parts[0]) { $0 + "; " + $1 } + "."
  }

  /// Whether accuracy and reconstruction (of ordinary tokens) went the same way, by their verdicts; a verdict that
  /// could not be reached supports neither answer.
  private func separateQuestionsSentence() throws -> Prose? {
    var (together, apart, undecided): ([Prose], [Prose], [Prose]) = ([], [], [])
    for condition in compressed {
      guard let accuracy = verdict(.crossEntropyChange, condition.name)?.outcome,
        let state = (verdict(.errorOrdinaryChange, condition.name) ?? verdict(.errorChange, condition.name))?.outcome,
        accuracy != .notMeasured, state != .notMeasured
      else { continue }
      let name: Prose = "\(strong: condition.name)"
      if accuracy == .inconclusive || state == .inconclusive {
        undecided.append(name)
      } else if accuracy == state {
        together.append(name)
      } else {
        apart.append(name)
      }
    }
    var sentences: [Prose] = []
    if !apart.isEmpty {
      sentences.append(
        """
        Under \(Prose.list(apart)), accuracy and reconstruction went different ways: the one does not stand for \
        the other, and who needs both must measure both.
        """
      )
    }
    if !together.isEmpty {
      sentences.append(
        """
        Accuracy and reconstruction went the same way under \(Prose.list(together)). That is a finding of this \
        run, not a law: they are separate questions.
        """
      )
    }
    if !undecided.isEmpty {
      sentences.append(
        """
        Whether accuracy and reconstruction went the same way under \(Prose.list(undecided)) this run cannot say, \
        because at least one of the two changes cannot be told from zero.
        """
      )
    }
    guard let first = sentences.first else { return nil }
    return sentences.dropFirst().reduce(first) { $0 + " " + $1 }
  }
}
