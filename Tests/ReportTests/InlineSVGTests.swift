import FabricatedFindings
import Plot
import Testing

@testable import Report

@Suite("Figures inside the page")
struct InlineSVGTests {
  @Test(
    "Numbers of outlines are rounded to a hundredth, and only these",
    arguments: [
      ("<path d=\"M 0.65625 1.703125 L 6.796875 -0.34375 Z M 0.65625 1.703125 \"/>", "<path d=\"M.66 1.7L6.8-.34Z\"/>"),
      ("<path d=\"M 10 20.996 C 1 2 3 4 5 6 M 7 8 L 9 9 \"/>", "<path d=\"M10 21C1 2 3 4 5 6M7 8L9 9\"/>"),
      ("<use xlink:href=\"#a\" x=\"-0.001\" y=\"99.995\"/>", "<use href=\"#a\" x=\"0\" y=\"100\"/>"),
      ("<path d=\"M 1 1 Z M 2.125 2 L 3 3 Z M 2 2 \"/>", "<path d=\"M1 1ZM2.13 2L3 3Z\"/>"),
      ("<path d=\"\"/>", "<path d=\"\"/>"),
      ("<path d=\"M 1e-5 3 A 2 2 0 0 1 5 5\"/>", "<path d=\"M 1e-5 3 A 2 2 0 0 1 5 5\"/>"),
      (
        "<g transform=\"scale(0.123456)\"><text> x=\"0.123456\" d</text></g>",
        "<g transform=\"scale(0.123456)\"><text> x=\"0.123456\" d</text></g>"
      ),
      ("<g>\n  <use x=\"1.5\"/>\n</g>", "<g>\n<use x=\"1.5\"/>\n</g>"),
      (
        "<path style=\"fill:red;fill-opacity:0.5;stroke-linejoin:miter;stroke-miterlimit:10;\" d=\"M 1 1 \"/>",
        "<path style=\"fill:red;fill-opacity:0.5;stroke-miterlimit:10\" d=\"M1 1\"/>"
      ),
      (
        """
        <path style="fill:red;fill-opacity:1;" d="M 1 1 "/>
        <path style="fill-rule:nonzero;fill:red;stroke-linejoin:round;stroke-miterlimit:10;" d="M 2 2 "/>
        <path style="fill:red;stroke-linejoin:round;" d="M 3 3 "/>
        <use x="1"/>
        <path style="fill:red;stroke-linejoin:round;" d="M 4 4 "/>
        """,
        """
        <path style="fill:red" d="M1 1"/>
        <g style="fill:red;stroke-linejoin:round">
        <path d="M2 2"/>
        <path d="M3 3"/>
        </g>
        <use x="1"/>
        <path style="fill:red;stroke-linejoin:round" d="M4 4"/>
        """
      ),
    ])
  func rounding(long: String, short: String) {
    #expect(InlineSVG.compact(long) == short)
    #expect(InlineSVG.compact(short) == short)
  }

  @Test("Every outline of every figure keeps its commands, and every number is where it was to 0.005 points")
  func figures() throws {
    let renderer = FigureRenderer(
      fonts: try Shipped.fonts(), date: "2026-03-01T00:00:00Z", creator: "clearbox")
    var outlines = 0
    for block in try Fabricated.article.document().figures {
      let svg = try renderer.inlineSVG(block.figure, variant: "wide", width: .doubleColumn)
      let short = InlineSVG.compact(svg)
      #expect(short.utf8.count < svg.utf8.count * 75 / 100)
      #expect(Self.styles(svg) == Self.styles(short))
      let (before, after) = (Self.outlines(svg), Self.outlines(short))
      try #require(before.count == after.count)
      outlines += before.count
      for (a, b) in zip(before, after) {
        let isCairos = a.commands.hasSuffix("ZM") && !b.commands.hasSuffix("ZM")
        #expect(b.commands == (isCairos ? String(a.commands.dropLast()) : a.commands))
        #expect(a.numbers.count == b.numbers.count + (isCairos ? 2 : 0))
        #expect(zip(a.numbers, b.numbers).allSatisfy { abs($0 - $1) < 0.005001 })
      }
    }
    #expect(outlines > 1000)
  }

  /// What is declared for each path, its own over its groups', without what holds where nothing is declared.
  private static func styles(_ svg: String) -> [[Substring: Substring]] {
    var groups: [[Substring]] = []
    var found: [[Substring: Substring]] = []
    for element in svg.matches(of: /<(\/?)(g|path)\b([^>]*)>/) {
      let own = element.3.firstMatch(of: /style="([^"]*)"/)?.1.split(separator: ";") ?? []
      switch (element.1, element.2) {
      case ("/", _): groups.removeLast()
      case (_, "g"): groups.append(own.map { $0.drop { $0 == " " } })
      default:
        var declared: [Substring: Substring] = [:]
        for declaration in groups.joined() + own.map({ $0.drop { $0 == " " } }) {
          let parts = declaration.split(separator: ":", maxSplits: 1)
          declared[parts[0]] = parts[1]
        }
        if declared["stroke-linejoin"] == "round" { declared["stroke-miterlimit"] = nil }
        for (name, initial) in [
          ("fill-rule", "nonzero"), ("fill-opacity", "1"), ("stroke-opacity", "1"), ("stroke-linecap", "butt"),
          ("stroke-linejoin", "miter"), ("stroke-dashoffset", "0"),
        ] where declared[name[...]] == initial[...] {
          declared[name[...]] = nil
        }
        found.append(declared)
      }
    }
    return found
  }

  /// Commands and numbers of every path, as another reader of path data finds them.
  private static func outlines(_ svg: String) -> [(commands: String, numbers: [Double])] {
    svg.matches(of: /\sd="([^"]*)"/).map { match in
      (
        match.1.filter(\.isLetter),
        match.1.matches(of: /-?(?:\d+\.?\d*|\.\d+)/).compactMap { Double(String($0.0)) }
      )
    }
  }
}
