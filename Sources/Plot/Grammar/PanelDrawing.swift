/// Draws one measured panel at its place: words above, grid, marks, axes, labels, in this order.
struct PanelDrawing {
  let frame: PanelFrame
  /// Left edge of everything, tick labels included.
  let left: Points
  /// Where the titles start.
  let top: Points
  let plotTop: Points

  var panel: Panel { frame.panel }
  var plot: Box {
    Box(left: left + frame.left, top: plotTop, width: frame.plotWidth, height: frame.height)
  }

  /// Left to right, and bottom to top; rows of categories run from top to bottom.
  func x(_ value: Double) -> Points { plot.left + plot.width * frame.x.fraction(value) }
  func y(_ value: Double) -> Points {
    if case .categories = panel.y.kind { return plot.top + plot.height * frame.y.fraction(value) }
    return plot.bottom - plot.height * frame.y.fraction(value)
  }

  var hasCategoryRows: Bool { if case .categories = panel.y.kind { true } else { false } }

  func position(_ datum: Datum) -> Position {
    hasCategoryRows
      ? Position(x(datum.x), y(datum.y) + datum.dodge) : Position(x(datum.x) + datum.dodge, y(datum.y))
  }

  func draw(_ pen: inout Pen) throws(PlotError) {
    try drawTitles(&pen)
    drawGrid(&pen)
    for mark in panel.marks { drawMark(mark, &pen) }
    try drawAxes(&pen)
    try drawTopLabels(&pen)
    try drawEndLabels(&pen)
    try drawUpperAxis(&pen)
    try drawValues(&pen)
  }

  // MARK: Words above

  private func drawTitles(_ pen: inout Pen) throws(PlotError) {
    var baseline = top + 8.5
    let indent: Points = frame.letter == nil ? 0 : 12
    if let letter = frame.letter {
      try pen.write(.panelTitle, letter, .panelTitle, at: Position(left, baseline))
    }
    for line in frame.headings {
      try pen.write(.panelTitle, line, .panelTitle, at: Position(left + indent, baseline))
      baseline += PanelFrame.titleHeight
    }
    for line in frame.axisTitles {
      try pen.write(.axisTitle, line, .axisTitle, at: Position(left + indent, baseline))
      baseline += PanelFrame.titleHeight
    }
  }

  // MARK: Grid and axes

  private func drawGrid(_ pen: inout Pen) {
    let line = Stroke(.grid, width: 0.6)
    if hasCategoryRows {
      for tick in frame.x.ticks {
        pen.draw(
          .grid, .segment(Position(x(tick.value), plot.top), Position(x(tick.value), plot.bottom)), stroke: line)
      }
    } else {
      for tick in frame.y.ticks {
        pen.draw(
          .grid, .segment(Position(plot.left, y(tick.value)), Position(plot.right, y(tick.value))), stroke: line)
      }
    }
    for label in panel.topLabels {
      let at = x(label.at) + label.dodge
      pen.draw(
        .grid, .segment(Position(at, plot.top), Position(at, plot.bottom)), stroke: Stroke(.grid, width: 0.6),
        series: label.text)
    }
  }

