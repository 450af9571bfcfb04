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

  func drawing(of panels: [Panel]) throws(PlotError) -> DrawList {
    guard !panels.isEmpty else { throw .noData(place: place) }
    let measuring = Pen(fonts: fonts, width: width, height: 0)
    let count = min(columns, panels.count)
    let panelWidth = (width - Self.margin * 2 - Self.columnGap * Double(count - 1)) / Double(count)
    var rows: [[PanelFrame]] = []
    for (index, panel) in panels.enumerated() {
      if index % count == 0 { rows.append([]) }
      let letter = panels.count > 1 ? String(Character(UnicodeScalar(UInt8(97 + index % 26)))) : nil
      rows[rows.count - 1].append(
        try PanelFrame(
          panel, index: index, letter: letter, width: panelWidth, pen: measuring,
          place: panels.count > 1 ? "\(place), panel \(index + 1)" : place))
    }

    func top(_ row: [PanelFrame]) -> Points { row.map(\.top).max() ?? 0 }
    func height(_ row: [PanelFrame]) -> Points {
      top(row) + (row.map { $0.panel.height + $0.bottom }.max() ?? 0)
    }
    let total = rows.map(height).reduce(.zero, +) + Self.rowGap * Double(rows.count - 1) + Self.margin * 2

    var pen = Pen(fonts: fonts, width: width, height: total)
    pen.draw(.ground, .box(Box(left: 0, top: 0, width: width, height: total)), fill: Paint(.ground))
    var y = Self.margin
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
}
