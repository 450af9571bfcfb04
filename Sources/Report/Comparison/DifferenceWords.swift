import Analysis
import Words

/// What a comparison says of its rows: each number as the report of its run prints it, each verdict in one wording.
struct DifferenceWords {
  let comparison: RunComparison
  private let runs: [String: (a: Run, b: Run)]

  private struct Run {
    let findings: Findings
    let formats: NumberFormats

    init(_ findings: Findings) {
      self.findings = findings
      formats = NumberFormats(findings)
    }
  }

  /// - Parameters:
  ///   - a, b: of the compared runs, in any order; models are found by name.
  init(_ comparison: RunComparison, a: [Findings], b: [Findings]) {
    self.comparison = comparison
    var runs: [String: (a: Run, b: Run)] = [:]
    for name in comparison.models.map(\.model) {
      guard let inA = a.first(where: { $0.description.model.name == name }),
        let inB = b.first(where: { $0.description.model.name == name })
      else { continue }
      runs[name] = (Run(inA), Run(inB))
    }
    self.runs = runs
  }

  // MARK: Names

  /// As a gate names it: `fvu/ordinary`, `cross_entropy/change`.
  func name(_ row: MetricDifference) -> String {
    row.metric.shortName + (row.stratum == .all ? "" : "/\(row.stratum.rawValue)") + (row.quantity == .value ? "" : "/change")
  }

  func condition(_ row: MetricDifference) -> String {
    row.conditionA == row.conditionB ? row.conditionA : "\(row.conditionA) = \(row.conditionB)"
  }

  // MARK: Verdicts

  /// "worse, within the margin": the verdict with what qualifies it.
  func verdict(_ row: MetricDifference) -> String { row.verdict.rawValue + qualification(row) }

  /// The verdict to be seen at a glance, by its sign and its role.
  func markedVerdict(_ row: MetricDifference) -> Prose {
    let (role, sign): (Inline.Role, String) =
      switch row.verdict {
      case .better: (.better, "✓")
      case .worse: (.worse, "✗")
      case .differs: (.notable, "≠")
      case .identical: (.calm, "=")
      case .equivalent: (.calm, "≈")
      case .withinNoise: (.calm, "~")
      case .notComparable: (.calm, "–")
      }
    return "\(role, "\(sign) \(row.verdict.rawValue)")\(qualification(row))"
  }

  private func qualification(_ row: MetricDifference) -> String {
    var text = ""
    if row.verdict.isDifferent, row.isInsideMargin == true { text += ", within the margin" }
    if row.verdict == .withinNoise, let p = row.pValue, p <= 1 - comparison.options.level { text += " (not before correction)" }
    return text + (row.isIndicative ? ", indicative" : "")
  }

  // MARK: Numbers

  func a(_ row: MetricDifference) throws -> Prose { try value(row.a, row, "A", \.a, row.conditionA) }
  func b(_ row: MetricDifference) throws -> Prose { try value(row.b, row, "B", \.b, row.conditionB) }

  private func value(
    _ value: Double?, _ row: MetricDifference, _ name: String, _ run: KeyPath<(a: Run, b: Run), Run>, _ condition: String
  ) throws -> Prose {
    guard let value, value.isFinite, let run = runs[row.model]?[keyPath: run] else { return "–" }
    var estimate = Estimate(value: value, tokenCount: 0, clusterCount: 0)
    let text: String
    if row.quantity == .value {
      text = try run.formats.value(estimate, row.metric, row.stratum)
    } else {
      // Its digits are those of its own interval.
      estimate.interval = run.findings.finding(row.metric, condition: condition, stratum: row.stratum)?.percentChange?.interval
      text = try run.formats.percentChange(estimate, row.metric)
    }
    let id = "\(name)/\(place(row))\(row.metric.id)/\(condition)/\(row.stratum.rawValue)" + (row.quantity == .value ? "" : "/percent")
    return Prose(
      BoundNumber(
        text: text, value: value, id: id, detail: "\(title(row)), in \(name)\(unit(row)).",
        isShare: row.quantity == .value && row.metric.isShare))
  }

