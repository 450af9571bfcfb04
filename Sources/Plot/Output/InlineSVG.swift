/// An SVG element with fewer bytes, for a page that holds each figure twice. Outlines and the places of letters lose what
/// lies beyond 0.01 points; paths lose the spaces that SVG does not need, and the move after their end that Cairo adds;
/// styles lose what holds without them, and stand once for neighbours that share one. Everything else stays as it is: texts,
/// colours, transformations.
///
/// Path data as in SVG 1.1, section 8.3.9: between two numbers a space stands only where the second has no sign.
package enum InlineSVG {
  private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

  package static func compact(_ svg: String) -> String {
    var svg = svg
    let bytes = svg.withUTF8 { compact($0) }
    return String(decoding: withSharedStyles(bytes), as: UTF8.self)
  }

  private static func compact(_ svg: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(svg.count)
    var place = 0
    var isInTag = false
    while place < svg.count {
      let byte = svg[place]
      place += 1
      result.append(byte)
      switch byte {
      case UInt8(ascii: "<"): isInTag = true
      case UInt8(ascii: ">"):
        isInTag = false
        if svg[place...].starts(with: "\n  <".utf8) {
          result.append(UInt8(ascii: "\n"))
          place += 3
        }
      case UInt8(ascii: "\"") where isInTag:
        let end = svg[place...].firstIndex(of: byte) ?? svg.count
        append(svg[place..<end], to: &result)
        place = end
        if end < svg.count {
          result.append(byte)
          place += 1
        }
      default: break
      }
    }
    return result
  }

  /// An attribute's value, after its name and the quotation mark.
  private static func append(_ value: Bytes, to result: inout [UInt8]) {
    func follows(_ name: StaticString) -> Bool {
      result.suffix(name.utf8CodeUnitCount).elementsEqual(
        UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
    if follows(" d=\"") || follows(" x=\"") || follows(" y=\"") {
      result += outline(value) ?? Array(value)
    } else if follows(" style=\"") {
      result += style(value)
    } else if follows(" xlink:href=\"") {
      result.removeLast("xlink:href=\"".utf8.count)
      result += Array("href=\"".utf8) + value
    } else {
      result += value
    }
  }

  /// Initial values (SVG 1.1, chapter 11), which none of Cairo's groups changes for what it holds.
  private static let initialValues = [
    "fill-rule:nonzero", "fill-opacity:1", "stroke-opacity:1", "stroke-linecap:butt", "stroke-linejoin:miter",
    "stroke-dashoffset:0",
  ].map { Array($0.utf8) }
  private static let roundJoin = Array("stroke-linejoin:round".utf8)
  private static let miterLimit = Array("stroke-miterlimit:".utf8)

  /// Declarations without initial values, and without a miter limit where no joint is mitred.
  private static func style(_ declarations: Bytes) -> [UInt8] {
    let parts = declarations.split(separator: UInt8(ascii: ";")).map { $0.drop { $0 == UInt8(ascii: " ") } }
    let isRound = parts.contains { $0.elementsEqual(roundJoin) }
    let kept = parts.filter { part in
      !initialValues.contains { part.elementsEqual($0) } && !(isRound && part.starts(with: miterLimit))
    }
    return Array(kept.joined(separator: [UInt8(ascii: ";")]))
  }

  private static let styledPath = Array("<path style=\"".utf8)

  /// Neighbouring lines that each are a path with the same style become a group that has it.
  private static func withSharedStyles(_ svg: [UInt8]) -> [UInt8] {
    let lines = svg.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    func style(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
      guard line.starts(with: styledPath), line.suffix(2).elementsEqual("/>".utf8) else { return nil }
      return line.dropFirst(styledPath.count).prefix { $0 != UInt8(ascii: "\"") }
    }
    var result: [UInt8] = []
    result.reserveCapacity(svg.count)
    var first = 0
    while first < lines.count {
      let shared = style(lines[first])
      var end = first + 1
      if let shared { while end < lines.count, style(lines[end]) == shared { end += 1 } }
      if let shared, end - first > 1 {
        result += Array("<g style=\"".utf8) + shared + Array("\">\n".utf8)
        for line in lines[first..<end] {
          result += Array("<path".utf8) + line.dropFirst(styledPath.count + shared.count + 1) + [UInt8(ascii: "\n")]
        }
        result += Array("</g>".utf8)
      } else {
        result += lines[first]
      }
      first = end
      if first < lines.count { result.append(UInt8(ascii: "\n")) }
    }
    return result
  }

  /// Path data, or one coordinate; nil where there is more than commands and plain decimal numbers.
  private static func outline(_ data: Bytes) -> [UInt8]? {
    var result: [UInt8] = []
    var lastMove: (start: Int, numbers: Int)?
    var isAfterNumber = false
    var rest = data
    while let byte = rest.first {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: "\n"):
        rest.removeFirst()
      case _ where "MLHVCSQTZmlhvcsqtz".utf8.contains(byte):
        // Only a move straight after the end of an outline can be Cairo's.
        lastMove = byte == UInt8(ascii: "M") && result.last == UInt8(ascii: "Z") ? (result.count, 0) : nil
        result.append(byte)
        isAfterNumber = false
        rest.removeFirst()
      default:
        guard let number = rounded(&rest) else { return nil }
        if isAfterNumber, number.first != UInt8(ascii: "-") { result.append(UInt8(ascii: " ")) }
        result += number
        lastMove?.numbers += 1
        isAfterNumber = true
      }
    }
    if let lastMove, lastMove.numbers == 2 { result.removeLast(result.count - lastMove.start) }
    return result
  }

  /// The decimal number that `rest` begins with, to two decimals and without zeros that say nothing: `-.5`, `12`, `3.07`.
  private static func rounded(_ rest: inout Bytes) -> [UInt8]? {
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest.removeFirst() }
    var (thousandths, decimals, digits) = (0, -1, 0)
    while let byte = rest.first {
      if byte == UInt8(ascii: "."), decimals < 0 {
        decimals = 0
      } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        digits += 1
        if decimals < 3 { thousandths = thousandths * 10 + Int(byte - UInt8(ascii: "0")) }
        if decimals >= 0 { decimals += 1 }
      } else {
        break
      }
      rest.removeFirst()
    }
    guard (1...12).contains(digits) else { return nil }
    for _ in min(max(decimals, 0), 3)..<3 { thousandths *= 10 }
    let hundredths = (thousandths + 5) / 10
    var text: [UInt8] = isNegative && hundredths > 0 ? [UInt8(ascii: "-")] : []
    if hundredths >= 100 || hundredths == 0 { text += Array(String(hundredths / 100).utf8) }
    let (tenth, hundredth) = (UInt8(hundredths / 10 % 10), UInt8(hundredths % 10))
    if tenth > 0 || hundredth > 0 { text += [UInt8(ascii: "."), UInt8(ascii: "0") + tenth] }
    if hundredth > 0 { text.append(UInt8(ascii: "0") + hundredth) }
    return text
  }
}
