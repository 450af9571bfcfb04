extension String {
  /// One line: a digest by its first digits, a long text by its beginning, a long path by its end.
  func shortened(toDigits digits: Int, characters: Int) -> String {
    if count == 64, allSatisfy(\.isHexDigit) { return prefix(digits) + "…" }
    let line = split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
    guard line.count > characters else { return line }
    let isPath = line.contains("/") && !line.contains(" ")
    return isPath ? "…" + line.suffix(characters - 1) : line.prefix(characters - 1) + "…"
  }
}

extension Double {
  /// "95" of 0.95.
  var inPercent: String {
    let text = String((self * 1e6).rounded() / 1e4)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
