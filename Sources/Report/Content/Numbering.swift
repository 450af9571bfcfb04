import Words

/// Figures and tables numbered; references then say "Figure 2" where they pointed at an anchor.
///
/// Figures 1 to 4 and Tables 1 and 2 have the article's numbers, by their role and wherever they stand; the other figures
/// count from S1, the other tables from 3, those of the appendix from A1. Tables without a label stay so, and the figure
/// on the front page has a name instead.
struct Numbering {
  private var figures: [String: String] = [
    StudyFigure.overview.key: "Overview", StudyFigure.encoding.key: "Figure 1", StudyFigure.performance.key: "Figure 2",
    StudyFigure.fvu.key: "Figure 3", StudyFigure.noiseFloor.key: "Figure 4",
  ]
  private var tables: [String: String] = ["tests": "Table 1", "results": "Table 2"]
  private var labels: [String: String] = [:]

  /// - Parameter sections: figures have no label yet, tables that are to be counted an empty one.
  static func numbered(_ sections: [Section]) -> [Section] {
    var numbering = Numbering()
    var sections = sections
    for index in sections.indices {
      let isAppendix = sections[index].key == .appendix
      sections[index].blocks = sections[index].blocks.map { numbering.labelled($0, isAppendix: isAppendix) }
    }
    for index in sections.indices { sections[index].blocks = sections[index].blocks.map(numbering.resolved) }
    return sections
  }

  private var (extraFigures, extraTables, appendixTables) = (0, 2, 0)

  private mutating func labelled(_ block: Block, isAppendix: Bool) -> Block {
    switch block {
    case .figure(var figure):
      let key = figure.figure.key
      if figures[key] == nil {
        extraFigures += 1
        figures[key] = "Figure S\(extraFigures)"
      }
      figure.label = figures[key] ?? ""
      labels["figure-\(key)"] = figure.label
      return .figure(figure)
    case .table(var table) where table.label != nil:
      if tables[table.key] == nil {
        if isAppendix { appendixTables += 1 } else { extraTables += 1 }
        tables[table.key] = isAppendix ? "Table A\(appendixTables)" : "Table \(extraTables)"
      }
      table.label = tables[table.key]
      labels["table-\(table.key)"] = table.label
      return .table(table)
    case .fold(var fold):
      fold.blocks = fold.blocks.map { labelled($0, isAppendix: isAppendix) }
      return .fold(fold)
    default: return block
    }
  }

  /// What is not in this document is in the full report.
  private func resolved(_ prose: Prose) -> Prose {
    Prose(
      prose.inlines.map { inline in
        guard case .reference(let anchor, let text) = inline, text.isEmpty else { return inline }
        return labels[anchor].map { .reference(anchor: anchor, text: $0) } ?? .text("the full report")
      })
  }

  private func resolved(_ table: TableBlock) -> TableBlock {
    var table = table
    table.caption = resolved(table.caption)
    table.rows = table.rows.map { $0.map(resolved) }
    table.remarks = table.remarks.map(resolved)
    return table
  }

  private func resolved(_ block: Block) -> Block {
    switch block {
    case .paragraph(let prose): return .paragraph(resolved(prose))
    case .lead(let prose): return .lead(resolved(prose))
    case .list(let items): return .list(items.map(resolved))
    case .note(var note):
      note.text = resolved(note.text)
      return .note(note)
    case .table(let table): return .table(resolved(table))
    case .tiles(var tiles):
      tiles.table = resolved(tiles.table)
      return .tiles(tiles)
    case .fold(var fold):
      fold.blocks = fold.blocks.map(resolved)
      return .fold(fold)
    case .heading, .figure, .code: return block
    }
  }
}
