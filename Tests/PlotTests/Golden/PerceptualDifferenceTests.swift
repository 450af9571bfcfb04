import FabricatedFindings
import Testing

@testable import Plot
@testable import Report

/// What the comparison of golden figures must see, and what it must overlook: the limits' proof.
@Suite("Perceptual difference")
struct PerceptualDifferenceTests {
  /// Standard figures that have markers and axes.
  private static func drawings(_ fonts: FontFamily, atMost count: Int = .max) throws -> [(name: String, list: DrawList)]
  {
    var result: [(String, DrawList)] = []
    for kind in StudyFigure.all {
      guard case .figure(let figure) = try kind.outcome(of: [Fabricated().findings]) else { continue }
      let list = try figure.drawing(width: .doubleColumn, fonts: fonts)
      if !list.commands(.point).isEmpty, result.count < count { result.append((kind.key, list)) }
    }
    return result
  }

  /// The worst tile's share between two draw lists.
  private func share(_ a: DrawList, _ b: DrawList, _ theme: Theme, _ fonts: FontFamily) throws -> Double {
    try difference(
      Picture.drawing(a, theme: theme, fonts: fonts), Picture.drawing(b, theme: theme, fonts: fonts)
    ).worstShare
  }

  private func difference(_ a: Picture, _ b: Picture) throws -> PerceptualDifference {
    try #require(PerceptualDifference(a, b))
  }

  private func note(_ what: String, _ theme: Theme, _ share: Double, _ which: String) {
    print("perceptual difference, \(theme.name): \(what) \(Int((share * 1024).rounded())) of 1,024 pixels (\(which))")
  }

  // MARK: The formula

  @Test("CIELAB of sRGB colours is as published, and ΔE of black and white is 100")
  func formula() {
    // Bruce Lindbloom's CIE colour calculator, sRGB, reference white D65, no adaptation.
    let published: [(UInt32, SIMD4<Float>)] = [
      (0xffffff, SIMD4(100, 0, 0, 0)), (0x000000, SIMD4(0, 0, 0, 0)), (0xff0000, SIMD4(53.2408, 80.0925, 67.2032, 0)),
      (0x00ff00, SIMD4(87.7347, -86.1827, 83.1793, 0)), (0x0000ff, SIMD4(32.2970, 79.1875, -107.8602, 0)),
    ]
    for (color, lab) in published {
      let difference = PerceptualDifference.lab(of: color) - lab
      #expect((difference * difference).sum() < 0.01 * 0.01, "\(color): \(PerceptualDifference.lab(of: color))")
    }
  }

  @Test("Pictures of different sizes are not compared; equal ones do not differ")
  func sizes() throws {
    let a = Picture(width: 2, height: 1, pixels: [0, 1])
    #expect(PerceptualDifference(a, Picture(width: 1, height: 2, pixels: [0, 1])) == nil)
    #expect(try difference(a, a).worstShare == 0)
  }

  @Test("A picture of few colours survives its PNG file unchanged, a figure of many looks the same")
  func png() throws {
    let few = Picture(width: 30, height: 20, pixels: (0..<600).map { UInt32($0 % 200) &* 0x01_03_05 & 0xff_ffff })
    #expect(try Picture(png: few.png) == few)
    let fonts = try Shipped.fonts()
    for (name, list) in try Self.drawings(fonts) where name != "massive" {
      let picture = try Picture.drawing(list, fonts: fonts)
      let share = try difference(picture, try Picture(png: picture.png)).worstShare
      #expect(share == 0, "\(name)")
    }
  }

  // MARK: Must be seen

  @Test("Any marker moved by two pixels is seen", arguments: [Theme.light, .dark])
  func movedMarker(theme: Theme) throws {
    let fonts = try Shipped.fonts()
    var least = (share: 1.0, which: "")
    for (name, list) in try Self.drawings(fonts) where name != "massive" {
      for index in list.commands.indices where list.commands[index].part == .point {
        for (dx, dy) in [(1.5, 0.0), (0, 1.5)] {
          var moved = list
          moved.commands[index].shift(Points(dx), Points(dy))
          let share = try share(list, moved, theme, fonts)
          if share < least.share { least = (share, "\(name), \(list.commands[index].series ?? "") by \(dx), \(dy)") }
        }
      }
    }
    note("a moved marker changes at least", theme, least.share, least.which)
    #expect(least.share > PerceptualDifference.limit, "\(least.which)")
  }