  private func drawAxes(_ pen: inout Pen) throws(PlotError) {
    let line = Stroke(.axis, width: 0.7)
    pen.draw(
      .axis, .segment(Position(plot.left, plot.bottom), Position(plot.right, plot.bottom)), stroke: line)
    for (row, (tick, lines)) in zip(frame.y.ticks, frame.tickLines).enumerated() {
      var style = PanelFrame.tickStyle(panel.y)
      if case .categories(_, let roles) = panel.y.kind, roles.indices.contains(row) {
        style = style.colored(roles[row])
      }
      try writeLines(
        lines, .tickLabel, style, at: Position(plot.left - 6, y(tick.value)), .right, &pen, data: [tick.value])
    }
    if !hasCategoryRows {
      pen.draw(.axis, .segment(Position(plot.left, plot.top), Position(plot.left, plot.bottom)), stroke: line)
      for tick in frame.y.ticks {
        pen.draw(
          .tick, .segment(Position(plot.left - 3, y(tick.value)), Position(plot.left, y(tick.value))), stroke: line)
      }
    }
    for (tick, row) in zip(frame.x.ticks, frame.xTickRows) {
      let at = x(tick.value)
      pen.draw(.tick, .segment(Position(at, plot.bottom), Position(at, plot.bottom + 3)), stroke: line)
      // A label without room in either row is left out; its tick stays.
      guard let row else { continue }
      let under = plot.bottom + 5 + PanelFrame.labelHeight * Double(row)
      try pen.write(.tickLabel, tick.label, .tick, at: Position(at, under), .center, .top, data: [tick.value])
    }
    var baseline = plot.bottom + 20.5 + frame.secondRow
    if !panel.x.printedTitle.isEmpty {
      // Centred under the plotting area, but never outside the panel.
      var title = try pen.place(panel.x.printedTitle, .axisTitle, at: Position(plot.middle.x, baseline), .center)
      title.origin.x = max(left, min(title.origin.x, left + frame.width - title.width))
      pen.write(.axisTitle, title)
      baseline += 10.5
    }
    for line in frame.noteLines {
      try pen.write(.note, line, .note, at: Position(plot.left, baseline))
      baseline += PanelFrame.noteHeight
    }
  }

  /// The second scale's ticks over the plotting area, those that have room, and its title over them.
  private func drawUpperAxis(_ pen: inout Pen) throws(PlotError) {
    guard let upper = panel.upper else { return }
    let line = Stroke(.axis, width: 0.7)
    pen.draw(.axis, .segment(Position(plot.left, plot.top), Position(plot.right, plot.top)), stroke: line)
    var reached = plot.left - 1000
    for tick in upper.ticks where frame.x.domain.contains(tick.value) {
      let at = x(tick.value)
      let half = try pen.width(of: tick.label, .tick) / 2.0
      guard at - half > reached + 4, at + half <= left + frame.width else { continue }
      reached = at + half
      pen.draw(.tick, .segment(Position(at, plot.top), Position(at, plot.top - 3)), stroke: line)
      try pen.write(.tickLabel, tick.label, .tick, at: Position(at, plot.top - 5.5), .center)
    }
    var title = try pen.place(upper.title, .axisTitle, at: Position(plot.middle.x, plot.top - 16), .center)
    title.origin.x = max(left, min(title.origin.x, left + frame.width - title.width))
    pen.write(.axisTitle, title)
  }

  // MARK: Direct labels

  private func drawTopLabels(_ pen: inout Pen) throws(PlotError) {
    let baseline = plot.top - frame.leaderHeight - 4
    for (index, (label, center)) in zip(panel.topLabels, frame.topLabels.centers).enumerated() {
      let at = x(label.at) + label.dodge
      let over = plot.left + center
      let lines = frame.topLabels.lines[index]
      pen.draw(
        .leader, .polyline([Position(over, baseline + 2), Position(at, plot.top)]),
        stroke: Stroke(.axis, width: 0.5), series: label.text)
      let style = TextStyle.label.colored(label.style.role)
      for (row, line) in lines.enumerated() {
        let shift = PanelFrame.labelHeight * (Double(row) - Double(lines.count - 1) / 2)
        if frame.topLabels.areVertical {
          try pen.write(
            .conditionName, line, style, at: Position(over + shift, baseline), .left, .middle, isVertical: true,
            series: label.text, data: [label.at])
        } else {
          try pen.write(
            .conditionName, line, style, at: Position(over, baseline), .center, series: label.text, data: [label.at])
        }
      }
    }
  }

