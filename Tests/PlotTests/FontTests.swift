import Foundation
import Testing

@testable import Plot

@Suite("The shipped font")
struct FontTests {
  /// Font units per em are 2816; the sums are fontTools' (advances of hmtx, pairs of kern) over the shipped files.
  @Test(
    "Widths are those of the font file, kerning included",
    arguments: [
      (FontStyle.regular, "Tokens", 9492), (.regular, "AVATAR", 10376), (.semibold, "Tokens", 9816),
      (.semibold, "−0.0123", 11247),
    ])
  func widths(style: FontStyle, text: String, unitsExpected: Int) throws {
    let width = try Shipped.fonts().width(of: text, style: style, size: 8)
    #expect(abs(width.value - Double(unitsExpected) / 2816 * 8) < 1e-9)
  }

  @Test("A character that the font lacks is an error that names it")
  func missingGlyph() throws {
    let fonts = try Shipped.fonts()
    #expect(throws: PlotError.missingGlyph(character: "語", text: "FVU 語", font: "Inter-Regular.otf")) {
      try fonts.width(of: "FVU 語", style: .regular, size: 8)
    }
  }

  @Test("A folder without the font is an error with the path of the file")
  func missingFont() {
    let folder = URL(fileURLWithPath: "/nowhere")
    #expect(throws: PlotError.unreadableFont(path: "/nowhere/Inter-Regular.otf")) { try FontFamily(folder: folder) }
  }

  @Test("All symbols of the study have glyphs in all styles", arguments: FontStyle.allCases)
  func symbols(style: FontStyle) throws {
    let fonts = try Shipped.fonts()
    _ = try fonts.width(of: "x̂ x̄ ÷ × − ± ≥ ≤ ‖x‖² Σ √ ⁻⁵ ₀ → · “ ” ’ – — … µ ∂ Δ α β", style: style, size: 8)
  }
}
