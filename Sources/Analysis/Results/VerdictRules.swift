import Measures
import RunFile

/// Applies the declared rules to findings. Every threshold stands in a rule; nothing else decides a sentence.
public enum VerdictRules {
  /// Fewer resampled chunks than this, and an interval is called indicative only.
  public static let fewClusters = 40

  /// Every rule of the measures, in the order of its questions.
  public static var all: [VerdictRule] { [Measure].all.rules }

  /// All verdicts on a run, in the order of questions, then of conditions. Only a rule on a condition's own values speaks
  /// of the baseline too.
  public static func verdicts(of findings: Findings) -> [Verdict] {
    findings.measures.rules.flatMap { rule -> [Verdict] in
      guard let question = rule.question, let judgement = rule.judgement else { return [] }
      let conditions =
        if case .settled = judgement { findings.description.conditions } else { findings.compressed }
      return conditions.map { condition in
        Verdict(
          question: question, condition: condition.name,
          outcome: outcome(judgement, findings, condition: condition.name))
      }
    }
  }

  private static func outcome(
    _ judgement: VerdictRule.Judgement, _ findings: Findings, condition: String
  ) -> Verdict.Outcome {
    switch judgement {
    case .change(let metric, let stratum, _):
      change(findings.finding(metric, condition: condition, stratum: stratum)?.change)
    case .settled(let metric, let stratum, let difference, let share):
      settled(findings.snapshots, metric, stratum, condition: condition, difference: difference, share: share)
    case .ratio(let metric, let informative, let uninformative):
      ratio(
        findings.finding(metric, condition: condition)?.estimate, informative: informative, uninformative: uninformative
      )
    }
  }

  /// The sign of a paired change, by its interval.
  static func change(_ change: Estimate?) -> Verdict.Outcome {
    guard let change else { return .notMeasured }
    if change.value == 0, change.interval.map({ $0.low == 0 && $0.high == 0 }) ?? true { return .identical }
    guard let interval = change.interval else { return .inconclusive }
    if interval.low > 0 { return .increase }
    if interval.high < 0 { return .decrease }
    return .inconclusive
  }

  /// Whether a metric's last two snapshots agree.
  static func settled(
    _ snapshots: [Snapshot], _ metric: Metric, _ stratum: Stratum, condition: String, difference: Double, share: Double
  ) -> Verdict.Outcome {
    let own = snapshots.filter { $0.condition == condition && $0.metric == metric && $0.stratum == stratum }
    guard let last = own.last, let previous = own.last(where: { $0.tokens < last.tokens }) else {
      return .notMeasured
    }
    let tolerance = max(difference, share * abs(last.estimate.value))
    return abs(last.estimate.value - previous.estimate.value) <= tolerance ? .stable : .unstable
  }

  /// Where a ratio's whole interval lies.
  static func ratio(_ ratio: Estimate?, informative: Double, uninformative: Double) -> Verdict.Outcome {
    guard let ratio else { return .notMeasured }
    guard let interval = ratio.interval else { return .interpretWithCare }
    if interval.low >= informative { return .informative }
    if interval.high < uninformative { return .uninformative }
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
