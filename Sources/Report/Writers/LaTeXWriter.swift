import Plot

/// The document's tables and figures as LaTeX floats, for `\input` into a paper; figures are PDF files beside them.
struct LaTeXWriter {
  let templates: Templates
  let creator: String
  /// Tables and figures keep the report’s numbers; else they get the paper’s own.
  var isArticle = false
  /// Where LaTeX may put a table or a figure.
  var placement = "htbp"

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

  func latex(_ block: Block) throws -> String {
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

  private func latex(_ block: FigureBlock) throws -> String {
    let figure = block.figure
    let (title, caption) = (LaTeXText.escaped(figure.title), LaTeXText.prose(figure.caption))
    let number = numbered(block.label)
    let name = isArticle && number["number"] == .flag(false) ? "\(LaTeXText.escaped(block.label)). " : ""
    return try templates.render(
      "latex/blocks/figure",
      .object(
        number.merging([
          "label": .text(LaTeXText.argument("fig:" + figure.key)), "title": .text(LaTeXText.argument(title)),
          "caption": .text(LaTeXText.argument("\\textbf{\(name)\(title).} \(caption)")),
          "alt": .text(LaTeXText.argument(LaTeXText.escaped(figure.altText.plain))),
          "file": .text(LaTeXText.argument("figures/\(figure.key).pdf")),
        ]) { $1 })
    ).tidied
  }

  /// "S1" of "Figure S1": what an article prints instead of LaTeX’s count; a label without a number is none.
  func numbered(_ label: String?) -> [String: TemplateValue] {
    let number = label?.split(separator: " ").last.map(String.init).flatMap {
      $0.contains(where: \.isNumber) ? $0 : nil
    }
    return [
      "number": isArticle
        ? number.map { .object(["text": .text(LaTeXText.argument($0))]) } ?? .flag(false) : .flag(false),
      "isUnnumbered": .flag(isArticle && number == nil), "placement": .text(placement),
    ]
  }
}
