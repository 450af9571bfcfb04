import Words

/// Prose as Markdown of one flavour.
struct MarkdownText {
  let flavour: MarkdownFlavour

  init(_ flavour: MarkdownFlavour) { self.flavour = flavour }

  /// Harmless anywhere: in a paragraph, a heading or a table cell.
  func escaped(_ text: String) -> String {
    var result = ""
    var last: Character?
    for character in VisibleText.of(text) {
      if character.isNewline {
        result += " "
      } else if let escape = flavour.escapes[character] {
        result += escape
      } else {
        let isCall = flavour.callsInCode && last == "{" && character == "%"
        if isCall || (character == last && flavour.unrepeated.contains(character)) { result.append("\\") }
        result.append(character)
      }
      last = character
    }
    return result
  }

  /// - Parameter isCell: a pipe would end a table cell even inside code.
  func prose(_ prose: Prose, isCell: Bool = false) -> String {
    prose.inlines.indices.map { index in
      switch prose.inlines[index] {
      case .text(let text): return escaped(text)
      case .interval(let interval):
        return self.interval(interval.text, before: prose.inlines.dropFirst(index + 1).first)
      case .strong(let text), .marked(.changed, let text): return "**\(escaped(text))**"
      case .emphasis(let text): return "*\(escaped(text))*"
      case .code(let text): return code(text, isCell: isCell)
      case .number(let number): return escaped(number.text)
      case .marked(_, let text): return escaped(text)
      case .reference(let anchor, let text):
        let isReachable =
          switch flavour.anchors {
          case .everything: true
          case .sections: Section.Key.ofReport.contains { $0.rawValue == anchor }
          case .nothing: false
          }
        return isReachable ? "[\(escaped(text))](#\(anchor))" : escaped(text)
      case .link(let url, let text): return "[\(escaped(text))](<\(Self.destination(url))>)"
      }
    }.joined()
  }

  /// `[3.1, 3.2]` is no link as long as no parenthesis, bracket or colon follows.
  private func interval(_ text: String, before next: Inline?) -> String {
    guard flavour.keepsIntervals, text.hasPrefix("["), text.allSatisfy({ "[]+−.,% †×".contains($0) || $0.isNumber })
    else { return escaped(text) }
    if let next, let first = Prose([next]).plain.first, "([:".contains(first) { return escaped(text) }
    return text
  }

  private static func destination(_ url: String) -> String {
    url.map { character in
      switch character {
      case "<": "%3C"
      case ">": "%3E"
      case "{": "%7B"
      case "}": "%7D"
      case "\\": "%5C"
      default: character.isNewline ? "" : String(character)
      }
    }.joined()
  }

  /// A paragraph that would start like a list item or a heading is told not to.
  func paragraph(_ prose: Prose) -> String {
    let text = self.prose(prose)
    guard let first = text.first else { return text }
    if first == "+" || first == "-" || first == ":" { return "\\" + text }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    if !digits.isEmpty, let next = text.dropFirst(digits.count).first, next == "." || next == ")" {
      return digits + "\\" + text.dropFirst(digits.count)
    }
    return text
  }

  // MARK: Code

  /// A code span around text that may hold backticks.
  func code(_ text: String, isCell: Bool = false) -> String {
    if isCall(text) { return escaped(text) }
    let longest = text.split { $0 != "`" }.map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: longest + 1)
    let padding = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
    let inside = isCell ? text.map { $0 == "|" ? "\\|" : String($0) }.joined() : text
    return fence + padding + inside + padding + fence
  }

  /// A fenced block whose fence is longer than any in the text. Where code cannot hold the text, lines of a paragraph.
  func codeBlock(_ text: String) -> String {
    if isCall(text) {
      let lines = text.hasSuffix("\n") ? text.dropLast() : text[...]
      return lines.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
        let indent = line.prefix { $0 == " " }.count
        return String(repeating: "&nbsp;", count: indent) + paragraph(Prose(String(line.dropFirst(indent))))
      }.map { $0.isEmpty ? "&nbsp;" : $0 }.joined(separator: "\\\n")
    }
    let longest = text.split { $0 != "`" }.map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return fence + "\n" + (text.hasSuffix("\n") ? text : text + "\n") + fence
  }

  private func isCall(_ text: String) -> Bool {
    flavour.callsInCode && (text.contains("{{") || text.contains("{%"))
  }

  // MARK: Tables

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

  /// Rows of a group come after a row with its title.
  func table(_ table: TableBlock) -> String {
    Self.table(
      columns: table.columns.map { (escaped($0.title), $0.alignment == .right) },
      rows: table.rows.enumerated().flatMap { index, row in
        (table.groupTitle(before: index).map { [["*\(escaped($0))*"]] } ?? [])
          + [row.map { prose($0, isCell: true) }]
      })
  }
}
