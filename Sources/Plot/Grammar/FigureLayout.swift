/// Sets panels side by side and under each other, plotting areas of a row aligned, and draws them.
struct FigureLayout {
  let fonts: FontFamily
  let width: Points
  let columns: Int
  /// Names the figure in errors.
  let place: String

  static let margin: Points = 2
  static let columnGap: Points = 20
  static let rowGap: Points = 14
  static let keyHeight: Points = 11.5
  static let markerRoom: Points = 10

  func drawing(of panels: [Panel], key: [DirectLabel]) throws(PlotError) -> DrawList {
    guard !panels.isEmpty else { throw .noData(place: place) }
    let measuring = Pen(fonts: fonts, width: width, height: 0)
    let count = min(columns, panels.count)
    let panelWidth = (width - Self.margin * 2 - Self.columnGap * Double(count - 1)) / Double(count)
    func frame(_ index: Int, aligned: (left: Points, right: Points) = (0, 0)) throws(PlotError) -> PanelFrame {
      try PanelFrame(
        panels[index], index: index,
        letter: panels.count > 1 ? String(Character(UnicodeScalar(UInt8(97 + index % 26)))) : nil, width: panelWidth,
        aligned: aligned, pen: measuring, place: panels.count > 1 ? "\(place), panel \(index + 1)" : place)
    }
    // Plotting areas of a column stand in line: each takes the most room that one of them needs.
    var room = Array(repeating: (left: Points(0), right: Points(0)), count: count)
    for index in panels.indices {
      let own = try frame(index)
      room[index % count] = (max(room[index % count].left, own.left), max(room[index % count].right, own.right))
    }
    var rows: [[PanelFrame]] = []
    for index in panels.indices {
      if index % count == 0 { rows.append([]) }
      rows[rows.count - 1].append(try frame(index, aligned: room[index % count]))
    }

    func top(_ row: [PanelFrame]) -> Points { row.map(\.top).max() ?? 0 }
    func height(_ row: [PanelFrame]) -> Points {
      top(row) + (row.map { $0.panel.height + $0.bottom }.max() ?? 0)
    }
    let keyRows = try self.keyRows(key, pen: measuring)
    let keySpace = keyRows.isEmpty ? Points(0) : Self.keyHeight * Double(keyRows.count) + 5
    let total =
      rows.map(height).reduce(.zero, +) + Self.rowGap * Double(rows.count - 1) + Self.margin * 2 + keySpace

    var pen = Pen(fonts: fonts, width: width, height: total)
    pen.draw(.ground, .box(Box(left: 0, top: 0, width: width, height: total)), fill: Paint(.ground))
    try drawKey(keyRows, &pen)
    var y = Self.margin + keySpace
    for row in rows {
      for (column, frame) in row.enumerated() {
        let x = Self.margin + (panelWidth + Self.columnGap) * Double(column)
        pen.panel = frame.index
        try PanelDrawing(frame: frame, left: x, top: y, plotTop: y + top(row)).draw(&pen)
        pen.panel = -1
      }
      y += height(row) + Self.rowGap
    }
    return pen.list
  }

  // MARK: Key

  /// A key entry and where it starts in its row.
  private struct KeyEntry {
    var label: DirectLabel
    var x: Points
  }

  /// Entries flow as words do; entries of about the same length stand in columns.
  private func keyRows(_ key: [DirectLabel], pen: Pen) throws(PlotError) -> [[KeyEntry]] {
    var rows: [[KeyEntry]] = []
    var x: Points = 0
    for label in key {
      let length = Self.markerRoom + (try pen.width(of: label.text, .value))
      if rows.isEmpty || x + length > width - Self.margin * 2 {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append(KeyEntry(label: label, x: x))
      x += length + 14
    }
    return rows
  }

  private func drawKey(_ rows: [[KeyEntry]], _ pen: inout Pen) throws(PlotError) {
    var baseline = Self.margin + 8
    for row in rows {
      for entry in row {
        let start = Self.margin + entry.x
        entry.label.style.drawMarker(
          &pen, at: Position(start + 3.5, baseline - 2.7), part: .label, series: entry.label.text)
        try pen.write(
          .label, entry.label.text, .value, at: Position(start + Self.markerRoom, baseline), series: entry.label.text)
      }
      baseline += Self.keyHeight
    }
  }
}
