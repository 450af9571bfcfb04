/// Cairo's SVG made safe for a page.
///
/// Cairo 1.16 numbers glyph symbols anew in every file (`glyph0-1`): two figures inlined in one page would show each
/// other's letters. It also counts surfaces over the life of the process (`surface7`), so bytes would depend on what was
/// drawn before. Here every id gets the figure's prefix, the surface's id goes, and the root element says what the
/// figure is, for screen readers.
struct SVGDocument {
  /// What stands between Cairo's root tags, ids rewritten.
  private let body: String
  private let idPrefix: String

  init(_ raw: String, idPrefix: String) {
    self.idPrefix = idPrefix
    var text = Substring(raw)
    if let root = text.range(of: "<svg"), let open = text[root.upperBound...].range(of: ">") {
      text = text[open.upperBound...]
    }
    if let close = text.range(of: "</svg>", backwards: true) { text = text[..<close.lowerBound] }
    var body = String(text).replacing(between: "<g id=\"surface", and: ">") { _ in "<g>" }
    body = body.replacing(between: " id=\"", and: "\"") { " id=\"\(idPrefix)-\($0)\"" }
    body = body.replacing(between: "xlink:href=\"#", and: "\"") { "xlink:href=\"#\(idPrefix)-\($0)\"" }
    body = body.replacing(between: "url(#", and: ")") { "url(#\(idPrefix)-\($0))" }
    self.body = body.trimmingLines
  }

  /// A file of its own.
  func standalone(_ figure: Figure, list: DrawList) -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + root(figure, list: list, size: "width=\"\(number(list.width))pt\" height=\"\(number(list.height))pt\" ")
      + body + "\n</svg>\n"
  }

  /// An element of an HTML page, as wide as its container, colours as CSS variables.
  func inline(_ figure: Figure, list: DrawList) -> String {
    root(figure, list: list, size: "")
      + body.replacing(between: "rgb(", and: ")") { code in
        RoleCode.decode(code).map { "var(--fig-\($0.rawValue))" } ?? "rgb(\(code))"
      } + "\n</svg>"
  }

  private func root(_ figure: Figure, list: DrawList, size: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" \(size)\
    viewBox="0 0 \(number(list.width)) \(number(list.height))" role="img" \
    aria-labelledby="\(idPrefix)-title \(idPrefix)-desc">
    <title id="\(idPrefix)-title">\(escaped(figure.title))</title>
    <desc id="\(idPrefix)-desc">\(escaped(figure.altText))</desc>

    """
  }

  /// Two decimals, as coordinates are read by programs.
  private func number(_ length: Points) -> String {
    let hundredths = Int((length.value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100)" + (fraction == 0 ? "" : fraction < 10 ? ".0\(fraction)" : ".\(fraction)")
  }

  private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}

/// Writes a colour role as a colour that Cairo passes through, and reads it back from Cairo's percentages.
enum RoleCode {
  static func encode(_ role: ColorRole) -> RGB {
    let index = ColorRole.allCases.firstIndex(of: role) ?? 0
    return RGB(UInt32(index + 1) << 16 | 0x00_01_02)
  }

  /// - Parameter code: what stands inside `rgb(…)`: three percentages.
  static func decode(_ code: some StringProtocol) -> ColorRole? {
    let bytes = code.split(separator: ",").compactMap { part -> Int? in
      let digits = String(part.filter { $0.isNumber || $0 == "." || $0 == "-" || $0 == "e" })
      return Double(digits).map { Int(($0 * 2.55).rounded()) }
    }
    guard bytes.count == 3, bytes[1] == 1, bytes[2] == 2, (1...ColorRole.allCases.count).contains(bytes[0]) else {
      return nil
    }
    return ColorRole.allCases[bytes[0] - 1]
  }
}

extension String {
  /// Replaces each stretch from `start` to `end`, both included, by what `body` makes of the text between them.
  fileprivate func replacing(between start: String, and end: String, with body: (Substring) -> String) -> String {
    var result = ""
    var rest = Substring(self)
    while let open = rest.range(of: start), let close = rest[open.upperBound...].range(of: end) {
      result += rest[..<open.lowerBound] + body(rest[open.upperBound..<close.lowerBound])
      rest = rest[close.upperBound...]
    }
    return result + rest
  }

  fileprivate var trimmingLines: String {
    split(separator: "\n").joined(separator: "\n")
  }
}

extension Substring {
  /// Plain search over UTF-8, which is what large generated texts need.
  fileprivate func range(of text: String, backwards: Bool = false) -> Swift.Range<Index>? {
    let needle = Array(text.utf8)
    let bytes = utf8
    guard let first = needle.first, let last = needle.last else { return nil }
    if backwards {
      var end = bytes.endIndex
      while let found = bytes[..<end].lastIndex(of: last) {
        let upper = bytes.index(after: found)
        if let lower = bytes.index(upper, offsetBy: -needle.count, limitedBy: bytes.startIndex),
          bytes[lower..<upper].elementsEqual(needle)
        {
          return lower..<upper
        }
        end = found
      }
      return nil
    }
    var start = bytes.startIndex
    while let found = bytes[start...].firstIndex(of: first) {
      if let upper = bytes.index(found, offsetBy: needle.count, limitedBy: bytes.endIndex),
        bytes[found..<upper].elementsEqual(needle)
      {
        return found..<upper
      }
      start = bytes.index(after: found)
    }
    return nil
  }
}
