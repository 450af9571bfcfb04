/// The enlarged strip of a panel, its frame, and the lines that lead from one to the other.
extension PanelDrawing {
  private static let titleHeight: Points = 11
  private static let inner: Points = 4

  /// - Returns: where the inset is; nil without one, or without room for one.
  func drawInset(_ pen: inout Pen) throws(PlotError) -> Box? {
    guard let inset = panel.inset, case .linear = panel.y.kind else { return nil }
    guard
      let place = EmptyPlace.largest(
        in: plot.grown(by: -3), avoiding: panel.marks.flatMap(occupied), least: Inset.least, most: Inset.most)
    else { return nil }
    let enlarged = Panel(
      x: Axis(panel.x.title, unit: panel.x.unit, panel.x.kind, including: panel.x.including, ticks: []),
      y: Axis("", unit: "1", .linear(fromZero: false)),
      marks: inset.marks.map { $0.dodged(by: (place.width - Inset.axisRoom) / plot.width) },
      height: place.height - Self.titleHeight - Self.inner * 2)
    let frame = try PanelFrame(
      enlarged, index: frame.index, letter: nil, width: place.width - Self.inner * 2, tickSpacing: 12,
      pen: pen, place: "inset of panel \(frame.index + 1)")
    let drawing = PanelDrawing(
      frame: frame, left: place.left + Self.inner, top: place.top + Self.inner,
      plotTop: place.top + Self.inner + Self.titleHeight)

    let domain = frame.y.domain
    let source = Box(
      left: plot.left, top: y(domain.upperBound), width: plot.width, height: y(domain.lowerBound) - y(domain.upperBound)
    )
    let factor = drawing.plot.height / source.height
    guard factor >= Inset.leastFactor, source.top >= plot.top, source.bottom <= plot.bottom + 0.01 else { return nil }

    let line = Stroke(.axis, width: 0.6)
    // The strip, and lines from its ends to the inset's, on the side where the inset is.
    let isBelow = place.top >= source.bottom
    let (near, far) = isBelow ? (source.bottom, place.top) : (source.top, place.bottom)
    for (from, to) in [(source.left, place.left), (source.right, place.right)] {
      pen.draw(
        .inset, .segment(Position(from, near), Position(to, far)), stroke: Stroke(.axis, width: 0.6, dash: [1.5, 1.5]))
    }
    pen.draw(.inset, .box(source), stroke: line, data: [domain.lowerBound, domain.upperBound])
    pen.draw(.inset, .box(place), fill: Paint(.ground), stroke: line, data: [factor])
    let times = try Ticks.label(factor, decimals: factor < 10 ? 1 : 0)
    try pen.write(
      .note, "\(inset.title), ×\(times)", .note, at: Position(place.left + Self.inner, place.top + Self.inner), .left,
      .top)
    try drawing.drawEnlarged(&pen)
    return place
  }

  private func drawEnlarged(_ pen: inout Pen) throws(PlotError) {
    for tick in frame.y.ticks {
      pen.draw(
        .grid, .segment(Position(plot.left, y(tick.value)), Position(plot.right, y(tick.value))),
        stroke: Stroke(.grid, width: 0.6))
      try pen.write(
        .tickLabel, tick.label, .note, at: Position(plot.left - 4, y(tick.value)), .right, .middle, data: [tick.value])
    }
    for mark in panel.marks { drawMark(mark, &pen) }
  }

  /// The places that a mark covers, for what must not cover it.
  private func occupied(by mark: Mark) -> [Box] {
    switch mark.geometry {
    case .points(let data): return data.map { markerBox(position($0)) }
    case .line(let data):
      // A slanting line as a row of small boxes.
      return zip(data, data.dropFirst()).flatMap { a, b -> [Box] in
        let (start, end) = (position(a), position(b))
        let count = 24
        return (0...count).map { step in
          let part = Double(step) / Double(count)
          return Box(
            left: start.x + (end.x - start.x) * part, top: start.y + (end.y - start.y) * part, width: 0, height: 0
          ).grown(by: 1)
        }
      }
    case .horizontalRule(let value): return [Box(left: plot.left, top: y(value) - 0.5, width: plot.width, height: 1)]
    default: return intervalBoxes(of: mark)
    }
  }
}
