import FabricatedRuns
import Measures
import RunFile
import Testing

@testable import Analysis

/// Every branch of every rule, on whole fabricated runs.
@Suite("Verdicts")
struct VerdictTests {
  private func findings(_ change: (inout FabricatedRun) -> Void) throws -> Findings {
    var run = FabricatedRun()
    run.replicates = 500
    // Enough documents for a verdict, in all and among those measured again.
    run.documentLength = 25
    run.rerunBatches = 10
    change(&run)
    let folder = TemporaryFolder()
    try run.write(to: folder.file("run.h5"))
    return try Findings(of: RunReader(folder.file("run.h5")))
  }

  @Test(
    "A rise and a fall, small and large, a change that does not matter, and one that cannot be judged",
    arguments: [
      (0.02, 0.05, Verdict.Outcome.smallRise), (0.08, 0.05, .largeRise), (-0.02, 0.05, .smallFall),
      (-0.08, 0.05, .largeFall), (0.001, 0.01, .negligible), (0, 1, .undecided),
    ])
  func crossEntropyChange(change: Double, noise: Double, outcome: Verdict.Outcome) throws {
    let findings = try findings {
      $0.effects[0].lossChange = change
      $0.effects[0].lossNoise = noise
    }
    #expect(findings.verdict(.crossEntropyChange, condition: "int8") == outcome)
  }

  @Test("Identical measurements: every change is exactly 0 with interval [0, 0]")
  func identical() throws {
    let findings = try findings { $0.effects[0].isIdentical = true }
    for question in [
      Verdict.Question.crossEntropyChange, .fvuArticleChange, .fvuOrdinaryChange, .errorOrdinaryChange,
    ] {
      #expect(findings.verdict(question, condition: "int8") == .identical)
      #expect(findings.verdict(question, condition: "nf4") != .identical)
    }
    for finding in findings.findings where finding.condition == "int8" {
      for change in [finding.change, finding.percentChange].compactMap({ $0 }) {
        #expect(change.value == 0)
        #expect(change.interval == Interval(low: 0, high: 0, level: 0.95))
      }
    }
    #expect(findings.finding(.perturbation, condition: "int8")?.estimate.value == 0)
    #expect(findings.verdict(.noiseFloor, condition: "int8") == .uninformative)
  }

  @Test(
    "FVU rises, falls, or hardly changes",
    arguments: [
      (0.1, 0.02, Verdict.Outcome.largeRise), (-0.1, 0.02, .largeFall), (0, 0.02, .negligible),
    ])
  func fvuChange(change: Double, noise: Double, outcome: Verdict.Outcome) throws {
    let findings = try findings {
      $0.effects[0].errorChange = change
      $0.effects[0].errorNoise = noise
      // Only the error changes, not the activations.
      $0.effects[0].perturbation = 1e-6
      $0.flippedEvery = nil
    }
    for question in [Verdict.Question.fvuArticleChange, .fvuOrdinaryChange, .errorOrdinaryChange] {
      #expect(findings.verdict(question, condition: "int8") == outcome, "\(question)")
    }
  }

  @Test("Stable where the last snapshots agree, unstable where the error drifts, silent with one snapshot")
  func stability() throws {
    // Many dimensions, so that a token's own error hardly varies.
    let steady = try findings {
      $0.massiveEvery = nil
      $0.dModel = 64
      $0.snapshots = [300, 2300, 3072]
    }
    for condition in ["bf16", "int8", "nf4"] {
      #expect(steady.verdict(.fvuStable, condition: condition) == .stable)
    }
    let drifting = try findings {
      $0.massiveEvery = nil
      $0.errorDrift = 1
    }
    #expect(drifting.verdict(.fvuStable, condition: "bf16") == .unstable)
    let single = try findings { $0.snapshots = [3072] }
    #expect(single.verdict(.fvuStable, condition: "bf16") == .notMeasured)
    // Two requests that round up to one count are one snapshot.
    let same = try findings { $0.snapshots = [3000, 3072] }
    #expect(same.snapshots.map(\.tokens).allSatisfy { $0 == 3072 })
    #expect(same.verdict(.fvuStable, condition: "bf16") == .notMeasured)
  }

  @Test(
    "Noise floor",
    arguments: [
      (1.0, Verdict.Outcome.informative), (0.15, .interpretWithCare), (0.005, .uninformative),
    ])
  func noiseFloor(perturbation: Double, outcome: Verdict.Outcome) throws {
    let findings = try findings {
      $0.effects[1].perturbation = perturbation
      $0.rounding = 1e-4
      $0.flippedEvery = nil
    }
    #expect(findings.verdict(.noiseFloor, condition: "nf4") == outcome)
  }

  @Test("Every question has a rule in words, every rule a version and the thresholds it names")
  func rules() {
    #expect(VerdictRules.all.map(\.question) == Verdict.Question.allCases)
    let all = VerdictRules.all + PublishedReference.rules
    #expect(Set(all.map(\.id)).count == all.count)
    for rule in all {
      #expect(rule.id.wholeMatch(of: /[a-z0-9_]+@[0-9]+/) != nil)
      #expect(rule.statement.hasSuffix("."))
    }
  }
}

@Suite("Rules at their edges")
struct VerdictEdgeTests {
  private func estimate(_ value: Double, _ low: Double? = nil, _ high: Double? = nil) -> Estimate {
    Estimate(
      value: value, interval: low.map { Interval(low: $0, high: high!, level: 0.95) }, tokenCount: 10, clusterCount: 40)
  }

