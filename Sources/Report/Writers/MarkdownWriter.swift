import Plot

/// The document as GitHub-flavoured Markdown, with figures as files beside it.
struct MarkdownWriter {
  let templates: Templates
  let creator: String

  func write(_ document: Document) throws -> String {
    var sections: [String: TemplateValue] = [:]
    var figures: [String: TemplateValue] = [:]
    var tables: [String: TemplateValue] = [:]
    for key in Section.Key.allCases { sections[key.rawValue] = .flag(false) }
    var contents: [TemplateValue] = []
    for section in document.sections {
      var body: [String] = []
      for block in section.blocks {
        let text = try markdown(block)
        body.append(text)
        switch block {
        case .figure(let figure): figures[TemplateKey.camelCase(figure.figure.key)] = .text(text)
        case .table(let table): tables[TemplateKey.camelCase(table.key)] = .text(text)
        default: break
        }
      }
      let value: TemplateValue = .object([
        "id": .text(section.key.rawValue), "title": .text(section.title),
        "body": .text(body.joined(separator: "\n\n")),
      ])
      sections[section.key.rawValue] = value
      contents.append(value)
    }
    return try templates.render(
      "markdown/page",
      .object([
        "title": .text(document.title), "subtitle": .text(document.subtitle), "dateline": .text(document.dateline),
        "abstract": .text(document.abstract), "generator": .text(creator), "sections": .object(sections),
        "contents": .list(contents), "figures": .object(figures), "tables": .object(tables),
        "facts": .object(document.facts.mapValues { .text($0) }),
      ])
    ).tidied
  }

  private func markdown(_ block: Block) throws -> String {
    switch block {
    case .heading(let text): return "### " + MarkdownText.escaped(text)
    case .paragraph(let prose): return MarkdownText.paragraph(prose)
    case .list(let items): return items.map { "- " + MarkdownText.prose($0) }.joined(separator: "\n")
    case .code(let text): return MarkdownText.codeBlock(text)
    case .note(let note):
      // GitHub's alerts; elsewhere they are plain quotations.
      let mark = note.kind == .warning ? "WARNING" : "NOTE"
      return "> [!\(mark)]\n> **\(MarkdownText.escaped(note.title)).** \(MarkdownText.prose(note.text))"
    case .table(let table):
      return try templates.render(
        "markdown/blocks/table",
        .object([
          "id": .text("table-" + table.key),
          "label": table.label.map { .object(["text": .text($0)]) } ?? .flag(false),
          "caption": .text(MarkdownText.prose(table.caption)),
          "grid": .text(
            MarkdownText.table(
              columns: table.columns.map { (MarkdownText.escaped($0.title), $0.alignment == .right) },
              rows: table.rows.enumerated().flatMap { index, row in
                (table.groupTitle(before: index).map { [["*\(MarkdownText.escaped($0))*"]] } ?? [])
                  + [row.map { MarkdownText.prose($0) }]
              })),
          "remarks": table.remarks.map { .object(["body": .text(MarkdownText.prose($0))]) } ?? .flag(false),
        ])
      ).tidied.withoutLastLineFeed
    case .figure(let block):
      let figure = block.figure
      return try templates.render(
        "markdown/blocks/figure",
        .object([
          "id": .text("figure-" + figure.key), "label": .text(block.label), "title": .text(figure.title),
          "caption": .text(figure.caption), "alt": .text(figure.altText), "file": .text("figures/\(figure.key)"),
        ])
      ).tidied.withoutLastLineFeed
    }
  }
}

extension String {
  fileprivate var withoutLastLineFeed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
