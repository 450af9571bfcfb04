import Analysis
import Words

/// The conclusion: each clause is one verdict, and nothing is said without one.
struct ConclusionSection: ReportSection {
  static let key: Section.Key = "conclusion"
  static let title = "Conclusion and implications"
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    var said: [(clauses: Prose, cells: [(condition: String, model: ReportModel)])] = []
    for condition in compressed {
      for model in models {
        guard let clauses = clauses(condition, model) else { continue }
        if let index = said.firstIndex(where: { $0.clauses == clauses }) {
          said[index].cells.append((condition, model))
        } else {
          said.append((clauses, [(condition, model)]))
        }
      }
    }
    var blocks: [Block] = said.map { .paragraph("Under \(places($0.cells)), \($0.clauses).") }
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
    return said.isEmpty ? [] : [.heading("What follows"), .list(said)]
  }
}
