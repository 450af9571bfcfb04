import Plot

/// The illustration of how a sparse autoencoder encodes and decodes, with the study's own numbers.
///
/// Shades of the strips are a fixed pattern that stands for nothing; the share of lit dots is the true one.
struct EncodingSchematic: Sendable {
  /// The model's name, where a figure shows several under each other.
  var title: String? = nil
  /// D.
  var width: Int
  /// F.
  var features: Int
  /// Mean number of active features per token in the baseline.
  var meanL0: Double
  /// ‖x − x̂‖ over ‖x‖, by which the error's strip is paler than x; nil where it is not known.
  var relativeError: Double? = nil
  /// Lines of words under each part.
  var inputLines: [String]
  var featureLines: [String]
  var outputLines: [String]
  /// The kind of encoder, e.g. "JumpReLU".
  var encoder: String

  static let dotCount = 400
  /// Lit dots, at least one: the true share of active features.
  var litCount: Int {
    let share = features > 0 ? meanL0 / Double(features) : 0
    return min(Self.dotCount, max(1, Int((Double(Self.dotCount) * share).rounded())))
  }

  /// Left to right across two columns, top to bottom in one.
  func drawing(width: Points, fonts: FontFamily) throws(PlotError) -> DrawList {
    guard meanL0.isFinite else { throw .notFinite(value: "\(meanL0)", place: "figure encoding, mean L0") }
    return width < .millimetres(120) ? try downwards(width, fonts) : try sideways(width, fonts)
  }

  // MARK: Two arrangements

  private func sideways(_ width: Points, _ fonts: FontFamily) throws(PlotError) -> DrawList {
    let (top, tall): (Points, Points) = (14, 100)
    let height =
      top + tall + 14 + Points(10.5) * Double([inputLines, featureLines, outputLines].map(\.count).max() ?? 0)
    var pen = Pen(fonts: fonts, width: width, height: height)
    pen.draw(.ground, .box(Box(left: 0, top: 0, width: width, height: height)), fill: Paint(.ground))
    let middle = top + tall / 2.0
    let (input, grid, output) = (width * 0.085, width * 0.5, width * 0.895)
    let gridWidth: Points = 184
    strip(&pen, Box(left: input - 9, top: top, width: 18, height: tall), of: Self.input, .reference, isVertical: true)
    dots(&pen, Box(left: grid - gridWidth / 2.0, top: top, width: gridWidth, height: tall), columns: 25)
    strip(
      &pen, Box(left: output - 24, top: top, width: 18, height: tall), of: reconstruction, .reference, isVertical: true)
    strip(&pen, Box(left: output + 6, top: top, width: 18, height: tall), of: error, .error, isVertical: true)
    try heading(&pen, "x", at: Position(input, top - 5))
    try heading(&pen, "feature activations", at: Position(grid, top - 5))
    try heading(&pen, "x̂", at: Position(output - 15, top - 5))
    try heading(&pen, "x − x̂", at: Position(output + 15, top - 5))
    try arrow(
      &pen, from: Position(input + 18, middle), to: Position(grid - gridWidth / 2.0 - 9, middle), "encode", encoder)
    try arrow(
      &pen, from: Position(grid + gridWidth / 2.0 + 9, middle), to: Position(output - 33, middle), "decode",
      "linear, with bias")
    for (center, lines) in [(input, inputLines), (grid, featureLines), (output, outputLines)] {
      try words(&pen, lines, center: center, top: top + tall + 14, within: width)
    }
    return pen.list
  }

  private func downwards(_ width: Points, _ fonts: FontFamily) throws(PlotError) -> DrawList {
    let side: Points = 8
    let long = width - side * 2
    let lineHeight: Points = 10.5
    let wordHeight = { (lines: [String]) in lineHeight * Double(lines.count) + 4 }
    let gridHeight: Points = 84
    let height =
      Points(14 + 16) + wordHeight(inputLines) + 46 + gridHeight + wordHeight(featureLines) + 46 + Points(16 * 2 + 16)
      + wordHeight(outputLines)
    var pen = Pen(fonts: fonts, width: width, height: height)
    pen.draw(.ground, .box(Box(left: 0, top: 0, width: width, height: height)), fill: Paint(.ground))
    let center = width / 2.0
    var y: Points = 14
    try heading(&pen, "x", at: Position(center, y - 5))
    strip(&pen, Box(left: side, top: y, width: long, height: 16), of: Self.input, .reference, isVertical: false)
    y += 16
    try words(&pen, inputLines, center: center, top: y + 11, within: width)
    y += wordHeight(inputLines) + 4
    try arrow(&pen, from: Position(center, y + 2), to: Position(center, y + 26), "encode", encoder)
    y += 42
    try heading(&pen, "feature activations", at: Position(center, y - 5))
    dots(&pen, Box(left: side, top: y, width: long, height: gridHeight), columns: 40)
    y += gridHeight
    try words(&pen, featureLines, center: center, top: y + 11, within: width)
    y += wordHeight(featureLines) + 4
    try arrow(&pen, from: Position(center, y + 2), to: Position(center, y + 26), "decode", "linear, with bias")
    y += 42
    try heading(&pen, "reconstruction x̂, and below it the error x − x̂", at: Position(center, y - 5))
    strip(&pen, Box(left: side, top: y, width: long, height: 16), of: reconstruction, .reference, isVertical: false)
    strip(&pen, Box(left: side, top: y + 19, width: long, height: 16), of: error, .error, isVertical: false)
    try words(&pen, outputLines, center: center, top: y + 47, within: width)
    pen.list.height = y + 47 + lineHeight * Double(outputLines.count - 1) + 5
    return pen.list
  }

