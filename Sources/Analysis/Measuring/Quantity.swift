import RunFile

/// A number per chunk, or derived from such numbers per resample, that metrics are made of.
enum Quantity: Hashable, Sendable {
  // Sums over predictions: `all` only.
  case nll, scored
  case kl, klScored
  case agreement, agreementScored
  case sourceNLL(Int)
  case sourceScored(Int)
  // Sums over the tokens of a stratum.
  case tokens, squaredError, squaredNorm, sum, cosine, l0, squaredPerturbation
  /// Tokens with ‖x_c − x_b‖² above ‖x_c − x̂_c‖².
  case movedFarther
  // Not sums: derived for each resample.
  /// ‖Σx‖², the mean vector's part of the textbook's variance.
  case squaredVectorSum
  /// Median over tokens of ‖x − x̂‖² ∕ ‖x‖².
  case medianRelativeError
}

/// A quantity of one condition over one stratum.
struct QuantityKey: Hashable, Sendable {
  /// Index into the run's conditions.
  var condition: Int
  var stratum: Stratum
  var quantity: Quantity
}

extension Stratum {
  /// The disjoint cells (`StratumFlags.cell`) that make it up.
  var cells: [Int] {
    switch self {
    case .all: [0, 1, 2, 3]
    case .withoutFirst: [0, 2]
    case .withoutMassive: [0, 1]
    case .ordinary: [0]
    }
  }

  func contains(cell: Int) -> Bool { cells.contains(cell) }
}
