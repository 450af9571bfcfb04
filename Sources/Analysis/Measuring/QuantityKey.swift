import Measures

/// A named sum of one condition over one stratum, or over one bucket.
struct QuantityKey: Hashable, Sendable {
  /// Place among the run's conditions.
  var condition: Int
  /// Place of the condition whose pair decides which tokens are massive: see `RunConditions.key`.
  var mask: Int
  var stratum: Stratum
  var sum: Sum
  /// Place in the run's `TokenBuckets`; nil for the tokens of all.
  var bucket: Int?
}
