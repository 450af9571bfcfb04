import Measures

/// A named sum of one condition over one stratum, or over one text source.
struct QuantityKey: Hashable, Sendable {
  /// Index into the run's conditions.
  var condition: Int
  var stratum: Stratum
  var sum: Sum
  /// Index into the corpus's sources; nil for the tokens of all.
  var source: Int?
}
