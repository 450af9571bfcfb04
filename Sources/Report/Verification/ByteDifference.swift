/// Where two files first differ, in words.
enum ByteDifference {
  /// Characters of a long line that are shown around the difference.
  private static let shown = 60

  /// - Returns: nil for equal bytes. Of texts, the first line that differs, in both versions; of other bytes, the offset.
  static func lines(found: [UInt8], expected: [UInt8]) -> [String]? {
    guard let offset = firstDifference(found, expected) else { return nil }
    guard isText(found), isText(expected) else {
      func byte(_ bytes: [UInt8]) -> String {
        guard offset < bytes.count else { return "its end" }
        let digits = String(bytes[offset], radix: 16)
        return "0x" + (digits.count == 1 ? "0" : "") + digits
      }
      let sizes = found.count == expected.count ? "" : "; \(found.count) bytes instead of \(expected.count)"
      return ["byte \(offset): \(byte(found)) instead of \(byte(expected))\(sizes)"]
    }
    let line = found[..<offset].count { $0 == lineFeed } + 1
    return ["line \(line):", "  is      \(excerpt(found, offset))", "  expect  \(excerpt(expected, offset))"]
  }

  private static let lineFeed = UInt8(ascii: "\n")

  private static func firstDifference(_ a: [UInt8], _ b: [UInt8]) -> Int? {
    if a == b { return nil }
    let common = min(a.count, b.count)
    return (0..<common).first { a[$0] != b[$0] } ?? common
  }

  private static func isText(_ bytes: [UInt8]) -> Bool {
    !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
  }

  /// The line around a byte, cut where it is long.
  private static func excerpt(_ bytes: [UInt8], _ offset: Int) -> String {
    let start = bytes[..<offset].lastIndex(of: lineFeed).map { $0 + 1 } ?? 0
    guard offset < bytes.count || start < bytes.count else { return "(the file has ended)" }
    let end = bytes[min(offset, bytes.count)...].firstIndex(of: lineFeed) ?? bytes.count
    // Cut between characters: a byte that continues one is no place to begin or to end.
    func whole(_ index: Int) -> Int {
      var index = index
      while index > start, index < end, bytes[index] & 0xC0 == 0x80 { index -= 1 }
      return index
    }
    let (first, last) = (whole(max(start, offset - shown)), whole(min(end, offset + shown)))
    return (first > start ? "…" : "") + String(decoding: bytes[first..<last], as: UTF8.self) + (last < end ? "…" : "")
  }
}