  private func drawEndLabels(_ pen: inout Pen) throws(PlotError) {
    let heights = frame.endLabelLines.map { PanelFrame.labelHeight * Double($0.count) }
    let centers = LabelPlacement.spread(
      panel.endLabels.map { y($0.at) }, lengths: heights, gap: 0.5, within: plot.top - 4...plot.bottom + 4)
    for (index, (label, center)) in zip(panel.endLabels, centers).enumerated() {
      pen.draw(
        .leader,
        .polyline([Position(plot.right + 1, y(label.at)), Position(plot.right + 8, center)]),
        stroke: Stroke(.axis, width: 0.5), series: label.text)
      try writeLines(
        frame.endLabelLines[index], .label, .label.colored(label.style.role), at: Position(plot.right + 10, center),
        .left, &pen, series: label.text, data: [label.at])
    }
  }

  /// Lines under each other, centred on the anchor's height.
  private func writeLines(
    _ lines: [String], _ part: DrawCommand.Part, _ style: TextStyle, at anchor: Position,
    _ horizontal: HorizontalAlignment, _ pen: inout Pen, series: String? = nil, data: [Double]
  ) throws(PlotError) {
    for (row, line) in lines.enumerated() {
      let shift = PanelFrame.labelHeight * (Double(row) - Double(lines.count - 1) / 2)
      try pen.write(part, line, style, at: anchor.moved(0, shift), horizontal, .middle, series: series, data: data)
    }
  }

  /// Words beside data, each where it covers least; words that would cover other words, a marker or a line are
  /// left out, for the figure's table has them.
  private func drawValues(_ pen: inout Pen) throws(PlotError) {
    var taken = panel.marks.flatMap(closed)
    let open = panel.marks.flatMap(intervalBoxes)
    let bounds = Box(
      left: plot.left + 1, top: plot.top - 3, width: plot.width + frame.right - 1, height: plot.height + 2)
    for mark in panel.marks {
      guard case .values(let data, let texts) = mark.geometry else { continue }
      for (datum, text) in zip(data, texts) {
        let center = position(datum)
        let measured = try pen.place(text, .value.colored(mark.style.role), at: center)
        // The marker's own interval bar is the box that crosses it.
        let marker = markerBox(center)
        let anchor = intervals(of: mark.series).filter { $0.intersects(marker) }.reduce(marker) { $0.union($1) }
        guard
          let placed = LabelPlacement.beside(
            anchor, center: center, text: measured, never: taken, rather: open, within: bounds,
            isLevel: hasCategoryRows)
        else { continue }
        taken.append(placed.box)
        pen.write(.value, placed, series: mark.series, data: [datum.x, datum.y])
      }
    }
  }

  /// What words must never cover. A line through a number could be read as its sign.
  private func closed(of mark: Mark) -> [Box] {
    switch mark.geometry {
    case .points(let data): data.map { markerBox(position($0)) }
    case .bars(let data): data.map(barBox)
    case .segments(let ranges): ranges.map(segmentBox)
    case .horizontalRule(let value): [Box(left: plot.left, top: y(value) - 1, width: plot.width, height: 2)]
    case .verticalRule(let value): [Box(left: x(value) - 1, top: plot.top, width: 2, height: plot.height)]
    default: []
    }
  }

  private func intervals(of series: String) -> [Box] {
    panel.marks.filter { $0.series == series }.flatMap(intervalBoxes)
  }

  func intervalBoxes(of mark: Mark) -> [Box] {
    switch mark.geometry {
    case .intervals(let ranges):
      ranges.map {
        Box(left: x($0.at) + $0.dodge - 2.5, top: y($0.high), width: 5, height: y($0.low) - y($0.high))
      }
    case .horizontalIntervals(let ranges):
      ranges.map {
        Box(left: x($0.low), top: y($0.at) + $0.dodge - 2.5, width: x($0.high) - x($0.low), height: 5)
      }
    default: []
    }
  }

  /// Around the largest marker's outline.
  func markerBox(_ center: Position) -> Box {
    Box(left: center.x - 3.7, top: center.y - 3.7, width: 7.4, height: 7.4)
  }
}
