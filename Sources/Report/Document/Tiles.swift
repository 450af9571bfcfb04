import Plot
import Words

/// The few numbers to see first, each as a tile where a format has tiles; elsewhere as a table.
public struct Tiles: Sendable, Equatable {
  public var tiles: [Tile]
  public var table: TableBlock
}

/// A measure under the condition that changes it most. At most four numbers: a change, its interval, and the value.
public struct Tile: Sendable, Equatable {
  /// What is measured: "Cross-entropy".
  public var title: String
  /// Of which condition: "nf4-dq", "nf4 on gemma-3-4b".
  public var condition: String
  /// The number to see.
  public var number: Prose
  public var interval: Prose?
  /// "to 4.091 nats per token".
  public var value: Prose?
  /// The verdict in a word or two.
  public var verdict: String
  public var role: Inline.Role
  /// All conditions of the measure beside each other.
  public var strip: Strip

  /// Dots on one axis, with the margin that does not matter about zero.
  public struct Strip: Sendable, Equatable {
    public struct Dot: Sendable, Equatable {
      public var name: String
      public var value: Double
      public var interval: ClosedRange<Double>?
      public var color: ColorRole
    }

    public var dots: [Dot]
    public var margin: Double

    /// What the axis reaches, with some room on both sides.
    var domain: ClosedRange<Double> {
      let reached = dots.flatMap { [$0.value, $0.interval?.lowerBound, $0.interval?.upperBound].compactMap(\.self) }
      let (low, high) = (min(-margin, reached.min() ?? 0), max(margin, reached.max() ?? 0))
      let room = (high - low) * 0.04
      return low - room...high + room
    }
  }
}
