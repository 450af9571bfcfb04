import Words

/// The whole report as an article that compiles by itself. What a page folds away stands in its appendix, by section;
/// sources are its bibliography.
struct LaTeXArticle {
  private let writer: LaTeXWriter
  /// In the appendix, tables and figures stay where they are.
  private let appendix: LaTeXWriter

  init(templates: Templates, creator: String) {
    writer = LaTeXWriter(templates: templates, creator: creator, isArticle: true, placement: "!htbp")
    appendix = LaTeXWriter(templates: templates, creator: creator, isArticle: true, placement: "H")
  }

  /// Sections that are of use to whoever checks the report, and in the way of others.
  private static let last: Set<Section.Key> = [ReproductionSection.key, AppendixSection.key]

  func write(_ document: Document) throws -> String {
    var document = document
    let answer = takeAnswer(from: &document)
    let (body, last) = (
      document.sections.filter { !Self.last.contains($0.key) }, document.sections.filter { Self.last.contains($0.key) }
    )
    let supplements = body.filter { !folds($0).isEmpty }.map { section in
      Section(Section.Key(rawValue: "more-" + section.key.rawValue), section.title, folds(section))
    }
    func context(_ sections: [Section], _ set: (Section, Block) throws -> String) throws -> TemplateValue {
      .list(
        try sections.map { section in
          .object([
            "id": .text(LaTeXText.argument("sec:" + section.key.rawValue)),
            "title": .text(LaTeXText.argument(LaTeXText.escaped(section.title))),
            "body": .text(
              try section.blocks.map { try set(section, $0) }.filter { !$0.isEmpty }.joined(separator: "\n\n")),
            "more": supplements.first { $0.key.rawValue == "more-" + section.key.rawValue }
              .map { .object(["id": .text(LaTeXText.argument("sec:" + $0.key.rawValue))]) } ?? .flag(false),
          ])
        })
    }
    let own: [String: TemplateValue] = [
      "answer": answer.map { .object(["body": .text(LaTeXText.prose($0))]) } ?? .flag(false),
      "authorNames": .text(document.authors.joined(separator: ", ")),
      "followed": document.sources.first.map { .object(["key": .text(LaTeXText.argument($0.key))]) } ?? .flag(false),
      "body": try context(body) { _, block in if case .fold = block { "" } else { try writer.latex(block) } },
      "appendix": try context(supplements + last) { _, block in
        if case .fold(let fold) = block, fold.title == ReproductionSection.sourcesTitle { return "" }
        return try appendix.latex(block)
      },
    ]
    let context = try PageContext.make(
      document, creator: writer.creator, separator: "\n\n", own: own
    ) { block, _ in try writer.latex(block) }
    return try writer.templates.render("latex/article", context).tidied
  }

  /// The bold sentence is the article's abstract.
  private func takeAnswer(from document: inout Document) -> Prose? {
    guard let index = document.sections.firstIndex(where: { $0.key == .summary }) else { return nil }
    var answer: Prose?
    document.sections[index].blocks.removeAll { block in
      guard answer == nil, case .lead(let prose) = block else { return false }
      answer = prose
      return true
    }
    return answer
  }

  private func folds(_ section: Section) -> [Block] {
    section.blocks.filter { if case .fold = $0 { true } else { false } }
  }
}
