/// Prose as GitHub-flavoured Markdown.
enum MarkdownText {
  private static let special: Set<Character> = ["\\", "`", "*", "_", "[", "]", "<", ">", "|", "~", "#", "$"]

  /// Harmless anywhere: in a paragraph, a heading or a table cell.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if character == "&" {
        result += "&amp;"
      } else if character.isNewline {
        result += " "
      } else {
        if special.contains(character) { result.append("\\") }
        result.append(character)
      }
    }
    return result
  }

  static func prose(_ prose: Prose) -> String {
    prose.inlines.map { inline in
      switch inline {
      case .text(let text), .interval(let text): escaped(text)
      case .strong(let text): "**\(escaped(text))**"
      case .emphasis(let text): "*\(escaped(text))*"
      case .code(let text): code(text)
      case .number(let number): escaped(number.text)
      case .reference(let anchor, let text): "[\(escaped(text))](#\(anchor))"
      case .link(let url, let text): "[\(escaped(text))](<\(url)>)"
      }
    }.joined()
  }

  /// A paragraph that would start like a list item or a heading is told not to.
  static func paragraph(_ prose: Prose) -> String {
    let text = self.prose(prose)
    guard let first = text.first else { return text }
    if first == "+" || first == "-" { return "\\" + text }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    if !digits.isEmpty, let next = text.dropFirst(digits.count).first, next == "." || next == ")" {
      return digits + "\\" + text.dropFirst(digits.count)
    }
    return text
  }

  /// A code span around text that may hold backticks; a pipe would end a table cell even here.
  static func code(_ text: String) -> String {
    let longest = text.split { $0 != "`" }.map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: longest + 1)
    let padding = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
    let inside = text.map { $0 == "|" ? "\\|" : String($0) }.joined()
    return fence + padding + inside + padding + fence
  }

  /// A fenced block whose fence is longer than any in the text.
  static func codeBlock(_ text: String) -> String {
    let longest = text.split { $0 != "`" }.map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return fence + "\n" + (text.hasSuffix("\n") ? text : text + "\n") + fence
  }

  /// A pipe table with its columns aligned in the source too.
  static func table(columns: [(title: String, isRight: Bool)], rows: [[String]]) -> String {
    let grid = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in
      max(3, grid.map { column < $0.count ? $0[column].count : 0 }.max() ?? 3)
    }
    func line(_ cells: [String]) -> String {
      "| "
        + columns.indices.map { column in
          let cell = column < cells.count ? cells[column] : ""
          let space = String(repeating: " ", count: max(0, widths[column] - cell.count))
          return columns[column].isRight ? space + cell : cell + space
        }.joined(separator: " | ") + " |"
    }
    let rule =
      "|"
      + columns.indices.map { column in
        let dashes = String(repeating: "-", count: widths[column] + 1)
        return columns[column].isRight ? dashes + ":" : ":" + dashes
      }.joined(separator: "|") + "|"
    return ([line(columns.map(\.title)), rule] + rows.map(line)).joined(separator: "\n")
  }
}
