import Analysis
import Words

/// What reconstruction gives to the conclusion, and to those who read models with autoencoders.
extension ReconstructionSection {
  func conclusion(_ condition: String, _ model: ReportModel) -> Prose? {
    model.isSummary
      ? nil
      : clause(all: model.outcome(.errorChange, condition), ordinary: model.outcome(.errorOrdinaryChange, condition))
  }

  /// By the squared error, over all tokens and over ordinary ones: FVU also moves with the variance it divides by.
  private func clause(all: Verdict.Outcome?, ordinary: Verdict.Outcome?) -> Prose? {
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

  /// Whether accuracy and reconstruction (of ordinary tokens) went the same way, by their verdicts; a verdict that
  /// could not be reached supports neither answer.
  func closing() -> Prose? {
    func cells(where holds: (Verdict.Outcome, Verdict.Outcome) -> Bool) -> [(condition: String, model: ReportModel)] {
      self.cells { model, condition in
        guard let accuracy = model.outcome(.crossEntropyChange, condition), !model.isSummary,
          let state = errorOutcome(model, condition)
        else { return false }
        return holds(accuracy, state)
      }
    }
    let undecided = cells { $0 == .inconclusive || $1 == .inconclusive }
    let together = cells { $0 == $1 && $0 != .inconclusive }
    let apart = cells { $0 != $1 && $0 != .inconclusive && $1 != .inconclusive }
    let runs = areSeveral ? "these runs" : "this run"
    return Self.together(
      [
        told(apart) {
          """
          Under \($0), accuracy and reconstruction went different ways: the one does not stand for \
          the other, and who needs both must measure both.
          """
        },
        told(together) {
          """
          Accuracy and reconstruction went the same way under \($0). That is a finding of \
          \(runs), not a law: they are separate questions.
          """
        },
        told(undecided) {
          """
          Whether accuracy and reconstruction went the same way under \($0) \
          \(runs) cannot say, \
          because at least one of the two changes cannot be told from zero.
          """
        },
      ].compactMap(\.self))
  }

  func implications() throws -> [Audience: [Prose]] {
    [.readers: sentencesForReaders(), .society: [sentenceForSociety()].compactMap(\.self)]
  }

  private func sentencesForReaders() -> [Prose] {
    [
      told(errorCells(.increase)) {
        """
        Under \($0), an autoencoder trained on the uncompressed model reconstructs the compressed one \
        measurably worse: a finding about features of the compressed copy needs the error measured on that copy, with \
        the form of FVU and the tokens named.
        """
      },
      told(errorCells(.inconclusive)) {
        """
        Under \($0), no loss of reconstruction can be told from zero; how large a loss would have been seen is \
        what the intervals say.
        """
      },
      told(errorCells(.decrease)) { "Under \($0), the squared error falls: this autoencoder loses nothing there." },
    ].compactMap(\.self)
  }

  /// The verdict on the squared error on ordinary tokens; on all tokens, where those were not told apart.
  private func errorOutcome(_ model: ReportModel, _ condition: String) -> Verdict.Outcome? {
    model.outcome(.errorOrdinaryChange, condition) ?? model.outcome(.errorChange, condition)
  }

  private func errorCells(_ outcome: Verdict.Outcome) -> [(condition: String, model: ReportModel)] {
    cells { !$0.isSummary && errorOutcome($0, $1) == outcome }
  }

  private func sentenceForSociety() -> Prose? {
    let worse = told(errorCells(.increase)) {
      """
      An audit of it with the original’s dictionary sees it less exactly under \
      \($0); by how much is measured here.
      """
    }
    let others = told(errorCells(.inconclusive) + errorCells(.identical)) {
      """
      This report gives no sign that an audit of it with the original’s dictionary \
      sees it less exactly under \($0), and does not exclude it.
      """
    }
    return (worse ?? others).map {
      """
      People meet the compressed copy. \($0) That the same features still fire, which an audit would need to know, was \
      not tested.
      """
    }
  }
}
