import Analysis
import Measures
import Words

/// How many decimals each metric of a run gets: the same in tables, sentences, figures and alt texts.
///
/// The uncertainty that matters when conditions are compared is that of the paired change, not that of the value: two
/// models on the same text share most of their sampling error. So a metric's decimals, per stratum, show the finest
/// paired interval among its conditions; without changes, the finest interval of the values; without any interval, four
/// significant digits. Each metric keeps to the range that readers of the field expect (3 to 4 decimals of a nat).
public struct NumberFormats: Sendable {
  private struct Key: Hashable {
    var metric: String
    var stratum: Stratum
  }
  private var decimals: [Key: Int] = [:]
  /// Of changes in the metric's unit: those of the finest paired interval, where that needs more than values have.
  private var changes: [Key: Int] = [:]

  private let measures: [Measure]

  public init(_ findings: Findings) {
    measures = findings.measures
    for finding in findings.findings {
      let scale = finding.metric.isShare ? 100.0 : 1
      let interval = finding.change?.interval ?? finding.estimate.interval
      let wanted =
        interval.flatMap { NumberText.decimals(forHalfWidth: ($0.high - $0.low) / 2 * scale) }
        ?? Self.decimals(ofValue: finding.estimate.value * scale)
      let range = finding.metric.decimals
      let key = Key(metric: finding.metric.id, stratum: finding.stratum)
      decimals[key] = max(decimals[key] ?? 0, min(range.upperBound, max(range.lowerBound, wanted)))
      if let change = finding.change?.interval,
        let digits = NumberText.decimals(forHalfWidth: (change.high - change.low) / 2)
      {
        changes[key] = max(changes[key] ?? 0, min(7, digits))
      }
    }
  }

  public func decimals(_ metric: Metric, _ stratum: Stratum = .all) -> Int {
    decimals[Key(metric: metric.id, stratum: stratum)] ?? metric.decimals.lowerBound
  }

  /// Never fewer than the values' own: a change is read beside them.
  public func changeDecimals(_ metric: Metric, _ stratum: Stratum = .all) -> Int {
    max(decimals(metric, stratum), changes[Key(metric: metric.id, stratum: stratum)] ?? 0)
  }

  /// Percent changes differ by orders of magnitude between conditions: each has the digits of its own interval.
  public func percentDecimals(_ percent: Estimate) -> Int {
    guard let interval = percent.interval,
      let digits = NumberText.decimals(forHalfWidth: (interval.high - interval.low) / 2)
    else { return 1 }
    return min(4, max(1, digits))
  }

  private static func decimals(ofValue value: Double) -> Int {
    guard value.isFinite, value != 0 else { return 0 }
    return max(0, 3 - Int(log10(of: value.magnitude).rounded(.down)))
  }

  // MARK: Texts

  /// `3.217`; a share as `83.1%`.
  public func value(_ estimate: Estimate, _ metric: Metric, _ stratum: Stratum = .all) throws(NumberError) -> String {
    try value(estimate.value, metric, stratum)
  }

  private func value(_ value: Double, _ metric: Metric, _ stratum: Stratum) throws(NumberError) -> String {
    let isShare = metric.isShare
    return try NumberText.fixed(
      isShare ? value * 100 : value, decimals: decimals(metric, stratum), of: metric.name) + (isShare ? "%" : "")
  }

  /// `+0.031`.
  public func change(_ estimate: Estimate, _ metric: Metric, _ stratum: Stratum = .all) throws(NumberError) -> String {
    try NumberText.signed(estimate.value, decimals: changeDecimals(metric, stratum), of: "change of \(metric.name)")
  }

  /// `+0.96%`.
  public func percentChange(_ estimate: Estimate, _ metric: Metric) throws(NumberError) -> String {
    try NumberText.signed(estimate.value, decimals: percentDecimals(estimate), of: "change of \(metric.name)") + "%"
  }

