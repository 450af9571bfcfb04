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

  @Test("A character that the font lacks is set in another font or shown as its code, and always has a width")
  func otherCharacters() throws {
    let fonts = try Shipped.fonts()
    #expect(fonts.substitutions(in: ["bf16", "NF4, double", "été — Ωμέγα, 1\t2"]) == nil)
    for text in ["中文", "سلام", "שלום", "😀", "\u{10FFFE}", "हिन्दी", "ไทย", "👩‍🔬"] {
      #expect(try fonts.width(of: text, style: .semibold, size: 8).value > 4, "\(text)")
      #expect(fonts.substitutions(in: [text]) != nil, "\(text)")
    }
    let code = try fonts.width(of: "[U+10FFFE]", style: .regular, size: 8)
    #expect(try fonts.width(of: "\u{10FFFE}", style: .regular, size: 8) == code)
    // A tab is a space, and what is invisible stays so.
    let plain = try fonts.width(of: "a b", style: .regular, size: 8)
    #expect(try fonts.width(of: "a\tb", style: .regular, size: 8) == plain)
    #expect(try fonts.width(of: "a\u{200B}\u{202E} b\u{FE0F}", style: .regular, size: 8) == plain)
  }

  @Test("Words from right to left stand in the order and in the forms that they are read in")
  func rightToLeft() {
    func shown(_ text: String) -> String {
      var shown = ""
      shown.unicodeScalars.append(contentsOf: VisualOrder.scalars(of: text) { _ in true })
      return shown
    }
    #expect(shown("int8 (fast)") == "int8 (fast)")
    #expect(shown("שלום") == "םולש")
    #expect(shown("int8 שלום עולם 12.5% nf4") == "int8 םלוע םולש 12.5% nf4")
    #expect(shown("נפח 16 סיביות") == "תויביס 16 חפנ")
    #expect(shown("(שלום)") == "(םולש)")
    // Beh initial, alef final; lam with alef; final meem, seen initial.
    #expect(shown("با") == "\u{FE8E}\u{FE91}")
    #expect(shown("سلام") == "\u{FEE1}\u{FEFC}\u{FEB3}")
    #expect(shown("كتاب") == "\u{FE8F}\u{FE8E}\u{FE98}\u{FEDB}")
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
