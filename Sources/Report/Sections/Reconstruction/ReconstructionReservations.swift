import Analysis
import Words

/// What reconstruction leaves open, and its words.
extension ReconstructionSection {
  func limitations() throws -> [Concern: [Prose]] {
    let massive = try each { model in
      let massive = model.findings.cells.filter { $0.cell == .massive || $0.cell == .firstAndMassive }
      guard massive.map(\.varianceShare).reduce(0, +) > 0.5 else { return nil }
      return """
        A few massive tokens hold most of the variance, so FVU over all tokens rests on them.
        """
    }
    return [.instrument: massive]
  }

  func openQuestions() throws -> [Concern: [Prose]] {
    [
      .question: [
        """
        Do the same features fire after compression, and do they mean the same? FVU and L0 say how well and with how \
        many, not with which.
        """
      ],
      .instrument: ["Other layers, other dictionaries and other widths, for one says little about the next."],
    ]
  }

  func glossary() -> [String: Prose] {
    [
      "FVU":
        """
      Fraction of variance unexplained: squared error of the reconstruction divided by the variance around a mean. 0 \
      is a perfect copy. The textbook form takes the mean vector, the article’s form one mean number.
      """,
      "L0": "The number of features that are active on a token, on average.",
      "massive token":
        "A token whose residual norm is several times the median; few, and heavy in every sum of squares.",
      "ordinary token": "A token that is neither massive nor at a first position.",
      "residual stream": "The numbers that each token carries from layer to layer; every layer reads and adds to them.",
      "SAE, sparse autoencoder":
        """
      A dictionary of features: it writes a residual stream as the sum of a few of them, and is judged by what it \
      misses.
      """,
    ]
  }

  func citations() -> [Source] {
    [
      .paper(
        "Massive activations: Sun, Chen, Kolter and Liu, Massive Activations in Large Language Models, 2024",
        "2402.17762")
    ]
  }
}
