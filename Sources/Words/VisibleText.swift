/// Text from files, made harmless to show: characters that steer a terminal, or turn the direction of reading, are written
/// as `\\u{1B}`.
public enum VisibleText {
  /// Line feeds and tabs stay.
  public static func of(_ text: String) -> String {
    guard text.utf8.contains(where: mayBegin), text.unicodeScalars.contains(where: isHidden) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isHidden(scalar) {
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// The first byte of a hidden character, and of others: most texts have none of them.
  private static func mayBegin(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != 0x09 && byte != 0x0a || byte == 0x7f || [0xc2, 0xd8, 0xe2].contains(byte)
  }

  /// Control characters, and the marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9).
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0a: false
    case 0..<0x20, 0x7f...0x9f, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