  @Test("Any digit of a tick label replaced by any other is seen", arguments: [Theme.light, .dark])
  func changedDigit(theme: Theme) throws {
    let fonts = try Shipped.fonts()
    // All ten digits, each as every other, in a tick's style on the ground; then a tick label of each figure.
    var least = (share: 1.0, which: "")
    func check(_ a: DrawList, _ b: DrawList, _ which: String) throws {
      let share = try share(a, b, theme, fonts)
      if share < least.share { least = (share, which) }
    }
    func label(_ text: String) throws -> DrawList {
      var pen = Pen(fonts: fonts, width: 40, height: 20)
      try pen.write(.tickLabel, text, .tick, at: Position(20.3, 10.4), .center, .middle)
      return pen.list
    }
    for a in 0...9 { for b in 0..<a { try check(try label("1\(a)"), try label("1\(b)"), "\(a) and \(b)") } }
    for (name, list) in try Self.drawings(fonts) where name != "massive" {
      let index = try #require(list.commands.firstIndex { $0.part == .tickLabel && ($0.word?.contains("0") ?? false) })
      var other = list
      other.commands[index].word = other.commands[index].word?.replacing("0", with: "6")
      try check(list, other, "\(name), \(list.commands[index].word ?? "")")
    }
    note("a changed digit changes at least", theme, least.share, least.which)
    #expect(least.share > PerceptualDifference.limit, "\(least.which)")
  }

  @Test("Colours swapped between two conditions are seen", arguments: [Theme.light, .dark])
  func swappedColours(theme: Theme) throws {
    let fonts = try Shipped.fonts()
    for (name, list) in try Self.drawings(fonts) where name != "massive" {
      let roles: Set<ColorRole> = Set(list.commands(.point).compactMap(\.role)).subtracting([.reference])
      let pair = roles.sorted { $0.rawValue < $1.rawValue }.prefix(2)
      guard pair.count == 2 else { continue }
      // One marker alone wears the other's colour.
      let index = try #require(list.commands.firstIndex { $0.part == .point && $0.role == pair[0] })
      var swapped = list
      swapped.commands[index].recolor(pair[0], as: pair[1])
      let share = try share(list, swapped, theme, fonts)
      note("one marker in another condition's colour changes", theme, share, name)
      #expect(share > PerceptualDifference.limit, "\(name)")
    }
  }

  @Test("Any missing glyph is seen, a point among digits too", arguments: [Theme.light, .dark])
  func missingGlyph(theme: Theme) throws {
    let fonts = try Shipped.fonts()
    var least = (share: 1.0, which: "")
    for style in [TextStyle.tick, .note, .axisTitle, .label] {
      for text in ["0.05", "+12.5%", "−3", "bits, log scale", "l", "i"] {
        func list(without place: Int?) throws -> DrawList {
          var pen = Pen(fonts: fonts, width: 80, height: 20)
          for (index, character) in text.enumerated() where index != place && character != " " {
            let start = try pen.width(of: String(text.prefix(index)), style)
            try pen.write(.tickLabel, String(character), style, at: Position(8.3 + start, 12.1))
          }
          return pen.list
        }
        for (place, character) in text.enumerated() where character != " " {
          let share = try share(try list(without: nil), try list(without: place), theme, fonts)
          if share < least.share { least = (share, "“\(character)” of “\(text)” at \(style.size.value) points") }
        }
      }
    }
    note("a missing glyph changes at least", theme, least.share, least.which)
    #expect(least.share > PerceptualDifference.limit, "\(least.which)")
  }

  // MARK: Must be overlooked

  @Test("A shift of a tenth of a pixel is not seen", arguments: [Theme.light, .dark])
  func tenthOfPixel(theme: Theme) throws {
    let fonts = try Shipped.fonts()
    var most = (share: 0.0, which: "")
    for (name, list) in try Self.drawings(fonts, atMost: 2) {
      // Ten times as fine, glyphs included, then averaged: this shifts what Cairo would set to whole pixels.
      let fine = try Picture.drawing(list, theme: theme, scale: 960.0 / 72, fonts: fonts)
      let still = fine.averaged(10, from: (0, 0))
      for offset in [(1, 0), (0, 1), (1, 1)] {
        let share = try difference(still, fine.averaged(10, from: offset)).worstShare
        if share >= most.share { most = (share, "\(name) by \(offset)") }
      }
    }
    note("a tenth of a pixel changes at most", theme, most.share, most.which)
    #expect(most.share <= PerceptualDifference.limit, "\(most.which)")
  }

  @Test("Another rasteriser's antialiasing of the same shapes is not seen", arguments: [Theme.light, .dark])
  func otherRasteriser(theme: Theme) throws {
    let fonts = try Shipped.fonts()
    var most = (share: 0.0, which: "")
    for (name, list) in try Self.drawings(fonts, atMost: 2) {
      // Without words: Cairo 1.16 sets glyphs to whole pixels, which averaging does not. Without intervals: slivers of
      // their caps look out from under markers, where rasterisers blend three edges in a pixel and averaging does not.
      var shapes = list
      shapes.commands.removeAll { command in
        if case .text = command.shape { true } else { command.part == .interval }
      }
      let own = try Picture.drawing(shapes, theme: theme, fonts: fonts)
      let fine = try Picture.drawing(shapes, theme: theme, scale: 960.0 / 72, fonts: fonts)
      let share = try difference(own.cut(like: fine, by: 10), fine.averaged(10, from: (0, 0))).worstShare
      if share >= most.share { most = (share, name) }
    }
    note("another rasteriser changes at most", theme, most.share, most.which)
    #expect(most.share <= PerceptualDifference.limit, "\(most.which)")
  }

