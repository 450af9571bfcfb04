import Plot

/// The document as Markdown, with figures as files beside it.
struct MarkdownWriter {
  let templates: Templates
  let creator: String
  var flavour = MarkdownFlavour.gitHub
  /// ISO 8601, for front matter; left out where it is no date.
  var date: String?
  /// The HTML page beside it, where there is one.
  var page: String?

  private var text: MarkdownText { MarkdownText(flavour) }

  func write(_ document: Document) throws -> String {
    var notes: [String: Int] = [:]
    for table in document.tables where table.remarks != nil { notes[table.key] = notes.count + 1 }
    let context = try PageContext.make(
      document, creator: creator, separator: "\n\n",
      own: [
        "page": page.map { .object(["file": .text($0)]) } ?? .flag(false),
        "frontMatter": .object([
          "title": .text(HugoText.yaml(document.title)), "description": .text(HugoText.yaml(document.abstract)),
          "date": date.flatMap(HugoText.date).map { .object(["text": .text($0)]) } ?? .flag(false),
          "authors": document.authors.isEmpty
            ? .flag(false) : .object(["list": .text(document.authors.map(HugoText.yaml).joined(separator: ", "))]),
          "images": document.preview.map { .object(["list": .text(HugoText.yaml("images/\($0.key).png"))]) }
            ?? .flag(false),
        ]),
      ]
    ) { block, _ in try markdown(block, notes) }
    return try templates.render("\(flavour.folder)/page", context).tidied
  }

  private func markdown(_ block: Block, _ notes: [String: Int]) throws -> String {
    switch block {
    case .heading(let title): return "### " + text.escaped(title)
    case .paragraph(let prose): return text.paragraph(prose)
    case .lead(let prose): return "**\(text.prose(prose))**"
    case .list(let items): return items.map { "- " + text.paragraph($0) }.joined(separator: "\n")
    case .code(let code): return text.codeBlock(code)
    case .note(let note):
      // Where there are no alerts GitHub's mark would be read as text.
      let mark = flavour.hasAlerts ? "> [!\(note.kind == .warning ? "WARNING" : "NOTE")]\n" : ""
      return mark + "> **\(text.escaped(note.title)).** \(text.prose(note.text))"
    case .table(let table): return try markdown(table, note: flavour.hasFootnotes ? notes[table.key] : nil)
    case .tiles(let tiles): return try markdown(.table(tiles.table), notes)
    case .figure(let block): return try markdown(block)
    case .fold(let fold):
      let inside = try fold.blocks.map { try markdown($0, notes) }.joined(separator: "\n\n")
      return flavour.hasFolds
        ? "<details>\n<summary>\(HTMLText.escaped(fold.title))</summary>\n\n\(inside)\n\n</details>"
        : "**\(text.escaped(fold.title))**\n\n\(inside)"
    }
  }

  private func markdown(_ table: TableBlock, note: Int?) throws -> String {
    let parts = flavour.widest.map { table.split(columns: $0.columns, characters: $0.characters) } ?? [table]
    let again = "\n\n*\(table.label.map { text.escaped($0) + ", continued" } ?? "Continued").*\n\n"
    return try templates.render(
      "\(flavour.folder)/blocks/table",
      .object([
        "id": .text("table-" + table.key),
        "label": table.label.map { .object(["text": .text($0)]) } ?? .flag(false),
        "caption": .text(text.prose(table.caption)),
        "grid": .text(parts.map(text.table).joined(separator: again)),
        "remarks": table.remarks.map { .object(["body": .text(text.prose($0))]) } ?? .flag(false),
        "footnote": note.map { .object(["mark": .text("[^\($0)]")]) } ?? .flag(false),
      ])
    ).tidied.withoutLastLineFeed
  }

  private func markdown(_ block: FigureBlock) throws -> String {
    let figure = block.figure
    let image = flavour.image(figure.key)
    return try templates.render(
      "\(flavour.folder)/blocks/figure",
      .object([
        "id": .text("figure-" + figure.key), "label": .text(block.label), "title": .text(figure.title),
        "caption": .text(text.prose(figure.caption)), "alt": .text(figure.altText.plain),
        "file": .text("figures/\(figure.key)"),
        "image": .text(image),
        "shortcode": .object([
          "opens": .text("{{<"), "closes": .text(">}}"), "src": .text("\"\(image)\""),
          "alt": .text(HugoText.plainArgument(figure.altText.plain)),
          "caption": .text(
            """
            "**\(HugoText.entities(block.label)). \(HugoText.entities(figure.title)).** \
            \(HugoText.entities(figure.caption.plain))"
            """),
        ]),
      ])
    ).tidied.withoutLastLineFeed
  }
}

extension String {
  fileprivate var withoutLastLineFeed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
