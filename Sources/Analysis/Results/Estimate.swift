/// A confidence interval.
public struct Interval: Sendable, Equatable, Codable {
  public var low: Double
  public var high: Double
  /// Confidence level, e.g. 0.95.
  public var level: Double

  public init(low: Double, high: Double, level: Double) {
    self.low = low
    self.high = high
    self.level = level
  }

  public func contains(_ value: Double) -> Bool { low <= value && value <= high }
}

/// A number with what is needed to judge it: its interval and the sample it stands on.
public struct Estimate: Sendable, Equatable, Codable {
  public var value: Double
  /// Nil where no interval is defined, e.g. a count.
  public var interval: Interval?
  /// Tokens that entered.
  public var tokenCount: Int
  /// Resampling units (documents) that entered.
  public var clusterCount: Int
  /// The smallest value, of either sign, that the test would have told from zero in `StudyProtocol.power` of repetitions; nil
  /// where nothing is tested.
  public var detectable: Double?
  /// True where the interval holds together with those of the condition's other primary measures.
  public var isSimultaneous = false

  public init(value: Double, interval: Interval? = nil, tokenCount: Int, clusterCount: Int) {
    self.value = value
    self.interval = interval
    self.tokenCount = tokenCount
    self.clusterCount = clusterCount
  }
}
