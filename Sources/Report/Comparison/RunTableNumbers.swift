import Analysis
import Words

/// Numbers of a table of runs: each as the report of its run prints it, and bound to its row.
struct RunTableNumbers {
  let table: RunTable
  private let formats: [NumberFormats]

  init(_ table: RunTable) {
    self.table = table
    formats = table.runs.map { NumberFormats($0.findings) }
  }

  /// A single run's own estimate, or the mean over replicates; nil where none of them measured it.
  func estimate(_ row: RunTable.Row, _ runs: [Int]) -> Estimate? {
    guard runs.count > 1 else { return row.values[runs[0]] }
    return table.spread(row, over: runs).map {
      Estimate(value: $0.mean, interval: $0.interval, tokenCount: 0, clusterCount: $0.count)
    }
  }

  func number(_ estimate: Estimate, _ row: RunTable.Row, _ runs: [Int]) throws -> BoundNumber {
    let formats = formats(row, runs)
    let text =
      row.quantity == .value
      ? try formats.value(estimate, row.metric, row.stratum) : try formats.percentChange(estimate, row.metric)
    return bound(text, estimate.value, row, runs)
  }

  func interval(_ estimate: Estimate, _ row: RunTable.Row, _ runs: [Int]) throws -> BoundInterval? {
    let formats = formats(row, runs)
    let text =
      row.quantity == .value
      ? try formats.interval(estimate, row.metric, row.stratum) : try formats.percentInterval(estimate, row.metric)
    guard let interval = estimate.interval, let text else { return nil }
    return BoundInterval(text: text, low: interval.low, high: interval.high, id: bound("", 0, row, runs).id)
  }

  /// Two digits of it; of shares and changes in percentage points.
  func deviation(_ value: Double, _ row: RunTable.Row, _ runs: [Int]) throws -> BoundNumber {
    let text = try NumberText.significant(value * (row.isShare ? 100 : 1), digits: 2)
    let unit = row.isShare || row.quantity == .percentChange ? " points" : ""
    var number = bound(text + unit, value, row, runs)
    number.id += "/sd"
    number.detail = "Standard deviation: " + number.detail
    return number
  }

  static func list(_ runs: [Int]) -> String { runs.map { String($0 + 1) }.joined(separator: ", ") }

  /// Of several runs, as the one with the most decimals prints it.
  private func formats(_ row: RunTable.Row, _ runs: [Int]) -> NumberFormats {
    let own = runs.map { formats[$0] }
    return own.max { $0.decimals(row.metric, row.stratum) < $1.decimals(row.metric, row.stratum) } ?? formats[0]
  }

  private func bound(_ text: String, _ value: Double, _ row: RunTable.Row, _ runs: [Int]) -> BoundNumber {
    let isValue = row.quantity == .value
    let place = runs.map { String($0 + 1) }.joined(separator: "+")
    let unit = row.unit == "1" ? "" : " (\(row.unit))"
    return BoundNumber(
      text: text, value: value,
      id: "\(place)/\(row.metric.id)/\(row.condition)/\(row.stratum.rawValue)\(isValue ? "" : "/percent")",
      detail: """
        \(row.metric.name.typeset)\(isValue ? "" : ", change against the baseline")\(unit), \(row.condition), \
        \(row.stratum.title), \(runs.count > 1 ? "mean over runs" : "run") \(Self.list(runs))
        """, isShare: row.isShare)
  }
}

extension RunTable.Row {
  /// A share of 1, printed in percent.
  var isShare: Bool { quantity == .value && metric.isShare }
}
