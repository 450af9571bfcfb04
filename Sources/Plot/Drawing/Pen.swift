/// Measures and places shapes into a draw list. The one door through which figures draw.
package struct Pen {
  let fonts: FontFamily
  package var list: DrawList
  /// Stamped on what is drawn.
  var panel = -1

  package init(fonts: FontFamily, width: Points, height: Points) {
    self.fonts = fonts
    list = DrawList(width: width, height: height)
  }

  package mutating func draw(
    _ part: DrawCommand.Part, _ path: Path, fill: Paint? = nil, stroke: Stroke? = nil, series: String? = nil,
    data: [Double] = []
  ) {
    list.commands.append(
      DrawCommand(part, panel: panel, series: series, data: data, shape: .path(path, fill: fill, stroke: stroke)))
  }

  /// Text at an anchor.
  package mutating func write(
    _ part: DrawCommand.Part, _ text: String, _ style: TextStyle, at anchor: Position,
    _ horizontal: HorizontalAlignment = .left, _ vertical: VerticalAlignment = .baseline, isVertical: Bool = false,
    series: String? = nil, data: [Double] = []
  ) throws(PlotError) {
    let placed = try place(text, style, at: anchor, horizontal, vertical, isVertical: isVertical)
    write(part, placed, series: series, data: data)
  }

  package mutating func write(_ part: DrawCommand.Part, _ text: PlacedText, series: String? = nil, data: [Double] = [])
  {
    list.commands.append(DrawCommand(part, panel: panel, series: series, data: data, shape: .text(text)))
  }

  /// Where a text would stand, without drawing it.
  package func place(
    _ text: String, _ style: TextStyle, at anchor: Position, _ horizontal: HorizontalAlignment = .left,
    _ vertical: VerticalAlignment = .baseline, isVertical: Bool = false
  ) throws(PlotError) -> PlacedText {
    let width = try fonts.width(of: text, style: style.font, size: style.size)
    let along: Points =
      switch horizontal {
      case .left: 0
      case .center: width / 2.0
      case .right: width
      }
    let across: Points =
      switch vertical {
      case .top: style.size * TextStyle.capHeight
      case .middle: style.size * TextStyle.capHeight / 2.0
      case .baseline: 0
      case .bottom: -style.size * TextStyle.descent
      }
    let origin =
      isVertical ? anchor.moved(across, along) : anchor.moved(-along, across)
    return PlacedText(text: text, style: style, origin: origin, width: width, isVertical: isVertical)
  }

  package func width(of text: String, _ style: TextStyle) throws(PlotError) -> Points {
    try fonts.width(of: text, style: style.font, size: style.size)
  }

  /// Zero where there are none.
  func width(ofWidest texts: some Sequence<String>, _ style: TextStyle) throws(PlotError) -> Points {
    var widest: Points = 0
    for text in texts { widest = max(widest, try width(of: text, style)) }
    return widest
  }

  /// Several texts, each in its lines.
  func wrapped(_ texts: [String], _ style: TextStyle, width: Points) throws(PlotError) -> [[String]] {
    var lines: [[String]] = []
    for text in texts { lines.append(try wrapped(text, style, width: width)) }
    return lines
  }

  /// Words in lines no wider than `width`. A word that is wider is broken, after a joint (- _ / . : ,) where it has one.
  package func wrapped(_ text: String, _ style: TextStyle, width: Points) throws(PlotError) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if try self.width(of: longer, style) <= width {
        line = longer
        continue
      }
      if !line.isEmpty { lines.append(line) }
      let parts = try broken(String(word), style, width: width)
      lines += parts.dropLast()
      line = parts.last ?? ""
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// A word in pieces no wider than `width`, each of a character or more.
  private func broken(_ word: String, _ style: TextStyle, width: Points) throws(PlotError) -> [String] {
    var pieces: [String] = []
    var rest = Substring(word)
    while try self.width(of: String(rest), style) > width, rest.count > 1 {
      var fitting = rest.index(after: rest.startIndex)
      var joint: Substring.Index?
      while fitting < rest.endIndex {
        let next = rest.index(after: fitting)
        guard try self.width(of: String(rest[..<next]), style) <= width else { break }
        fitting = next
        if "-_/.:,".contains(rest[rest.index(before: fitting)]) { joint = fitting }
      }
      let end = joint ?? fitting
      pieces.append(String(rest[..<end]))
      rest = rest[end...]
    }
    return pieces + [String(rest)]
  }
}
