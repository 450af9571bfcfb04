/// A panel measured for a width: its scales, and the room that words need around the plotting area.
struct PanelFrame {
  let panel: Panel
  let index: Int
  /// "a", "b", … where a figure has several panels.
  let letter: String?
  let place: String
  let x: Scale
  let y: Scale
  /// Room left of the plotting area, for tick labels.
  let left: Points
  /// Room right of it, for end labels.
  let right: Points
  let plotWidth: Points
  let titleLines: [String]
  let keyRows: [[PlacedKey]]
  /// Centres of the top labels from the plotting area's left edge; empty when they do not fit and stand in the key.
  let topLabelCenters: [Points]
  let noteLines: [String]

  /// A key entry and where it starts in its row.
  struct PlacedKey {
    var label: DirectLabel
    var x: Points
  }

  static let titleHeight: Points = 11.5
  static let keyHeight: Points = 11
  static let noteHeight: Points = 9.5
  static let labelGap: Points = 6
  static let markerRoom: Points = 10

  init(_ panel: Panel, index: Int, letter: String?, width: Points, pen: Pen, place: String) throws(PlotError) {
    self.panel = panel
    self.index = index
    self.letter = letter
    self.place = place
    try panel.check(place: place)
    y = try Scale(panel.y, values: panel.yValues, length: panel.height, spacing: 24, place: place)

    var widest: Points = 0
    for tick in y.ticks { widest = max(widest, try pen.width(of: tick.label, .tick)) }
    left = widest + 6
    var endWidth: Points = 4
    for label in panel.endLabels { endWidth = max(endWidth, try pen.width(of: label.text, .label) + 14) }
    right = endWidth
    plotWidth = width - left - right
    x = try Scale(panel.x, values: panel.xValues, length: plotWidth, spacing: 40, place: place)

    titleLines = try Self.titles(of: panel, letter: letter, width: width, pen: pen)
    if let note = panel.note {
      noteLines = try pen.wrapped(note, .note, width: width - left)
    } else {
      noteLines = []
    }

    // Names of conditions stand over their data; when the row is too short for them they join the key.
    var lengths: [Points] = []
    for label in panel.topLabels { lengths.append(try pen.width(of: label.text, .label)) }
    let needed = lengths.reduce(.zero, +) + Self.labelGap * Double(max(0, lengths.count - 1))
    let fits = needed <= plotWidth + right
    let scale = x
    let room = plotWidth
    topLabelCenters =
      fits
      ? LabelPlacement.spread(
        panel.topLabels.map { room * scale.fraction($0.at) + $0.dodge }, lengths: lengths, gap: Self.labelGap,
        within: -left + 2...room + right) : []
    keyRows = try Self.rows(of: panel.key + (fits ? [] : panel.topLabels), width: width, pen: pen)
  }

  /// Room above the plotting area.
  var top: Points {
    var height = Self.titleHeight * Double(titleLines.count) + 3
    height += Self.keyHeight * Double(keyRows.count)
    if !topLabelCenters.isEmpty { height += 10 + leaderHeight }
    return height + 4
  }

  /// Room below it: tick labels, axis title, note.
  var bottom: Points {
    13 + (panel.x.printedTitle.isEmpty ? 0 : 11.5) + Self.noteHeight * Double(noteLines.count)
  }

  /// Leaders are short where every name stands right over its data.
  var leaderHeight: Points {
    let moved = zip(panel.topLabels, topLabelCenters).contains { label, center in
      (plotWidth * x.fraction(label.at) + label.dodge - center).value.magnitude > 1
    }
    return moved ? 9 : 3
  }

  /// The facet's name, then the y axis title: words that run across are read faster than words that climb.
  private static func titles(of panel: Panel, letter: String?, width: Points, pen: Pen) throws(PlotError) -> [String] {
    let indent: Points = letter == nil ? 0 : 12
    var lines: [String] = []
    if let title = panel.title { lines += try pen.wrapped(title, .panelTitle, width: width - indent) }
    lines += try pen.wrapped(panel.y.printedTitle, .axisTitle, width: width - indent)
    return lines
  }

  /// Key entries in rows, as words in lines.
  private static func rows(of key: [DirectLabel], width: Points, pen: Pen) throws(PlotError) -> [[PlacedKey]] {
    var rows: [[PlacedKey]] = []
    var x: Points = 0
    for label in key {
      let length = markerRoom + (try pen.width(of: label.text, .value))
      if rows.isEmpty || x + length > width {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append(PlacedKey(label: label, x: x))
      x += length + 12
    }
    return rows
  }
}
