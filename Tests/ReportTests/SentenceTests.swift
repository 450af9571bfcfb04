import Analysis
import FabricatedFindings
import Testing

@testable import Report

@Suite("Sentences follow from verdicts")
struct SentenceTests {
  private func sentence(_ question: Verdict.Question, _ outcomes: [String: Verdict.Outcome]) throws -> String? {
    var fabricated = Fabricated()
    fabricated.outcomes = [question: outcomes]
    fabricated.hasSplice = true
    if question == .fvuStable { fabricated.outcomes[question]?["bf16"] = .notMeasured }
    return try [fabricated].builder().sentences(question)?.plain
  }

  /// Every outcome that each question can have, and what is said.
  static let table: [(Verdict.Question, Verdict.Outcome, String)] = [
    (
      .crossEntropyChange, .largeRise,
      "Cross-entropy, 3.217 nats per token under bf16, rises under int8 by 0.97% [0.85%, 1.10%] to 3.249 and under nf4 by 12.5% [11.9%, 13.1%] to 3.620, a large change."
    ),
    (
      .crossEntropyChange, .undecided,
      "Cross-entropy, 3.217 nats per token under bf16, is undecided under int8 (+0.97% [+0.85%, +1.10%]) and nf4 (+12.5% [+11.9%, +13.1%])."
    ),
    (
      .crossEntropyChange, .openRise,
      "Cross-entropy, 3.217 nats per token under bf16, rises under int8 by 0.97% [0.85%, 1.10%] to 3.249 and under nf4 by 12.5% [11.9%, 13.1%] to 3.620, though whether by more than the margin of 0.50% is undecided."
    ),
    (
      .divergence, .openRise,
      "The KL divergence beyond rounding is above zero, with the margin of 0.020 nats per token open, under int8 (0.0244 [0.0230, 0.0257] nats per token) and nf4 (0.3476 [0.3283, 0.3669] nats per token)."
    ),
    (
      .crossEntropyChange, .negligible,
      "Cross-entropy, 3.217 nats per token under bf16, changes negligibly under int8 (+0.97% [+0.85%, +1.10%]) and nf4 (+12.5% [+11.9%, +13.1%])."
    ),
    (
      .divergence, .smallRise,
      "The KL divergence beyond rounding is small under int8 (0.0244 [0.0230, 0.0257] nats per token) and nf4 (0.3476 [0.3283, 0.3669] nats per token)."
    ),
    (
      .crossEntropyChange, .identical,
      "Cross-entropy, 3.217 nats per token under bf16, is exactly the same under int8 and nf4."
    ),
    (
      .fvuArticleChange, .smallRise,
      "The article’s FVU of all tokens (×10⁻³), 70.20 under bf16, rises under int8 by 0.84 [0.58, 1.11] to 71.04 and under nf4 by 6.60 [5.47, 7.73] to 76.80, a small change."
    ),
    (
      .fvuArticleChange, .undecided,
      "The article’s FVU of all tokens (×10⁻³), 70.20 under bf16, is undecided under int8 (+0.84 [+0.58, +1.11]) and nf4 (+6.60 [+5.47, +7.73])."
    ),
    (
      .fvuArticleChange, .identical,
      "The article’s FVU of all tokens (×10⁻³), 70.20 under bf16, is exactly the same under int8 and nf4."
    ),
    (
      .fvuOrdinaryChange, .smallRise,
      "The textbook FVU of ordinary tokens, 0.1731 under bf16, rises under int8 by 0.0021 [0.0014, 0.0027] to 0.1752 and under nf4 by 0.0163 [0.0135, 0.0191] to 0.1894, a small change."
    ),
    (
      .fvuStable, .stable,
      "The article’s FVU of all tokens has settled between the last two counts under int8 and nf4."
    ),
    (
      .fvuStable, .unstable,
      "The article’s FVU of all tokens has not settled between the last two counts under int8 and nf4; more tokens may move it further."
    ),
    (
      .fvuStable, .undecided,
      "Whether the article’s FVU of all tokens has settled between the last two counts cannot be said under int8 and nf4."
    ),
    (
      .noiseFloor, .informative,
      "Summed over all tokens, compression’s shift is at least as large as the SAE’s own error under int8 (ratio 0.468 [0.449, 0.487] beyond rounding) and nf4 (ratio 1.207 [1.159, 1.255] beyond rounding): the article’s test calls FVU informative."
    ),
  ]

  @Test("Each outcome of each question has its sentence", arguments: table)
  func outcome(question: Verdict.Question, outcome: Verdict.Outcome, expected: String) throws {
    let told = try sentence(question, ["*": outcome])
    #expect(told == expected)
  }

