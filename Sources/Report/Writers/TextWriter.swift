import Words

/// The document as plain text for a terminal. Whoever reads it has just asked for it, so it begins with what the first
/// section says: without title, subtitle, and that section's heading.
public struct TextWriter {
  private let isColoured: Bool

  /// - Parameter isColoured: marked words in a terminal's colours.
  public init(isColoured: Bool = false) { self.isColoured = isColoured }

  public func write(_ document: Document) -> String {
    let parts = document.sections.enumerated().flatMap { index, section in
      (index == 0 ? [] : [Self.underlined(section.title, "=")]) + section.blocks.map(text)
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func text(_ block: Block) -> String {
    switch block {
    case .heading(let title): Self.underlined(title, "-")
    case .paragraph(let prose), .lead(let prose): text(prose)
    case .list(let items): items.map { "- " + text($0) }.joined(separator: "\n")
    case .note(let note): "\(note.title). \(text(note.text))"
    case .code(let code):
      code.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { "  " + Self.harmless(String($0)) }
        .joined(separator: "\n")
    case .table(let table): text(table)
    case .tiles(let tiles): text(tiles.table)
    case .figure(let block):
      "\(block.label). \(block.figure.title). \(text(block.figure.caption))\n\(text(block.figure.altText))"
    case .fold(let fold): ([fold.title + ":"] + fold.blocks.map(text)).joined(separator: "\n\n")
    }
  }

  private static func underlined(_ title: String, _ sign: String) -> String {
    harmless(title) + "\n" + String(repeating: sign, count: title.count)
  }

  /// Columns as wide as their widest cell, two spaces between them.
  private func text(_ table: TableBlock) -> String {
    let cells = [table.columns.map { Prose($0.title) }] + table.rows
    let widths = table.columns.indices.map { column in cells.map { $0[column].plain.count }.max() ?? 0 }
    let lines = cells.map { row -> String in
      let padded = row.indices.map { column -> String in
        let space = String(repeating: " ", count: widths[column] - row[column].plain.count)
        return table.columns[column].alignment == .right ? space + text(row[column]) : text(row[column]) + space
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return "  " + line
    }
    let body = table.rows.indices.flatMap { index in
      [table.groupTitle(before: index)].compactMap(\.self).map(Self.harmless) + [lines[index + 1]]
    }
    let label = table.label.map { $0 + ". " } ?? ""
    return ([label + text(table.caption), lines[0]] + body + [table.remarks.map(text)].compactMap(\.self)).joined(
      separator: "\n")
  }

  private func text(_ prose: Prose) -> String {
    prose.inlines.map { inline in
      let plain = Self.harmless(Prose([inline]).plain)
      guard isColoured, case .marked(let role, _) = inline else { return plain }
      return "\u{1B}[\(Self.colour(role))m\(plain)\u{1B}[0m"
    }.joined()
  }

  /// A name from a file does not move the cursor.
  private static func harmless(_ text: String) -> String {
    VisibleText.of(String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }))
  }

  private static func colour(_ role: Inline.Role) -> Int {
    switch role {
    case .better: 32
    case .worse: 31
    case .notable: 33
    case .calm: 2
    case .changed: 1
    }
  }
}
