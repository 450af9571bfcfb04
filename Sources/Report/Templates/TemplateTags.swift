/// A template's tags with their lines, read apart from rendering: Mustache renders an unknown name as nothing, and a
/// report must never lose a number silently.
struct TemplateTags {
  indirect enum Node {
    case variable(key: String, line: Int)
    case section(key: String, line: Int, isInverted: Bool, body: [Node])
    case partial(name: String, line: Int)
  }

  let file: String
  let nodes: [Node]

  init(_ text: String, file: String) throws(TemplateError) {
    self.file = file
    var scanner = Scanner(rest: text[...], file: file)
    nodes = try scanner.nodes(until: nil)
  }

  /// Names of the partials, wherever they stand.
  var partials: Set<String> {
    func names(_ nodes: [Node]) -> Set<String> {
      nodes.reduce(into: []) { all, node in
        switch node {
        case .partial(let name, _): all.insert(name)
        case .section(_, _, _, let body): all.formUnion(names(body))
        case .variable: break
        }
      }
    }
    return names(nodes)
  }

  /// Sections inside one another that a template may have.
  private static let deepest = 100

  private struct Scanner {
    var rest: Substring
    let file: String
    var line = 1
    var depth = 0

    /// Tags up to the end, or up to the close of the section `open`.
    mutating func nodes(until open: (name: String, line: Int)?) throws(TemplateError) -> [Node] {
      var nodes: [Node] = []
      while let tag = try nextTag() {
        guard let sigil = tag.text.first else { throw .unsupportedTag(file: file, line: tag.line, tag: tag.text) }
        let name = tag.text.dropFirst().trimmed
        switch sigil {
        case "!": continue
        case "#", "^":
          try check(name, tag)
          depth += 1
          guard depth <= TemplateTags.deepest else {
            throw .tooDeep(file: file, line: tag.line, most: TemplateTags.deepest)
          }
          let body = try self.nodes(until: (name, tag.line))
          depth -= 1
          nodes.append(.section(key: name, line: tag.line, isInverted: sigil == "^", body: body))
        case "/":
          guard open?.name == name else {
            throw .wrongClose(file: file, line: tag.line, found: name, expected: open?.name)
          }
          return nodes
        case ">":
          nodes.append(.partial(name: name, line: tag.line))
        case "&", "{":
          try check(name, tag)
          nodes.append(.variable(key: name, line: tag.line))
        case "<", "$", "=", "%":
          throw .unsupportedTag(file: file, line: tag.line, tag: tag.text)
        default:
          try check(tag.text, tag)
          nodes.append(.variable(key: tag.text, line: tag.line))
        }
      }
      if let open { throw .unclosedSection(file: file, line: open.line, name: open.name) }
      return nodes
    }

    /// Transforms such as `{{upper(name)}}` would slip past the check of names.
    private func check(_ name: String, _ tag: (text: String, line: Int)) throws(TemplateError) {
      let isName = !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
      if !isName { throw .unsupportedTag(file: file, line: tag.line, tag: tag.text) }
    }

    private mutating func nextTag() throws(TemplateError) -> (text: String, line: Int)? {
      guard let open = rest.firstRange(of: "{{") else { return nil }
      line += rest[..<open.lowerBound].lineFeeds
      rest = rest[open.upperBound...]
      let isTriple = rest.first == "{"
      guard let close = rest.firstRange(of: isTriple ? "}}}" : "}}") else {
        throw .unclosedTag(file: file, line: line)
      }
      let inside = rest[..<close.lowerBound]
      let start = line
      line += inside.lineFeeds
      rest = rest[close.upperBound...]
      return (inside.trimmed, start)
    }
  }
}

extension Substring {
  fileprivate var lineFeeds: Int { utf8.reduce(0) { $0 + ($1 == 10 ? 1 : 0) } }
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  fileprivate func firstRange(of text: String) -> Range<Index>? {
    guard let first = text.first else { return nil }
    var start = startIndex
    while let found = self[start...].firstIndex(of: first) {
      if self[found...].hasPrefix(text) { return found..<index(found, offsetBy: text.count) }
      start = index(after: found)
    }
    return nil
  }
}
