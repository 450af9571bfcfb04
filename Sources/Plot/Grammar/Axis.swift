/// What an axis measures and how it maps values to lengths.
public struct Axis: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// Equal steps for equal differences. `fromZero` puts zero at the edge of the data, and bars need it.
    case linear(fromZero: Bool)
    /// Equal steps for equal ratios. Values must be above zero.
    case logarithmic
    /// Linear from −1 to 1, logarithmic beyond on both sides: for changes in units of what matters.
    case symmetricLogarithmic
    /// Named rows in order, each name in its colour; data refer to them by index from 0.
    case categories([String], [ColorRole])
  }

  public var title: String
  /// "nats per token", "%", "bits"; "1" for a ratio, which needs no unit in print. Empty for categories.
  public var unit: String
  public var kind: Kind
  /// Values that the axis must reach besides the data, e.g. 0 or 1 for a reference line.
  public var including: [Double]
  /// Ticks at these values and no others, each with its label; nil chooses round numbers.
  public var ticks: [Tick]?

  public init(_ title: String, unit: String, _ kind: Kind, including: [Double] = [], ticks: [Tick]? = nil) {
    self.title = title
    self.unit = unit
    self.kind = kind
    self.including = including
    self.ticks = ticks
  }

  /// Title and unit as printed: `Perplexity`, `Change of cross-entropy (%)`.
  public var printedTitle: String {
    switch unit {
    case "", "1": title
    default: "\(title) (\(unit))"
    }
  }

  /// A tick and its label.
  public struct Tick: Sendable, Equatable {
    public var value: Double
    public var label: String

    public init(_ value: Double, _ label: String) {
      self.value = value
      self.label = label
    }
  }
}
