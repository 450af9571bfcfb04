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
    case .undecided: "whether the autoencoder reconstructs the activations of ordinary tokens worse is undecided"
    case .identical: "the autoencoder reconstructs the activations exactly as before"
    default: nil
    }
  }

  /// Whether accuracy and reconstruction (of ordinary tokens) went the same way, by their verdicts; a verdict that
  /// could not be reached supports neither answer.
  func closing() -> Prose? {
    typealias Cell = (condition: String, model: ReportModel)
    var (together, apart, undecided): ([Cell], [Cell], [Cell]) = ([], [], [])
    for condition in compressed {
      for model in models {
        guard let accuracy = model.outcome(.crossEntropyChange, condition),
          let state = model.outcome(.errorOrdinaryChange, condition),
          !model.isSummary
        else { continue }
        if accuracy == .undecided || state == .undecided {
          undecided.append((condition, model))
        } else if accuracy.direction == state.direction {
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
        because at least one of the two changes is undecided.
        """
      )
    }
    return Self.together(sentences)
  }

  func implications() throws -> [Audience: [Prose]] {
    [.readers: sentencesForReaders(), .society: [sentenceForSociety()].compactMap(\.self)]
  }

  private func sentencesForReaders() -> [Prose] {
    var sentences: [Prose] = []
    let worse = errorCells { $0.direction > 0 }
    if !worse.isEmpty {
      sentences.append(
        """
        Under \(places(worse)), the autoencoder reconstructs the compressed model worse than \(base): a finding about \
        features of the compressed copy needs the error measured on that copy, with the form of FVU and the tokens named.
        """)
    }
    let open = errorCells { $0 == .undecided }
    if !open.isEmpty {
      sentences.append(
        """
        Under \(places(open)), whether reconstruction suffers is undecided; \(reference(table: "sensitivity")) has the \
        smallest loss that would have been seen.
        """)
    }
    let better = errorCells { $0.direction < 0 }
    if !better.isEmpty {
      sentences.append("Under \(places(better)), the squared error falls: this autoencoder loses nothing there.")
    }
    return sentences
  }

  /// Conditions and models whose squared error on ordinary tokens has such a verdict.
  private func errorCells(_ isWanted: (Verdict.Outcome) -> Bool) -> [(condition: String, model: ReportModel)] {
    compressed.flatMap { condition in
      models.filter { model in
        !model.isSummary && model.outcome(.errorOrdinaryChange, condition).map(isWanted) ?? false
      }.map { (condition: condition, model: $0) }
    }
  }

  private func sentenceForSociety() -> Prose? {
    let worse = errorCells { $0.direction > 0 }
    let others = errorCells { $0.direction == 0 }
    let claim: Prose
    switch (worse.isEmpty, others.isEmpty) {
    case (true, true): return nil
    case (false, _):
      claim = """
        People meet the compressed copy. An audit of it with the original’s dictionary sees it less exactly under \
        \(places(worse)); by how much is measured here.
        """
    case (true, false):
      claim = """
        People meet the compressed copy. That an audit of it with the original’s dictionary sees it less exactly under \
        \(places(others)) was not found.
        """
    }
    return """
      \(claim) That the same features still fire, which an audit would need to know, was \
      not tested.
      """
  }
}
