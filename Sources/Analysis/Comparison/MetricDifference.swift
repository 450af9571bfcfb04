import Measures

/// One metric of one condition in two runs: both values, their difference, and what can be said of it.
public struct MetricDifference: Sendable, Equatable {
  public var model: String
  public var metric: Metric
  public var stratum: Stratum
  public var conditionA: String
  public var conditionB: String
  public var quantity: Quantity
  /// Values in the metric's unit, or in percent where `quantity` is a percent change; nil where the run has none.
  public var a: Double?
  public var b: Double?
  /// B − A, in the same unit (percentage points of a percent change).
  public var difference: Double?
  public var interval: Interval?
  /// 100·(B − A) ∕ |A|; nil for a percent change, and where A is 0.
  public var relative: Double?
  public var relativeInterval: Interval?
  /// Two-sided, of the hypothesis that the difference is 0.
  public var pValue: Double?
  /// After Holm's correction over the family.
  public var adjustedPValue: Double?
  /// Set where this row states the same hypothesis as another one, whose p value and verdict it shares: it is not counted twice.
  public var sameHypothesisAs: String?
  /// True when the same clusters were resampled in both runs.
  public var isPaired: Bool
  public var clustersA: Int
  public var clustersB: Int
  public var margin: EquivalenceMargin
  /// Whether the whole interval lies within the margin; nil without an interval.
  public var isInsideMargin: Bool?
  public var verdict: Verdict
  /// Why the values are not comparable.
  public var reason: String?

  public enum Quantity: String, Sendable, Codable, CaseIterable {
    case value
    /// Change against the run's own baseline, in percent of it.
    case percentChange = "percent_change"
  }

  public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// Equal in every cluster.
    case identical
    /// Not distinguishable from 0, and the whole interval within the margin.
    case equivalent
    /// Not distinguishable from 0 after correction, and not shown to be within the margin.
    case withinNoise = "within noise"
    case better, worse
    /// Different, of a metric without a better and a worse.
    case differs
    case notComparable = "not comparable"

    public var isDifferent: Bool { [.better, .worse, .differs].contains(self) }
  }

  /// Fewer clusters than intervals can be trusted with.
  public var isIndicative: Bool { interval != nil && min(clustersA, clustersB) < Self.fewestClusters }
  public static let fewestClusters = 40

  /// `fvu@1/nf4=nf4-dq/ordinary/percent_change`.
  public var id: String {
    let condition = conditionA == conditionB ? conditionA : "\(conditionA)=\(conditionB)"
    return "\(metric.id)/\(condition)/\(stratum.rawValue)" + (quantity == .value ? "" : "/\(quantity.rawValue)")
  }
}
