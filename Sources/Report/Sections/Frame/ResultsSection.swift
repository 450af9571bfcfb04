import Words

/// Table 2: what came out of each test, by condition, and what it means.
struct ResultsSection: ReportSection {
  static let key: Section.Key = "results"
  static let title = "Summary of results"
  static let isInShort = true
  let report: ReportBuilder

  /// More compressed conditions than these have no column each: the least and the most changed ones stand for them.
  private static let mostColumns = 4

  func blocks() throws -> [Block] {
    let results = try report.measured.map { try $0.results() }
    let told = TestKind.allCases.map { kind in (kind: kind, rows: results.flatMap { $0[kind] ?? [] }) }
    var groups: [(title: String, rows: [[Prose]])] = []
    for (kind, rows) in told {
      for row in rows {
        let own = try models.compactMap { try cells(row, $0) }
        guard !own.isEmpty else { continue }
        if areSeveral {
          groups.append(("\(row.measure.plain) (\(kind.title.lowercased()))", own))
        } else if groups.last?.title == kind.title {
          groups[groups.count - 1].rows += own
        } else {
          groups.append((kind.title, own))
        }
      }
    }
    if groups.isEmpty { return [.paragraph("No test of this study was completed.")] }
    return [
      .table(
        TableBlock(
          key: "results", label: "", caption: "Summary of results, and what they mean.", columns: columns,
          rows: groups.flatMap(\.rows), groups: groups.flatMap { group in group.rows.map { _ in group.title } },
          remarks:
            """
            Under \(base) values, else changes (of comparisons, values)\(models.allSatisfy(\.isSummary) ? "; the source gives no intervals" : " with \(level) intervals; those of primary measures hold at once").
            """)),
      fold("Margins, and the smallest changes that would have been seen", [try PrimaryTable(subject: self).block()]),
    ].compactMap(\.self)
  }

  private var hasColumns: Bool { compressed.count <= Self.mostColumns }

  private var columns: [TableBlock.Column] {
    let conditions = hasColumns ? compressed : ["Least changed", "Most changed"]
    return [.init(areSeveral ? "Model" : "Measure"), .init(base, .right)]
      + conditions.map { .init($0, .right) } + [.init("What it means")]
  }

  /// Nil where the model has no number of it.
  private func cells(_ row: ResultRow, _ model: ReportModel) throws -> [Prose]? {
    let own = model.compressed.map(\.name)
    let measured = try own.compactMap { name in try row.cell(model, name).map { (name: name, cell: $0) } }
    guard !measured.isEmpty else { return nil }
    var cells: [Prose]
    if hasColumns {
      cells = compressed.map { name in
        measured.first { $0.name == name }?.cell ?? (own.contains(name) || !areSeveral ? "–" : "not measured")
      }
    } else {
      let ordered = measured.compactMap { entry in row.order(model, entry.name).map { (entry, $0) } }
      cells = [ordered.min { $0.1 < $1.1 }, ordered.max { $0.1 < $1.1 }].map { entry in
        entry.map { "\(strong: $0.0.name) \($0.0.cell)" } ?? "–"
      }
    }
    cells.insert(try row.cell(model, model.base) ?? "–", at: 0)
    return [areSeveral ? Prose(model.name) : row.measure] + cells + [try row.meaning(model) ?? "–"]
  }
}
