import Foundation
import Measures

/// A condition that a comparison must meet: `cross_entropy nf4 <= +0.5%`, `fvu * within noise`.
public struct Gate: Sendable, Equatable {
  /// As it was written, spaces made one.
  public let text: String
  public let metric: MetricPattern
  public let condition: NamePattern
  public let demand: Demand

  public enum Demand: Sendable, Equatable {
    /// The difference: B − A in the metric's unit, or in percent of A's value (percentage points of a change).
    case bound(Comparator, Double, isPercent: Bool, isSure: Bool)
    /// Not distinguishable from 0 after correction.
    case withinNoise
    /// The interval within the margin.
    case equivalent
    case identical
  }

  public enum Comparator: String, Sendable, CaseIterable {
    case atMost = "<="
    case below = "<"
    case atLeast = ">="
    case above = ">"

    func holds(_ value: Double, _ bound: Double) -> Bool {
      switch self {
      case .atMost: value <= bound
      case .below: value < bound
      case .atLeast: value >= bound
      case .above: value > bound
      }
    }

    /// Whether a difference fails by being large.
    var limitsAbove: Bool { self == .atMost || self == .below }
  }

  /// - Throws: `ComparisonInputError.gate`, `.metric`, `.stratum`.
  public init(_ line: String, metrics: [Metric] = Metric.all) throws {
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    text = words.joined(separator: " ")
    func wrong(_ reason: String) -> ComparisonInputError { .gate(words.joined(separator: " "), reason: reason) }
    guard words.count >= 3 else { throw wrong("a metric, a condition and a demand are needed") }
    metric = try MetricPattern(words[0], metrics: metrics)
    condition = NamePattern(words[1])
    let rest = Array(words[2...])
    switch rest {
    case ["within", "noise"]: demand = .withinNoise
    case ["equivalent"]: demand = .equivalent
    case ["identical"]: demand = .identical
    default:
      guard let comparator = Comparator(rawValue: rest[0]) else {
        throw wrong("“\(rest.joined(separator: " "))” is no demand")
      }
      guard rest.count == 2 || (rest.count == 3 && rest[2] == "surely") else {
        throw wrong("after \(rest[0]) one number is expected, and at most the word surely")
      }
      let isPercent = rest[1].hasSuffix("%")
      let digits = (isPercent ? String(rest[1].dropLast()) : rest[1]).replacingOccurrences(of: "\u{2212}", with: "-")
      guard let bound = Double(digits), bound.isFinite, digits.allSatisfy({ "+-.0123456789eE".contains($0) }) else {
        throw wrong("“\(rest[1])” is no number")
      }
      demand = .bound(comparator, bound, isPercent: isPercent, isSure: rest.count == 3)
    }
  }

  /// One row's judgement.
  public struct Judgement: Sendable, Equatable, Codable {
    public var gate: String
    /// The row: `fvu@1/nf4/all`.
    public var row: String
    public var model: String
    public var outcome: Outcome
    /// What was judged, in words: "difference, in percent of A".
    public var judged: String
    /// The number that was judged; nil for a verdict, and where there is none.
    public var value: Double?
    /// "%" or the metric's unit.
    public var unit: String

    public enum Outcome: String, Sendable, Codable { case passed, failed, notComparable = "not comparable" }
  }

  /// Judges every row that the gate names, in the order of the comparison.
  ///
  /// - Throws: `ComparisonInputError.gateMatchesNothing`.
  public func judge(_ comparison: RunComparison) throws -> [Judgement] {
    var judgements: [Judgement] = []
    for row in comparison.differences
    where metric.matches(row.metric, row.stratum, row.quantity)
      && (condition.matches(row.conditionA) || condition.matches(row.conditionB))
    {
      judgements.append(judge(row))
    }
    // The same bytes: every difference is exactly zero, and no row need be made to say so.
    for model in comparison.models where model.isSameFile && model.conditions.contains(where: condition.matches) {
      judgements.append(
        Judgement(
          gate: text, row: "every row", model: model.model, outcome: passesAtZero ? .passed : .failed,
          judged: "difference; the two files are the same", value: 0, unit: ""))
    }
    guard !judgements.isEmpty else {
      var conditions: [String] = []
      for name in comparison.models.flatMap(\.conditions) + comparison.differences.map(\.conditionB)
      where !conditions.contains(name) {
        conditions.append(name)
      }
      throw ComparisonInputError.gateMatchesNothing(text, known: conditions)
    }
    return judgements
  }

