/// Numbers as people read them, the same on every machine: a true minus sign, commas in thousands, no locale.
///
/// Digits are those of the shortest decimal number that reads back as the same Double, rounded half away from zero:
/// 0.125 to two decimals is 0.13, as a reader who sees 0.125 expects.
public enum NumberText {
  public static let minus = "\u{2212}"

  /// With a fixed number of decimals: `−1,234.50`. Zero has no sign, whichever way it came about.
  /// - Throws: `NumberError` for NaN and infinities.
  public static func fixed(_ value: Double, decimals: Int, of place: String = "number") throws(NumberError) -> String {
    guard value.isFinite else { throw NumberError(value: "\(value)", place: place) }
    let (digits, exponent) = decimalDigits(of: value.magnitude)
    let kept = rounded(digits, exponent: exponent, decimals: max(0, decimals))
    var text = kept
    while text.count < decimals + 1 { text.insert(0, at: 0) }
    let whole = grouped(text.dropLast(max(0, decimals)).map { String($0) }.joined())
    let fraction = text.suffix(max(0, decimals)).map { String($0) }.joined()
    let isZero = kept.allSatisfy { $0 == 0 }
    return (value < 0 && !isZero ? minus : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
  }

  /// As `fixed`, with a plus sign where the rounded number is above zero.
  public static func signed(_ value: Double, decimals: Int, of place: String = "number") throws(NumberError) -> String {
    let text = try fixed(value, decimals: decimals, of: place)
    let isZero = !text.contains { $0.isNumber && $0 != "0" }
    return value > 0 && !isZero ? "+" + text : text
  }

  /// With so many significant digits; below 10⁻⁴ as `2.1 × 10⁻⁵`.
  public static func significant(_ value: Double, digits: Int, of place: String = "number") throws(NumberError)
    -> String
  {
    guard value.isFinite else { throw NumberError(value: "\(value)", place: place) }
    guard value != 0 else { return "0" }
    let magnitude = Int(log10(of: value.magnitude).rounded(.down))
    guard magnitude < -4 else {
      return try fixed(value, decimals: max(0, digits - 1 - magnitude), of: place)
    }
    let mantissa = try fixed(value / exp10(of: Double(magnitude)), decimals: digits - 1, of: place)
    return "\(mantissa) × 10\(superscript(magnitude))"
  }

  /// `50,176`.
  public static func integer(_ value: Int) -> String {
    (value < 0 ? minus : "") + grouped(String(value.magnitude))
  }

  /// `⁻⁵`.
  public static func superscript(_ value: Int) -> String {
    let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    return (value < 0 ? "⁻" : "") + String(String(value.magnitude).map { digits[$0.wholeNumberValue ?? 0] })
  }

  /// Decimals that show an uncertainty of this half-width: one digit of it, two where that digit is 1 or 2.
  ///
  /// 0.6 → 1, 0.031 → 2, 0.021 → 3. Nil where there is no uncertainty to show.
  public static func decimals(forHalfWidth halfWidth: Double) -> Int? {
    guard halfWidth.isFinite, halfWidth > 0 else { return nil }
    let magnitude = log10(of: halfWidth).rounded(.down)
    let leading = halfWidth / exp10(of: magnitude)
    return max(0, min(8, Int(-magnitude) + (leading < 2.95 ? 1 : 0)))
  }

  // MARK: Digits

  /// The shortest digits of a non-negative number, and the power of ten of the last one.
  private static func decimalDigits(of value: Double) -> (digits: [UInt8], exponent: Int) {
    var text = Substring(value.description)
    var exponent = 0
    if let e = text.firstIndex(where: { $0 == "e" }) {
      exponent = Int(text[text.index(after: e)...]) ?? 0
      text = text[..<e]
    }
    if let point = text.firstIndex(of: ".") {
      exponent -= text.distance(from: text.index(after: point), to: text.endIndex)
    }
    return (text.compactMap { $0.wholeNumberValue.map(UInt8.init) }, exponent)
  }

  /// Digits of the number rounded to so many decimals, last digit at 10^(−decimals); at least one digit.
  private static func rounded(_ digits: [UInt8], exponent: Int, decimals: Int) -> [UInt8] {
    let drop = -decimals - exponent
    if drop <= 0 { return digits.trimmedLeadingZeros + Array(repeating: 0, count: -drop) }
    guard drop <= digits.count else { return [0] }
    var kept = Array(digits.dropLast(drop))
    if digits[digits.count - drop] >= 5 {
      var index = kept.count - 1
      while index >= 0, kept[index] == 9 {
        kept[index] = 0
        index -= 1
      }
      if index >= 0 { kept[index] += 1 } else { kept.insert(1, at: 0) }
    }
    return kept.trimmedLeadingZeros
  }

  /// Commas between groups of three digits.
  private static func grouped(_ digits: String) -> String {
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }
}

extension [UInt8] {
  fileprivate var trimmedLeadingZeros: [UInt8] {
    let rest = drop { $0 == 0 }
    return rest.isEmpty ? [0] : Array(rest)
  }
}
