/// A value on both axes. For an axis of categories the value is the category's index.
public struct Datum: Sendable, Equatable {
  public var x: Double
  public var y: Double
  /// Moves the mark sideways on paper (down on a category y axis), where several would cover each other.
  public var dodge: Points
  /// What it says, where the axis has another unit.
  public var meaning: Double?

  public init(_ x: Double, _ y: Double, dodge: Points = 0, meaning: Double? = nil) {
    self.x = x
    self.y = y
    self.dodge = dodge
    self.meaning = meaning
  }
}

/// A range of one axis at a place of the other.
public struct Extent: Sendable, Equatable {
  public var at: Double
  public var low: Double
  public var high: Double
  public var dodge: Points

  public init(at: Double, low: Double, high: Double, dodge: Points = 0) {
    self.at = at
    self.low = low
    self.high = high
    self.dodge = dodge
  }
}

/// Shapes that tell series apart without colour.
public enum Marker: String, Sendable, CaseIterable {
  case circle, square, triangle, diamond, triangleDown, pentagon, cross, hexagon
}

/// How a series looks: colour, marker and dash say the same thing three times.
public struct MarkStyle: Sendable, Equatable {
  public var role: ColorRole
  public var marker: Marker
  public var dash: [Points]
  /// Drawn as an outline.
  public var isHollow: Bool

  public init(_ role: ColorRole, _ marker: Marker = .circle, dash: [Points] = [], isHollow: Bool = false) {
    self.role = role
    self.marker = marker
    self.dash = dash
    self.isHollow = isHollow
  }

  static let dashes: [[Points]] = [
    [], [4, 2], [1.2, 1.8], [6, 2, 1.2, 2], [2.5, 1.5], [8, 2.5], [5, 1.5, 1.2, 1.5, 1.2, 1.5],
  ]

  /// The baseline condition.
  public static let baseline = MarkStyle(.reference, .circle, dash: [])

  /// The n-th compressed condition, from 0. Each of the first ninety-eight looks like no other: after seven, colours
  /// repeat with another marker, drawn as an outline in every second round.
  public static func condition(_ index: Int) -> MarkStyle {
    let markers = Array(Marker.allCases.dropFirst())
    let round = index / markers.count
    return MarkStyle(
      .series(index), markers[(index + round / 2) % markers.count], dash: dashes[(index + 1) % dashes.count],
      isHollow: round % 2 == 1)
  }

  /// The same, drawn as an outline.
  public var hollow: MarkStyle {
    var style = self
    style.isHollow = true
    return style
  }
}

/// Data drawn one way. `series` names it in the draw list.
public struct Mark: Sendable, Equatable {
  public enum Geometry: Sendable, Equatable {
    case line([Datum])
    case points([Datum])
    /// Vertical interval bars at x.
    case intervals([Extent])
    /// Horizontal interval bars at y.
    case horizontalIntervals([Extent])
    /// Area between low and high along x.
    case band([Extent])
    /// Horizontal bars from zero, at category rows.
    case bars([Datum])
    /// Parts of a whole, end to end, at category rows.
    case segments([Extent])
    /// A line across the panel at a y value.
    case horizontalRule(Double)
    /// A line down the panel at an x value.
    case verticalRule(Double)
    /// A shaded strip of the x axis from low to high; infinite ends reach the edge.
    case region(low: Double, high: Double)
    /// A shaded strip of each category row, from low to high; what lies beyond the axis is cut off, and moves no axis.
    case rowRegions([Extent])
    /// Words beside data, moved to where they cover nothing.
    case values([Datum], [String])
  }

  public var geometry: Geometry
  public var style: MarkStyle
  public var series: String

  public init(_ geometry: Geometry, _ style: MarkStyle, series: String) {
    self.geometry = geometry
    self.style = style
    self.series = series
  }
}

/// Words at the right end of a line, or at the top of a guide: a direct label instead of a legend.
public struct DirectLabel: Sendable, Equatable {
  public var text: String
  /// Where it belongs on the axis along which labels are spread: y for ends of lines, x for condition names.
  public var at: Double
  public var style: MarkStyle
  public var dodge: Points

  public init(_ text: String, at: Double, _ style: MarkStyle, dodge: Points = 0) {
    self.text = text
    self.at = at
    self.style = style
    self.dodge = dodge
  }
}
