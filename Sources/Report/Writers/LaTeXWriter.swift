import Plot

/// The document's tables and figures as LaTeX floats, for `\input` into a paper; figures are PDF files beside them.
struct LaTeXWriter {
  let templates: Templates
  let creator: String

  func tables(_ document: Document) throws -> String {
    try page("latex/tables", document, document.tables.map { try latex($0) })
  }

  func figures(_ document: Document) throws -> String {
    try page("latex/figures", document, document.figures.map { try latex($0) })
  }

  private func page(_ name: String, _ document: Document, _ floats: [String]) throws -> String {
    let context = try PageContext.make(
      document, creator: creator, separator: "\n\n",
      own: ["floats": .list(floats.map { .object(["body": .text($0)]) })]
    ) { block, _ in try latex(block) }
    return try templates.render(name, context).tidied
  }

  private func latex(_ block: Block) throws -> String {
    switch block {
    case .table(let table): try latex(table)
    case .tiles(let tiles): try latex(tiles.table)
    case .figure(let figure): try latex(figure)
    case .heading(let text): "\\subsection*{\(LaTeXText.escaped(text))}"
    case .paragraph(let prose): LaTeXText.prose(prose)
    case .lead(let prose): "\\textbf{\(LaTeXText.prose(prose))}"
    case .list(let items):
      "\\begin{itemize}\n" + items.map { "\\item {}\(LaTeXText.prose($0))\n" }.joined() + "\\end{itemize}"
    case .note(let note):
      "\\begin{quote}\\textbf{\(LaTeXText.escaped(note.title)).} \(LaTeXText.prose(note.text))\\end{quote}"
    case .code(let text): Self.code(text)
    case .fold(let fold):
      try (["\\subsection*{\(LaTeXText.escaped(fold.title))}"] + fold.blocks.map { try latex($0) }).joined(
        separator: "\n\n")
    }
  }

  /// Lines as they are, without `verbatim`, which their text could end.
  private static func code(_ text: String) -> String {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
      let indent = line.prefix { $0 == " " }.count
      return "\\mbox{}" + String(repeating: "~", count: indent) + LaTeXText.escaped(String(line.dropFirst(indent)))
    }
    return "\\begin{quote}\\ttfamily\\small\\raggedright\n" + lines.joined(separator: "\\\\\n") + "\n\\end{quote}"
  }

  private func latex(_ table: TableBlock) throws -> String {
    let rows = table.rows.enumerated().map { index, row in
      let group = table.groupTitle(before: index).map { title in
        let space = index == 0 ? "" : "\\addlinespace\n"
        return space + "\\multicolumn{\(table.columns.count)}{l}{\\emph{\(LaTeXText.escaped(title))}} \\\\\n"
      }
      return (group ?? "") + Self.row(row.map(LaTeXText.prose))
    }
    return try templates.render(
      "latex/blocks/table",
      .object([
        "label": .text(LaTeXText.argument("tab:" + table.key)),
        "caption": .text(LaTeXText.argument(LaTeXText.prose(table.caption))),
        "alignment": .text(LaTeXText.argument(Self.alignment(table))),
        "head": .text(Self.row(table.columns.map { LaTeXText.escaped($0.title) })),
        "rows": .text(rows.joined(separator: "\n")),
        "remarks": table.remarks.map { .object(["body": .text(LaTeXText.prose($0))]) } ?? .flag(false),
      ])
    ).tidied
  }

  /// What starts like an option of the line break before it is told not to.
  private static func row(_ cells: [String]) -> String {
    let row = cells.joined(separator: " & ")
    return (row.hasPrefix("[") || row.hasPrefix("*") ? "{}" : "") + row + " \\\\"
  }

  /// Numbers right, words left. Columns of many words are paragraphs that share what the others leave of the line by how
  /// much they have to say, each at least as wide as its longest word.
  private static func alignment(_ table: TableBlock) -> String {
    // Letters to a line, lines to a page, of the size that the template sets, in a paper of one column.
    let (line, page, long) = (75.0, 36.0, 30)
    let texts = table.columns.indices.map { column in
      [table.columns[column].title] + table.rows.map { $0[column].plain }
    }
    let lengths = texts.map { $0.map(\.count) }
    let longest = lengths.map { $0.max() ?? 0 }
    let isLong = table.columns.indices.map { table.columns[$0].alignment == .left && longest[$0] > long }
    let taken = table.columns.indices.map { isLong[$0] ? 3 : longest[$0] + 3 }.reduce(0, +)
    let all = table.columns.indices.map { isLong[$0] ? lengths[$0].reduce(0, +) : 0 }.reduce(0, +)
    var widths = table.columns.indices.map { column in
      let words = texts[column].flatMap { $0.split(separator: " ") }.map { min($0.count, long) }.max() ?? 0
      return max(
        max(0.4 * line, line - Double(taken)) * Double(lengths[column].reduce(0, +)) / Double(max(all, 1)),
        Double(words + 1))
    }
    let lines = table.rows.indices.map { row in
      table.columns.indices.filter { isLong[$0] }.map { (Double(lengths[$0][row + 1]) / widths[$0]).rounded(.up) }.max()
        ?? 1
    }.reduce(0, +)
    // What is too high for a page is set wider and made smaller as a whole, so that it fills the page's shape.
    if lines > page { widths = widths.map { $0 * (lines / page).squareRoot() } }
    return table.columns.indices.map { column in
      guard isLong[column] else { return table.columns[column].alignment == .right ? "r" : "l" }
      let percent = Int((widths[column] / line * 100).rounded())
      return
        ">{\\raggedright\\arraybackslash}p{\(percent / 100).\(percent % 100 < 10 ? "0" : "")\(percent % 100)\\linewidth}"
    }.joined()
  }

  private func latex(_ block: FigureBlock) throws -> String {
    let figure = block.figure
    let (title, caption) = (LaTeXText.escaped(figure.title), LaTeXText.prose(figure.caption))
    return try templates.render(
      "latex/blocks/figure",
      .object([
        "label": .text(LaTeXText.argument("fig:" + figure.key)), "title": .text(LaTeXText.argument(title)),
        "caption": .text(LaTeXText.argument("\\textbf{\(title).} \(caption)")),
        "alt": .text(LaTeXText.argument(LaTeXText.escaped(figure.altText.plain))),
        "file": .text(LaTeXText.argument("figures/\(figure.key).pdf")),
      ])
    ).tidied
  }
}
