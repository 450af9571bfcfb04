import Words

/// How much of a report is written.
public enum ReportLength: String, Sendable, CaseIterable {
  /// What a blog's reader wants: some 1,200 words.
  case short
  case full
}

extension Document {
  /// Of the limitations the short form has the first, which weigh most.
  private static let mostLimitations = 5
  /// Those that the article has too. What else a table of the full report has, the sentences beside it say.
  private static let shortTables: Set<String> = ["front", "tests", "results"]

  /// Leaves out sections that the short form lacks, in the others what is folded, tables of detail, and what follows a
  /// section’s first heading.
  mutating func shorten() {
    let kept = Set(ReportSections.all.filter { $0.isInShort }.map { $0.key })
    sections = sections.filter { kept.contains($0.key) }
    for index in sections.indices {
      sections[index].blocks = sections[index].blocks.prefix { if case .heading = $0 { false } else { true } }
        .filter { block in
          switch block {
          case .fold: false
          case .table(let table): Self.shortTables.contains(table.key)
          default: true
          }
        }
      guard sections[index].key == LimitationsSection.key else { continue }
      sections[index].blocks = sections[index].blocks.map { block in
        if case .list(let items) = block { .list(Array(items.prefix(Self.mostLimitations))) } else { block }
      }
    }
  }

  /// The last words of the short form.
  mutating func pointAtFullReport() {
    guard !sections.isEmpty else { return }
    sections[sections.count - 1].blocks.append(
      .paragraph("This is the short form; methods, all tables and the rules behind the words are in the full report."))
  }
}
