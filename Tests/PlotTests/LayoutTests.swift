import Testing

@testable import Plot

@Suite("Layout")
struct LayoutTests {
  private func drawing(_ panel: Panel, width: Points = .doubleColumn) throws -> DrawList {
    let figure = Figure(
      key: "t", title: "T", caption: "", altText: "", table: DataTable(columns: [], rows: []),
      content: .panels([panel], columns: 1, key: []))
    return try figure.drawing(width: width, fonts: try Shipped.fonts())
  }

  private func center(_ command: DrawCommand) throws -> Position {
    guard case .path(let path, _, _) = command.shape, case .circle(let center, _)? = path.elements.first else {
      throw PlotError.noData(place: "no circle")
    }
    return center
  }

  private let circle = MarkStyle(.series1, .circle)

  @Test("Points stand where the axes' ticks say they are")
  func pointsMeetTicks() throws {
    let panel = Panel(
      x: Axis("x", unit: "1", .linear(fromZero: false), ticks: [.init(3, "3")]),
      y: Axis("y", unit: "1", .linear(fromZero: false), ticks: [.init(7, "7")]),
      marks: [Mark(.points([Datum(3, 7), Datum(5, 9)]), circle, series: "s")])
    let list = try drawing(panel)
    let point = try center(list.commands(.point)[0])
    guard case .path(let grid, _, _) = list.commands(.grid)[0].shape, case .move(let start) = grid.elements[0] else {
      Issue.record("no grid line")
      return
    }
    #expect(abs(start.y.value - point.y.value) < 1e-9, "the grid line of y = 7 runs through the point at y = 7")
    let tick = try #require(list.commands(.tickLabel).first { $0.data == [3] })
    guard case .text(let label) = tick.shape else { return }
    #expect(abs((label.origin.x + label.width / 2.0).value - point.x.value) < 1e-9)
  }

  @Test("Equal ratios are equally far apart on a logarithmic axis, higher values stand higher")
  func logarithmicPositions() throws {
    let panel = Panel(
      x: Axis("x", unit: "1", .logarithmic), y: Axis("y", unit: "1", .linear(fromZero: true)),
      marks: [Mark(.points([Datum(1, 1), Datum(4, 2), Datum(16, 3)]), circle, series: "s")])
    let centers = try drawing(panel).commands(.point).map(center)
    #expect(abs((centers[1].x - centers[0].x).value - (centers[2].x - centers[1].x).value) < 1e-9)
    #expect(centers[2].y < centers[1].y && centers[1].y < centers[0].y)
  }

  @Test("Bars start at zero whatever the data")
  func barsFromZero() throws {
    let panel = Panel(
      x: Axis("x", unit: "1", .linear(fromZero: false)), y: Axis("", unit: "", .categories(["a", "b"], [.ink, .ink])),
      marks: [Mark(.bars([Datum(50, 0), Datum(60, 1)]), circle, series: "s")])
    let boxes = try drawing(panel).commands(.bar).compactMap { command -> Box? in
      guard case .path(let path, _, _) = command.shape, case .box(let box, _)? = path.elements.first else { return nil }
      return box
    }
    #expect(boxes.count == 2)
    #expect(boxes[0].left == boxes[1].left)
    #expect(abs(boxes[1].width / boxes[0].width - 1.2) < 1e-9, "60 is 1.2 times 50, and so are the bars")
  }

  @Test("An interval reaches from its low to its high end")
  func intervals() throws {
    let panel = Panel(
      x: Axis("x", unit: "1", .linear(fromZero: false)), y: Axis("y", unit: "1", .linear(fromZero: false)),
      marks: [
        Mark(.points([Datum(1, 10), Datum(1, 14)]), circle, series: "ends"),
        Mark(.intervals([Extent(at: 1, low: 10, high: 14)]), circle, series: "s"),
      ])
    let list = try drawing(panel)
    let ends = try list.commands(.point).map(center)
    guard case .path(let path, _, _) = list.commands(.interval)[0].shape else { return }
    #expect(path.elements[0] == .move(ends[0]))
    #expect(path.elements[1] == .line(ends[1]))
    #expect(list.commands(.interval)[0].data == [1, 10, 14])
  }

  @Test("One point without interval is drawn in the middle")
  func onePoint() throws {
    let panel = Panel(
      x: Axis("x", unit: "1", .linear(fromZero: false)), y: Axis("y", unit: "1", .linear(fromZero: false)),
      marks: [Mark(.points([Datum(5, 5)]), circle, series: "s")])
    let list = try drawing(panel)
    #expect(list.commands(.point).count == 1)
    #expect(list.commands(.interval).isEmpty)
  }

