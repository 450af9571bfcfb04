import Words

/// The glossary’s words in running text: in each section the first of each opens its meaning, by the browser’s own popover,
/// so that it needs no script.
final class HTMLTerms {
  private struct Term {
    var id: String
    /// "SAE" and "sparse autoencoder".
    var names: [String]
    var title: String
    var meaning: String
  }

  private let terms: [Term]
  private var section = ""
  private var seen: Set<String> = []

  init(_ document: Document) {
    let rows = document.tables.first { $0.key == "glossary" }?.rows ?? []
    terms = rows.filter { $0.count > 1 }.map { row in
      let title = row[0].plain
      return Term(
        id: "term-" + title.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined(),
        names: title.components(separatedBy: ", "), title: title, meaning: HTMLText.prose(row[1]))
    }
  }

  /// For the page: the meanings, each to be opened by its words; false where the document has no glossary.
  var context: TemplateValue {
    guard !terms.isEmpty else { return .flag(false) }
    let meanings = terms.map { term in
      TemplateValue.object(["id": .text(term.id), "title": .text(term.title), "body": .text(term.meaning)])
    }
    return .object(["terms": .list(meanings)])
  }

  /// Prose of a section with the words marked that were not yet.
  func prose(_ prose: Prose, in section: String) -> String {
    if section != self.section { (self.section, seen) = (section, []) }
    return prose.inlines.map { inline in
      if case .text(let text) = inline { marked(text) } else { HTMLText.prose(Prose([inline])) }
    }.joined()
  }

  private func marked(_ text: String) -> String {
    var found: (range: Range<String.Index>, term: Term)?
    for term in terms where !seen.contains(term.id) {
      for name in term.names {
        guard let range = text.word(name), range.lowerBound < found?.range.lowerBound ?? text.endIndex else { continue }
        found = (range, term)
      }
    }
    guard let found else { return HTMLText.escaped(text) }
    seen.insert(found.term.id)
    // A bracket or a comma stays with the word: browsers break lines around buttons.
    let before = text[..<found.range.lowerBound].reversed().prefix { !$0.isWhitespace }.count
    let after = text[found.range.upperBound...].prefix { !$0.isWhitespace }
    let start = text.index(found.range.lowerBound, offsetBy: -before)
    let button = """
      <button type="button" class="term" popovertarget="\(found.term.id)">\
      \(HTMLText.escaped(String(text[found.range])))</button>
      """
    let word = HTMLText.escaped(String(text[start..<found.range.lowerBound])) + button + HTMLText.escaped(String(after))
    return HTMLText.escaped(String(text[..<start]))
      + (before == 0 && after.isEmpty ? button : "<span class=\"kept\">\(word)</span>")
      + marked(String(text[after.endIndex...]))
  }
}

extension String {
  /// Where a word stands by itself, or in the plural; at the start of a sentence it may be capitalized.
  fileprivate func word(_ name: String) -> Range<String.Index>? {
    for name in [name, name.capitalizedFirst] {
      var rest = self[...]
      while let range = rest.firstRange(of: name) {
        let before = range.lowerBound == startIndex ? nil : self[index(before: range.lowerBound)]
        var end = range.upperBound
        if end < endIndex, self[end] == "s" { end = index(after: end) }
        let after = end < endIndex ? self[end] : nil
        if before.map({ $0.isLetter || $0.isNumber || "-.".contains($0) }) != true,
          after.map({ $0.isLetter || $0.isNumber || $0 == "-" }) != true
        {
          return range.lowerBound..<end
        }
        rest = self[range.upperBound...]
      }
    }
    return nil
  }
}
