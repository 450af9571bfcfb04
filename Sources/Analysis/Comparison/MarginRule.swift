import Measures

extension EquivalenceMargin {
  /// What holds where the user says nothing.
  static func usual(_ metric: Metric, _ quantity: MetricDifference.Quantity) -> EquivalenceMargin {
    quantity == .percentChange ? .absolute(0.5) : metric.margin
  }
}

/// A user's margin for the metrics that a pattern names: `cross_entropy 0.5%`, `kl 0.001`, `fvu*/ordinary 2%`.
public struct MarginRule: Sendable, Equatable {
  public var metric: MetricPattern
  public var margin: EquivalenceMargin

  /// - Throws: `ComparisonInputError.margin`.
  public init(_ text: String, metrics: [Metric] = Metric.all) throws {
    let words = text.split(separator: " ")
    guard words.count == 2 else { throw ComparisonInputError.margin(text) }
    let isRelative = words[1].hasSuffix("%")
    guard let size = Double(isRelative ? words[1].dropLast() : words[1]), size.isFinite, size >= 0 else {
      throw ComparisonInputError.margin(text)
    }
    metric = try MetricPattern(String(words[0]), metrics: metrics)
    margin = EquivalenceMargin(size, isRelative: isRelative)
  }
}
