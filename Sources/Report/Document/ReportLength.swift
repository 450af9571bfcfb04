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

  /// Leaves out sections that the short form lacks, what is folded, and in each section what follows its first heading.
  mutating func shorten() {
    let kept = Set(ReportSections.all.filter { $0.isInShort }.map { $0.key })
    sections = sections.filter { kept.contains($0.key) }
    for index in sections.indices {
      sections[index].blocks = sections[index].blocks.prefix { if case .heading = $0 { false } else { true } }
        .filter { if case .fold = $0 { false } else { true } }
      guard sections[index].key == LimitationsSection.key else { continue }
      sections[index].blocks = sections[index].blocks.map { block in
        if case .list(let items) = block { .list(Array(items.prefix(Self.mostLimitations))) } else { block }
      }
    }
    guard !sections.isEmpty else { return }
    sections[sections.count - 1].blocks.append(
      .paragraph(
        """
        This is the short form. Methods, every table, the rules behind the words and the way to the same numbers are in the \
        full report.
        """))
  }
}
