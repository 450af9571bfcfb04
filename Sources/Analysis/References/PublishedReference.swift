import Foundation
import Measures

/// Numbers that a study published, as data: what they are of, as they were printed, and what is not known of them.
///
/// Kept as JSON in `assets/references/`; docs/references.md describes its keys.
public struct PublishedReference: Sendable, Equatable, Codable {
  /// Version of the file's layout.
  public var schema: Int
  /// Names the file: `black-box-part-4`.
  public var id: String
  public var title: String
  public var authors: String
  public var year: Int
  /// Where the text and its code are.
  public var sources: [String]
  public var models: [Model]
  public var conditions: [Condition]
  public var tokens: Tokens
  public var findings: [Finding]
  /// What a reader could look for in the study and would not find.
  public var notKnown: [String]

  /// A model of the study, with the numbers by which a run's model is recognized as the same.
  public struct Model: Sendable, Equatable, Codable {
    public var name: String
    public var checkpoint: String
    public var dModel: Int
    public var layerCount: Int
    /// Decoder layer (from 0) after which the study read the residual stream.
    public var layer: Int
  }

  /// A compressed condition of the study.
  public struct Condition: Sendable, Equatable, Codable {
    /// As a run's condition calls it: "int8", "nf4".
    public var kind: String
    public var name: String
    /// Settings that make it the study's condition; a run's condition that states another value has no counterpart.
    public var settings: [String: String]
  }

  /// Token counts that the study's text and its code state.
  public struct Tokens: Sendable, Equatable, Codable {
    public var headlineInText: Int
    public var crossEntropyInCode: Int
    public var noiseFloorInCode: Int
  }

  /// One published number, range or bound.
  public struct Finding: Sendable, Equatable, Codable {
    public var id: String
    public var quantity: Quantity
    /// Id and version of the metric, `cross_entropy@1`; over all tokens.
    public var metric: String
    /// The conditions that it speaks of, by kind; empty for every one, the baseline included.
    public var kinds: [String]
    /// The study's model that it speaks of; nil for all.
    public var model: String?
    public var claim: Claim
    /// Ends as printed; nil where the claim is open on that side.
    public var low: Double?
    public var high: Double?
    /// Decimals of the printed numbers: they hide half a unit of the last one.
    public var decimals: Int
    /// As it stands in the study.
    public var printed: String
    /// What the study says of it, and what not.
    public var known: String
    /// The two token counts of a snapshot difference.
    public var snapshots: [Int]?

    public enum Quantity: String, Sendable, Codable, CaseIterable {
      /// The metric's change against the baseline, in percent of it.
      case percentChange = "percent_change"
      /// The metric's change against the baseline.
      case change
      case value
      /// The metric at the later of two snapshots minus that at the earlier.
      case snapshotDifference = "snapshot_difference"
    }

    public enum Claim: String, Sendable, Codable {
      /// "less than", "flat or lower": the study says that the quantity stays inside.
      case bound
      /// A number or a range of numbers that the study measured.
      case value
    }
  }
}

/// What is wrong with a file of published numbers.
public enum ReferenceError: Error, Sendable, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case wrongSchema(path: String, found: Int)
  case wrongFinding(path: String, id: String, reason: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): the published numbers cannot be read (\(reason)). Point to the folder assets/references of the sources."
    case .wrongSchema(let path, let found):
      "\(path): layout \(found) of published numbers, where this clearbox reads \(PublishedReference.schema). Use the "
        + "file that came with it."
    case .wrongFinding(let path, let id, let reason):
      "\(path): finding \(id): \(reason). docs/references.md describes the keys."
    }
  }
}

extension PublishedReference {
  /// The layout that this code reads.
  public static let schema = 1

  /// - Parameter folder: holds `black-box-part-4.json`.
  /// - Throws: `ReferenceError`.
  public static func article(in folder: URL) throws -> PublishedReference {
    let url = folder.appendingPathComponent("black-box-part-4.json")
    let reference: PublishedReference
    do {
      reference = try JSONDecoder().decode(PublishedReference.self, from: Data(contentsOf: url))
    } catch let error as DecodingError {
      throw ReferenceError.unreadable(path: url.path, reason: error.place)
    } catch {
      throw ReferenceError.unreadable(path: url.path, reason: "no such file, or not readable")
    }
    try reference.check(path: url.path)
    return reference
  }

  func check(path: String) throws(ReferenceError) {
    guard schema == Self.schema else { throw .wrongSchema(path: path, found: schema) }
    for finding in findings {
      func wrong(_ reason: String) -> ReferenceError { .wrongFinding(path: path, id: finding.id, reason: reason) }
      guard Metric.all.contains(where: { $0.id == finding.metric }) else {
        throw wrong("there is no metric \(finding.metric)")
      }
      guard finding.low != nil || finding.high != nil else { throw wrong("it has neither low nor high") }
      guard (finding.low ?? -.infinity) <= (finding.high ?? .infinity) else { throw wrong("low is above high") }
      guard finding.claim == .bound || (finding.low != nil && finding.high != nil) else {
        throw wrong("a value needs both low and high")
      }
      guard (0...9).contains(finding.decimals) else { throw wrong("decimals must be from 0 to 9") }
      guard (finding.quantity == .snapshotDifference) == (finding.snapshots?.count == 2) else {
        throw wrong("a snapshot difference, and nothing else, has two snapshots")
      }
      guard finding.model == nil || models.contains(where: { $0.name == finding.model }) else {
        throw wrong("there is no model \(finding.model ?? "")")
      }
      for kind in finding.kinds where !conditions.contains(where: { $0.kind == kind }) {
        throw wrong("there is no condition of kind \(kind)")
      }
    }
  }
}

extension DecodingError {
  /// The key that is wrong, and how.
  fileprivate var place: String {
    let context: Context
    switch self {
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
    case .keyNotFound(let key, let found):
      return "“\(key.stringValue)” is missing in \(found.codingPath.dotted)"
    @unknown default: return "not JSON of this layout"
    }
    return "\(context.codingPath.dotted): not what its key asks for"
  }
}

extension [any CodingKey] {
  fileprivate var dotted: String {
    isEmpty ? "the file" : map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")
  }
}
