import Words

/// The Markdown that an author's text may use: paragraphs, lists with `-`, `**strong**`, `*emphasis*`, `code`,
/// `[links](https://…)`, and `{{id}}` for a number of the report. Anything else stands as it is written.
struct AuthorMarkdown {
  /// The number of an id.
  let number: (String) throws -> BoundNumber

  func blocks(_ text: String) throws -> [Block] {
    var blocks: [Block] = []
    for part in paragraphs(text) {
      if part.allSatisfy({ $0.hasPrefix("- ") || $0.hasPrefix("  ") }), part[0].hasPrefix("- ") {
        var items: [String] = []
        for line in part {
          if line.hasPrefix("- ") {
            items.append(String(line.dropFirst(2)))
          } else {
            items[items.count - 1] += " " + line.drop { $0 == " " }
          }
        }
        blocks.append(.list(try items.map(prose)))
      } else {
        blocks.append(.paragraph(try prose(part.joined(separator: " "))))
      }
    }
    return blocks
  }

  /// Lines between empty ones.
  private func paragraphs(_ text: String) -> [[String]] {
    var parts: [[String]] = [[]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.allSatisfy(\.isWhitespace) { parts.append([]) } else { parts[parts.count - 1].append(String(line)) }
    }
    return parts.filter { !$0.isEmpty }
  }

  func prose(_ text: String) throws -> Prose {
    var inlines: [Inline] = []
    var plain = ""
    var rest = Substring(text)
    func flush() {
      if !plain.isEmpty { inlines.append(.text(plain)) }
      plain = ""
    }
    while !rest.isEmpty {
      if let (inside, after) = between("{{", "}}", rest) {
        flush()
        inlines.append(.number(try number(inside.trimmingCharacters(in: .whitespaces))))
        rest = after
      } else if let (inside, after) = between("**", "**", rest) {
        flush()
        inlines.append(.strong(inside))
        rest = after
      } else if let (inside, after) = between("*", "*", rest), inside.first != " ", inside.last != " " {
        flush()
        inlines.append(.emphasis(inside))
        rest = after
      } else if let (inside, after) = between("`", "`", rest) {
        flush()
        inlines.append(.code(inside))
        rest = after
      } else if let (title, after) = between("[", "](", rest), let close = after.firstIndex(of: ")"),
        ["https://", "http://", "mailto:"].contains(where: after.hasPrefix), !title.contains("[")
      {
        flush()
        inlines.append(.link(url: String(after[..<close]), text: title))
        rest = after[after.index(after: close)...]
      } else {
        plain.append(rest.removeFirst())
      }
    }
    flush()
    return Prose(inlines)
  }

  /// What stands between two marks at the beginning, and what follows.
  private func between(_ start: String, _ end: String, _ text: Substring) -> (String, Substring)? {
    guard text.hasPrefix(start) else { return nil }
    let inside = text.dropFirst(start.count)
    guard let close = inside.firstRange(of: end), close.lowerBound > inside.startIndex else { return nil }
    return (String(inside[..<close.lowerBound]), inside[close.upperBound...])
  }
}
