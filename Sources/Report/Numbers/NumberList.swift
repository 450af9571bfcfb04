import Analysis
import Foundation
import Measures

/// Every number of a report for programs: what `clearbox explain` lists, with values, intervals and units as data.
public struct NumberList: Encodable {
  public struct Number: Encodable {
    /// What `clearbox explain` takes.
    public var id: String
    public var title: String
    /// Nil for sizes, shares and counts, as are `condition` and `tokens`.
    public var metric: String?
    public var condition: String?
    /// The id's part that names the tokens: `all`, `source/law`, `all/first-6144`.
    public var tokens: String?
    /// `value`, `change`, `percent` or `reference`.
    public var quantity: String
    /// Empty for plain ratios and shares of 1.
    public var unit: String
    public var value: Double
    public var low: Double?
    public var high: Double?
    public var level: Double?
    public var tokenCount: Int
    /// As the report prints it, with its interval.
    public var text: String
  }

  public var model: String
  public var numbers: [Number]

  public init(_ findings: Findings) throws {
    model = findings.description.model.name
    let formats = NumberFormats(findings)
    var list: [Number] = []
    for id in findings.numberIDs {
      guard let address = NumberAddress(id), let estimate = findings.estimate(at: address) else { continue }
      list.append(try Number(id, address, estimate, findings, formats))
    }
    numbers = list
  }

  /// - Returns: JSON, one list over all runs, keys sorted.
  public static func data(_ runs: [Findings]) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return try encoder.encode(runs.map { try NumberList($0) }) + Data("\n".utf8)
  }
}

extension NumberList.Number {
  init(
    _ id: String, _ address: NumberAddress, _ estimate: Estimate, _ findings: Findings, _ formats: NumberFormats
  ) throws {
    self.id = id
    title = address.title(findings)
    quantity = "value"
    unit = address.unit(findings.measures).trimmingCharacters(in: .whitespaces)
    if case .measure(let measure) = address {
      metric = measure.metric
      condition = measure.condition
      quantity = measure.quantity.rawValue
      var parts = id.split(separator: "/").dropFirst(2)
      if measure.quantity != .value { parts = parts.dropLast() }
      tokens = parts.joined(separator: "/")
      if measure.quantity == .percent { unit = "%" }
    }
    value = estimate.value
    (low, high, level) = (estimate.interval?.low, estimate.interval?.high, estimate.interval?.level)
    tokenCount = estimate.tokenCount
    text =
      try formats.text(estimate, at: address) + (try formats.interval(estimate, at: address).map { " \($0)" } ?? "")
  }
}
