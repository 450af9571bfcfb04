import Analysis

/// How many decimals each metric of a run gets, in tables, sentences, figures and alt texts alike.
///
/// The uncertainty that matters when conditions are compared is that of the paired change, not that of the value: two
/// models on the same text share most of their sampling error. So a metric's decimals show the finest paired interval
/// among its conditions; without changes, the finest interval of the values; without any interval, four significant
/// digits. A floor per metric keeps what readers of the field expect (three decimals of a nat, four of an FVU).
public struct NumberFormats: Sendable {
  private var decimalsByMetric: [String: Int] = [:]
  private var percentDecimalsByMetric: [String: Int] = [:]

  static let mostDecimals = 6

  public init(_ findings: Findings) {
    for finding in findings.findings {
      let id = finding.metric.id
      let scale = Self.isShare(finding.metric) ? 100.0 : 1
      let widths = [finding.change?.interval ?? finding.estimate.interval].compactMap { $0 }
      let wanted =
        widths.compactMap { NumberText.decimals(forHalfWidth: ($0.high - $0.low) / 2 * scale) }.max()
        ?? Self.decimals(ofValue: finding.estimate.value * scale)
      decimalsByMetric[id] = min(
        Self.mostDecimals, max(decimalsByMetric[id] ?? 0, wanted, Self.floor(of: finding.metric)))
      if let percent = finding.percentChange?.interval,
        let digits = NumberText.decimals(forHalfWidth: (percent.high - percent.low) / 2)
      {
        percentDecimalsByMetric[id] = min(Self.mostDecimals, max(percentDecimalsByMetric[id] ?? 1, digits))
      }
    }
  }

  public func decimals(_ metric: Metric) -> Int { decimalsByMetric[metric.id] ?? Self.floor(of: metric) }
  public func percentDecimals(_ metric: Metric) -> Int { percentDecimalsByMetric[metric.id] ?? 2 }

  /// Metrics that are shares and are shown in percent.
  public static func isShare(_ metric: Metric) -> Bool { metric.id == Metric.top1Agreement.id }

  private static func floor(of metric: Metric) -> Int {
    switch metric.id {
    case Metric.crossEntropy.id: 3
    case Metric.fvu.id, Metric.fvuArticle.id: 4
    case Metric.perplexity.id, Metric.noiseFloor.id, Metric.noiseFloorArticle.id: 2
    case Metric.l0.id, Metric.top1Agreement.id: 1
    default: 0
    }
  }

  private static func decimals(ofValue value: Double) -> Int {
    guard value.isFinite, value != 0 else { return 0 }
    return max(0, 3 - Int(log10(of: value.magnitude).rounded(.down)))
  }

  // MARK: Texts

  /// `3.217`; a share as `83.1%`.
  public func value(_ estimate: Estimate, _ metric: Metric) throws(PlotError) -> String {
    try value(estimate.value, metric)
  }

  public func value(_ value: Double, _ metric: Metric) throws(PlotError) -> String {
    Self.isShare(metric)
      ? try NumberText.fixed(value * 100, decimals: decimals(metric), of: metric.name) + "%"
      : try NumberText.fixed(value, decimals: decimals(metric), of: metric.name)
  }

  /// `+0.031`.
  public func change(_ estimate: Estimate, _ metric: Metric) throws(PlotError) -> String {
    try NumberText.signed(estimate.value, decimals: decimals(metric), of: "change of \(metric.name)")
  }

  /// `+0.96%`.
  public func percentChange(_ estimate: Estimate, _ metric: Metric) throws(PlotError) -> String {
    try NumberText.signed(estimate.value, decimals: percentDecimals(metric), of: "change of \(metric.name)") + "%"
  }

  /// `[3.186, 3.248]`, in the value's own format; nil without an interval.
  public func interval(_ estimate: Estimate, _ metric: Metric) throws(PlotError) -> String? {
    guard let interval = estimate.interval else { return nil }
    return "[\(try value(interval.low, metric)), \(try value(interval.high, metric))]"
  }

  public func changeInterval(_ estimate: Estimate, _ metric: Metric) throws(PlotError) -> String? {
    guard let interval = estimate.interval else { return nil }
    let digits = decimals(metric)
    let place = "change of \(metric.name)"
    return
      "[\(try NumberText.signed(interval.low, decimals: digits, of: place)), \(try NumberText.signed(interval.high, decimals: digits, of: place))]"
  }

  public func percentInterval(_ estimate: Estimate, _ metric: Metric) throws(PlotError) -> String? {
    guard let interval = estimate.interval else { return nil }
    let digits = percentDecimals(metric)
    let place = "change of \(metric.name)"
    return
      "[\(try NumberText.signed(interval.low, decimals: digits, of: place))%, \(try NumberText.signed(interval.high, decimals: digits, of: place))%]"
  }

  /// `11.62`: bits per parameter.
  public static func bits(_ value: Double) throws(PlotError) -> String {
    try NumberText.fixed(value, decimals: 2, of: "bits per parameter")
  }
}
