/// The script of a token's text, by the Unicode names of its characters.
public enum TokenScript: String, Sendable, CaseIterable {
  case latin, greek, cyrillic, han, kana, hangul, arabic, hebrew, devanagari
  /// Letters of other scripts.
  case letters
  case digits
  /// Neither letters nor digits: punctuation, spaces, and what the vocabulary spells in angle brackets, as bytes, control
  /// tokens and tags.
  case other

  public var title: String {
    switch self {
    case .latin, .greek, .cyrillic, .arabic, .hebrew, .devanagari, .hangul:
      rawValue.prefix(1).uppercased() + rawValue.dropFirst()
    case .han: "Chinese characters"
    case .kana: "Kana"
    case .letters: "other letters"
    case .digits: "digits"
    case .other: "punctuation, space, other"
    }
  }

  /// That of its first letter or, in a text without one, digits or other.
  public init(of text: String) {
    self = .other
    if text.hasPrefix("<"), text.hasSuffix(">") { return }
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
        .spacingMark, .enclosingMark:
        self = Self(named: scalar.properties.name ?? "")
        return
      case .decimalNumber: self = .digits
      default: continue
      }
    }
  }

  /// "LATIN SMALL LETTER A", "HALFWIDTH KATAKANA LETTER A".
  private init(named name: String) {
    let words = name.split(separator: " ").drop { $0 == "FULLWIDTH" || $0 == "HALFWIDTH" }
    self =
      switch words.first {
      case "LATIN": .latin
      case "GREEK": .greek
      case "CYRILLIC": .cyrillic
      case "CJK": .han
      case "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA": .kana
      case "HANGUL": .hangul
      case "ARABIC": .arabic
      case "HEBREW": .hebrew
      case "DEVANAGARI": .devanagari
      default: .letters
      }
  }
}
