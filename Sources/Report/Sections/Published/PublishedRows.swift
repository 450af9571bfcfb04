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
          [Prose.list(printed), try measured(comparison, model), try Self.verdict(comparison)]
        ))
      rows[rows.count - 1].cells.insert(Prose(comparison.name.capitalizedFirst), at: 0)
    }
    return rows.map { row in
      modelCell(model) + [row.cells[0], Prose.list(row.conditions.map { "\(strong: $0)" })] + row.cells.dropFirst()
    }
  }

  /// "within the published range (±0.05%)"; "overlaps" where the interval reaches it and the value does not.
  private static func verdict(_ comparison: ReferenceComparison) throws -> Prose {
    let first = comparison.findings[0]
    let unit = comparison.quantity == .percentChange ? "%" : ""
    let tolerance = try NumberText.fixed(Self.tolerance(first), decimals: first.decimals + 1, of: "tolerance") + unit
    let range = "the published \(first.claim == .bound ? "bound" : "range") (±\(tolerance))"
    return switch comparison.outcome {
    case .agrees: isInside(comparison) ? "within \(range)" : "overlaps \(range)"
    case .larger: "above \(range)"
    case .smaller: "below \(range)"
    case .inconclusive: "inconclusive"
    case .notMeasured: "–"
    }
  }

  /// Whether the measured value itself lies where the published ones do.
  private static func isInside(_ comparison: ReferenceComparison) -> Bool {
    let findings = comparison.findings
    let low = findings.map { $0.low ?? -.infinity }.min() ?? -.infinity
    let high = findings.map { $0.high ?? .infinity }.max() ?? .infinity
    let (value, hidden) = (comparison.measured?.value ?? .nan, tolerance(findings[0]))
    return low - hidden <= value && value <= high + hidden
  }

  /// What rounding may hide of a published number, in its unit.
  private static func tolerance(_ finding: PublishedReference.Finding) -> Double {
    PublishedReference.hiddenByRounding / exp10(of: Double(finding.decimals))
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
