import Analysis
import Words

/// What reconstruction gives to the conclusion, and to those who read models with autoencoders.
extension ReconstructionSection {
  func conclusion(_ condition: String, _ model: ReportModel) -> Prose? {
    model.isSummary ? nil : model.outcome(.errorOrdinaryChange, condition).flatMap(clause)
  }

  /// By the squared error over ordinary tokens: FVU also moves with the variance it divides by.
  private func clause(_ outcome: Verdict.Outcome) -> Prose? {
    switch outcome {
    case .largeRise: "the autoencoder reconstructs the activations of ordinary tokens much worse"
    case .smallRise: "the autoencoder reconstructs the activations of ordinary tokens a little worse"
    case .largeFall: "the autoencoder reconstructs the activations of ordinary tokens much better"
    case .smallFall: "the autoencoder reconstructs the activations of ordinary tokens a little better"
    case .negligible: "the autoencoder reconstructs the activations of ordinary tokens about as well"
    case .openRise:
      "the autoencoder reconstructs the activations of ordinary tokens worse, perhaps within the margin"
    case .openFall:
      "the autoencoder reconstructs the activations of ordinary tokens better, perhaps within the margin"
    case .undecided: "whether the autoencoder reconstructs the activations of ordinary tokens worse is undecided"
    case .identical: "the autoencoder reconstructs the activations exactly as before"
    default: nil
    }
  }

  /// Whether accuracy and reconstruction (of ordinary tokens) went the same way, by their verdicts; a verdict that
  /// could not be reached supports neither answer.
  func closing() -> Prose? {
    func cells(where holds: (Verdict.Outcome, Verdict.Outcome) -> Bool) -> [(condition: String, model: ReportModel)] {
      self.cells { model, condition in
        guard !model.isSummary, let accuracy = model.outcome(.crossEntropyChange, condition),
          let state = model.outcome(.errorOrdinaryChange, condition)
        else { return false }
        return holds(accuracy, state)
      }
    }
    func areDecided(_ a: Verdict.Outcome, _ b: Verdict.Outcome) -> Bool { a != .undecided && b != .undecided }
    let runs = areSeveral ? "these runs" : "this run"
    return Self.together(
      [
        told(cells { areDecided($0, $1) && $0.direction * $1.direction < 0 }) {
          """
          Under \($0), accuracy and reconstruction went opposite ways: the one does not stand for the other.
          """
        },
        told(cells { areDecided($0, $1) && $0.direction * $1.direction == 0 && $0.direction != $1.direction }) {
          """
          Under \($0), only one of accuracy and reconstruction changed by more than its margin: the one does not stand for the \
          other.
          """
        },
        told(cells { areDecided($0, $1) && $0.direction == $1.direction }) {
          """
          Accuracy and reconstruction went the same way under \($0): a finding of \(runs), not a law.
          """
        },
        told(cells { !areDecided($0, $1) }) {
          """
          Whether they went the same way under \($0) is undecided.
          """
        },
      ].compactMap(\.self))
  }

  func implications() throws -> [Audience: [Prose]] {
    [.readers: sentencesForReaders(), .society: [sentenceForSociety()].compactMap(\.self)]
  }

  private func sentencesForReaders() -> [Prose] {
    [
      told(errorCells { $0.direction > 0 }) {
        "Under \($0), a finding about features needs the error measured on that copy, with the form of FVU and the tokens named."
      },
      told(errorCells { $0 == .undecided }) {
        """
        Under \($0), whether reconstruction suffers is undecided; \(reference(table: "sensitivity")) has the \
        smallest loss that would have been seen.
        """
      },
      told(errorCells { $0.direction < 0 }) {
        "Under \($0), the squared error falls: this autoencoder loses nothing there."
      },
    ].compactMap(\.self)
  }

  /// Conditions and models whose squared error on ordinary tokens has such a verdict.
  private func errorCells(_ isWanted: (Verdict.Outcome) -> Bool) -> [(condition: String, model: ReportModel)] {
    cells { !$0.isSummary && $0.outcome(.errorOrdinaryChange, $1).map(isWanted) ?? false }
  }

  /// Whether the dictionary of the original would have to be learned anew: what a compressed copy costs those who audit it.
  private func sentenceForSociety() -> Prose? {
    let parts = [
      told(errorCells { $0 == .largeRise }) {
        "Under \($0), a dictionary learned on \(base) fits markedly worse: a new one may be worth its cost."
      },
      told(errorCells { $0 == .smallRise }) { "Under \($0), it fits a little worse: a small tax, if any." },
      told(errorCells { $0 == .negligible || $0 == .identical }) {
        "Under \($0), it serves as before: nothing here asks for a new one."
      },
      told(errorCells { $0 == .undecided }) { "Under \($0), whether it is due is undecided." },
      told(errorCells { $0.direction < 0 }) { "Under \($0), it fits better than before." },
    ].compactMap(\.self)
    guard !parts.isEmpty else { return nil }
    return """
      An audit of the copy that people meet needs a dictionary for that copy; learning one for each is a tax on safety. \
      \(parts.prose(separator: " ")) That the same features still fire was not tested.
      """
  }

}
