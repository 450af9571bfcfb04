/// A figure as a list of shapes, measured and placed, without pixels: what tests read and what every backend plays.
public struct DrawList: Sendable, Equatable {
  public var width: Points
  public var height: Points
  public var commands: [DrawCommand] = []

  public init(width: Points, height: Points) {
    self.width = width
    self.height = height
  }

  public func commands(_ part: DrawCommand.Part) -> [DrawCommand] { commands.filter { $0.part == part } }

  /// Every text in drawing order.
  public var texts: [PlacedText] {
    commands.compactMap { if case .text(let text) = $0.shape { text } else { nil } }
  }
}

/// One shape and what it stands for.
public struct DrawCommand: Sendable, Equatable {
  public enum Part: String, Sendable {
    case ground, grid, axis, tick, tickLabel, axisTitle, panelTitle
    case line, point, interval, band, bandEdge, bar, rule, region
    case label, leader, conditionName, value, note, illustration
  }

  public var part: Part
  /// Panel number from 0; −1 outside panels.
  public var panel: Int
  /// The series or condition it belongs to, where it belongs to one.
  public var series: String?
  /// The data behind it in data units: x, y for a point, x, low, high for an interval, and so on.
  public var data: [Double]
  public var shape: Shape

  public enum Shape: Sendable, Equatable {
    case path(Path, fill: Paint?, stroke: Stroke?)
    case text(PlacedText)
  }

  public init(_ part: Part, panel: Int = -1, series: String? = nil, data: [Double] = [], shape: Shape) {
    self.part = part
    self.panel = panel
    self.series = series
    self.data = data
    self.shape = shape
  }
}

extension DrawCommand {
  /// The same shape further down.
  package func moved(down dy: Points) -> DrawCommand {
    var command = self
    switch shape {
    case .path(let path, let fill, let stroke):
      command.shape = .path(Path(path.elements.map { $0.moved(down: dy) }), fill: fill, stroke: stroke)
    case .text(var text):
      text.origin.y += dy
      command.shape = .text(text)
    }
    return command
  }
}

extension Path.Element {
  fileprivate func moved(down dy: Points) -> Path.Element {
    switch self {
    case .move(let to): .move(to.moved(0, dy))
    case .line(let to): .line(to.moved(0, dy))
    case .curve(let a, let b, let to): .curve(a.moved(0, dy), b.moved(0, dy), to.moved(0, dy))
    case .circle(let center, let radius): .circle(center: center.moved(0, dy), radius: radius)
    case .box(let box, let corner):
      .box(Box(left: box.left, top: box.top + dy, width: box.width, height: box.height), corner: corner)
    case .close: .close
    }
  }
}

/// A colour role with an opacity.
public struct Paint: Sendable, Hashable {
  public var role: ColorRole
  public var opacity: Double

  public init(_ role: ColorRole, opacity: Double = 1) {
    self.role = role
    self.opacity = opacity
  }
}

/// How a path is stroked.
public struct Stroke: Sendable, Hashable {
  public var paint: Paint
  public var width: Points
  public var dash: [Points]
  public var isRound: Bool

  public init(_ role: ColorRole, width: Points, dash: [Points] = [], opacity: Double = 1, isRound: Bool = false) {
    paint = Paint(role, opacity: opacity)
    self.width = width
    self.dash = dash
    self.isRound = isRound
  }
}

/// Lines, curves, circles and rectangles, in figure coordinates.
public struct Path: Sendable, Equatable {
  public enum Element: Sendable, Equatable {
    case move(Position)
    case line(Position)
    case curve(Position, Position, Position)
    case circle(center: Position, radius: Points)
    case box(Box, corner: Points)
    case close
  }

  public var elements: [Element]

  public init(_ elements: [Element] = []) { self.elements = elements }

  public static func segment(_ a: Position, _ b: Position) -> Path { Path([.move(a), .line(b)]) }
  public static func box(_ box: Box, corner: Points = 0) -> Path { Path([.box(box, corner: corner)]) }
  public static func circle(_ center: Position, _ radius: Points) -> Path {
    Path([.circle(center: center, radius: radius)])
  }
  public static func polyline(_ points: [Position], closed: Bool = false) -> Path {
    var elements = points.enumerated().map { $0.offset == 0 ? Element.move($0.element) : .line($0.element) }
    if closed { elements.append(.close) }
    return Path(elements)
  }
}

/// A line of text whose place and width are known.
public struct PlacedText: Sendable, Equatable {
  public var text: String
  public var style: TextStyle
  /// Start of the baseline.
  public var origin: Position
  public var width: Points
  /// True when it runs upwards, as a y axis title does.
  public var isVertical: Bool

  /// The rectangle that its letters may touch.
  public var box: Box {
    let up = style.size * TextStyle.capHeight
    let down = style.size * TextStyle.descent
    return isVertical
      ? Box(left: origin.x - up, top: origin.y - width, width: up + down, height: width)
      : Box(left: origin.x, top: origin.y - up, width: width, height: up + down)
  }
}
