import RunFile

/// A declared rule: what a verdict means, in words, with its thresholds. A report prints these in its appendix.
public struct VerdictRule: Sendable, Equatable {
  /// Name and version, e.g. `noise_floor@1`: a changed rule gets a new version.
  public var id: String
  /// Nil for a rule that answers no question of a verdict.
  public var question: Verdict.Question?
  /// The rule in words, complete.
  public var statement: String
  public var thresholds: [Threshold]

  public struct Threshold: Sendable, Equatable {
    public var name: String
    public var value: Double
    public var unit: String

    public init(name: String, value: Double, unit: String) {
      self.name = name
      self.value = value
      self.unit = unit
    }
  }

  public init(id: String, question: Verdict.Question?, statement: String, thresholds: [Threshold] = []) {
    self.id = id
    self.question = question
    self.statement = statement
    self.thresholds = thresholds
  }
}

/// The rules that turn findings into verdicts. Every threshold is a constant here; nothing else decides a sentence.
public enum VerdictRules {
  // MARK: Thresholds

  /// Fewer resampled chunks than this, and an interval is called indicative only.
  public static let fewClusters = 40
  /// The article's FVU agreed within this at 200k and 500k tokens.
  public static let stabilityDifference = 0.0001
  /// Share of the FVU that two snapshots may differ by, where that is more than the article's difference.
  public static let stabilityShare = 0.01
  /// Noise-floor ratio at or above which the article calls the comparison informative.
  public static let informativeRatio = 1.0
  /// Noise-floor ratio below which the article calls the comparison uninformative.
  public static let uninformativeRatio = 0.1

  // MARK: In words

  /// Every rule, in the order of its questions.
  public static let all: [VerdictRule] = [
    changeRule("cross_entropy_change@1", .crossEntropyChange, "cross-entropy"),
    changeRule("fvu_article_change@1", .fvuArticleChange, "the FVU in the article's form over all tokens"),
    changeRule("fvu_change@1", .fvuChange, "the textbook FVU over all tokens"),
    changeRule("fvu_ordinary_change@1", .fvuOrdinaryChange, "the textbook FVU over ordinary tokens"),
    changeRule("error_change@1", .errorChange, "the reconstruction's mean squared error over all tokens"),
    changeRule("error_ordinary_change@1", .errorOrdinaryChange, "the reconstruction's mean squared error over ordinary tokens"),
    VerdictRule(
      id: "fvu_stable@1", question: .fvuStable,
      statement: "Stable when the article's FVU over all tokens differs between the last two snapshots by at most "
        + "\(stabilityDifference), the article's own agreement, or by at most 1 % of the last value where that is more "
        + "(the article's difference is absolute, and FVUs of other models have other sizes); otherwise unstable. "
        + "Needs two snapshots at different counts.",
      thresholds: [
        .init(name: "absolute difference", value: stabilityDifference, unit: "1"),
        .init(name: "difference as a share of the last value", value: stabilityShare, unit: "1"),
      ]),
    VerdictRule(
      id: "noise_floor@1", question: .noiseFloor,
      statement: "Judged on the article's ratio (its code's denominator) over all tokens: informative when the whole "
        + "interval lies at or above 1, uninformative when it lies wholly below 0.1, otherwise to be interpreted with "
        + "care. The article compares the bare ratios with the same numbers.",
      thresholds: [
        .init(name: "informative from", value: informativeRatio, unit: "1"),
        .init(name: "uninformative below", value: uninformativeRatio, unit: "1"),
      ]),
  ]

  private static func changeRule(_ id: String, _ question: Verdict.Question, _ subject: String) -> VerdictRule {
    VerdictRule(
      id: id, question: question,
      statement: "The change of \(subject) against the baseline, by its paired bootstrap interval: increase when the "
        + "interval lies above zero, decrease when it lies below, inconclusive when it contains zero, identical when "
        + "the change and its whole interval are exactly zero.")
  }

  // MARK: Applied

  /// All verdicts on a run, in the order of questions, then of conditions.
  public static func verdicts(of findings: Findings) -> [Verdict] {
    let compressed = findings.compressed
    func each(
      _ question: Verdict.Question, _ conditions: [RunDescription.Condition],
      _ outcome: (RunDescription.Condition) -> Verdict.Outcome?
    ) -> [Verdict] {
      conditions.compactMap { condition in
        outcome(condition).map { Verdict(question: question, condition: condition.name, outcome: $0) }
      }
    }
    return [
      each(.crossEntropyChange, compressed) {
        change(findings.finding(.crossEntropy, condition: $0.name)?.change)
      },
      each(.fvuArticleChange, compressed) { change(findings.finding(.fvuArticle, condition: $0.name)?.change) },
      each(.fvuChange, compressed) { change(findings.finding(.fvu, condition: $0.name)?.change) },
      each(.fvuOrdinaryChange, compressed) {
        change(findings.finding(.fvu, condition: $0.name, stratum: .ordinary)?.change)
      },
      each(.errorChange, compressed) { change(findings.finding(.mse, condition: $0.name)?.change) },
      each(.errorOrdinaryChange, compressed) {
        change(findings.finding(.mse, condition: $0.name, stratum: .ordinary)?.change)
      },
      each(.fvuStable, findings.description.conditions) { stability(findings.snapshots, condition: $0.name) },
      each(.noiseFloor, compressed) {
        noiseFloor(findings.finding(.noiseFloorArticle, condition: $0.name)?.estimate)
      },
    ].flatMap { $0 }
  }

  /// The sign of a paired change, by its interval.
  public static func change(_ change: Estimate?) -> Verdict.Outcome {
    guard let change else { return .notMeasured }
    if change.value == 0, change.interval.map({ $0.low == 0 && $0.high == 0 }) ?? true { return .identical }
    guard let interval = change.interval else { return .inconclusive }
    if interval.low > 0 { return .increase }
    if interval.high < 0 { return .decrease }
    return .inconclusive
  }

  /// Whether the last two snapshots of the article's FVU over all tokens agree.
  public static func stability(_ snapshots: [Snapshot], condition: String) -> Verdict.Outcome {
    let own = snapshots.filter {
      $0.condition == condition && $0.metric.id == Metric.fvuArticle.id && $0.stratum == .all
    }
    guard let last = own.last, let previous = own.last(where: { $0.tokens < last.tokens }) else {
      return .notMeasured
    }
    let tolerance = max(stabilityDifference, stabilityShare * abs(last.estimate.value))
    return abs(last.estimate.value - previous.estimate.value) <= tolerance ? .stable : .unstable
  }

  /// The article's reading of its noise-floor ratio, by the interval.
  public static func noiseFloor(_ ratio: Estimate?) -> Verdict.Outcome {
    guard let ratio else { return .notMeasured }
    guard let interval = ratio.interval else { return .interpretWithCare }
    if interval.low >= informativeRatio { return .informative }
    if interval.high < uninformativeRatio { return .uninformative }
    return .interpretWithCare
  }
}

extension Estimate {
  /// True when so few chunks were resampled that the interval is a hint rather than a statement.
  public var isIndicative: Bool { interval != nil && clusterCount < VerdictRules.fewClusters }
}

extension Findings {
  public func verdict(_ question: Verdict.Question, condition: String) -> Verdict.Outcome? {
    verdicts.first { $0.question == question && $0.condition == condition }?.outcome
  }
}
