import Plot

/// Schematics of encoding and decoding, one per model: several under each other, each below its title.
struct EncodingSchematics: Illustration {
  var models: [EncodingSchematic]

  private static let titleHeight: Points = 13
  private static let gap: Points = 12

  func drawing(width: Points, fonts: FontFamily) throws(PlotError) -> DrawList {
    guard !models.isEmpty else { throw .noData(place: "figure encoding") }
    var pen = Pen(fonts: fonts, width: width, height: 0)
    var parts: [DrawCommand] = []
    var y: Points = 0
    for (index, schematic) in models.enumerated() {
      if index > 0 { y += Self.gap }
      if let title = schematic.title {
        for line in try pen.wrapped(title, .panelTitle, width: width - FigureLayout.margin * 2) {
          let placed = try pen.place(line, .panelTitle, at: Position(FigureLayout.margin, y + 9))
          parts.append(DrawCommand(.panelTitle, shape: .text(placed)))
          y += Self.titleHeight
        }
      }
      let part = try schematic.drawing(width: width, fonts: fonts)
      parts += part.commands.filter { $0.part != .ground }.map { $0.moved(down: y) }
      y += part.height
    }
    pen.list.height = y
    pen.draw(.ground, .box(Box(left: 0, top: 0, width: width, height: y)), fill: Paint(.ground))
    pen.list.commands += parts
    return pen.list
  }
}