  @Test(
    "Glyphs a little bolder or thinner, as another FreeType draws them, are not seen", arguments: [Theme.light, .dark])
  func otherWeight(theme: Theme) throws {
    let fonts = try Shipped.fonts()
    var most = (share: 0.0, which: "")
    for (name, list) in try Self.drawings(fonts) where name != "massive" {
      let picture = try Picture.drawing(list, theme: theme, fonts: fonts)
      for amount in [-0.2, 0.2] {
        let share = try difference(picture, picture.weighted(amount, ground: theme[.ground])).worstShare
        if share >= most.share { most = (share, "\(name) by \(amount)") }
      }
    }
    note("another weight changes at most", theme, most.share, most.which)
    #expect(most.share <= PerceptualDifference.limit, "\(most.which)")
  }
}

// MARK: Faults to be found

extension DrawCommand {
  fileprivate mutating func shift(_ dx: Points, _ dy: Points) {
    guard case .path(let path, let fill, let stroke) = shape else { return }
    let elements = path.elements.map { element -> Path.Element in
      switch element {
      case .move(let to): .move(to.moved(dx, dy))
      case .line(let to): .line(to.moved(dx, dy))
      case .curve(let a, let b, let to): .curve(a.moved(dx, dy), b.moved(dx, dy), to.moved(dx, dy))
      case .circle(let center, let radius): .circle(center: center.moved(dx, dy), radius: radius)
      case .box(let box, let corner):
        .box(Box(left: box.left + dx, top: box.top + dy, width: box.width, height: box.height), corner: corner)
      case .close: .close
      }
    }
    shape = .path(Path(elements), fill: fill, stroke: stroke)
  }

  /// The colour that tells what it is: of the fill, or of the outline where the fill is the ground.
  fileprivate var role: ColorRole? {
    guard case .path(_, let fill, let stroke) = shape else { return nil }
    return fill?.role == .ground ? stroke?.paint.role : fill?.role
  }

  fileprivate mutating func recolor(_ old: ColorRole, as new: ColorRole) {
    guard case .path(let path, var fill, var stroke) = shape else { return }
    if fill?.role == old { fill?.role = new }
    if stroke?.paint.role == old { stroke?.paint.role = new }
    shape = .path(path, fill: fill, stroke: stroke)
  }

  fileprivate var word: String? {
    get { if case .text(let text) = shape { text.text } else { nil } }
    set {
      guard case .text(var text) = shape, let newValue else { return }
      text.text = newValue
      shape = .text(text)
    }
  }
}

extension Picture {
  /// Means of `factor` × `factor` pixels, the first at `start`.
  fileprivate func averaged(_ factor: Int, from start: (Int, Int)) -> Picture {
    let (columns, rows) = (width / factor - 1, height / factor - 1)
    var result: [UInt32] = []
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = SIMD4<UInt32>(repeating: 0)
        for y in 0..<factor {
          let line = (row * factor + start.1 + y) * width + column * factor + start.0
          for x in 0..<factor {
            let pixel = pixels[line + x]
            sum &+= SIMD4(pixel >> 16, pixel >> 8 & 0xff, pixel & 0xff, 0)
          }
        }
        let area = UInt32(factor * factor)
        let mean = (sum &+ area / 2) / area
        result.append(mean.x << 16 | mean.y << 8 | mean.z)
      }
    }
    return Picture(width: columns, height: rows, pixels: result)
  }

  /// The part that `averaged` leaves of a finer picture.
  fileprivate func cut(like fine: Picture, by factor: Int) -> Picture {
    let (columns, rows) = (fine.width / factor - 1, fine.height / factor - 1)
    return Picture(
      width: columns, height: rows, pixels: (0..<rows).flatMap { pixels[$0 * width..<$0 * width + columns] })
  }

  /// Half-covered pixels covered more or less: each channel moves by `amount` × c (1 − c) of the way between the
  /// ground and the channel's far end.
  fileprivate func weighted(_ amount: Double, ground: RGB) -> Picture {
    func moved(_ value: UInt32, _ ground: UInt8) -> UInt32 {
      let (from, to) = (Double(ground), ground > 127 ? 0.0 : 255)
      let c = (Double(value) - from) / (to - from)
      return UInt32(max(0, min(255, (from + (to - from) * (c + amount * c * (1 - c))).rounded())))
    }
    return Picture(
      width: width, height: height,
      pixels: pixels.map {
        moved($0 >> 16, ground.red) << 16 | moved($0 >> 8 & 0xff, ground.green) << 8 | moved($0 & 0xff, ground.blue)
      })
  }
}
