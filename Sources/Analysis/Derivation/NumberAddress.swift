import Foundation
import Measures

/// What the id of a number names.
public enum NumberAddress: Sendable, Equatable {
  /// A metric of a condition: `fvu@1/nf4/all/percent`.
  case measure(MeasureAddress)
  /// What a kind of token weighs in the baseline: `cells/all-massive/denominator`.
  case share(CellGroup, CellShare.Whole)
  /// Bits per parameter: `bits/nf4/model`.
  case size(SizeAddress)
  /// How much was measured: `run/tokens`.
  case count(SampleCount)
  /// What features have in common: `features/nf4/kept-0.9`, `features/nf4~noise/kept-0.9`.
  case feature(FeatureAddress)

  /// Nil for what is no id.
  public init?(_ id: String) {
    let parts = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    switch parts[0] {
    case "cells":
      guard parts.count == 3, let group = CellGroup(rawValue: parts[1]), let whole = CellShare.Whole(rawValue: parts[2])
      else { return nil }
      self = .share(group, whole)
    case "bits":
      guard let size = SizeAddress(parts: parts) else { return nil }
      self = .size(size)
    case "features":
      guard let feature = FeatureAddress(parts: parts) else { return nil }
      self = .feature(feature)
    case "run":
      guard parts.count == 2, let count = SampleCount(rawValue: parts[1]) else { return nil }
      self = .count(count)
    default:
      guard let measure = MeasureAddress(id) else { return nil }
      self = .measure(measure)
    }
  }

  public var id: String {
    switch self {
    case .measure(let measure): measure.id
    case .share(let group, let whole): "cells/\(group.rawValue)/\(whole.rawValue)"
    case .size(let size): size.id
    case .count(let count): "run/\(count.rawValue)"
    case .feature(let feature): feature.id
    }
  }
}

/// Cells of tokens that a report speaks of: one of the four, or both massive ones.
public enum CellGroup: String, Sendable, CaseIterable {
  case ordinary, first, massive
  case firstAndMassive = "first-and-massive"
  case allMassive = "all-massive"

  public init(_ cell: CellShare.Cell) {
    self =
      switch cell {
      case .ordinary: .ordinary
      case .first: .first
      case .massive: .massive
      case .firstAndMassive: .firstAndMassive
      }
  }

  public var cells: [CellShare.Cell] {
    switch self {
    case .ordinary: [.ordinary]
    case .first: [.first]
    case .massive: [.massive]
    case .firstAndMassive: [.firstAndMassive]
    case .allMassive: [.massive, .firstAndMassive]
    }
  }
}

public enum SizeAddress: Sendable, Equatable {
  /// Bits per parameter of a condition's compressed layers, scales counted.
  case linear(String)
  /// The same over the whole model.
  case model(String)
  /// The share of the baseline's size that a condition saves, in percent; negative where it takes more.
  case saved(String)
  /// The share of parameters that lie in compressed layers, in percent.
  case compressedShare

  init?(parts: [String]) {
    if parts == ["bits", "compressed-share"] {
      self = .compressedShare
      return
    }
    guard parts.count == 3 else { return nil }
    switch parts[2] {
    case "linear": self = .linear(parts[1])
    case "model": self = .model(parts[1])
    case "saved": self = .saved(parts[1])
    default: return nil
    }
  }

  public var id: String {
    switch self {
    case .linear(let condition): "bits/\(condition)/linear"
    case .model(let condition): "bits/\(condition)/model"
    case .saved(let condition): "bits/\(condition)/saved"
    case .compressedShare: "bits/compressed-share"
    }
  }
}

/// What the headline's numbers stand on.
public enum SampleCount: String, Sendable, CaseIterable { case tokens, predictions, chunks, batches, documents }

/// A metric of a condition on some tokens: `fvu@1/nf4/all/percent`, `cross_entropy@1/int8/source/law`, `kl@1/nf4/entropy/q1`,
/// `fvu@1/bf16/all/first-6144`, `fvu@1/bf16/all/first-6144-to-20480`.
///
/// Site and reference may be named, `layer-9:fvu@1/nf4~int8/all/change`; where they are not, they are the run's one site and
/// the condition's own reference.
public struct MeasureAddress: Sendable, Equatable {
  /// Where in the model it was measured: `layer-9`, the residual stream after that layer.
  public var site: String?
  /// Id and version.
  public var metric: String
  public var condition: String
  /// The condition that it is compared with.
  public var reference: String?
  public var tokens: Tokens
  public var quantity: Quantity

