@testable import Plot

/// What a panel of a drawn figure shows, and where on paper the drawing has it, read from the draw list alone.
///
/// Positions are in points. A spot that belongs to one axis only, such as a tick, has no place on the other.
struct PlacedPanel {
  struct Spot {
    var what: String
    var x: Double?
    var y: Double?
    /// Sideways shift on paper.
    var dodge: (x: Points, y: Points) = (0, 0)
    var place: Position
    /// The marker's command, for a point.
    var marker: DrawCommand?
  }

  struct Failure: Error, CustomStringConvertible { var description: String }

  let box: Box
  let x: Scale
  let y: Scale
  var spots: [Spot] = []

  init(_ panel: Panel, index: Int, of list: DrawList) throws {
    let own = list.commands.filter { $0.panel == index }
    box = try Self.plot(own, index)
    x = try Scale(panel.x, values: panel.xValues, length: box.width, spacing: 30, place: "panel")
    y = try Scale(panel.y, values: panel.yValues, length: box.height, spacing: 19, place: "panel")
    let hasRows = if case .categories = panel.y.kind { true } else { false }

    // Marks are drawn in their order.
    var rest: [DrawCommand.Part: ArraySlice<DrawCommand>] = [:]
    for part in [DrawCommand.Part.point, .interval, .line, .band, .bar] {
      rest[part] = own.filter { $0.part == part }[...]
    }
    func next(_ part: DrawCommand.Part, _ series: String, _ data: [Double]) throws -> DrawCommand {
      guard let command = rest[part]?.popFirst(), command.series == series,
        // What a point means may stand after where it stands.
        command.data.starts(with: data)
      else {
        throw Failure(description: "panel \(index): no \(part.rawValue) of \(series) with \(data)")
      }
      return command
    }
    func spot(
      _ what: String, _ x: Double, _ y: Double, _ dodge: Points, _ place: Position, _ marker: DrawCommand? = nil
    ) -> Spot {
      Spot(what: what, x: x, y: y, dodge: hasRows ? (0, dodge) : (dodge, 0), place: place, marker: marker)
    }
    for mark in panel.marks {
      switch mark.geometry {
      case .points(let data):
        for datum in data {
          let command = try next(.point, mark.series, [datum.x, datum.y])
          spots.append(spot("point", datum.x, datum.y, datum.dodge, try command.center(), command))
        }
      case .intervals(let ranges), .horizontalIntervals(let ranges):
        let isVertical = if case .intervals = mark.geometry { true } else { false }
        for range in ranges {
          let ends = try next(.interval, mark.series, [range.at, range.low, range.high]).vertices
          for (value, place) in [(range.low, ends[0]), (range.high, ends[1])] {
            let (x, y) = isVertical ? (range.at, value) : (value, range.at)
            let dodge: (Points, Points) = isVertical ? (range.dodge, 0) : (0, range.dodge)
            spots.append(Spot(what: "interval end", x: x, y: y, dodge: dodge, place: place))
          }
        }
      case .line(let data):
        let command = try next(.line, mark.series, data.flatMap { [$0.x, $0.y] })
        for (datum, place) in zip(data, command.vertices) {
          spots.append(spot("line's corner", datum.x, datum.y, datum.dodge, place))
        }
      case .band(let ranges):
        let command = try next(.band, mark.series, ranges.flatMap { [$0.at, $0.low, $0.high] })
        let corners = ranges.map { ($0.at, $0.high) } + ranges.reversed().map { ($0.at, $0.low) }
        for (corner, place) in zip(corners, command.vertices) {
          spots.append(spot("band's corner", corner.0, corner.1, 0, place))
        }
      case .bars(let data):
        for datum in data {
          guard case .path(let path, _, _) = try next(.bar, mark.series, [datum.x, datum.y]).shape,
            case .box(let bar, _)? = path.elements.first
          else { throw Failure(description: "panel \(index): a bar that is no box") }
          let (from, to) = datum.x < 0 ? (bar.right, bar.left) : (bar.left, bar.right)
          spots.append(spot("bar's end", 0, datum.y, datum.dodge, Position(from, bar.middle.y)))
          spots.append(spot("bar's end", datum.x, datum.y, datum.dodge, Position(to, bar.middle.y)))
        }
      case .segments(let ranges):
        for range in ranges {
          guard case .path(let path, _, _) = try next(.bar, mark.series, [range.at, range.low, range.high]).shape,
            case .box(let bar, _)? = path.elements.first
          else { throw Failure(description: "panel \(index): a part of a bar that is no box") }
          spots.append(spot("bar's end", range.low, range.at, range.dodge, Position(bar.left, bar.middle.y)))
          spots.append(spot("bar's end", range.high, range.at, range.dodge, Position(bar.right, bar.middle.y)))
        }
      default: break
      }
    }
    spots += try ticks(own, index, hasRows: hasRows)
  }

