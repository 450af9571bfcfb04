/// How each kind of mark becomes shapes.
extension PanelDrawing {
  static let capWidth: Points = 4

  func drawMark(_ mark: Mark, _ pen: inout Pen) {
    let style = mark.style
    switch mark.geometry {
    case .line(let data):
      pen.draw(
        .line, .polyline(data.map(position)),
        stroke: Stroke(style.role, width: 1.3, dash: style.dash, isRound: style.dash.isEmpty), series: mark.series,
        data: data.flatMap { [$0.x, $0.y] })

    case .points(let data):
      for datum in data {
        style.drawMarker(
          &pen, at: position(datum), series: mark.series,
          data: [datum.x, datum.y] + [datum.meaning].compactMap(\.self))
      }

    case .intervals(let ranges):
      for range in ranges {
        let at = x(range.at) + range.dodge
        drawInterval(
          range, mark, from: Position(at, y(range.low)), to: Position(at, y(range.high)), cap: (Self.capWidth, 0),
          &pen)
      }

    case .horizontalIntervals(let ranges):
      for range in ranges {
        let at = y(range.at) + range.dodge
        drawInterval(
          range, mark, from: Position(x(range.low), at), to: Position(x(range.high), at), cap: (0, Self.capWidth),
          &pen)
      }

    case .band(let ranges):
      let upper = ranges.map { Position(x($0.at), y($0.high)) }
      let lower = ranges.reversed().map { Position(x($0.at), y($0.low)) }
      pen.draw(
        .band, .polyline(upper + lower, closed: true), fill: Paint(style.role, opacity: 0.16), series: mark.series,
        data: ranges.flatMap { [$0.at, $0.low, $0.high] })
      // Its edges in the series' own dash, for where bands lie on each other and for print without colour.
      for edge in [upper, lower] {
        pen.draw(
          .bandEdge, .polyline(edge), stroke: Stroke(style.role, width: 0.5, dash: style.dash, opacity: 0.6),
          series: mark.series)
      }

    case .bars(let data):
      for datum in data {
        pen.draw(
          .bar, .box(barBox(datum)), fill: Paint(style.role), series: mark.series, data: [datum.x, datum.y])
      }

    case .segments(let ranges):
      for range in ranges {
        pen.draw(
          .bar, .box(segmentBox(range)), fill: Paint(style.role), series: mark.series,
          data: [range.at, range.low, range.high])
      }

    case .horizontalRule(let value):
      pen.draw(
        .rule, .segment(Position(plot.left, y(value)), Position(plot.right, y(value))),
        stroke: Stroke(style.role, width: 0.9, dash: style.dash), series: mark.series, data: [value])

    case .verticalRule(let value):
      pen.draw(
        .rule, .segment(Position(x(value), plot.top), Position(x(value), plot.bottom)),
        stroke: Stroke(style.role, width: 0.9, dash: style.dash), series: mark.series, data: [value])

    case .region(let low, let high):
      let start = low.isFinite ? x(low) : plot.left
      let end = high.isFinite ? x(high) : plot.right
      pen.draw(
        .region, .box(Box(left: start, top: plot.top, width: end - start, height: plot.height)),
        fill: Paint(style.role), series: mark.series, data: [low, high])

    case .rowRegions(let ranges):
      let half = plot.height * (0.5 / Double(max(1, frame.tickLines.count)))
      for range in ranges {
        let (low, high) = (max(range.low, frame.x.domain.lowerBound), min(range.high, frame.x.domain.upperBound))
        guard low < high else { continue }
        let top = y(range.at) - half
        pen.draw(
          .region, .box(Box(left: x(low), top: top, width: x(high) - x(low), height: half * 2)),
          fill: Paint(style.role), series: mark.series, data: [range.at, range.low, range.high])
      }

    case .values: break  // placed last, when all obstacles are known
    }
  }

  /// From zero to the value, at its row.
  func barBox(_ datum: Datum) -> Box {
    let (start, end) = (x(0), x(datum.x))
    let middle = y(datum.y) + datum.dodge
    return Box(left: min(start, end), top: middle - 4, width: max(start, end) - min(start, end), height: 8)
  }

  /// A part of a stacked bar.
  func segmentBox(_ range: Extent) -> Box {
    Box(left: x(range.low), top: y(range.at) + range.dodge - 6, width: x(range.high) - x(range.low), height: 12)
  }

  /// A bar with small caps, which show even where the bar is shorter than the marker.
  private func drawInterval(
    _ range: Extent, _ mark: Mark, from start: Position, to end: Position, cap: (Points, Points), _ pen: inout Pen
  ) {
    let half = (cap.0 / 2.0, cap.1 / 2.0)
    var path = Path.segment(start, end)
    for tip in [start, end] {
      path.elements += [.move(tip.moved(-half.0, -half.1)), .line(tip.moved(half.0, half.1))]
    }
    pen.draw(
      .interval, path, stroke: Stroke(mark.style.role, width: 1.1), series: mark.series,
      data: [range.at, range.low, range.high])
  }
}