  public enum Tokens: Sendable, Equatable {
    case stratum(Stratum)
    /// All tokens, of one text source, entropy, position or script.
    case bucket(Bucket)
    /// The first so many tokens of the run.
    case first(Int, Stratum)
    /// The value on the first so many tokens, less that on the first so many fewer.
    case between(Int, Int, Stratum)

    var stratum: Stratum? {
      switch self {
      case .stratum(let stratum), .first(_, let stratum), .between(_, _, let stratum): stratum
      case .bucket: nil
      }
    }
  }

  public enum Quantity: String, Sendable, Equatable, CaseIterable {
    case value
    /// Condition minus reference, in the metric's unit, and in percent of the reference.
    case change, percent
    /// The reference's value over the same tokens.
    case reference
  }

  public init(metric: String, condition: String, tokens: Tokens, quantity: Quantity = .value) {
    self.metric = metric
    self.condition = condition
    self.tokens = tokens
    self.quantity = quantity
  }

  /// Nil for what is no id. A source's name may hold slashes.
  public init?(_ id: String) {
    var parts = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 3, parts[0].contains("@") else { return nil }
    var quantity = Quantity.value
    if let last = parts.last, let own = Quantity(rawValue: last), own != .value, parts.count > 3 {
      quantity = own
      parts.removeLast()
    }
    let tokens: Tokens
    if let kind = Bucket.Kind(rawValue: parts[2]), parts.count > 3 {
      tokens = .bucket(Bucket(kind, parts[3...].joined(separator: "/")))
    } else if let stratum = Stratum(rawValue: parts[2]) {
      switch parts.count {
      case 3: tokens = .stratum(stratum)
      case 4:
        guard parts[3].hasPrefix("first-") else { return nil }
        let counts = parts[3].dropFirst(6).components(separatedBy: "-to-").map { Int($0) ?? 0 }
        guard counts.count <= 2, counts.allSatisfy({ $0 > 0 }) else { return nil }
        tokens = counts.count == 1 ? .first(counts[0], stratum) : .between(counts[0], counts[1], stratum)
      default: return nil
      }
    } else {
      return nil
    }
    let (site, metric) = Self.split(parts[0], at: ":", isBehind: false)
    let (reference, condition) = Self.split(parts[1], at: "~", isBehind: true)
    self.init(metric: metric, condition: condition, tokens: tokens, quantity: quantity)
    (self.site, self.reference) = (site, reference)
  }

  /// What stands before or behind a mark, where there is one, and the rest.
  private static func split(_ text: String, at mark: Character, isBehind: Bool) -> (part: String?, rest: String) {
    guard let place = text.firstIndex(of: mark) else { return (nil, text) }
    let (before, behind) = (String(text[..<place]), String(text[text.index(after: place)...]))
    return isBehind ? (behind, before) : (before, behind)
  }

  /// Of its tokens; all of them where it speaks of a bucket.
  public var stratum: Stratum { tokens.stratum ?? .all }

  public var id: String {
    let place =
      switch tokens {
      case .stratum(let stratum): stratum.rawValue
      case .bucket(let bucket): bucket.id
      case .first(let count, let stratum): "\(stratum.rawValue)/first-\(count)"
      case .between(let first, let last, let stratum): "\(stratum.rawValue)/first-\(first)-to-\(last)"
      }
    let measured = (site.map { $0 + ":" } ?? "") + metric
    let compared = condition + (reference.map { "~" + $0 } ?? "")
    return "\(measured)/\(compared)/\(place)" + (quantity == .value ? "" : "/\(quantity.rawValue)")
  }
}

extension CellShare.Whole {
  /// In words.
  public var title: String {
    switch self {
    case .tokens: "tokens"
    case .energy: "Σ‖x‖²"
    case .denominator: "the textbook FVU’s denominator"
    case .numerator: "FVU’s numerator"
    }
  }
}

extension CellGroup {
  /// In words.
  public var title: String {
    switch self {
    case .ordinary: "ordinary"
    case .first: "first positions and BOS"
    case .massive: "massive"
    case .firstAndMassive: "first and massive"
    case .allMassive: "all massive"
    }
  }
}
