import RunFile

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

  /// The disjoint cells (`StratumFlags.cell`) that make it up.
  public var cells: [Int] {
    switch self {
    case .all: [0, 1, 2, 3]
    case .withoutFirst: [0, 2]
    case .withoutMassive: [0, 1]
    case .ordinary: [0]
    }
  }

  public func contains(cell: Int) -> Bool { cells.contains(cell) }
}
