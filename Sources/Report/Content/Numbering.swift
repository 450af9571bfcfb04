import Words

extension ReportBuilder {
  /// Figures and tables numbered in order of appearance; references then say "Figure 2" where they pointed at an anchor.
  ///
  /// Tables with an empty label are counted; those without a label stay so; the appendix counts its own, from A1.
  func numbered(_ sections: [Section]) -> [Section] {
    var sections = sections
    var labels: [String: String] = [:]
    var (figures, tables, appendix) = (0, 0, 0)
    for index in sections.indices {
      for place in sections[index].blocks.indices {
        switch sections[index].blocks[place] {
        case .figure(var figure):
          figures += 1
          figure.label = "Figure \(figures)"
          labels["figure-\(figure.figure.key)"] = figure.label
          sections[index].blocks[place] = .figure(figure)
        case .table(var table) where table.label != nil:
          if sections[index].key == .appendix {
            appendix += 1
            table.label = "Table A\(appendix)"
          } else {
            tables += 1
            table.label = "Table \(tables)"
          }
          labels["table-\(table.key)"] = table.label
          sections[index].blocks[place] = .table(table)
        default: break
        }
      }
    }
    func resolved(_ prose: Prose) -> Prose {
      Prose(
        prose.inlines.map { inline in
          guard case .reference(let anchor, let text) = inline, text.isEmpty else { return inline }
          return .reference(anchor: anchor, text: labels[anchor] ?? anchor)
        })
    }
    for index in sections.indices {
      sections[index].blocks = sections[index].blocks.map { block in
        switch block {
        case .paragraph(let prose): return .paragraph(resolved(prose))
        case .list(let items): return .list(items.map(resolved))
        case .note(var note):
          note.text = resolved(note.text)
          return .note(note)
        case .table(var table):
          table.caption = resolved(table.caption)
          table.rows = table.rows.map { $0.map(resolved) }
          table.remarks = table.remarks.map(resolved)
          return .table(table)
        case .heading, .figure, .code, .fold: return block
        }
      }
    }
    return sections
  }
}