  /// The plotting area: its lower edge is the x axis, its height the y axis's or, where rows have none, a grid line's.
  private static func plot(_ own: [DrawCommand], _ index: Int) throws -> Box {
    let axes = own.filter { $0.part == .axis }.map(\.vertices)
    guard let base = axes.first(where: { $0[0].y == $0[1].y }),
      let side = (axes + own.filter { $0.part == .grid }.map(\.vertices)).first(where: {
        $0[0].x == $0[1].x && $0[1].y == base[0].y
      })
    else { throw Failure(description: "panel \(index): no axes in the drawing") }
    return Box(
      left: base[0].x, top: side[0].y, width: base[1].x - base[0].x, height: base[0].y - side[0].y)
  }

  /// Ticks at the values of their labels: under the plotting area and left of it.
  private func ticks(_ own: [DrawCommand], _ index: Int, hasRows: Bool) throws -> [Spot] {
    let marks = own.filter { $0.part == .tick }.map { $0.vertices[0] }
    let lower = marks.filter { $0.y == box.bottom }
    let left = own.filter { $0.part == .tick }.map { $0.vertices[1] }.filter {
      $0.x == box.left && $0.y != box.bottom + 3
    }
    var spots: [Spot] = []
    var rows: [Double: [Points]] = [:]
    for command in own where command.part == .tickLabel {
      guard case .text(let text) = command.shape, let value = command.data.first else { continue }
      if text.origin.x + text.width <= box.left {
        let middle = text.origin.y - text.style.size * TextStyle.capHeight / 2.0
        if hasRows {
          rows[value, default: []].append(middle)
        } else {
          guard let tick = left.first(where: { ($0.y - middle).value.magnitude < 1e-6 }) else {
            throw Failure(description: "panel \(index): no tick beside the label “\(text.text)”")
          }
          spots.append(Spot(what: "y tick", x: nil, y: value, place: tick))
        }
      } else if text.origin.y > box.bottom {
        let center = text.origin.x + text.width / 2.0
        guard let tick = lower.first(where: { ($0.x - center).value.magnitude < 1e-6 }) else {
          throw Failure(description: "panel \(index): no tick over the label “\(text.text)”")
        }
        spots.append(Spot(what: "x tick", x: value, y: nil, place: tick))
      }
    }
    // A row's name may take several lines; its middle counts.
    for (value, middles) in rows.sorted(by: { $0.key < $1.key }) {
      let middle = middles.reduce(.zero, +) / Double(middles.count)
      spots.append(Spot(what: "row", x: nil, y: value, place: Position(box.left, middle)))
    }
    return spots
  }
}

extension DrawCommand {
  /// Corners of a path of lines.
  fileprivate var vertices: [Position] {
    guard case .path(let path, _, _) = shape else { return [] }
    return path.elements.compactMap { element in
      switch element {
      case .move(let to), .line(let to): to
      default: nil
      }
    }
  }

  /// The middle of a marker: markers are regular, so it is the mean of their corners.
  fileprivate func center() throws -> Position {
    guard case .path(let path, _, _) = shape, let first = path.elements.first else {
      throw PlacedPanel.Failure(description: "a marker without outline")
    }
    switch first {
    case .circle(let center, _): return center
    case .box(let box, _): return box.middle
    default:
      let corners = vertices
      let sum = corners.reduce(Position(0, 0)) { $0.moved($1.x, $1.y) }
      return Position(sum.x / Double(corners.count), sum.y / Double(corners.count))
    }
  }
}
