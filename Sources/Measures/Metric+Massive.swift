/// Massive tokens: which a condition switches on and off, and what those carry.
extension Column {
  public static let massive = Column(
    "sae", "massive", .uint8, unit: "1", .flag, of: .residual,
    meaning: "1 where the token is massive under this condition: its norm is above the stated multiple of the "
      + "baseline's median norm")
  public static let pairShift = Column(
    "sae", "pair_shift", .float64, unit: "activation", .finite, of: .residual, axis: .segment, row: .vectorPerCell,
    isComparison: true,
    meaning: "Σ x per dimension over a segment's tokens by the cells of the pair, where a token is massive if it is in "
      + "this condition or in the one it is compared with, less vector_sum, whose cells are the baseline's")
  public static let pairShiftReference = Column(
    "sae", "pair_shift_reference", .float64, unit: "activation", .finite, of: .residual, axis: .segment,
    row: .vectorPerCell, isComparison: true,
    meaning: "pair_shift of the residual stream of the condition that this one is compared with")
}

extension Sum {
  /// Massive here and not in the reference, and the other way round.
  static let gained = Sum(
    "gained", "massive tokens gained", [.massive], against: [.massive], .totalOf { $0[0] > $0[1] ? 1 : 0 })
  static let lost = Sum(
    "lost", "massive tokens lost", [.massive], against: [.massive], .totalOf { $0[0] < $0[1] ? 1 : 0 })
  static let flipped = Sum(
    "flipped", "massive tokens gained or lost", [.massive], against: [.massive], .totalOf { $0[0] != $0[1] ? 1 : 0 })
  static let massive = Sum("massive", "massive tokens", [.massive], .total)
  static let flippedPerturbation = Sum(
    "flipped_perturbation", "Σ‖x_c − x_b‖² of tokens gained or lost", [.squaredPerturbation, .massive],
    against: [.massive], .totalOf { $0[1] != $0[2] ? $0[0] : 0 })
  static let flippedNorm = Sum(
    "flipped_norm", "Σ‖x‖² of tokens gained or lost", [.squaredNorm, .massive], against: [.massive],
    .totalOf { $0[1] != $0[2] ? $0[0] : 0 })
  static let flippedSum = Sum(
    "flipped_sum", "ΣΣx of tokens gained or lost", [.sum, .massive], against: [.massive],
    .totalOf { $0[1] != $0[2] ? $0[0] : 0 })
}

extension Metric {
  static let ofMassiveTokens: [Metric] = [
    massiveTokens, massiveGained, massiveLost, flippedExcess, flippedPerturbationShare, flippedDenominatorShare,
  ]

  public static let massiveTokens = Metric(
    id: "massive@1", name: "Massive tokens", unit: "1", direction: .neither, formula: "massive tokens ∕ N",
    explanation: "The share of tokens whose residual norm is above the stated multiple of the baseline’s median.",
    experiment: "sae", strata: [.all], decimals: 2...4, margin: .percent(5),
    terms: [.sum(.massive, .own), .sum(.tokens, .own)]
  ) { $0[0] / $0[1] }.with { $0.isShare = true }

  public static let massiveGained = Metric(
    id: "massive_gained@1", name: "Massive tokens gained", unit: "tokens", direction: .neither,
    formula: "#{massive under c, not under b}",
    explanation: "Tokens that are massive under the condition and not in what it is compared with.",
    experiment: "sae", strata: [.all], decimals: 0...0, margin: .percent(10), terms: [.sum(.gained, .own)]
  ) { $0[0] }.with { $0.isComparison = true }

  public static let massiveLost = Metric(
    id: "massive_lost@1", name: "Massive tokens lost", unit: "tokens", direction: .neither,
    formula: "#{massive under b, not under c}",
    explanation: "Tokens that are massive in what the condition is compared with, and not under the condition.",
    experiment: "sae", strata: [.all], decimals: 0...0, margin: .percent(10), terms: [.sum(.lost, .own)]
  ) { $0[0] }.with { $0.isComparison = true }

  public static let flippedExcess = Metric(
    id: "massive_flipped_excess@1", name: "Massive tokens gained or lost beyond rounding", unit: "1",
    direction: .neither,
    formula: "(#{c flips b} − ½ [#{c′ flips c} + #{b′ flips b}]) ∕ N,  ′ the rerun",
    explanation: "The share of tokens that become massive or cease to be, less the share that another order of "
      + "summation alone switches.",
    experiment: "sae", strata: [.all], decimals: 3...4, margin: .absolute(0.001),
    terms: [
      .sum(.flipped, .own), .sum(.flipped, .rerun), .sum(.flipped, .referenceRerun), .sum(.tokens, .own),
    ]
  ) { ($0[0] - ($0[1] + $0[2]) / 2) / $0[3] }.with { ($0.isComparison, $0.isShare) = (true, true) }

  public static let flippedPerturbationShare = Metric(
    id: "flipped_perturbation_share@1", name: "Share of the squared perturbation in flipped tokens", unit: "1",
    direction: .neither, formula: "Σ‖x_c − x_b‖² of tokens gained or lost ∕ Σ‖x_c − x_b‖²",
    explanation: "How much of the noise floor the tokens carry that became massive or ceased to be.",
    experiment: "sae", strata: [.all], decimals: 0...1, margin: .absolute(0.05),
    terms: [.sum(.flippedPerturbation, .own), .sum(.squaredPerturbation, .own)]
  ) { $0[1] > 0 ? $0[0] / $0[1] : .nan }.with { ($0.isComparison, $0.isShare) = (true, true) }

  public static let flippedDenominatorShare = Metric(
    id: "flipped_denominator_share@1", name: "Share of FVU’s denominator in flipped tokens", unit: "1",
    direction: .neither,
    formula: "Σ(x − μ)² of tokens gained or lost ∕ Σ(x − μ)²,  x under c, μ the mean over all tokens and dimensions",
    explanation: "How much of the article’s variance under the condition the tokens carry that became massive or "
      + "ceased to be.",
    experiment: "sae", strata: [.all], decimals: 0...1, margin: .absolute(0.05),
    terms: [
      .sum(.flippedNorm, .own), .sum(.flippedSum, .own), .sum(.flipped, .own), .sum(.squaredNorm, .own),
      .sum(.sum, .own), .sum(.tokens, .own), .width,
    ]
  ) { sums in
    let count = sums[5] * sums[6]
    let mean = sums[4] / count
    return (sums[0] - 2 * mean * sums[1] + sums[2] * sums[6] * mean * mean) / (sums[3] - sums[4] * mean)
  }.with { ($0.isComparison, $0.isShare) = (true, true) }
}
