import CCairo
import Foundation
import FoundationXML
import Testing

@testable import Plot

@Suite("Files", .serialized)
struct OutputTests {
  private func renderer(_ date: String = "2026-03-01T10:11:42Z") throws -> FigureRenderer {
    FigureRenderer(fonts: try Shipped.fonts(), date: date, creator: "clearbox 1.0.0")
  }

  private func ids(in svg: String) -> [String] { svg.matches(of: /\sid="([^"]+)"/).map { String($0.1) } }

  @Test("Two figures in one page share no id, and each uses only its own glyphs")
  func noSharedIds() throws {
    let renderer = try renderer()
    let one = try renderer.inlineSVG(sampleFigure(key: "one"), variant: "wide", width: .doubleColumn)
    let two = try renderer.inlineSVG(sampleFigure(key: "two", label: "WXY 987"), variant: "wide", width: .doubleColumn)
    let narrow = try renderer.inlineSVG(sampleFigure(key: "one"), variant: "narrow", width: .singleColumn)
    let all = ids(in: one) + ids(in: two) + ids(in: narrow)
    #expect(Set(all).count == all.count)
    for (svg, prefix) in [(one, "one-wide-"), (two, "two-wide-"), (narrow, "one-narrow-")] {
      let uses = svg.matches(of: /href="#([^"]+)"/).map { String($0.1) }
      #expect(!uses.isEmpty)
      #expect(Set(uses).isSubset(of: Set(ids(in: svg))))
      #expect(ids(in: svg).allSatisfy { $0.hasPrefix(prefix) })
    }
  }

  @Test("An SVG says what it shows, escaped")
  func accessible() throws {
    let svg = try renderer().inlineSVG(sampleFigure(), variant: "wide", width: .doubleColumn)
    #expect(svg.contains("role=\"img\" aria-labelledby=\"sample-wide-title sample-wide-desc\""))
    #expect(svg.contains("<title id=\"sample-wide-title\">Sample FVU 0.123</title>"))
    #expect(svg.contains("A chart of &lt;three&gt; points &amp; more.</desc>"))
  }

  @Test("In a page every colour is a variable; in a file every colour is the theme's")
  func colors() throws {
    let renderer = try renderer()
    let inline = try renderer.inlineSVG(sampleFigure(), variant: "wide", width: .doubleColumn)
    #expect(!inline.contains("rgb("))
    #expect(inline.contains("var(--fig-series1)"))
    let light = try renderer.svg(sampleFigure(), theme: .light)
    let dark = try renderer.svg(sampleFigure(), theme: .dark)
    #expect(!light.contains("var("))
    #expect(light != dark)
  }

  @Test("Every colour role survives the way through Cairo")
  func roleCodes() {
    for role in ColorRole.allCases {
      let rgb = RoleCode.encode(role)
      let percent = [rgb.red, rgb.green, rgb.blue].map { "\(Double($0) / 255 * 100)%" }.joined(separator: ",")
      #expect(RoleCode.decode(percent) == role)
    }
    #expect(RoleCode.decode("100%,100%,100%") == nil)
  }

  @Test("Bytes do not depend on order, on what was drawn before, on time zone, or on the clock")
  func deterministic() throws {
    func all(_ keys: [String]) throws -> [String: [UInt8]] {
      let renderer = try renderer()
      var result: [String: [UInt8]] = [:]
      for key in keys {
        let figure = sampleFigure(key: key, label: key)
        result[key + ".svg"] = Array(try renderer.svg(figure, theme: .light).utf8)
        result[key + ".pdf"] = try renderer.pdf(figure)
        result[key + ".png"] = try renderer.png(figure)
        result[key + "@2x.png"] = try renderer.png(figure, pixelRatio: 2)
      }
      return result
    }
    let first = try all(["one", "two", "three"])
    setenv("TZ", "Pacific/Kiritimati", 1)
    setenv("LC_ALL", "de_DE.UTF-8", 1)
    tzset()
    defer {
      unsetenv("TZ")
      unsetenv("LC_ALL")
      tzset()
    }
    Thread.sleep(forTimeInterval: 1.1)
    #expect(try all(["three", "one", "two"]) == first)
  }

  @Test("A PDF carries the run's date, title and creator")
  func pdfMetadata() throws {
    let one = try renderer().pdf(sampleFigure())
    let text = String(decoding: one, as: Unicode.ASCII.self)
    #expect(text.contains("D:20260301101142Z") || text.contains("/CreationDate (20260301101142Z"))
    #expect(try renderer("2027-01-01T00:00:00Z").pdf(sampleFigure()) != one)
    var other = sampleFigure()
    other.source = "study x, model y"
    #expect(String(decoding: try renderer().pdf(other), as: Unicode.ASCII.self).contains("study x, model y"))
  }

  @Test("An SVG file says what it was made from, when and with what")
  func svgMetadata() throws {
    var figure = sampleFigure()
    figure.source = "study a & b"
    let svg = try renderer().svg(figure, theme: .light)
    let document = try XMLDocument(data: Data(svg.utf8))
    func term(_ name: String) throws -> String? {
      try document.nodes(forXPath: "//*[local-name()='\(name)' and namespace-uri()='http://purl.org/dc/elements/1.1/']")
        .first?.stringValue
    }
    #expect(try term("source") == "study a & b")
    #expect(try term("date") == "2026-03-01T10:11:42Z")
    #expect(try term("creator") == "clearbox 1.0.0")
    #expect(try term("title") == "Sample FVU 0.123")
  }

  @Test("Files pasted into one page share no id either, and control characters do not break them")
  func loose() throws {
    var odd = sampleFigure(label: "WXY 987")
    odd.source = "model \u{1}x"
    let files = try [
      renderer().svg(sampleFigure(), theme: .light), renderer().svg(sampleFigure(), theme: .dark),
      renderer().svg(odd, theme: .light),
    ]
    let all = files.flatMap(ids)
    #expect(Set(all).count == all.count)
    for file in files { _ = try XMLDocument(data: Data(file.utf8)) }
  }

  @Test("A PNG has the pixels, the resolution and the provenance of its width")
  func pngMetadata() throws {
    for ratio in [1, 2] {
      let bytes = try renderer().png(sampleFigure(), width: .singleColumn, pixelRatio: ratio)
      func number(at offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
      // 89 mm at 96 pixels per inch are 336.4 pixels.
      #expect(number(at: 16) == (ratio == 1 ? 337 : 673))
      #expect(Array(bytes[37..<41]) == Array("pHYs".utf8))
      // 96 per inch are 3,779.5 per metre.
      #expect(number(at: 41) == (ratio == 1 ? 3780 : 7559))
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(text.contains("Sample FVU 0.123") && text.contains("clearbox 1.0.0"))
    }
  }

  @Test("libpng reads every pixel of a PNG file back")
  func pngPixels() {
    let (width, height, stride) = (37, 11, 160)
    var pixels = [UInt8](repeating: 0, count: stride * height)
    for index in pixels.indices { pixels[index] = UInt8(truncatingIfNeeded: index &* 167 ^ index / 160) }
    let file = PNGFile(width: width, height: height, pixelsPerInch: 96, texts: [("Title", "“µ”")]).bytes(
      pixels: pixels, stride: stride)
    var rest = file[...]
    let read: cairo_read_func_t = { closure, data, count in
      let rest = closure!.assumingMemoryBound(to: ArraySlice<UInt8>.self)
      guard rest.pointee.count >= count else { return CAIRO_STATUS_READ_ERROR }
      for index in 0..<Int(count) { data![index] = rest.pointee.removeFirst() }
      return CAIRO_STATUS_SUCCESS
    }
    let surface = withUnsafeMutablePointer(to: &rest) { cairo_image_surface_create_from_png_stream(read, $0) }
    defer { cairo_surface_destroy(surface) }
    #expect(cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
    #expect(rest.isEmpty)
    #expect(cairo_image_surface_get_width(surface) == 37 && cairo_image_surface_get_height(surface) == 11)
    guard let data = cairo_image_surface_get_data(surface) else { return }
    let back = Int(cairo_image_surface_get_stride(surface))
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<3 { #expect(data[y * back + 4 * x + channel] == pixels[y * stride + 4 * x + channel]) }
      }
    }
  }

  @Test("A table as CSV has full numbers and quotes what needs quoting")
  func csv() {
    let table = DataTable(
      columns: [.init("name, with comma", isNumeric: false), .init("value")],
      rows: [[.text("say \"x\""), .number(0.1 + 0.2, shown: "0.3")], [.text("b"), .none]])
    let formulas = DataTable(
      columns: [.init("=1+1", isNumeric: false)],
      rows: ["=HYPERLINK(1)", "+x", "-x", "-1.5", "+5%", "@sum", "\tx", "plain", "−5"].map { [.text($0)] })
    #expect(formulas.csv == "'=1+1\n'=HYPERLINK(1)\n'+x\n'-x\n-1.5\n'+5%\n'@sum\n'\tx\nplain\n−5\n")
    let hidden = DataTable(
      columns: [.init("x", isNumeric: false)], rows: [[.text("a\u{1b}[2Jb\u{202e}c")], [.text("\u{1b}")]])
    #expect(hidden.csv == "x\na\\u{1B}[2Jb\\u{202E}c\n\\u{1B}\n")
    #expect(table.csv == "\"name, with comma\",value\n\"say \"\"x\"\"\",0.30000000000000004\nb,\n")
  }
}