  // MARK: Parts

  /// Shades between 0 and 1 of sixteen cells.
  private static let input: [Double] = [
    0.62, 0.18, 0.85, 0.35, 0.10, 0.48, 0.74, 0.22, 0.55, 0.92, 0.15, 0.40, 0.68, 0.28, 0.80, 0.08,
  ]
  private static let error: [Double] = [
    0.40, 0.28, 0.52, 0.26, 0.38, 0.30, 0.60, 0.36, 0.26, 0.44, 0.32, 0.48, 0.30, 0.56, 0.28, 0.34,
  ]
  /// The same shades to the scale of the true error.
  private var error: [Double] { Self.error.map { $0 * min(1, 2 * (relativeError ?? 0.5)) } }
  private var reconstruction: [Double] {
    zip(Self.input, error).enumerated().map { index, pair in
      max(0, min(1, pair.0 + (index.isMultiple(of: 2) ? -1 : 1) * pair.1))
    }
  }

  /// All dots in a fixed, scattered order: a shuffle by a linear congruential generator. Their places mean nothing.
  private static let scattered: [Int] = {
    var order = Array(0..<dotCount)
    var state: UInt64 = 20
    for index in stride(from: dotCount - 1, to: 0, by: -1) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      order.swapAt(index, Int((state >> 33) % UInt64(index + 1)))
    }
    return order
  }()

  /// A vector as a strip of shaded cells.
  private func strip(_ pen: inout Pen, _ box: Box, of shades: [Double], _ role: ColorRole, isVertical: Bool) {
    let step = (isVertical ? box.height : box.width) / Double(shades.count)
    for (index, shade) in shades.enumerated() {
      let start = step * Double(index)
      let cell =
        isVertical
        ? Box(left: box.left, top: box.top + start, width: box.width, height: step)
        : Box(left: box.left + start, top: box.top, width: step, height: box.height)
      pen.draw(.illustration, .box(cell.grown(by: -0.4), corner: 1), fill: Paint(role, opacity: shade))
    }
    pen.draw(.illustration, .box(box.grown(by: 0.6), corner: 1.6), stroke: Stroke(.axis, width: 0.5))
  }

  /// All features as dots, the active share lit.
  private func dots(_ pen: inout Pen, _ box: Box, columns: Int) {
    let rows = Self.dotCount / columns
    let (dx, dy) = (box.width / Double(columns), box.height / Double(rows))
    let lit = Set(Self.scattered.prefix(litCount))
    var dark = Path()
    var light = Path()
    for index in 0..<Self.dotCount {
      let center = Position(
        box.left + dx * (Double(index % columns) + 0.5), box.top + dy * (Double(index / columns) + 0.5))
      if lit.contains(index) {
        light.elements.append(.circle(center: center, radius: 2.6))
      } else {
        dark.elements.append(.circle(center: center, radius: 1.3))
      }
    }
    pen.draw(
      .illustration, dark, fill: Paint(.axis, opacity: 0.75), series: "inactive",
      data: [Double(Self.dotCount - lit.count)])
    pen.draw(.illustration, light, fill: Paint(.series1), series: "active", data: [Double(lit.count)])
  }

  private func arrow(_ pen: inout Pen, from start: Position, to end: Position, _ verb: String, _ note: String)
    throws(PlotError)
  {
    let isVertical = start.x == end.x
    let head: Points = 5
    let tail = isVertical ? end.moved(0, -head) : end.moved(-head, 0)
    pen.draw(.illustration, .segment(start, tail), stroke: Stroke(.ink, width: 1))
    let wing: Points = 3
    pen.draw(
      .illustration,
      .polyline(
        isVertical
          ? [end, tail.moved(-wing, 0), tail.moved(wing, 0)] : [end, tail.moved(0, -wing), tail.moved(0, wing)],
        closed: true), fill: Paint(.ink))
    let middle = Position((start.x + end.x) / 2.0, (start.y + end.y) / 2.0)
    if isVertical {
      try pen.write(.label, verb, .label, at: middle.moved(-8, 0), .right, .middle)
      try pen.write(.note, note, .note, at: middle.moved(8, 0), .left, .middle)
    } else {
      try pen.write(.label, verb, .label, at: middle.moved(0, -6), .center)
      try pen.write(.note, note, .note, at: middle.moved(0, 6), .center, .top)
    }
  }

  private func heading(_ pen: inout Pen, _ text: String, at position: Position) throws(PlotError) {
    try pen.write(.label, text, TextStyle(.italic, 8.5, .ink), at: position, .center)
  }

  private func words(_ pen: inout Pen, _ lines: [String], center: Points, top: Points, within width: Points)
    throws(PlotError)
  {
    var baseline = top
    for (index, line) in lines.enumerated() {
      let style = index == 0 ? TextStyle.label : TextStyle.note
      var placed = try pen.place(line, style, at: Position(center, baseline), .center)
      placed.origin.x = max(2, min(placed.origin.x, width - placed.width - 2))
      pen.write(index == 0 ? .label : .note, placed)
      baseline += 10.5
    }
  }
}
