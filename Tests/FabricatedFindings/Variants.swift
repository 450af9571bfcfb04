extension Fabricated {
  /// Eight conditions, some of equal size, one with a long name.
  package static var eight: Fabricated {
    var fabricated = Fabricated()
    for (name, kind, bits, change) in [
      ("nf4-f32", "nf4", 11.59, 0.4001), ("int8-cpu", "int8", 13.03, 0.0283), ("nf4-plain", "nf4", 11.73, 0.3802),
      ("q8-with-a-long-name", "q8", 13.4, 0.0102), ("q2", "q2", 10.2, 1.9),
    ] {
      fabricated.conditions.append(
        Condition(
          name: name, label: name, kind: kind, bits: bits, change: change, half: change * 0.05 + 0.003,
          fvuFactor: 1 + change / 3, perturbation: 0.1 + change / 2, agreement: 0.9 - change / 4, kl: change))
    }
    return fabricated
  }

  /// The baseline and one more.
  package static var two: Fabricated {
    var fabricated = Fabricated()
    fabricated.conditions.removeLast()
    return fabricated
  }

  /// The baseline and nineteen conditions: five of equal size, four of nearly equal ones, the rest spread, changes from
  /// none to large.
  package static var twenty: Fabricated {
    var fabricated = Fabricated()
    let baseline = fabricated.conditions[0]
    let kinds = ["int8", "nf4", "q8", "q4", "q2"]
    fabricated.conditions =
      [baseline]
      + (1...19).map { index in
        let bits =
          switch index {
          case 1...5: 11.59
          case 6...9: 11.59 + Double(index - 5) * 0.04
          default: 4.25 + Double(index - 10) * 1.05
          }
        let change = (16 - bits) * (16 - bits) * 0.004 + Double(index % 4) * 0.013
        return Condition(
          name: "\(kinds[index % kinds.count])-\(index)", label: "condition \(index)", kind: kinds[index % kinds.count],
          bits: bits, change: change, half: change * 0.06 + 0.004, fvuFactor: 1 + change / 4,
          perturbation: 0.08 + change / 2, agreement: 0.95 - change / 4, kl: change * 0.9)
      }
    return fabricated
  }

  /// A compression curve: round-to-nearest from 8 bits to 2, two other methods, a control, and one on whose grid the
  /// baseline lies.
  package static var curve: Fabricated {
    var fabricated = Fabricated()
    func condition(_ name: String, _ kind: String, _ bits: Double, _ change: Double, onGrid: Double? = nil) -> Condition
    {
      var condition = Condition(
        name: name, label: name, kind: kind, bits: 10 + bits / 3, change: change, half: 0.0015 + change * 0.03,
        fvuFactor: 1 + change / 3, perturbation: 0.08 + change / 2, agreement: max(0.2, 0.97 - change / 4),
        kl: 0.002 + change * 0.9)
      (condition.compressedBits, condition.shareOnGrid) = (bits, onGrid)
      return condition
    }
    fabricated.conditions =
      [fabricated.conditions[0]]
      + zip([8.125, 6.125, 5.125, 4.125, 3.125, 2.125], [0.001, 0.006, 0.016, 0.08, 0.5, 2.4]).map { bits, change in
        condition("rtn\(Int(bits))-g128", "rtn", bits, change)
      } + [
        condition("nf4-dq", "nf4", 4.127, 0.06), condition("q5_k", "q5_k", 5.5, 0.0001, onGrid: 0.9),
        condition("q4_k", "q4_k", 4.5, 0.05, onGrid: 0), condition("q2_k", "q2_k", 2.63, 0.9, onGrid: 0),
        condition("nf4-dq-noise", "weight_noise", 16, 0.07),
      ]
    fabricated.hasFeatures = true
    return fabricated
  }

  /// Names of more than sixty characters, with those that HTML and Markdown treat as their own.
  package static var longNames: Fabricated {
    var fabricated = Fabricated()
    fabricated.modelName = "an-organisation-with-a-name/a-model-of-270-million-parameters & <instruction> | tuned, v2"
    fabricated.title = "What <quantization> does to a model & its autoencoders | a title of more than sixty characters"
    fabricated.sae.name = "an-autoencoder-of-a-long-name & <sixteen thousand features> | layer 9 of 18, residual stream"
    fabricated.conditions[1].name = "int8-with-outliers-over-six-in-bfloat16 & <vector-wise scales> | int8"
    fabricated.conditions[2].name = "nf4-with-double-quantization-of-scales & <blocks-of-64-weights> | nf4"
    fabricated.sources[0].0 = "an encyclopedia of long names & <articles of every length> | all volumes, 2024"
    fabricated.sources[1].0 = "fiction in twelve volumes & <novels, plays, and letters> | two centuries of them"
    return fabricated
  }

  /// One compressed condition and one snapshot: every line is a point.
  package static var onePoint: Fabricated {
    var fabricated = Fabricated.two
    fabricated.snapshotCounts = [(50_000, 51_200, 0)]
    return fabricated
  }

  /// Values alone, as a source that published no intervals gives them.
  package static var withoutIntervals: Fabricated {
    var fabricated = Fabricated()
    (fabricated.hasIntervals, fabricated.hasReruns) = (false, false)
    return fabricated
  }
}

extension Fabricated {
  /// With an autoencoder's features compared.
  package static var withFeatures: Fabricated {
    var fabricated = Fabricated()
    fabricated.hasFeatures = true
    return fabricated
  }
}

extension [Fabricated] {
  /// The article's two, with an autoencoder's features compared.
  package static var withFeatures: [Fabricated] {
    Fabricated.article.map { fabricated in
      var fabricated = fabricated
      fabricated.hasFeatures = true
      return fabricated
    }
  }

  /// The article's two, one without an autoencoder on another text, and one without the 4-bit condition.
  package static var four: [Fabricated] {
    var accuracyOnly = Fabricated()
    accuracyOnly.hasSAE = false
    accuracyOnly.tokenStream = "aaaa"
    var short = Fabricated.article[0]
    short.modelName = "gemma-3-1b"
    short.shape = (13, 26, 1152)
    short.conditions.removeLast()
    var all = withFeatures + [accuracyOnly, short]
    all[0].hasSplice = true
    return all
  }
}
