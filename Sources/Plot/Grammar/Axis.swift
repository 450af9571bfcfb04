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

  /// A tick and its label, at a value of the axis.
  public struct Tick: Sendable, Equatable {
    public var value: Double
    public var label: String

    public init(_ value: Double, _ label: String) {
      self.value = value
      self.label = label
    }
  }
}

/// Another scale for the same lengths: ticks at values of the x axis, labelled in its own unit.
public struct UpperAxis: Sendable, Equatable {
  public var title: String
  public var ticks: [Axis.Tick]

  public init(_ title: String, ticks: [Axis.Tick]) {
    self.title = title
    self.ticks = ticks
  }

  /// Round numbers of another unit.
  ///
  /// - Parameters:
  ///   - range: what the x axis shows.
  ///   - value: of the other unit at a place of the x axis; rises with it.
  ///   - place: of the x axis at a value of the other unit.
  public init(
    _ title: String, over range: ClosedRange<Double>, value: (Double) -> Double, place: (Double) -> Double
  ) throws(PlotError) {
    self.title = title
    let (low, high) = (value(range.lowerBound), value(range.upperBound))
    var ticks: [Axis.Tick] = []
    if low.isFinite, high.isFinite, low < high {
      for tick in try Ticks.linear(low...high, atMost: 6) { ticks.append(Axis.Tick(place(tick.value), tick.label)) }
    }
    self.ticks = ticks
  }
}
