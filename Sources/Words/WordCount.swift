/// How much there is to read.
extension Prose {
  /// Words, as between spaces.
  public var wordCount: Int { plain.split(whereSeparator: \.isWhitespace).count }

  /// Numbers in digits, the ends of intervals and ranges each; digits inside names, such as `int8`, are none.
  public var numeralCount: Int {
    plain.split { $0.isWhitespace || "()[]–/;:".contains($0) }.count { word in
      word.drop { "+\u{2212}±<>≈".contains($0) }.first?.isNumber == true
    }
  }
}
