import Analysis
import Words

/// How an author's text joins the report: its numbers come from the findings, its words stand apart from the generated ones.
extension ReportBuilder {
  /// - Parameter known: sections of the full report, of which a short one lacks some.
  package func merge(_ author: AuthorText, into document: Document, known: [Section.Key]) throws -> Document {
    for check in author.checks { try self.check(check) }
    var document = document
    if let title = author.title { document.title = title }
    document.authors = author.authors
    if !author.authors.isEmpty { document.dateline = "By \(author.authors.listed). " + document.dateline }
    let markdown = AuthorMarkdown(number: number)
    for index in document.sections.indices {
      let key = document.sections[index].key
      if key == .summary, let abstract = author.abstract {
        document.sections[index].blocks.insert(contentsOf: try markdown.blocks(abstract), at: 0)
      }
      if let comment = author.commentary[key] {
        let words = author.authors.count > 1 ? "The authors’ comment" : "The author’s comment"
        document.sections[index].blocks += [.heading(words)] + (try markdown.blocks(comment))
      }
    }
    for key in author.commentary.keys.sorted(by: { $0.rawValue < $1.rawValue })
    where !known.contains(key) {
      throw ReportError.noSection(key.rawValue, known: known.map(\.rawValue))
    }
    return document
  }

  /// The number of an id, as the report prints it; the model's name stands first where a report has several.
  func number(_ id: String) throws -> BoundNumber {
    for model in models {
      let prefix = model.numbers.prefix
      guard id.hasPrefix(prefix), let address = NumberAddress(String(id.dropFirst(prefix.count))),
        let number = try model.numbers.number(address)
      else { continue }
      return number
    }
    throw ReportError.unknownNumber(id)
  }

  /// A hand-typed number must be the report's, rounded to the decimals that it has.
  private func check(_ check: AuthorText.Check) throws {
    let number = try number(check.id)
    guard let match = check.says.firstMatch(of: /[+\-−]?[0-9][0-9,]*(?:\.[0-9]+)?|[+\-−]?\.[0-9]+/),
      let typed = TableData.printed(String(match.output))
    else { throw ReportError.noNumber(says: check.says, id: check.id) }
    let decimals = match.output.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
    let actual = number.value * TableData.scale(of: number)
    let rounded = try NumberText.fixed(actual.magnitude, decimals: decimals, of: check.id)
    let written = try NumberText.fixed(typed.magnitude, decimals: decimals, of: check.id)
    guard rounded == written, typed == 0 || (typed < 0) == (actual < 0) else {
      throw ReportError.contradiction(says: check.says, id: check.id, actual: number.text)
    }
  }
}
