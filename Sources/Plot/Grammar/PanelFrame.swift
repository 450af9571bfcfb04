/// A panel measured for a width: its scales, and the room that words need around the plotting area.
struct PanelFrame {
  let panel: Panel
  let index: Int
  /// "a", "b", … where a figure has several panels.
  let letter: String?
  let width: Points
  /// Height of the plotting area: the panel's, or more where its rows or labels need it.
  let height: Points
  let x: Scale
  let y: Scale
  /// Room left of the plotting area, for tick labels.
  let left: Points
  /// Room right of it, for end labels.
  let right: Points
  /// The facet's name in lines, then the y axis title in lines.
  let headings: [String]
  let axisTitles: [String]
  /// The y axis's tick labels in lines: names of categories may need several.
  let tickLines: [[String]]
  let endLabelLines: [[String]]
  let topLabels: TopLabelFrame
  let noteLines: [String]
  /// Row of each x tick's label: labels that would touch go down to a second row; nil where both rows are taken.
  let xTickRows: [Int?]

  static let titleHeight: Points = 11.5
  static let noteHeight: Points = 9.5
  static let labelHeight: Points = 9
  /// What a second scale along the top needs.
  static let upperHeight: Points = 22
  /// The most that names may take of a panel's width, at its left as at its right.
  static let nameShare = 0.34

  /// - Parameters:
  ///   - aligned: room left and right that panels above and below take, so that their plotting areas stand in line.
  ///   - tickSpacing: least distance between the ticks of the y axis.
  init(
    _ panel: Panel, index: Int, letter: String?, width: Points, aligned: (left: Points, right: Points) = (0, 0),
    tickSpacing: Points = 19, pen: Pen, place: String
  ) throws(PlotError) {
    self.panel = panel
    self.index = index
    self.letter = letter
    self.width = width
    try panel.check(place: place)

    endLabelLines = try pen.wrapped(panel.endLabels.map(\.text), .label, width: width * Self.nameShare)
    var names: [[String]] = []
    if case .categories(let categories, _) = panel.y.kind {
      names = try pen.wrapped(categories, .label, width: width * Self.nameShare)
    }
    height = Self.height(panel, names: names, endLines: endLabelLines)
    y = try Scale(panel.y, values: panel.yValues, length: height, spacing: tickSpacing, place: place)
    tickLines = names.isEmpty ? y.ticks.map { [$0.label] } : names

    let widest = try pen.width(ofWidest: tickLines.joined(), Self.tickStyle(panel.y))
    let ends = try pen.width(ofWidest: endLabelLines.joined(), .label)
    let left = max(aligned.left, widest + 6)
    var right = max(aligned.right, endLabelLines.isEmpty ? 4 : max(4, ends + 14))
    var room = width - left - right
    var scale = try Scale(panel.x, values: panel.xValues, length: room, spacing: 30, place: place)
    let missing = try Self.missingRoom(panel, scale, room: room, right: right, pen)
    if missing > 0 {
      right += missing
      room -= missing
      scale = try Scale(panel.x, values: panel.xValues, length: room, spacing: 30, place: place)
    }
    (self.left, self.right, x) = (left, right, scale)
    xTickRows = try Self.tickRows(scale, room: room, pen)

    let indent: Points = letter == nil ? 0 : 12
    headings =
      try panel.title.map { title throws(PlotError) in
        try pen.wrapped(title, .panelTitle, width: width - indent)
      } ?? []
    axisTitles = try pen.wrapped(panel.y.printedTitle, .axisTitle, width: width - indent)
    noteLines =
      try panel.note.map { note throws(PlotError) in
        try pen.wrapped(note, .note, width: width - left)
      } ?? []
    topLabels = try TopLabelFrame(panel.topLabels, scale, room: room, left: left, right: right, pen)
  }

  /// Of the plotting area: the panel's, or more where names of rows or of lines need it.
  private static func height(_ panel: Panel, names: [[String]], endLines: [[String]]) -> Points {
    let tallestName = names.map(\.count).max() ?? 1
    let namesHeight = names.isEmpty ? 0 : (labelHeight * Double(tallestName) + 2) * Double(names.count)
    let endsHeight = labelHeight * Double(endLines.map(\.count).reduce(0, +)) - 8
    return max(panel.height, max(namesHeight, endsHeight))
  }

  /// The last tick's label is centred on its tick and must not leave the panel; words right of bars and rows neither.
  private static func missingRoom(
    _ panel: Panel, _ scale: Scale, room: Points, right: Points, _ pen: Pen
  ) throws(PlotError) -> Points {
    var missing: Points = 0
    if let last = scale.ticks.last {
      let half = try pen.width(of: last.label, .tick) / 2.0
      missing = room * scale.fraction(last.value) + half - (room + right)
    }
    for (reach, text) in panel.rowValues {
      let length = try pen.width(of: text, .value) + 7
      let fraction = scale.fraction(reach)
      if fraction > 0 { missing = max(missing, room - (room + right - length) / fraction) }
    }
    return missing
  }

  private static func tickRows(_ scale: Scale, room: Points, _ pen: Pen) throws(PlotError) -> [Int?] {
    var rows: [Int?] = []
    var reached: [Points] = [-1000, -1000]
    for tick in scale.ticks {
      let half = try pen.width(of: tick.label, .tick) / 2.0
      let center = room * scale.fraction(tick.value)
      let row = reached.firstIndex { center - half > $0 + 3 }
      if let row { reached[row] = center + half }
      rows.append(row)
    }
    return rows
  }

  var plotWidth: Points { width - left - right }

  /// Names of category rows are labels, in semibold; numbers are ticks.
  static func tickStyle(_ axis: Axis) -> TextStyle {
    if case .categories = axis.kind { .label } else { .tick }
  }

  /// Room above the plotting area.
  var top: Points {
    var height = Self.titleHeight * Double(headings.count + axisTitles.count)
    if !panel.topLabels.isEmpty { height += topLabels.height + leaderHeight + 8 }
    if panel.upper != nil { height += Self.upperHeight }
    return height + 5
  }

  /// Room below it: tick labels, axis title, note.
  var bottom: Points {
    13 + secondRow + (panel.x.printedTitle.isEmpty ? 0 : 11.5) + Self.noteHeight * Double(noteLines.count)
  }

  /// What a second row of tick labels needs.
  var secondRow: Points { xTickRows.contains(1) ? Self.labelHeight : 0 }

  /// Leaders are short where every name stands right over its data.
  var leaderHeight: Points {
    let moved = zip(panel.topLabels, topLabels.centers).contains { label, center in
      (plotWidth * x.fraction(label.at) + label.dodge - center).value.magnitude > 1
    }
    return moved ? 9 : 3
  }
}
