/// The definition of a measured quantity. A changed formula gets a new version, and two versions are never compared.
public struct Metric: Sendable, Hashable, Codable {
  /// Name and version, e.g. `fvu_article@1`.
  public var id: String
  /// "FVU (article's form)".
  public var name: String
  /// "nats per token", "1", "%"…
  public var unit: String
  public var direction: Direction
  /// One line, plain text with Unicode.
  public var formula: String
  /// One or two sentences for a reader who is not a specialist.
  public var explanation: String

  public enum Direction: String, Sendable, Codable { case lowerIsBetter, higherIsBetter, neither }
}

/// The tokens that a number speaks of.
public enum Stratum: String, CaseIterable, Sendable, Codable {
  /// Every measured token.
  case all
  /// Without BOS and without the chunk's first positions.
  case withoutFirst = "without_first"
  /// Without massive tokens.
  case withoutMassive = "without_massive"
  /// Without both.
  case ordinary
}
