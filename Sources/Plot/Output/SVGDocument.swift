import Codecs
import Words

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
    var text = Array(raw.utf8)[...]
    if let root = text.range(of: "<svg"), let open = text[root.upperBound...].range(of: ">") {
      text = text[open.upperBound...]
    }
    if let close = text.lastRange(of: "</svg>") { text = text[..<close.lowerBound] }
    var body = text.replacing([
      ("<g id=\"surface", ">", { _ in Array("<g>".utf8) }),
      (" id=\"", "\"", { Array(" id=\"\(idPrefix)-".utf8) + $0 + Array("\"".utf8) }),
      ("xlink:href=\"#", "\"", { Array("xlink:href=\"#\(idPrefix)-".utf8) + $0 + Array("\"".utf8) }),
      ("url(#", ")", { Array("url(#\(idPrefix)-".utf8) + $0 + Array(")".utf8) }),
    ])
    body.removeEmptyLines()
    self.body = String(decoding: body, as: UTF8.self)
  }

  /// CRC-32 of the drawing, in hexadecimal.
  var checksum: String { String(Array(body.utf8).withUnsafeBytes { crc32($0) }, radix: 16) }

  /// A file of its own, which says what it was made from (Dublin Core in RDF, as SVG 1.1, chapter 21, suggests).
  func standalone(_ figure: Figure, list: DrawList, creator: String, date: String) -> String {
    let terms = [
      ("format", "image/svg+xml"), ("title", figure.title), ("creator", creator), ("date", date),
      ("source", figure.source),
    ]
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + root(figure, list: list, size: "width=\"\(number(list.width))pt\" height=\"\(number(list.height))pt\" ")
        + """
        <metadata>
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <rdf:Description rdf:about="">
        \(terms.map { "<dc:\($0)>\(escaped($1))</dc:\($0)>\n" }.joined())\
        </rdf:Description>
        </rdf:RDF>
        </metadata>

        """ + body + "\n</svg>\n"
  }

  /// An element of an HTML page, as wide as its container, colours as CSS variables.
  func inline(_ figure: Figure, list: DrawList) -> String {
    root(figure, list: list, size: "")
      + String(
        decoding: Array(body.utf8)[...].replacing([
          (
            "rgb(", ")",
            { code in
              let code = String(decoding: code, as: UTF8.self)
              return Array((RoleCode.decode(code).map { "var(--fig-\($0.rawValue))" } ?? "rgb(\(code))").utf8)
            }
          )
        ]), as: UTF8.self) + "\n</svg>"
  }

  private func root(_ figure: Figure, list: DrawList, size: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" \(size)\
    viewBox="0 0 \(number(list.width)) \(number(list.height))" role="img" \
    aria-labelledby="\(idPrefix)-title \(idPrefix)-desc">
    <title id="\(idPrefix)-title">\(escaped(figure.title))</title>
    <desc id="\(idPrefix)-desc">\(escaped(figure.altText.plain))</desc>

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
    for character in VisibleText.of(text) {
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

/// UTF-8 of large generated texts: plain searches.
extension ArraySlice<UInt8> {
  /// A stretch from a beginning to an end, both included, and what becomes of it, by what stands between them.
  fileprivate typealias Rule = (start: String, end: String, body: (ArraySlice<UInt8>) -> [UInt8])

  /// Replaces in one pass the stretches of all rules; what a rule has put in is not looked at again.
  fileprivate func replacing(_ rules: [Rule]) -> [UInt8] {
    let starts = rules.map { Array($0.start.utf8) }
    var result: [UInt8] = []
    result.reserveCapacity(count + count / 8)
    var (pending, position) = (startIndex, startIndex)
    withUnsafeBufferPointer { bytes in
      // Bytes with which a rule's beginning begins.
      var begins = [Bool](repeating: false, count: 256)
      for start in starts { begins[Int(start[0])] = true }
      while position < endIndex {
        let offset = position - startIndex
        guard begins[Int(bytes[offset])],
          let index = starts.firstIndex(where: { self[position...].starts(with: $0) }),
          let close = self[(position + starts[index].count)...].range(of: rules[index].end)
        else {
          position += 1
          continue
        }
        result += self[pending..<position]
        result += rules[index].body(self[(position + starts[index].count)..<close.lowerBound])
        position = close.upperBound
        pending = position
      }
    }
    return result + self[pending...]
  }

  fileprivate func range(of text: String) -> Range<Int>? {
    let needle = Array(text.utf8)
    var start = startIndex
    while let found = self[start...].firstIndex(of: needle[0]) {
      if self[found...].starts(with: needle) { return found..<found + needle.count }
      start = found + 1
    }
    return nil
  }

  fileprivate func lastRange(of text: String) -> Range<Int>? {
    let needle = Array(text.utf8)
    var end = endIndex
    while let found = self[..<end].lastIndex(of: needle[0]) {
      if self[found...].starts(with: needle) { return found..<found + needle.count }
      end = found
    }
    return nil
  }
}

extension [UInt8] {
  fileprivate mutating func removeEmptyLines() {
    var kept = 0
    for byte in self where byte != UInt8(ascii: "\n") || kept > 0 && self[kept - 1] != UInt8(ascii: "\n") {
      self[kept] = byte
      kept += 1
    }
    removeLast(count - kept)
    if last == UInt8(ascii: "\n") { removeLast() }
  }
}
