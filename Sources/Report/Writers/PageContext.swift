import Words

/// What a page template may name in every format: the document's words, and its blocks as the format's writer sets them.
enum PageContext {
  /// - Parameters:
  ///   - separator: what stands between the blocks of a section's body.
  ///   - own: names that only this format has.
  ///   - set: a block in the format's markup; `id` is unique in the document.
  static func make(
    _ document: Document, creator: String, separator: String, own: [String: TemplateValue] = [:],
    set: (_ block: Block, _ id: String) throws -> String
  ) rethrows -> TemplateValue {
    var sections: [String: TemplateValue] = [:]
    var figures: [String: TemplateValue] = [:]
    var tables: [String: TemplateValue] = [:]
    for key in Section.Key.ofReport + Section.Key.ofComparisons { sections[key.rawValue] = .flag(false) }
    var contents: [TemplateValue] = []
    for section in document.sections {
      var body: [String] = []
      for (index, block) in section.blocks.enumerated() {
        let text = try set(block, "\(section.key.rawValue)-\(index)")
        body.append(text)
        switch block {
        case .figure(let figure): figures[TemplateKey.camelCase(figure.figure.key)] = .text(text)
        case .table(let table): tables[TemplateKey.camelCase(table.key)] = .text(text)
        case .tiles(let tiles): tables[TemplateKey.camelCase(tiles.table.key)] = .text(text)
        case .fold(let fold):
          for case .table(let table) in fold.blocks {
            tables[TemplateKey.camelCase(table.key)] = .text(try set(.table(table), ""))
          }
        default: break
        }
      }
      let value: TemplateValue = .object([
        "id": .text(section.key.rawValue), "title": .text(section.title),
        "body": .text(body.joined(separator: separator)),
      ])
      sections[section.key.rawValue] = value
      contents.append(value)
    }
    let shared: [String: TemplateValue] = [
      "title": .text(document.title), "subtitle": .text(document.subtitle), "dateline": .text(document.dateline),
      "abstract": .text(document.abstract), "generator": .text(creator), "sections": .object(sections),
      "contents": .list(contents), "figures": .object(figures), "tables": .object(tables),
      "facts": .object(document.facts.mapValues { .text($0) }),
    ]
    return .object(shared.merging(own) { _, own in own })
  }
}

/// Names that templates can write: `noiseFloor` for the key `noise-floor`.
enum TemplateKey {
  static func camelCase(_ key: String) -> String {
    let words = key.split(separator: "-")
    return words.enumerated().map { $0.offset == 0 ? String($0.element) : String($0.element).capitalizedFirst }.joined()
  }
}