  /// B less A: no fewer decimals than the values have, and those that its interval needs.
  func difference(_ row: MetricDifference) throws -> Prose {
    guard let difference = row.difference else { return "" }
    let measured = row.clustersA == row.clustersB ? "\(row.clustersA)" : "\(row.clustersA) and \(row.clustersB)"
    return Prose(
      BoundNumber(
        text: row.verdict == .identical
          ? "0" : try NumberText.signed(difference * scale(row), decimals: decimals(row)) + (isPercent(row) ? " points" : ""),
        value: difference, id: place(row) + row.id + "/difference",
        detail: "\(title(row)): B less A\(unit(row)), \(measured) \(row.isPaired ? "resampled together" : "resampled apart").",
        isShare: row.quantity == .value && row.metric.isShare))
  }

  func interval(_ row: MetricDifference) throws -> Prose {
    guard let interval = row.interval, row.verdict != .identical else { return "" }
    let ends = try [interval.low, interval.high].map { try NumberText.signed($0 * scale(row), decimals: decimals(row)) }
    return Prose([
      .interval(
        BoundInterval(
          text: "[\(ends[0]), \(ends[1])]", low: interval.low, high: interval.high, id: place(row) + row.id + "/difference"))
    ])
  }

  /// In percent of A; empty where there is no such number.
  func relative(_ row: MetricDifference) throws -> Prose {
    guard let relative = row.relative, row.verdict != .identical, let formats = runs[row.model]?.a.formats else { return "" }
    let estimate = Estimate(value: relative, interval: row.relativeInterval, tokenCount: 0, clusterCount: 0)
    return Prose(
      BoundNumber(
        text: try formats.percentChange(estimate, row.metric), value: relative, id: place(row) + row.id + "/relative",
        detail: "\(title(row)): B less A in percent of A."))
  }

  /// After Holm's correction.
  func probability(_ row: MetricDifference) throws -> Prose {
    guard let p = row.adjustedPValue, row.verdict != .identical else { return "" }
    return Prose(
      BoundNumber(
        text: try Self.probability(p), value: p, id: place(row) + row.id + "/p",
        detail: "\(title(row)): p value of no difference, after Holm’s correction."))
  }

  static func probability(_ p: Double) throws -> String {
    p < 0.0001 ? "<0.0001" : try NumberText.fixed(p, decimals: p < 0.01 ? 4 : 3)
  }

  /// Shares and changes in percent differ by percentage points.
  private func isPercent(_ row: MetricDifference) -> Bool { row.quantity == .percentChange || row.metric.isShare }
  private func scale(_ row: MetricDifference) -> Double { row.quantity == .value && row.metric.isShare ? 100 : 1 }

  private func decimals(_ row: MetricDifference) -> Int {
    guard let formats = runs[row.model]?.a.formats else { return 4 }
    if row.quantity == .percentChange {
      return formats.percentDecimals(Estimate(value: 0, interval: row.interval, tokenCount: 0, clusterCount: 0))
    }
    let wanted = row.interval.flatMap { NumberText.decimals(forHalfWidth: ($0.high - $0.low) / 2 * scale(row)) } ?? 0
    return min(7, max(formats.decimals(row.metric, row.stratum), wanted))
  }

  // MARK: Where a number stands

  private func place(_ row: MetricDifference) -> String { comparison.models.count > 1 ? row.model + "/" : "" }
  private func title(_ row: MetricDifference) -> String {
    "\(row.metric.name.typeset), \(condition(row)), \(row.stratum.title)" + (row.quantity == .value ? "" : ", change against the baseline")
  }
  private func unit(_ row: MetricDifference) -> String {
    row.unit == "1" || row.unit.isEmpty ? "" : " (\(row.unit))"
  }
}
