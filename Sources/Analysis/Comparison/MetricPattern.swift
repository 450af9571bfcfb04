import Measures

/// Names rows of a comparison: `fvu`, `fvu/ordinary`, `fvu*/*`, `cross_entropy/change`, `fvu/ordinary/change`.
///
/// METRIC[/STRATUM][/change]: the metric's name, with or without its version; without a stratum all tokens; `change` for the
/// change against each run's own baseline. Each part may have `*` and `?`.
public struct MetricPattern: Sendable, Equatable {
  public let text: String
  private let metric: NamePattern
  private let stratum: NamePattern
  private let isChange: Bool

  /// - Throws: `ComparisonInputError.metric` for what can name no metric or stratum that there is.
  public init(_ text: String, metrics: [Metric] = Metric.all) throws {
    var parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let isChange = parts.count > 1 && parts.last == "change"
    if isChange { parts.removeLast() }
    let metric = NamePattern(parts[0])
    let stratum = NamePattern(parts.count > 1 ? parts[1] : Stratum.all.rawValue)
    guard parts.count <= 2, metrics.contains(where: { Self.names($0, metric) }) else {
      throw ComparisonInputError.metric(text, known: metrics.map(\.shortName))
    }
    guard Stratum.allCases.contains(where: { stratum.matches($0.rawValue) }) else {
      throw ComparisonInputError.stratum(text)
    }
    self.text = text
    (self.metric, self.stratum, self.isChange) = (metric, stratum, isChange)
  }

  private static func names(_ metric: Metric, _ pattern: NamePattern) -> Bool {
    pattern.matches(metric.id) || pattern.matches(metric.shortName)
  }

  public func matches(_ metric: Metric, _ stratum: Stratum, _ quantity: MetricDifference.Quantity) -> Bool {
    Self.names(metric, self.metric) && self.stratum.matches(stratum.rawValue)
      && isChange == (quantity == .percentChange)
  }

  /// Whether it names this metric, over whichever tokens and in whichever quantity.
  public func names(_ metric: Metric) -> Bool { Self.names(metric, self.metric) }
}
