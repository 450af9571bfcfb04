import Foundation
import Measures
import RunFile

/// A published number beside the measured one.
public struct ReferenceComparison: Sendable, Equatable {
  public enum Outcome: String, Sendable, Equatable, CaseIterable {
    case agrees, larger, smaller, inconclusive
    /// The run lacks what the comparison needs.
    case notMeasured
  }

  /// The published findings it stands on: several where each speaks of another model of the study.
  public var findings: [PublishedReference.Finding]
  /// The run's condition, or the study's name of it where the run has none such.
  public var condition: String
  /// The study's model that the run's is, nil where the study had no such model: then the comparison is context only.
  public var model: PublishedReference.Model?
  /// Nil where not measured.
  public var measured: Estimate?
  public var outcome: Outcome

  public var quantity: PublishedReference.Finding.Quantity { findings[0].quantity }
  /// Of the metric that was published.
  public var metric: Metric { Metric.all.first { $0.id == findings[0].metric } ?? .crossEntropy }
  public var isContext: Bool { model == nil }
}

extension PublishedReference {
  // MARK: Thresholds

  /// Part of the unit of the last printed decimal that rounding may hide.
  public static let hiddenByRounding = 0.5
  /// A measured interval's half-width, as a share of the published figure, above which it cannot agree with a value.
  public static let widestHalfWidth = 0.5

  // MARK: In words

  /// The rules of this comparison, for the report's appendix.
  public static let rules: [VerdictRule] = [
    VerdictRule(
      id: "published_model@1", question: nil,
      statement: "A run's model is the published study's when width of the residual stream, number of layers and the "
        + "layer read are the same (Gemma 3 4B: 2560, 34, 17; Gemma 3 12B: 3840, 48, 24), whatever its name. That does "
        + "not tell a pretrained checkpoint from a tuned one of the same shape. Any other model is compared as context "
        + "only, with what was published for all models together. A condition is the study's when kind and stated "
        + "settings are (LLM.int8: threshold 6.0; NF4: block 64, double quantization, bf16 compute); others have no counterpart."
    ),
    VerdictRule(
      id: "against_published@1", question: nil,
      statement:
        "The published figure or range, widened by half a unit of its last printed decimal, which rounding may "
        + "hide, against the measured interval. Above or below: the whole interval lies there. Within "
        + "a bound (“less than”, “flat or lower”): the whole interval lies inside. Within a value or a range of "
        + "values: the interval overlaps it and is precise enough to say so, with a half-width of at most half of the "
        + "published figure (of the one nearer to zero). “Overlaps” where the value itself lies outside. "
        + "Otherwise inconclusive, and so without an interval; but the "
        + "difference of two snapshots, which has none, is judged by itself.",
      thresholds: [
        .init(name: "widening, in units of the last printed decimal", value: hiddenByRounding, unit: "1"),
        .init(name: "largest half-width, as a share of the published figure", value: widestHalfWidth, unit: "1"),
      ]),
  ]

  // MARK: Applied

  /// The study's model that a run's is, by the rule `published_model@1`.
  public func model(of description: RunDescription) -> Model? {
    let own = description.model
    return models.first { $0.dModel == own.dModel && $0.layerCount == own.layerCount && $0.layer == own.layer }
  }

  /// Every published finding beside what the run measured, in the file's order, then the run's order of conditions.
  ///
  /// A model of the study is set beside the findings on it; another model, as context, beside those on any model.
  public func comparisons(with run: Findings) -> [ReferenceComparison] {
    let model = model(of: run.description)
    return groups(for: model).flatMap { group -> [ReferenceComparison] in
      let first = group[0]
      func compared(_ condition: String, _ measured: Estimate?) -> ReferenceComparison {
        ReferenceComparison(
          findings: group, condition: condition, model: model, measured: measured,
          outcome: Self.outcome(measured, group))
      }
      if first.kinds.isEmpty {
        return run.description.conditions.map { compared($0.name, Self.measured(first, $0.name, run)) }
      }
      return first.kinds.flatMap { kind -> [ReferenceComparison] in
        let own = run.description.conditions.filter { $0.kind == kind && isCounterpart($0) }
        if own.isEmpty, model != nil { return [compared(conditions.first { $0.kind == kind }?.name ?? kind, nil)] }
        return own.map { compared($0.name, Self.measured(first, $0.name, run)) }
      }
    }
  }

  /// Findings on one quantity, metric and condition, together.
  private func groups(for model: Model?) -> [[Finding]] {
    var groups: [[Finding]] = []
    for finding in findings where model == nil || finding.model == nil || finding.model == model?.name {
      let index = groups.firstIndex {
        $0[0].quantity == finding.quantity && $0[0].metric == finding.metric && $0[0].kinds == finding.kinds
      }
      if let index { groups[index].append(finding) } else { groups.append([finding]) }
    }
    return groups
  }

  /// Whether a run's condition is the study's of that kind: no setting that both state differs.
  private func isCounterpart(_ condition: RunDescription.Condition) -> Bool {
    guard let published = conditions.first(where: { $0.kind == condition.kind }) else { return false }
    return condition.parameters.allSatisfy { own in
      published.settings[own.key].map { $0 == own.value } ?? true
    }
  }

  private static func measured(_ published: Finding, _ condition: String, _ run: Findings) -> Estimate? {
    let own = run.findings.first {
      $0.metric.id == published.metric && $0.condition == condition && $0.stratum == .all
    }
    switch published.quantity {
    case .percentChange: return own?.percentChange
    case .change: return own?.change
    case .value: return own?.estimate
    case .snapshotDifference:
      let values = (published.snapshots ?? []).compactMap { asked in
        run.snapshots.first {
          $0.metric.id == published.metric && $0.condition == condition && $0.stratum == .all
            && $0.requestedTokens == asked && $0.tokens >= asked
        }
      }
      guard values.count == 2 else { return nil }
      return Estimate(
        value: values[1].estimate.value - values[0].estimate.value, tokenCount: values[1].estimate.tokenCount,
        clusterCount: values[1].estimate.clusterCount)
    }
  }

  /// The rule `against_published@1`.
  public static func outcome(_ measured: Estimate?, _ published: [Finding]) -> ReferenceComparison.Outcome {
    guard let measured, let first = published.first else { return .notMeasured }
    let hidden = hiddenByRounding * pow(10, -Double(first.decimals))
    let low = (published.map { $0.low ?? -.infinity }.min() ?? -.infinity) - hidden
    let high = (published.map { $0.high ?? .infinity }.max() ?? .infinity) + hidden
    let interval: (low: Double, high: Double)
    if let own = measured.interval {
      interval = (own.low, own.high)
    } else if first.quantity == .snapshotDifference {
      interval = (measured.value, measured.value)
    } else {
      return .inconclusive
    }
    if interval.low > high { return .larger }
    if interval.high < low { return .smaller }
    switch first.claim {
    case .bound:
      return interval.low >= low && interval.high <= high ? .agrees : .inconclusive
    case .value:
      let ends = published.flatMap { [$0.low, $0.high].compactMap { $0 } }
      let nearest = ends.map(\.magnitude).min() ?? 0
      return (interval.high - interval.low) / 2 <= widestHalfWidth * nearest ? .agrees : .inconclusive
    }
  }
}
