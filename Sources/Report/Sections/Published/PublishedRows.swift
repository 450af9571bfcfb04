import Analysis
import RunFile
import Words

/// The table of published numbers beside the measured ones.
extension PublishedSection {
  func publishedRows(_ comparisons: [ReferenceComparison], _ model: ReportModel) throws -> [[Prose]] {
    var rows: [(key: String, conditions: [String], cells: [Prose])] = []
    for comparison in comparisons {
      let first = comparison.findings[0]
      let isMissing = comparison.outcome == .notMeasured
      // Conditions in which one quantity is missing share a row.
      if isMissing, let last = rows.last, last.key == first.id {
        rows[rows.count - 1].conditions.append(comparison.condition)
        continue
      }
      let printed: [Prose] = comparison.findings.map {
        comparison.isContext && $0.model != nil ? "\($0.printed) (\($0.model ?? ""))" : Prose($0.printed)
      }
      rows.append(
        (
          isMissing ? first.id : "", [comparison.condition],
          [Prose.list(printed), try measured(comparison, model), Self.verdict(comparison)]
        ))
      rows[rows.count - 1].cells.insert(Prose(comparison.name.capitalizedFirst), at: 0)
    }
    return rows.map { row in
      modelCell(model) + [row.cells[0], Prose.list(row.conditions.map { "\(strong: $0)" })] + row.cells.dropFirst()
    }
  }

  private static func verdict(_ comparison: ReferenceComparison) -> Prose {
    let word: Prose =
      switch comparison.outcome {
      case .agrees: "agrees"
      case .larger: "larger"
      case .smaller: "smaller"
      case .inconclusive: "inconclusive"
      case .notMeasured: "–"
      }
    return comparison.isContext && comparison.outcome != .notMeasured ? word + " (context)" : word
  }

  /// "not measured", or the number with its interval.
  private func measured(_ comparison: ReferenceComparison, _ model: ReportModel) throws -> Prose {
    let numbers = model.numbers
    guard comparison.measured != nil else { return "not measured" }
    let (metric, condition) = (comparison.metric, comparison.condition)
    switch comparison.quantity {
    case .percentChange: return try numbers.percentWithInterval(metric, condition) ?? "not measured"
    case .change: return try numbers.changeWithInterval(metric, condition) ?? "not measured"
    case .value: return try numbers.valueWithInterval(metric, condition)
    case .snapshotDifference:
      let counts = (comparison.findings[0].snapshots ?? []).compactMap { asked in
        model.findings.snapshots.first { $0.requestedTokens == asked && $0.condition == condition }?.tokens
      }
      guard counts.count == 2 else { return "not measured" }
      let tokens = MeasureAddress.Tokens.between(counts[0], counts[1], .all)
      return try numbers.number(
        .measure(MeasureAddress(metric: metric.id, condition: condition, tokens: tokens))
      ).map { Prose($0) } ?? "not measured"
    }
  }
}
