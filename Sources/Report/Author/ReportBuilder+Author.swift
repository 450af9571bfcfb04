import Analysis
import Plot

/// How an author's text joins the report: its numbers come from the findings, its words stand apart from the generated ones.
extension ReportBuilder {
  func merge(_ author: AuthorText, into document: Document) throws -> Document {
    for check in author.checks { try self.check(check) }
    var document = document
    if let title = author.title { document.title = title }
    if !author.authors.isEmpty { document.dateline = "By \(Self.list(author.authors)). " + document.dateline }
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
    where !document.sections.contains(where: { $0.key == key }) {
      throw ReportError.noSection(key.rawValue, known: document.sections.map(\.key.rawValue))
    }
    return document
  }

  /// The number of an id, as the report prints it; the model's name stands first where a report has several.
  func number(_ id: String) throws -> BoundNumber {
    for model in models {
      let prefix = model.numbers.prefix
      guard id.hasPrefix(prefix), let address = NumberAddress(String(id.dropFirst(prefix.count))),
        Derivation.reported(address, model.findings) != nil, let metric = Metric.all.first(where: { $0.id == address.metric })
      else { continue }
      let number: BoundNumber? =
        switch address.tokens {
        case .stratum(let stratum):
          switch address.quantity {
          case .value: try model.numbers.value(metric, address.condition, stratum)
          case .change: try model.numbers.change(metric, address.condition, stratum)
          case .percent: try model.numbers.percentChange(metric, address.condition, stratum)
          }
        case .source(let name):
          try model.findings.sources.first { $0.source == name && $0.condition == address.condition }.flatMap {
            address.quantity == .value ? try sourceValue($0, model) : try sourceChangeNumber($0, model)
          }
        case .first(let count, let stratum):
          try model.findings.snapshots.first {
            $0.metric.id == metric.id && $0.condition == address.condition && $0.stratum == stratum && $0.tokens == count
          }.map { try snapshotNumber($0, model) }
        }
      if let number { return number }
    }
    throw ReportError.unknownNumber(id)
  }

  /// A hand-typed number must be the report's, rounded to the decimals that it has.
  private func check(_ check: AuthorText.Check) throws {
    let number = try number(check.id)
    let digits = check.says.filter { $0.isNumber || $0 == "." }
    let isNegative = check.says.contains { $0 == "-" || $0 == "−" }
    guard let typed = Double(digits) else { throw ReportError.noNumber(says: check.says, id: check.id) }
    let decimals = digits.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
    let isShare = number.text.hasSuffix("%") && !check.id.hasSuffix("/percent")
    let actual = isShare ? number.value * 100 : number.value
    let rounded = try NumberText.fixed(actual.magnitude, decimals: decimals, of: check.id)
    let written = try NumberText.fixed(typed, decimals: decimals, of: check.id)
    guard rounded == written, typed == 0 || isNegative == (actual < 0) else {
      throw ReportError.contradiction(says: check.says, id: check.id, actual: number.text)
    }
  }
}
