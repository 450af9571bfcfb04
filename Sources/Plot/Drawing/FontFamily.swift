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

/// The shipped font, loaded by file through FreeType: no hinting, so that text has the same width on every machine.
///
/// What it lacks, such as 漢 or ع in a study's labels, is set in a font of this machine that fontconfig finds, or shown as
/// its code, [U+6F22]. Text that runs from right to left is put in the order and forms that it is read in.
///
/// A class because it owns FreeType's library and faces. Not for use from several threads at once.
public final class FontFamily {
  /// One glyph of a line: its number in a font and where it starts, in points from the line's start.
  struct Glyph {
    /// Cairo's face.
    var face: OpaquePointer
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

    func glyph(of scalar: Unicode.Scalar) -> UInt32? {
      let index = FT_Get_Char_Index(face, FT_ULong(scalar.value))
      return index == 0 ? nil : index
    }
  }

  private let library: FT_Library
  private var faces: [FontStyle: Face] = [:]
  /// Of this machine, by file.
  private var others: [String: Face] = [:]
  /// Where characters that the shipped font lacks were found; nil for those that no font has.
  private var found: [FontStyle: [Unicode.Scalar: Face?]] = [:]

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
      guard let face = open(path, 0) else { throw .unreadableFont(path: path) }
      faces[style] = face
    }
  }

  private func open(_ path: String, _ index: Int32) -> Face? {
    var face: FT_Face?
    guard FT_New_Face(library, path, FT_Long(index), &face) == 0, let face else { return nil }
    return Face(face: face, name: URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent)
  }

  deinit {
    for face in Array(faces.values) + Array(others.values) {
      cairo_font_face_destroy(face.cairo)
      // Cairo may keep its scaled copies of the face in a cache that outlives us: the FreeType face and library are
      // left to the process, as Cairo's documentation asks of whoever cannot know when the last copy went.
    }
  }

  /// Glyphs of a line of text with kerning, and the line's width.
  func layout(_ text: String, style: FontStyle, size: Points) throws(PlotError) -> (glyphs: [Glyph], width: Points) {
    guard let own = faces[style] else { throw .unreadableFont(path: style.file) }
    var glyphs: [Glyph] = []
    var x = 0.0
    var previous: (face: Face, index: UInt32)?
    func set(_ index: UInt32, of face: Face) {
      let scale = size.value / face.unitsPerEm
      if let previous, previous.face === face {
        x += Double(clearbox_kerning(face.face, previous.index, index)) * scale
      }
      glyphs.append(Glyph(face: face.cairo, index: UInt(index), x: Points(x)))
      x += Double(clearbox_advance(face.face, index)) * scale
      previous = (face, index)
    }
    for scalar in VisualOrder.scalars(of: text, has: { face(with: $0, style) != nil }) {
      if let index = own.glyph(of: scalar) {
        set(index, of: own)
      } else if let other = face(with: scalar, style), let index = other.glyph(of: scalar) {
        set(index, of: other)
      } else {
        for scalar in Self.replacement(of: scalar).unicodeScalars {
          if let index = own.glyph(of: scalar) { set(index, of: own) }
        }
      }
    }
    return (glyphs, Points(x))
  }

  /// Width of a line of text.
  public func width(of text: String, style: FontStyle, size: Points) throws(PlotError) -> Points {
    try layout(text, style: style, size: size).width
  }

  /// What stands for a character that no font has: nothing where it is invisible, a space, or its code.
  private static func replacement(of scalar: Unicode.Scalar) -> String {
    if scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .format { return "" }
    if scalar.properties.isWhitespace { return " " }
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "[U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
  }

  // MARK: Other fonts

  private func face(with scalar: Unicode.Scalar, _ style: FontStyle) -> Face? {
    if let own = faces[style], own.glyph(of: scalar) != nil { return own }
    if let known = found[style]?[scalar] { return known }
    let face = search(scalar, style)
    found[style, default: [:]].updateValue(face, forKey: scalar)
    return face
  }

  private func search(_ scalar: Unicode.Scalar, _ style: FontStyle) -> Face? {
    if scalar.value < 0x20 || scalar.properties.isDefaultIgnorableCodePoint { return nil }
    var index: Int32 = 0
    guard let path = clearbox_font_with(scalar.value, style == .semibold ? 1 : 0, style == .italic ? 1 : 0, &index)
    else { return nil }
    defer { free(path) }
    let place = "\(String(cString: path)) \(index)"
    if let known = others[place] { return known }
    guard let face = open(String(cString: path), index) else { return nil }
    others[place] = face
    return face
  }

  /// What is not set in the shipped font, and in what instead, as a sentence for people; nil where all is.
  public func substitutions(in texts: [String]) -> String? {
    var instead: [String: [String]] = [:]
    for scalar in Set(texts.joined().unicodeScalars).sorted() where faces[.regular]?.glyph(of: scalar) == nil {
      let other = face(with: scalar, .regular)?.name
      let isVisible = other != nil || Self.replacement(of: scalar).count > 1
      if isVisible { instead[other ?? "", default: []].append("\(scalar)") }
    }
    let parts = instead.sorted { $0.key > $1.key }.map { name, characters in
      characters.joined() + (name.isEmpty ? " as codes, for lack of a font" : " in \(name)")
    }
    return parts.isEmpty
      ? nil : "Inter lacks characters of the labels; figures show " + parts.joined(separator: ", ") + "."
  }
}
