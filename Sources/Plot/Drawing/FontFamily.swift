import CCairo
import Foundation

/// The styles that figures set.
public enum FontStyle: String, Sendable, CaseIterable {
  case regular, semibold, italic

  fileprivate var file: String {
    switch self {
    case .regular: "Inter-Regular.otf"
    case .semibold: "Inter-SemiBold.otf"
    case .italic: "Inter-Italic.otf"
    }
  }
}

/// The shipped font, loaded by file through FreeType: no fontconfig, no hinting, so that text has the same width on
/// every machine. A character that it lacks is an error, never an empty box.
///
/// A class because it owns FreeType's library and faces. Not for use from several threads at once.
public final class FontFamily {
  /// One glyph of a line: its number in the font and where it starts, in points from the line's start.
  struct Glyph {
    var index: UInt
    var x: Points
  }

  private final class Face {
    let face: FT_Face
    let cairo: OpaquePointer
    let unitsPerEm: Double
    let name: String

    init(face: FT_Face, name: String) {
      self.face = face
      self.name = name
      cairo = clearbox_cairo_face(face)
      unitsPerEm = Double(clearbox_units_per_em(face))
    }
  }

  private let library: FT_Library
  private var faces: [FontStyle: Face] = [:]

  /// - Parameter folder: holds `Inter-Regular.otf`, `Inter-SemiBold.otf`, `Inter-Italic.otf`.
  /// - Throws: `PlotError.unreadableFont` naming the file.
  public init(folder: URL) throws(PlotError) {
    var opened: FT_Library?
    guard FT_Init_FreeType(&opened) == 0, let opened else {
      throw .unreadableFont(path: folder.path)
    }
    library = opened
    for style in FontStyle.allCases {
      let path = folder.appendingPathComponent(style.file).path
      var face: FT_Face?
      guard FT_New_Face(library, path, 0, &face) == 0, let face else { throw .unreadableFont(path: path) }
      faces[style] = Face(face: face, name: style.file)
    }
  }

  deinit {
    for face in faces.values {
      cairo_font_face_destroy(face.cairo)
      // Cairo may keep its scaled copies of the face in a cache that outlives us: the FreeType face and library are
      // left to the process, as Cairo's documentation asks of whoever cannot know when the last copy went.
    }
  }

  func cairoFace(_ style: FontStyle) -> OpaquePointer? { faces[style]?.cairo }

  /// Glyphs of a line of text with kerning, and the line's width.
  /// - Throws: `PlotError.missingGlyph`.
  func layout(_ text: String, style: FontStyle, size: Points) throws(PlotError) -> (glyphs: [Glyph], width: Points) {
    guard let face = faces[style] else { throw .unreadableFont(path: style.file) }
    let scale = size.value / face.unitsPerEm
    var glyphs: [Glyph] = []
    var x = 0.0
    var previous: UInt32 = 0
    for scalar in text.unicodeScalars {
      let index = FT_Get_Char_Index(face.face, FT_ULong(scalar.value))
      guard index != 0 else {
        throw .missingGlyph(character: String(Character(scalar)), text: text, font: face.name)
      }
      if previous != 0 { x += Double(clearbox_kerning(face.face, previous, index)) * scale }
      glyphs.append(Glyph(index: UInt(index), x: Points(x)))
      x += Double(clearbox_advance(face.face, index)) * scale
      previous = index
    }
    return (glyphs, Points(x))
  }

  /// Width of a line of text.
  public func width(of text: String, style: FontStyle, size: Points) throws(PlotError) -> Points {
    try layout(text, style: style, size: size).width
  }
}
