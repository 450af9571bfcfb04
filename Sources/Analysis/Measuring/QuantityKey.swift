import Measures

/// A named sum of one condition over one stratum, or over one text source.
struct QuantityKey: Hashable, Sendable {
  /// Place among the run's conditions.
  var condition: Int
  /// Place of the condition whose pair decides which tokens are massive: see `RunConditions.key`.
  var mask: Int
  var stratum: Stratum
  var sum: Sum
  /// Index into the corpus's sources; nil for the tokens of all.
  var source: Int?
}
