/// The largest difference that does not matter, as the user says or as documented in docs/diff.md.
public struct EquivalenceMargin: Sendable, Equatable, Codable {
  /// In percent of A's value where `isRelative`, else in the metric's unit (percentage points of a change).
  public var size: Double
  public var isRelative: Bool

  public init(_ size: Double, isRelative: Bool) {
    self.size = size
    self.isRelative = isRelative
  }

  /// What holds where the user says nothing.
  static func usual(_ metric: Metric, _ quantity: MetricDifference.Quantity) -> EquivalenceMargin {
    if quantity == .percentChange { return EquivalenceMargin(0.5, isRelative: false) }
    return switch metric.id {
    case Metric.crossEntropy.id, Metric.relativeResidual.id: EquivalenceMargin(0.5, isRelative: true)
    case Metric.perplexity.id: EquivalenceMargin(1.5, isRelative: true)
    case Metric.kl.id, Metric.top1Agreement.id, Metric.movedFarther.id: EquivalenceMargin(0.005, isRelative: false)
    case Metric.cosine.id: EquivalenceMargin(0.001, isRelative: false)
    case Metric.perturbation.id, Metric.noiseFloor.id, Metric.noiseFloorArticle.id:
      EquivalenceMargin(2, isRelative: true)
    default: EquivalenceMargin(1, isRelative: true)
    }
  }
}

/// A user's margin for the metrics that a pattern names: `cross_entropy 0.5%`, `kl 0.001`, `fvu*/ordinary 2%`.
public struct MarginRule: Sendable, Equatable {
  public var metric: MetricPattern
  public var margin: EquivalenceMargin

  /// - Throws: `ComparisonInputError.margin`.
  public init(_ text: String) throws {
    let words = text.split(separator: " ")
    guard words.count == 2 else { throw ComparisonInputError.margin(text) }
    let isRelative = words[1].hasSuffix("%")
    guard let size = Double(isRelative ? words[1].dropLast() : words[1]), size.isFinite, size >= 0 else {
      throw ComparisonInputError.margin(text)
    }
    metric = try MetricPattern(String(words[0]))
    margin = EquivalenceMargin(size, isRelative: isRelative)
  }
}
