import Analysis
import Words

/// The conclusion: each clause is one verdict, and nothing is said without one.
struct ConclusionSection: ReportSection {
  static let key: Section.Key = "conclusion"
  static let title = "Conclusion and implications"
  static let isInShort = true
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    var blocks: [Block] = cells { _, _ in true }.grouped { clauses($0.condition, $0.model) }.compactMap { said, cells in
      said.map { .paragraph("Under \(places(cells)), \($0).") }
    }
    if blocks.isEmpty { blocks.append(.paragraph("The run completed no test, so it supports no conclusion.")) }
    blocks += try report.measured.compactMap { try $0.closing() }.map { .paragraph($0) }
    return blocks + (try implicationBlocks())
  }

  /// What was concluded under one condition, side by side: each clause is one verdict.
  private func clauses(_ condition: String, _ model: ReportModel) -> Prose? {
    let clauses = report.measured.compactMap { $0.conclusion(condition, model) }
    guard !clauses.isEmpty else { return nil }
    return Prose.list(clauses + report.measured.compactMap { $0.caution(condition, model) }, last: ", and")
  }

  /// What the verdicts mean for those who build, read and oversee models. Each sentence stands on a verdict of these runs,
  /// and claims no more than it.
  private func implicationBlocks() throws -> [Block] {
    let implications = try report.measured.map { try $0.implications() }
    let said: [Prose] = Audience.allCases.compactMap { audience in
      Self.together(implications.flatMap { $0[audience] ?? [] }).map { "\(strong: audience.rawValue) \($0)" }
    }
    return said.isEmpty ? [] : [.paragraph("What follows:"), .list(said)]
  }
}