  /// `[3.186, 3.248]`, in the value's own format; nil without an interval.
  public func interval(_ estimate: Estimate, _ metric: Metric, _ stratum: Stratum = .all) throws(NumberError) -> String?
  {
    guard let interval = estimate.interval else { return nil }
    return "[\(try value(interval.low, metric, stratum)), \(try value(interval.high, metric, stratum))]"
  }

  public func changeInterval(
    _ estimate: Estimate, _ metric: Metric, _ stratum: Stratum = .all
  ) throws(NumberError) -> String? {
    try Self.signed(estimate, metric, decimals: changeDecimals(metric, stratum))
  }

  public func percentInterval(_ estimate: Estimate, _ metric: Metric) throws(NumberError) -> String? {
    try Self.signed(estimate, metric, decimals: percentDecimals(estimate), unit: "%")
  }

  private static func signed(
    _ change: Estimate, _ metric: Metric, decimals: Int, unit: String = ""
  ) throws(NumberError) -> String? {
    guard let interval = change.interval else { return nil }
    let low = try NumberText.signed(interval.low, decimals: decimals, of: "change of \(metric.name)")
    let high = try NumberText.signed(interval.high, decimals: decimals, of: "change of \(metric.name)")
    return "[\(low)\(unit), \(high)\(unit)]"
  }

  /// A share of 1 in percent, one decimal; two below one percent, where one would say little; nothing is nothing.
  public static func share(_ value: Double) throws(NumberError) -> String {
    value == 0 ? "0%" : try NumberText.fixed(value * 100, decimals: value < 0.01 ? 2 : 1, of: "share") + "%"
  }

  // MARK: By address

  /// Any number of the report as it is printed.
  public func text(_ estimate: Estimate, at address: NumberAddress) throws(NumberError) -> String {
    switch address {
    case .measure(let measure):
      guard let metric = measures.metric(measure.metric) else { return "\(estimate.value)" }
      if case .between(_, _, let stratum) = measure.tokens {
        return try NumberText.signed(
          estimate.value, decimals: max(5, decimals(metric, stratum)), of: "difference of snapshots")
      }
      return switch measure.quantity {
      case .value, .reference: try value(estimate, metric, measure.stratum)
      case .change: try change(estimate, metric, measure.stratum)
      case .percent: try percentChange(estimate, metric)
      }
    case .share: return try Self.share(estimate.value)
    case .size(.linear), .size(.model): return try Self.bits(estimate.value)
    case .size(.saved), .size(.compressedShare):
      return try NumberText.fixed(estimate.value, decimals: 0, of: "share of the model’s size") + "%"
    case .count: return NumberText.integer(Int(estimate.value))
    case .feature(let feature): return try Self.text(estimate.value, feature.quantity)
    }
  }

  /// Its interval; nil where it has none.
  public func interval(_ estimate: Estimate, at address: NumberAddress) throws(NumberError) -> String? {
    if case .feature(let feature) = address, let interval = estimate.interval {
      return "[\(try Self.text(interval.low, feature.quantity)), \(try Self.text(interval.high, feature.quantity))]"
    }
    guard case .measure(let measure) = address, let metric = measures.metric(measure.metric)
    else { return nil }
    return switch measure.quantity {
    case .value, .reference: try interval(estimate, metric, measure.stratum)
    case .change: try changeInterval(estimate, metric, measure.stratum)
    case .percent: try percentInterval(estimate, metric)
    }
  }

  private static func text(_ value: Double, _ quantity: FeatureQuantity) throws(NumberError) -> String {
    switch quantity.kind {
    case .count: NumberText.integer(Int(value))
    case .share: try NumberText.fixed(value * 100, decimals: 1, of: quantity.rawValue) + "%"
    case .correlation: try NumberText.fixed(value, decimals: 3, of: quantity.rawValue)
    }
  }

  /// `11.62`: bits per parameter.
  public static func bits(_ value: Double) throws(NumberError) -> String {
    try NumberText.fixed(value, decimals: 2, of: "bits per parameter")
  }
}
