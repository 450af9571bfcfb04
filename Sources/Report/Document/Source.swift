import Words

/// A work that a report stands on: an item of its list of sources, and an entry of BibTeX.
struct Source: Sendable, Equatable {
  /// How the list tells of it.
  var said: Prose
  var authors: [String]
  var title: String
  var year: String
  /// BibTeX's other fields, names and values: `("note", "arXiv:2402.17762")`.
  var fields: [Field] = []

  struct Field: Sendable, Equatable {
    var name: String
    var value: String

    init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  /// A paper on arXiv.
  ///
  /// - Parameter words: "LLM.int8: Dettmers, Lewis and Zettlemoyer, 8-bit Matrix Multiplication, 2022": what it is cited
  ///   for, its authors, title and year, as a study’s compression methods cite theirs.
  static func paper(_ words: String, _ arXiv: String) -> Source {
    let start = words.firstRange(of: ": ")?.upperBound ?? words.startIndex
    var parts = words[start...].split(separator: ", ").map(String.init)
    let year = parts.last.flatMap { Int($0) } == nil ? "" : parts.removeLast()
    let title = parts.popLast() ?? ""
    let url = "https://arxiv.org/abs/\(arXiv)"
    return Source(
      said: "\(words), \(link: url, "arXiv:\(arXiv)").", authors: parts.flatMap { $0.components(separatedBy: " and ") },
      title: title, year: year, fields: [Field("note", "arXiv:\(arXiv)"), Field("url", url)])
  }

  /// The first author's name and the year: `dettmers2022`.
  var key: String {
    let name = authors.first.map { $0.split(separator: " ").last.map(String.init) ?? $0 } ?? title
    return name.lowercased().filter { $0.isASCII && $0.isLetter } + year
  }
}