  @Test("Data that would be drawn wrong are refused")
  func refused() {
    func panel(_ marks: [Mark]) -> Panel {
      Panel(
        x: Axis("x", unit: "1", .linear(fromZero: false)), y: Axis("y", unit: "1", .linear(fromZero: false)),
        marks: marks)
    }
    #expect(throws: PlotError.noData(place: "figure t")) { try drawing(panel([])) }
    #expect(throws: PlotError.noData(place: "figure t")) {
      try drawing(panel([Mark(.horizontalRule(1), circle, series: "r")]))
    }
    #expect(throws: PlotError.reversedInterval(low: 2, high: 1, place: "figure t, s")) {
      try drawing(panel([Mark(.intervals([Extent(at: 0, low: 2, high: 1)]), circle, series: "s")]))
    }
    #expect(throws: PlotError.notFinite(value: "inf", place: "figure t, s")) {
      try drawing(panel([Mark(.intervals([Extent(at: 0, low: 2, high: .infinity)]), circle, series: "s")]))
    }
    #expect(throws: PlotError.notFinite(value: "nan", place: "figure t")) {
      try drawing(panel([Mark(.points([Datum(0, .nan)]), circle, series: "s")]))
    }
  }

  @Test("Panels stand side by side across two columns and under each other in one")
  func arrangement() throws {
    let fonts = try Shipped.fonts()
    let figure = sampleFigure(panels: 2)
    func starts(_ width: Points) throws -> [Position] {
      try figure.drawing(width: width, fonts: fonts).commands(.panelTitle).compactMap {
        if case .text(let text) = $0.shape { text.origin } else { nil }
      }
    }
    let wide = try starts(.doubleColumn)
    #expect(wide[0].y == wide[1].y && wide[0].x < wide[1].x)
    let narrow = try starts(.singleColumn)
    #expect(narrow[0].x == narrow[1].x && narrow[0].y < narrow[1].y)
  }
}

@Suite("Label placement")
struct LabelPlacementTests {
  private func points(_ values: [Double]) -> [Points] { values.map { Points($0) } }

  @Test("Labels with room stay where they wish to be")
  func room() {
    let places = LabelPlacement.spread(
      points([10, 50, 90]), lengths: points([10, 10, 10]), gap: 2, within: 0...100)
    #expect(places == points([10, 50, 90]))
  }

  @Test("Labels that would overlap move apart evenly around their wishes")
  func apart() {
    let places = LabelPlacement.spread(points([50, 50]), lengths: points([10, 10]), gap: 2, within: 0...100)
    #expect(places == points([44, 56]))
  }

  @Test("Order is kept and nothing overlaps, whatever the wishes")
  func neverOverlap() {
    var seed: UInt64 = 7
    func next() -> Double {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(seed >> 33) / Double(1 << 31) * 100
    }
    for _ in 0..<200 {
      let wishes = (0..<6).map { _ in Points(next()) }
      let lengths = (0..<6).map { _ in Points(4 + next() / 12) }
      let places = LabelPlacement.spread(wishes, lengths: lengths, gap: 1, within: 0...100)
      let order = wishes.indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
      for (a, b) in zip(order, order.dropFirst()) {
        let distance = places[b].value - places[a].value
        #expect(distance >= (lengths[a].value + lengths[b].value) / 2 + 1 - 1e-9)
      }
    }
  }

  @Test("Labels stay inside their bounds where they fit")
  func inside() {
    let places = LabelPlacement.spread(points([1, 2, 3]), lengths: points([10, 10, 10]), gap: 0, within: 0...100)
    #expect(places == points([5, 15, 25]))
  }

  @Test("A label goes to the first side that is free")
  func beside() throws {
    let pen = Pen(fonts: try Shipped.fonts(), width: 200, height: 200)
    let text = try pen.place("12", .value, at: Position(0, 0))
    let marker = Box(left: 97, top: 97, width: 6, height: 6)
    let bounds = Box(left: 0, top: 0, width: 200, height: 200)
    func placed(_ never: [Box], rather: [Box] = []) -> PlacedText? {
      LabelPlacement.beside(marker, center: marker.middle, text: text, never: never, rather: rather, within: bounds)
    }
    #expect(try #require(placed([])).box.left > marker.right)
    let wall = Box(left: 104, top: 0, width: 96, height: 200)
    #expect(try #require(placed([wall])).box.right < marker.left)
    #expect(try #require(placed([], rather: [wall])).box.right < marker.left)
    // Where every place is taken there is none; where all are merely unwelcome, the first.
    #expect(placed([bounds]) == nil)
    #expect(try #require(placed([], rather: [bounds])).box.left > marker.right)
  }
}

@Suite("Breaking lines")
struct WrappingTests {
  @Test("Words flow; a word that is too long is broken after a joint, and nothing is lost")
  func wrapped() throws {
    let pen = Pen(fonts: try Shipped.fonts(), width: 100, height: 100)
    for text in [
      "plain words that flow", "nf4-double-quantization-block-64-compute-bf16",
      "Donaudampfschiffahrtsgesellschaftskapitän",
      "a b-c_d/e.f:g,h", "x",
    ] {
      for width in [Points(20), 45, 80] {
        let lines = try pen.wrapped(text, .label, width: width)
        #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
        for line in lines { #expect(try pen.width(of: line, .label) <= width || line.count == 1, "\(line)") }
      }
    }
    #expect(try pen.wrapped("block-64", .label, width: 30) == ["block-", "64"])
  }
}
