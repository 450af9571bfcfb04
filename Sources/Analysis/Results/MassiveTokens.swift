import Measures
import RunFile

/// The tokens that are massive under a condition or under the one that it is compared with, norm against norm.
public struct MassiveTokens: Sendable, Equatable {
  public struct Token: Sendable, Equatable {
    /// In the vocabulary.
    public var id: Int
    /// ‖x‖ under the condition, and under its reference.
    public var norm: Double
    public var referenceNorm: Double
    public var kind: Kind

    public init(id: Int, norm: Double, referenceNorm: Double, kind: Kind) {
      self.id = id
      self.norm = norm
      self.referenceNorm = referenceNorm
      self.kind = kind
    }
  }

  public enum Kind: String, Sendable, CaseIterable {
    /// Massive under both.
    case kept
    /// Under the condition alone, and under its reference alone.
    case gained, lost
  }

  public var condition: String
  /// In the run's order.
  public var tokens: [Token]

  public init(condition: String, tokens: [Token]) {
    self.condition = condition
    self.tokens = tokens
  }

  /// Ids of the tokens gained or lost with their number, the most frequent first.
  public var flippedIDs: [(id: Int, count: Int)] {
    var counts: [Int: Int] = [:]
    for token in tokens where token.kind != .kept { counts[token.id, default: 0] += 1 }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (id: $0.key, count: $0.value) }
  }
}

extension RunDescription.Strata {
  /// The residual norm above which a token is massive; nil where the run does not tell the median.
  public var massiveNorm: Double? { medianNorm.map { $0 * massiveMultiple } }
}