  @Test("A fall is told with positive amounts, low end first")
  func fall() throws {
    var fabricated = Fabricated.two
    fabricated.conditions[1].change = -0.0313
    #expect(
      try [fabricated].builder().sentences(.crossEntropyChange)?.plain
        == "Cross-entropy, 3.217 nats per token under bf16, falls under int8 by 0.97% [0.85%, 1.10%] to 3.186, a small change."
    )
  }

  @Test("Conditions with different outcomes get a clause each")
  func mixed() throws {
    #expect(
      try sentence(.crossEntropyChange, ["int8": .negligible, "nf4": .largeRise])
        == "Cross-entropy, 3.217 nats per token under bf16, changes negligibly under int8 (+0.97% [+0.85%, +1.10%]); it rises under nf4 by 12.5% [11.9%, 13.1%] to 3.620, a large change."
    )
    let noise = try #require(try sentence(.noiseFloor, ["int8": .uninformative, "nf4": .interpretWithCare]))
    #expect(
      noise.contains("is less than a tenth of the SAE’s own error under int8 (ratio")
        && noise.contains("): an unchanged FVU says nothing here."))
    #expect(noise.contains("is not shown under nf4") && noise.contains("read FVU with care."))
  }

  @Test("What was not measured gets no sentence", arguments: Verdict.Question.allCases)
  func notMeasured(question: Verdict.Question) throws {
    #expect(try sentence(question, ["*": .notMeasured]) == nil)
  }

  @Test(
    "An outcome that is no answer to its question is an error, never a sentence", arguments: Verdict.Question.allCases)
  func impossible(question: Verdict.Question) throws {
    let changes: Set<Verdict.Outcome> = [
      .smallRise, .largeRise, .smallFall, .largeFall, .negligible, .undecided, .identical,
      .openRise, .openFall,
    ]
    let rule = try #require(VerdictRules.all.first { $0.question == question }?.judgement)
    let possible: Set<Verdict.Outcome> =
      switch rule {
      case .change: changes
      case .settled: [.stable, .unstable, .undecided]
      case .settledChange: [.stable, .unstable]
      case .ratio: [.informative, .interpretWithCare, .uninformative]
      }
    for outcome in Verdict.Outcome.allCases where outcome != .notMeasured {
      if possible.contains(outcome) {
        #expect(try sentence(question, ["*": outcome])?.isEmpty == false)
      } else {
        #expect(
          throws: ReportError.impossibleVerdict(
            question: question.rawValue, condition: "int8", outcome: outcome.rawValue)
        ) { try sentence(question, ["*": outcome]) }
      }
    }
  }

  // MARK: Conclusion

  private func conclusion(_ outcomes: [Verdict.Question: [String: Verdict.Outcome]]) throws -> String {
    var fabricated = Fabricated.two
    fabricated.outcomes = outcomes
    return try fabricated.words("conclusion")
  }

  @Test("The conclusion sets accuracy and reconstruction side by side and claims no more")
  func conclusions() throws {
    let worse = try conclusion([:])
    #expect(
      worse.contains(
        "Under int8, the model predicts this text a little worse than bf16, the autoencoder reconstructs the activations of ordinary tokens worse, perhaps within the margin, and the noise-floor test asks for care in reading the FVU."
      ))
    let together = try conclusion([.errorOrdinaryChange: ["*": .smallRise]])
    #expect(
      together.contains(
        "Accuracy and reconstruction went the same way under int8: a finding of this run, not a law"))
    let split = try conclusion([
      .crossEntropyChange: ["*": .largeRise], .errorOrdinaryChange: ["*": .undecided],
      .noiseFloor: ["*": .informative],
    ])
    #expect(
      split.contains(
        "Under int8, the model predicts this text much worse than bf16, and whether the autoencoder reconstructs the activations of ordinary tokens worse is undecided."
      ))
    #expect(
      split.contains(
        "Whether they went the same way under int8 is undecided."
      ))
    let apart = try conclusion([.crossEntropyChange: ["*": .smallRise], .errorOrdinaryChange: ["*": .smallFall]])
    #expect(
      apart.contains(
        "Under int8, accuracy and reconstruction went opposite ways: the one does not stand for the other"))
    let one = try conclusion([.crossEntropyChange: ["*": .negligible], .errorOrdinaryChange: ["*": .smallRise]])
    #expect(one.contains("Under int8, only one of accuracy and reconstruction changed by more than its margin"))
    let blind = try conclusion([.noiseFloor: ["*": .uninformative]])
    #expect(blind.contains("the noise-floor test says that FVU could not have shown a change of this size"))
    let better = try conclusion([.crossEntropyChange: ["*": .smallFall], .errorOrdinaryChange: ["*": .largeFall]])
    #expect(
      better.contains(
        "predicts this text a little better than bf16, the autoencoder reconstructs the activations of ordinary tokens much better"
      ))
    let same = try conclusion([
      .crossEntropyChange: ["*": .identical], .errorOrdinaryChange: ["*": .identical],
    ])
    #expect(
      same.contains(
        "the model’s predictions cost exactly what they cost under bf16, the autoencoder reconstructs the activations exactly as before"
      ))
    #expect(same.contains("int8 needs 19% fewer bits for the weights than bf16 and costs nothing in cross-entropy."))
    let unsure = try conclusion([.crossEntropyChange: ["*": .undecided]])
    #expect(unsure.contains("whether the model predicts this text worse is undecided"))
    #expect(
      unsure.contains(
        "int8 needs 19% fewer bits for the weights than bf16, and its cost in cross-entropy is undecided."))
  }

  @Test("Without any verdict the report concludes nothing, and says so")
  func nothing() throws {
    let outcomes = Dictionary(
      uniqueKeysWithValues: Verdict.Question.allCases.map { ($0, ["*": Verdict.Outcome.notMeasured]) })
    #expect(try conclusion(outcomes) == "The run completed no test, so it supports no conclusion.")
  }

  @Test("What moves FVU more, definition or compression, is said as the numbers have it")
  func definition() throws {
    #expect(
      try Fabricated().words("reconstruction").contains(
        "Over all tokens, the two forms are farther apart than any compression moves either (at most +0.0141)."))
    var strong = Fabricated()
    strong.conditions[2].fvuFactor = 1.9
    #expect(
      try strong.words("reconstruction").contains(
        "Over all tokens, compression moves FVU by up to +0.1347, at least as far as the two forms are apart."))
  }
}
