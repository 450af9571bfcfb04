/// A length on paper: 1 point is 1/72 inch. Figures are measured in points, never in pixels or bare numbers.
public struct Points: Sendable, Hashable, Comparable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  public var value: Double

  public init(_ value: Double) { self.value = value }
  public init(floatLiteral value: Double) { self.value = value }
  public init(integerLiteral value: Int) { self.value = Double(value) }

  /// Millimetres, as journals state their column widths.
  public static func millimetres(_ value: Double) -> Points { Points(value * 72 / 25.4) }

  /// Width of one column of a two-column journal page.
  public static let singleColumn = Points.millimetres(89)
  /// Width of a figure across both columns.
  public static let doubleColumn = Points.millimetres(183)

  public static let zero = Points(0)
  public static func < (a: Points, b: Points) -> Bool { a.value < b.value }
  public static func + (a: Points, b: Points) -> Points { Points(a.value + b.value) }
  public static func - (a: Points, b: Points) -> Points { Points(a.value - b.value) }
  public static prefix func - (a: Points) -> Points { Points(-a.value) }
  public static func * (a: Points, b: Double) -> Points { Points(a.value * b) }
  public static func / (a: Points, b: Double) -> Points { Points(a.value / b) }
  public static func / (a: Points, b: Points) -> Double { a.value / b.value }
  public static func += (a: inout Points, b: Points) { a = a + b }
  public static func -= (a: inout Points, b: Points) { a = a - b }
}

/// A place on the figure: x to the right, y down, from the top left corner.
public struct Position: Sendable, Hashable {
  public var x: Points
  public var y: Points

  public init(_ x: Points, _ y: Points) {
    self.x = x
    self.y = y
  }

  public func moved(_ dx: Points, _ dy: Points) -> Position { Position(x + dx, y + dy) }
}

/// An upright rectangle on the figure.
public struct Box: Sendable, Hashable {
  public var left: Points
  public var top: Points
  public var width: Points
  public var height: Points

  public init(left: Points, top: Points, width: Points, height: Points) {
    self.left = left
    self.top = top
    self.width = width
    self.height = height
  }

  public var right: Points { left + width }
  public var bottom: Points { top + height }
  public var middle: Position { Position(left + width / 2.0, top + height / 2.0) }

  public func intersects(_ other: Box) -> Bool {
    left < other.right && other.left < right && top < other.bottom && other.top < bottom
  }

  public func contains(_ other: Box) -> Bool {
    left <= other.left && top <= other.top && other.right <= right && other.bottom <= bottom
  }

  /// The smallest rectangle around both.
  public func union(_ other: Box) -> Box {
    let (l, t) = (min(left, other.left), min(top, other.top))
    return Box(left: l, top: t, width: max(right, other.right) - l, height: max(bottom, other.bottom) - t)
  }

  /// Larger by `margin` on every side.
  public func grown(by margin: Points) -> Box {
    Box(left: left - margin, top: top - margin, width: width + margin * 2, height: height + margin * 2)
  }
}
