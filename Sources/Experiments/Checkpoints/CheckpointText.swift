import Words

/// What a `CheckpointError` says. Texts from files are cut, and their control characters and line feeds written as
/// `\u{A}`: whatever a file holds, a message stays one line in our words.
struct CheckpointText: ExpressibleByStringInterpolation {
  let text: String

  init(stringLiteral text: String) { self.text = text }
  init(stringInterpolation parts: StringInterpolation) { text = parts.text }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { text += literal }
    /// A short name or a value of a file.
    mutating func appendInterpolation(_ value: String) { append(value, most: 80) }
    /// The name of a tensor.
    mutating func appendInterpolation(long name: String) { append(name, most: 160) }
    /// Our words around names of the file.
    mutating func appendInterpolation(words: String) { append(words, most: 480) }
    mutating func appendInterpolation(path: String) { append(path, most: 4096) }
    mutating func appendInterpolation(_ number: Int) { text += "\(number)" }
    mutating func appendInterpolation(_ shape: [Int]) { append("\(shape)", most: 80) }

    /// Counted in scalars: one character may have any number of them.
    private mutating func append(_ value: String, most: Int) {
      let start = value.unicodeScalars.prefix(most)
      text += VisibleText.of(String(String.UnicodeScalarView(start))).replacing("\n", with: "\\u{A}").replacing(
        "\t", with: "\\u{9}")
      if start.endIndex < value.endIndex { text += "…" }
    }
  }
}
