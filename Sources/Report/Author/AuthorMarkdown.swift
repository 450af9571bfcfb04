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
    // Marks that close nothing from here on: each is looked for to the end once, not from every place.
    var absent: Set<String> = []
    /// The place of a mark in what lies ahead.
    func find(_ mark: String, in text: Substring) -> Range<Substring.Index>? {
      if absent.contains(mark) { return nil }
      let found = text.firstRange(of: mark)
      if found == nil { absent.insert(mark) }
      return found
    }
    /// What stands between two marks at the beginning, and what follows.
    func between(_ start: String, _ end: String) -> (String, Substring)? {
      guard rest.hasPrefix(start) else { return nil }
      let inside = rest.dropFirst(start.count)
      guard let close = find(end, in: inside), close.lowerBound > inside.startIndex else { return nil }
      return (String(inside[..<close.lowerBound]), inside[close.upperBound...])
    }
    /// A link's title, which has no bracket in it, its address, and what follows.
    func link() -> (title: String, url: String, after: Substring)? {
      guard rest.first == "[" else { return nil }
      let inside = rest.dropFirst()
      let title = inside.prefix { $0 != "[" }
      guard let close = title.firstRange(of: "]("), close.lowerBound > title.startIndex else { return nil }
      let address = inside[close.upperBound...]
      guard ["https://", "http://", "mailto:"].contains(where: address.hasPrefix), let end = find(")", in: address)
      else { return nil }
      return (String(title[..<close.lowerBound]), String(address[..<end.lowerBound]), address[end.upperBound...])
    }
    func flush() {
      if !plain.isEmpty { inlines.append(.text(plain)) }
      plain = ""
    }
    while !rest.isEmpty {
      if let (inside, after) = between("{{", "}}") {
        flush()
        inlines.append(.number(try number(inside.trimmingCharacters(in: .whitespaces))))
        rest = after
      } else if let (inside, after) = between("**", "**") {
        flush()
        inlines.append(.strong(inside))
        rest = after
      } else if let (inside, after) = between("*", "*"), inside.first != " ", inside.last != " " {
        flush()
        inlines.append(.emphasis(inside))
        rest = after
      } else if let (inside, after) = between("`", "`") {
        flush()
        inlines.append(.code(inside))
        rest = after
      } else if let (title, url, after) = link() {
        flush()
        inlines.append(.link(url: url, text: title))
        rest = after
      } else {
        plain.append(rest.removeFirst())
      }
    }
    flush()
    return Prose(inlines)
  }
}