  private var passesAtZero: Bool {
    if case .bound(let comparator, let bound, _, _) = demand { comparator.holds(0, bound) } else { true }
  }

  private func judge(_ row: MetricDifference) -> Judgement {
    var result = Judgement(
      gate: text, row: row.id, model: row.model, outcome: .notComparable, judged: row.reason ?? "", value: nil, unit: ""
    )
    guard row.verdict != .notComparable else { return result }
    func settle(_ passes: Bool) { result.outcome = passes ? .passed : .failed }
    switch demand {
    case .withinNoise:
      result.judged = "adjusted p value: \(row.verdict.rawValue)"
      result.value = row.adjustedPValue
      settle(!row.verdict.isDifferent)
    case .identical:
      result.judged = "difference"
      result.value = row.difference
      result.unit = row.unit
      settle(row.verdict == .identical)
    case .equivalent:
      let interval = row.margin.isRelative ? row.relativeInterval : row.interval
      result.judged =
        "end of the interval farther from 0, against a margin of ±\(row.margin.size)\(row.margin.isRelative ? "%" : "")"
      result.value = row.verdict == .identical ? 0 : interval.map { abs($0.low) > abs($0.high) ? $0.low : $0.high }
      result.unit = row.margin.isRelative ? "%" : row.unit
      settle(row.verdict == .identical || row.isInsideMargin == true)
    case .bound(let comparator, let bound, let isPercent, let isSure):
      // A change is in percent already: its difference is in percentage points, written with or without the sign.
      let isRelative = isPercent && row.quantity == .value
      var value = isRelative ? row.relative : row.difference
      result.judged = isRelative ? "difference in percent of A" : "difference"
      if isSure, row.verdict != .identical {
        let interval = isRelative ? row.relativeInterval : row.interval
        value = interval.map { comparator.limitsAbove ? $0.high : $0.low }
        result.judged += comparator.limitsAbove ? ", upper end of its interval" : ", lower end of its interval"
      }
      result.value = value
      result.unit = isRelative ? "%" : row.unit
      guard let value, value.isFinite else {
        result.outcome =
          row.verdict == .identical && isRelative ? (comparator.holds(0, bound) ? .passed : .failed) : .notComparable
        if result.outcome == .passed || result.outcome == .failed { result.value = 0 }
        return result
      }
      settle(comparator.holds(value, bound))
    }
    return result
  }
}

extension MetricDifference {
  /// Of the difference: the metric's unit, or percentage points.
  public var unit: String { quantity == .percentChange ? "percentage points" : metric.unit == "1" ? "" : metric.unit }
}

/// What several gates came to.
public struct GateResults: Sendable, Equatable, Codable {
  public var judgements: [Gate.Judgement]

  /// - Throws: as `Gate.judge`.
  public init(_ gates: [Gate], _ comparison: RunComparison) throws {
    judgements = try gates.flatMap { try $0.judge(comparison) }
  }

  public var anyFailed: Bool { judgements.contains { $0.outcome == .failed } }
  public var anyNotComparable: Bool { judgements.contains { $0.outcome == .notComparable } }
}

/// Gates from a file: one a line, or a YAML list.
public enum GateFile {
  /// Lines with gates; what follows a # is a comment, and a line may begin as an item of a YAML list.
  ///
  /// - Throws: `ComparisonInputError.gateFile` for a file that cannot be read or has no gate; as `Gate`.
  public static func read(_ path: String) throws -> [Gate] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ComparisonInputError.gateFile(path, reason: "cannot be read as UTF-8 text")
    }
    let gates = try lines(of: text, path: path).map { try Gate($0) }
    guard !gates.isEmpty else { throw ComparisonInputError.gateFile(path, reason: "has no gate") }
    return gates
  }
}
