/// Sets panels side by side and under each other, plotting areas of a row aligned, and draws them.
package struct FigureLayout {
  let fonts: FontFamily
  let width: Points
  let columns: Int
  /// Names the figure in errors.
  let place: String

  package static let margin: Points = 2
  static let columnGap: Points = 20
  static let rowGap: Points = 14
  static let keyHeight: Points = 11.5
  static let markerRoom: Points = 10

  func drawing(of panels: [Panel], key: [DirectLabel]) throws(PlotError) -> DrawList {
    guard !panels.isEmpty else { throw .noData(place: place) }
    let measuring = Pen(fonts: fonts, width: width, height: 0)
    let count = min(columns, panels.count)
    let panelWidth = (width - Self.margin * 2 - Self.columnGap * Double(count - 1)) / Double(count)
    func isWide(_ index: Int) -> Bool { panels[index].isWide && count > 1 }
    func frame(_ index: Int, aligned: (left: Points, right: Points) = (0, 0)) throws(PlotError) -> PanelFrame {
      try PanelFrame(
        panels[index], index: index,
        letter: panels.count > 1 ? String(Character(UnicodeScalar(UInt8(97 + index % 26)))) : nil,
        width: isWide(index) ? width - Self.margin * 2 : panelWidth,
        aligned: aligned, pen: measuring, place: panels.count > 1 ? "\(place), panel \(index + 1)" : place)
    }
    // Rows from left to right; a wide panel has a row of its own.
    var rows: [[Int]] = []
    for index in panels.indices {
      let isFull = rows.last.map { $0.count == count || isWide($0[0]) } ?? true
      if isFull || isWide(index) { rows.append([]) }
      rows[rows.count - 1].append(index)
    }
    // Plotting areas of a column stand in line: each takes the most room that one of them needs.
    var room = Array(repeating: (left: Points(0), right: Points(0)), count: count)
    for row in rows where !isWide(row[0]) {
      for (column, index) in row.enumerated() {
        let own = try frame(index)
        room[column] = (max(room[column].left, own.left), max(room[column].right, own.right))
      }
    }
    var frames: [[PanelFrame]] = []
    for row in rows {
      var own: [PanelFrame] = []
      for (column, index) in row.enumerated() {
        own.append(try isWide(index) ? frame(index) : frame(index, aligned: room[column]))
      }
      frames.append(own)
    }

    func top(_ row: [PanelFrame]) -> Points { row.map(\.top).max() ?? 0 }
    func height(_ row: [PanelFrame]) -> Points {
      top(row) + (row.map { $0.height + $0.bottom }.max() ?? 0)
    }
    let keyRows = try self.keyRows(key, pen: measuring)
    let keyLines = keyRows.map { $0.map(\.lines.count).max() ?? 1 }.reduce(0, +)
    let keySpace = keyLines == 0 ? Points(0) : Self.keyHeight * Double(keyLines) + 5
    let total =
      frames.map(height).reduce(.zero, +) + Self.rowGap * Double(frames.count - 1) + Self.margin * 2 + keySpace

    var pen = Pen(fonts: fonts, width: width, height: total)
    pen.draw(.ground, .box(Box(left: 0, top: 0, width: width, height: total)), fill: Paint(.ground))
    try drawKey(keyRows, &pen)
    var y = Self.margin + keySpace
    for row in frames {
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

  /// A key entry in lines, and where it starts in its row.
  private struct KeyEntry {
    var label: DirectLabel
    var lines: [String]
    var x: Points
  }

  /// Entries flow as words do; one that is wider than the figure is broken into lines.
  private func keyRows(_ key: [DirectLabel], pen: Pen) throws(PlotError) -> [[KeyEntry]] {
    let room = width - Self.margin * 2
    var rows: [[KeyEntry]] = []
    var x: Points = 0
    for label in key {
      let lines = try pen.wrapped(label.text, .value, width: room - Self.markerRoom)
      var length: Points = 0
      for line in lines { length = max(length, Self.markerRoom + (try pen.width(of: line, .value))) }
      if rows.isEmpty || x + length > room {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append(KeyEntry(label: label, lines: lines, x: x))
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
        for (line, text) in entry.lines.enumerated() {
          try pen.write(
            .label, text, .value, at: Position(start + Self.markerRoom, baseline + Self.keyHeight * Double(line)),
            series: entry.label.text)
        }
      }
      baseline += Self.keyHeight * Double(row.map(\.lines.count).max() ?? 1)
    }
  }
}
