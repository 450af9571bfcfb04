import Foundation
import Measures
import RunFile

/// A number of the report, derived from what a run file holds step by step, and set beside what the report has.
public struct Derivation: Sendable, Equatable {
  public var address: NumberAddress
  /// Its name and formula.
  public var definition: String
  /// One or two sentences for a reader who is not a specialist.
  public var explanation: String
  public var steps: [Step]
  /// As derived here.
  public var value: Double
  /// What the report prints: value, interval and sample.
  public var reported: Estimate

  /// One sum, count or formula with its value.
  public struct Step: Sendable, Equatable {
    public var text: String
    public var value: Double

    init(_ text: String, _ value: Double) {
      self.text = text
      self.value = value
    }
  }

  /// The rows that enter.
  struct Rows: Sendable, Equatable {
    /// Values of `/tokens/stratum`.
    var cells: [Int]
    var text: String
  }

  /// Condition against baseline, resampled together.
  public var isDifference: Bool {
    if case .measure(let measure) = address {
      measure.quantity == .change || measure.quantity == .percent
    } else {
      false
    }
  }

  /// Derivation and report add the same numbers in another order: what is left is rounding.
  public static let tolerance = 1e-9
  public var agrees: Bool {
    (value - reported.value).magnitude <= Self.tolerance * max(reported.value.magnitude, scale)
  }
  /// Size of what a difference was taken of.
  private var scale: Double

  /// - Throws: `DerivationError` for an id that names nothing in this run, errors of the run file.
  public init(of id: String, in reader: RunReader, _ findings: Findings) throws {
    guard let address = NumberAddress(id) else {
      throw DerivationError.noSuchNumber(id, similar: Self.similar(id, findings))
    }
    guard reader.summary == nil else { throw DerivationError.onlyValues(id) }
    guard let reported = findings.estimate(at: address) else {
      throw DerivationError.noSuchNumber(id, similar: Self.similar(id, findings))
    }
    switch address {
    case .measure(let measure): try self.init(measure, reported, reader, findings)
    case .share(let group, let whole): try self.init(group, whole, reported, reader, findings)
    case .size(let size): self.init(size, reported, findings)
    case .count(let count): try self.init(count, reported, reader)
    case .feature(let feature): try self.init(feature, reported, reader)
    }
  }

  init(
    address: NumberAddress, definition: String, explanation: String, steps: [Step], value: Double, reported: Estimate,
    scale: Double
  ) {
    (self.address, self.definition, self.explanation, self.steps) = (address, definition, explanation, steps)
    (self.value, self.reported, self.scale) = (value, reported, scale)
  }
}

extension Derivation {
  /// Ids with the most parts in common.
  fileprivate static func similar(_ id: String, _ findings: Findings) -> [String] {
    let parts = Set(id.split(separator: "/"))
    let ranked = findings.numberIDs.enumerated().map {
      ($0.offset, $0.element, parts.intersection($0.element.split(separator: "/")).count)
    }
    let most = ranked.map(\.2).max() ?? 0
    return ranked.filter { $0.2 == most }.prefix(5).map(\.1)
  }
}

public enum DerivationError: Error, Equatable, CustomStringConvertible {
  case noSuchNumber(String, similar: [String])
  case notMeasured(String)
  case unknownBucket(String, known: [String])
  /// An imported run that has values without raw measurements.
  case onlyValues(String)

  public var description: String {
    switch self {
    case .noSuchNumber(let id, let similar):
      """
      \(id): no number of this run has this id\(similar.isEmpty ? "" : "; near it are \(similar.joined(separator: ", "))"). \
      `clearbox explain RUN` lists all.
      """
    case .notMeasured(let path):
      "\(path): the run did not measure it. Add its experiment to the study to have it measured."
    case .unknownBucket(let name, let known):
      "\(name): no such tokens in this run; it has \(known.joined(separator: ", "))."
    case .onlyValues(let id): "\(id): this run was imported as values; it has no raw measurements to derive them from."
    }
  }
}
