import Words

/// Sources as a file that BibTeX reads, in ASCII.
enum BibTeX {
  static func file(_ sources: [Source]) -> String {
    sources.distinct { $0.key }.map { source in
      var fields: [(name: String, value: String)] = []
      if !source.authors.isEmpty {
        fields.append(("author", source.authors.map(name).joined(separator: " and ")))
      }
      fields.append(("title", "{\(LaTeXText.escaped(source.title))}"))
      if !source.year.isEmpty { fields.append(("year", LaTeXText.escaped(source.year))) }
      fields += source.fields.filter { $0.name != "url" }.map { ($0.name, LaTeXText.escaped($0.value)) }
      // Of a web address the standard styles know nothing but how it was published.
      fields += source.fields.filter { $0.name == "url" }.map { ("howpublished", "\\url{\($0.value)}") }
      let kind = source.fields.contains { $0.name == "journal" } ? "article" : "misc"
      return entry(kind, source.key, fields)
    }.joined(separator: "\n")
  }

  static func entry(_ kind: String, _ key: String, _ fields: [(name: String, value: String)]) -> String {
    "@\(kind){\(key),\n" + fields.map { "  \($0.name) = {\($0.value)}" }.joined(separator: ",\n") + "\n}\n"
  }

  /// A group's name of several words, such as "Gemma Team", is no first and last name.
  private static func name(_ author: String) -> String {
    let text = LaTeXText.escaped(author)
    return author.hasSuffix("Team") ? "{\(text)}" : text
  }
}
