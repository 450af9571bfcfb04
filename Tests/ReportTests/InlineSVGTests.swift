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
      #expect(short.utf8.count < svg.utf8.count * 85 / 100)
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
