import Words

/// The report's own words, for readers who do not have the project at hand.
extension ReportBuilder {
  func glossary() -> [Block] {
    var terms: [(String, Prose)] = [
      ("baseline", "The condition with which the others are compared: the model before compression."),
      (
        "bits per parameter",
        "Bits stored, scales and uncompressed tensors counted, divided by the number of parameters of the whole model."
      ),
      ("chunk", "Consecutive tokens that the model sees at once; what the bootstrap resamples."),
      ("condition", "The same model with its linear layers stored, and under LLM.int8 also computed, in another way."),
    ]
    if hasAccuracy {
      terms += [
        ("cross-entropy", "The mean of −ln p(next token), in nats per token: how surprised the model is. Lower is better."),
        ("KL divergence", "How far two predicted distributions are apart, in nats; 0 where they are equal."),
        ("perplexity", "exp(cross-entropy): among how many equally likely tokens the model would be as unsure."),
        ("top-1 agreement", "The share of positions at which two conditions rank the same token first."),
      ]
    }
    if hasSAE {
      terms += [
        (
          "FVU",
          "Fraction of variance unexplained: squared error of the reconstruction divided by the variance around a mean. 0 is a perfect copy. The textbook form takes the mean vector, the article’s form one mean number."
        ),
        ("L0", "The number of features that are active on a token, on average."),
        ("massive token", "A token whose residual norm is several times the median; few, and heavy in every sum of squares."),
        ("ordinary token", "A token that is neither massive nor at a first position."),
        ("residual stream", "The numbers that each token carries from layer to layer; every layer reads and adds to them."),
        (
          "SAE, sparse autoencoder",
          "A dictionary of features: it writes a residual stream as the sum of a few of them, and is judged by what it misses."
        ),
      ]
    }
    if hasNoiseFloor {
      terms.append(
        (
          "noise-floor ratio",
          "How far compression moves the residual stream, divided by how far the SAE’s reconstruction is from it, each relative to the length of the stream it is measured on."
        ))
    }
    terms += [
      (
        "interval",
        "Bootstrap interval of the stated level. Paired: of a difference, both conditions resampled together, so that the luck of the text cancels."
      ),
      ("LLM.int8", "Weights and activations as 8-bit integers with a scale per row; outlier columns stay in 16 bits."),
      ("NF4", "Weights as 4-bit codes at the quantiles of a normal distribution; blocks of weights share a scale."),
    ]
    let rows: [[Prose]] = terms.sorted { $0.0.lowercased() < $1.0.lowercased() }.map { ["\(strong: $0.0)", $0.1] }
    return [
      table("glossary", caption: "Words of this report.", columns: [.init("Term"), .init("Meaning")], rows: rows)
    ]
  }
}