  @Test("A change is judged by where its whole interval lies, the margin counted in")
  func changes() {
    func outcome(_ change: Estimate?) -> Verdict.Outcome { VerdictRules.change(change, margin: 0.5) }
    #expect(outcome(estimate(0.5)) == .undecided)
    #expect(outcome(estimate(0)) == .identical)
    #expect(outcome(estimate(0, 0, 0)) == .identical)
    #expect(outcome(estimate(0, -1, 1)) == .undecided)
    #expect(outcome(estimate(0.1, -0.5, 0.5)) == .negligible)
    #expect(outcome(estimate(0.6, 0.5, 0.7)) == .openRise)
    #expect(outcome(estimate(-0.3, -0.6, -0.1)) == .openFall)
    #expect(outcome(estimate(0.3, 0, 0.7)) == .undecided)
    #expect(outcome(estimate(0.6, 0.51, 0.7)) == .smallRise)
    #expect(outcome(estimate(6, 5, 7)) == .smallRise)
    #expect(outcome(estimate(6, 5.01, 7)) == .largeRise)
    #expect(outcome(estimate(-0.6, -0.7, -0.51)) == .smallFall)
    #expect(outcome(estimate(-6, -7, -5.01)) == .largeFall)
    #expect(outcome(nil) == .notMeasured)
    var few = estimate(6, 5.01, 7)
    few.clusterCount = 39
    #expect(outcome(few) == .undecided)
  }

  @Test("Words that cannot both be true: two directions, a change and none")
  func compatibility() {
    #expect(Verdict.Outcome.smallRise.isCompatible(with: .largeRise))
    #expect(Verdict.Outcome.smallRise.isCompatible(with: .undecided))
    #expect(Verdict.Outcome.negligible.isCompatible(with: .identical))
    #expect(!Verdict.Outcome.smallRise.isCompatible(with: .smallFall))
    #expect(Verdict.Outcome.openRise.isCompatible(with: .negligible))
    #expect(Verdict.Outcome.openRise.isCompatible(with: .largeRise))
    #expect(!Verdict.Outcome.openRise.isCompatible(with: .openFall))
    #expect(!Verdict.Outcome.openRise.isCompatible(with: .identical))
    #expect(!Verdict.Outcome.negligible.isCompatible(with: .smallRise))
  }

  @Test("The noise floor's bounds: at 1 informative, at 0.1 not yet uninformative")
  func noiseFloorBounds() {
    func outcome(_ ratio: Estimate?) -> Verdict.Outcome {
      VerdictRules.ratio(ratio, informative: 1, uninformative: 0.1, isMeasured: false)
    }
    #expect(outcome(estimate(1.2, 1, 1.4)) == .informative)
    #expect(outcome(estimate(1.2, 0.999, 1.4)) == .interpretWithCare)
    #expect(outcome(estimate(0.05, 0.01, 0.1)) == .interpretWithCare)
    #expect(outcome(estimate(0.05, 0.01, 0.0999)) == .uninformative)
    #expect(outcome(estimate(5)) == .interpretWithCare)
    #expect(outcome(nil) == .notMeasured)
  }

  @Test("Stability is judged between the last two different counts, within the larger tolerance")
  func stabilityBounds() {
    func snapshot(_ tokens: Int, _ value: Double, _ metric: Metric = .fvuArticle, _ stratum: Stratum = .all) -> Snapshot
    {
      Snapshot(
        condition: "bf16", requestedTokens: tokens, tokens: tokens, metric: metric, stratum: stratum,
        estimate: estimate(value))
    }
    func outcome(_ snapshots: [Snapshot]) -> Verdict.Outcome {
      VerdictRules.settled(snapshots, .fvuArticle, .all, condition: "bf16", difference: 0.0001, share: 0.01)
    }
    // 1 % of 0.1 is 0.001, above the article's 0.0001.
    #expect(outcome([snapshot(5, 0.5), snapshot(20, 0.1009), snapshot(50, 0.1)]) == .stable)
    #expect(outcome([snapshot(5, 0.1), snapshot(20, 0.1011), snapshot(50, 0.1)]) == .unstable)
    // 1 % of 0.002 is less than 0.0001.
    #expect(outcome([snapshot(20, 0.00209), snapshot(50, 0.002)]) == .stable)
    #expect(outcome([snapshot(20, 0.00211), snapshot(50, 0.002)]) == .unstable)
    // Other metrics and strata do not speak.
    #expect(
      outcome([snapshot(20, 0.1), snapshot(20, 0.5, .fvu), snapshot(50, 0.9, .fvuArticle, .ordinary)]) == .notMeasured)
    #expect(outcome([]) == .notMeasured)
  }

  @Test("A change has settled within a tenth of itself, or of the margin")
  func settledChange() {
    func outcome(_ early: Double, _ late: Double) -> Verdict.Outcome {
      let snapshots = [(20, early), (50, late)].map { tokens, percent in
        var snapshot = Snapshot(
          condition: "int8", requestedTokens: tokens, tokens: tokens, metric: .fvuArticle, stratum: .all,
          estimate: estimate(1))
        snapshot.percentChange = estimate(percent)
        return snapshot
      }
      return VerdictRules.settledChange(snapshots, .fvuArticle, .all, condition: "int8", share: 0.1)
    }
    #expect(outcome(10.9, 10) == .stable && outcome(11.1, 10) == .unstable)
    #expect(outcome(0.09, 0) == .stable && outcome(0.11, 0) == .unstable)
  }

  @Test("Fewer than forty documents make an interval indicative")
  func indicative() {
    func isIndicative(_ clusters: Int, _ interval: Interval?) -> Bool {
      Estimate(value: 1, interval: interval, tokenCount: 1, clusterCount: clusters).isIndicative
    }
    let interval = Interval(low: 0, high: 2, level: 0.95)
    #expect(isIndicative(39, interval) && !isIndicative(40, interval))
    // An imported value has no interval that could be indicative.
    #expect(!isIndicative(0, nil))
  }
}
