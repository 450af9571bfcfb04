import Foundation

/// Text in the places that Hugo reads before Markdown: front matter and shortcodes.
enum HugoText {
  /// A double-quoted YAML string on one line.
  static func yaml(_ text: String) -> String {
    var result = "\""
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      let next = index + 1 < scalars.count ? scalars[index + 1] : " "
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      // A theme may render a title or a description as content.
      case "{" where next == "{" || next == "%": result += "\\x7b"
      case _
      where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        || [0x2028, 0x2029, 0xFEFF].contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// An argument that a shortcode takes as it is: a raw string, in which a backtick cannot stand.
  static func plainArgument(_ text: String) -> String {
    let inside = text.map { $0 == "`" ? "’" : $0.isNewline ? " " : String($0) }.joined()
    return "`" + inside.replacing("{{", with: "{ {").replacing("{{", with: "{ {").replacing("{%", with: "{ %") + "`"
  }

  /// Text for an argument that a shortcode renders as Markdown: everything with a meaning there, or to the shortcode, is
  /// an entity. Backslashes would not do: Hugo drops them.
  static func entities(_ text: String) -> String {
    let inside = text.map { character in
      if character.isNewline { return " " }
      guard let ascii = character.asciiValue, "\\`*_[]<>|~#$&{}\"'".utf8.contains(ascii) else {
        return String(character)
      }
      return "&#\(ascii);"
    }.joined()
    return inside.replacing("--", with: "-&#45;").replacing("...", with: ".&#46;.")
  }

  /// A folder's name in a web address: small letters, digits, hyphens.
  static func slug(_ text: String) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.isEmpty ? "report" : words.joined(separator: "-")
  }

  /// What a run recorded as its date, where it is one that YAML reads as a date.
  static func date(_ text: String) -> String? {
    text.wholeMatch(of: /\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?/) == nil ? nil : text
  }
}
