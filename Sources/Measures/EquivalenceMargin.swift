/// The largest difference that does not matter, as the user says or as the metric has it.
public struct EquivalenceMargin: Sendable, Equatable, Codable {
  /// In percent of A's value where `isRelative`, else in the metric's unit (percentage points of a change).
  public var size: Double
  public var isRelative: Bool

  public init(_ size: Double, isRelative: Bool) {
    self.size = size
    self.isRelative = isRelative
  }

  public static func percent(_ size: Double) -> EquivalenceMargin { EquivalenceMargin(size, isRelative: true) }
  public static func absolute(_ size: Double) -> EquivalenceMargin { EquivalenceMargin(size, isRelative: false) }
}
