import Measures
import RunFile

/// Applies the declared rules to findings. Every threshold stands in a rule; nothing else decides a sentence.
public enum VerdictRules {
  /// Fewer resampled documents than this, and an interval is called indicative only.
  public static let fewClusters = StudyProtocol.fewestDocuments

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
      change(findings, metric, stratum, condition: condition)
    case .settled(let metric, let stratum, let difference, let share):
      settled(findings.snapshots, metric, stratum, condition: condition, difference: difference, share: share)
    case .settledChange(let metric, let stratum, let share):
      settledChange(findings.snapshots, metric, stratum, condition: condition, share: share)
    case .ratio(let metric, let informative, let uninformative):
      ratio(
        findings.finding(metric, condition: condition)?.estimate, informative: informative,
        uninformative: uninformative,
        isMeasured: findings.findings.contains {
          $0.metric.experiment == metric.experiment && $0.condition == condition
        })
    }
  }

  /// A paired change against the metric's margin. A comparison that needs reruns is undecided without them, and so is a
  /// change within a stratum whose tokens one of the two conditions decides alone.
  private static func change(
    _ findings: Findings, _ metric: Metric, _ stratum: Stratum, condition: String
  ) -> Verdict.Outcome {
    guard let finding = findings.finding(metric, condition: condition, stratum: stratum) else {
      let isMeasured = findings.description.experiments.contains(metric.experiment)
      return metric.usesReruns && isMeasured && findings.description.origin == nil ? .undecided : .notMeasured
    }
    let outcome = change(finding.judged, margin: metric.margin.size)
    let leaks = stratum.dividesMassive && !findings.decidesByPairs
    return leaks && outcome != .identical && outcome != .notMeasured ? .undecided : outcome
  }

  /// - Parameter margin: in the change's unit.
  static func change(_ change: Estimate?, margin: Double) -> Verdict.Outcome {
    guard let change else { return .notMeasured }
    if change.value == 0, change.interval.map({ $0.low == 0 && $0.high == 0 }) ?? true { return .identical }
    guard let interval = change.interval, !change.isIndicative else { return .undecided }
    if -margin <= interval.low, interval.high <= margin { return .negligible }
    let large = StudyProtocol.largeMargins * margin
    if interval.low > margin { return interval.low > large ? .largeRise : .smallRise }
    if interval.high < -margin { return interval.high < -large ? .largeFall : .smallFall }
    return interval.low > 0 ? .openRise : interval.high < 0 ? .openFall : .undecided
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

  /// Whether a metric's changes at the last two snapshots agree within a share of the last one, or of the margin.
  static func settledChange(
    _ snapshots: [Snapshot], _ metric: Metric, _ stratum: Stratum, condition: String, share: Double
  ) -> Verdict.Outcome {
    func change(_ snapshot: Snapshot) -> Double? {
      (metric.margin.isRelative ? snapshot.percentChange : snapshot.change)?.value
    }
    let own = snapshots.filter { $0.condition == condition && $0.metric == metric && $0.stratum == stratum }
    guard let last = own.last, let previous = own.last(where: { $0.tokens < last.tokens }), let late = change(last),
      let early = change(previous)
    else { return .notMeasured }
    return abs(late - early) <= share * max(abs(late), metric.margin.size) ? .stable : .unstable
  }

  /// Where a ratio's whole interval lies.
  ///
  /// - Parameter isMeasured: whether the run has what the ratio refines: without reruns it is to be interpreted with care.
  static func ratio(
    _ ratio: Estimate?, informative: Double, uninformative: Double, isMeasured: Bool
  ) -> Verdict.Outcome {
    guard let ratio else { return isMeasured ? .interpretWithCare : .notMeasured }
    guard let interval = ratio.interval, !ratio.isIndicative else { return .interpretWithCare }
    if interval.low >= informative { return .informative }
    if interval.high < uninformative { return .uninformative }
    return .interpretWithCare
  }
}

extension Estimate {
  /// True when so few documents were resampled that the interval is a hint rather than a statement.
  public var isIndicative: Bool { interval != nil && clusterCount < VerdictRules.fewClusters }
}

extension Findings {
  public func verdict(_ question: Verdict.Question, condition: String) -> Verdict.Outcome? {
    verdicts.first { $0.question == question && $0.condition == condition }?.outcome
  }
}
