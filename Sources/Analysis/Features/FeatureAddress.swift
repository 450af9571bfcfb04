/// What the features of a pair have in common: `features/nf4/kept-0.9`.
public struct FeatureAddress: Sendable, Equatable {
  /// A condition's name, with `~noise` behind it for the control.
  public var pair: String
  public var quantity: FeatureQuantity

  public init(pair: String, quantity: FeatureQuantity) { (self.pair, self.quantity) = (pair, quantity) }

  init?(parts: [String]) {
    guard parts.count == 3, let quantity = FeatureQuantity(rawValue: parts[2]) else { return nil }
    self.init(pair: parts[1], quantity: quantity)
  }

  public var id: String { "features/\(pair)/\(quantity.rawValue)" }
}

/// A number over an autoencoder's features. A feature is judged when it fires often enough under the reference.
public enum FeatureQuantity: String, Sendable, CaseIterable {
  case judged
  /// Of the judged, the share with r of at least so much.
  case kept05 = "kept-0.5"
  case kept08 = "kept-0.8"
  case kept09 = "kept-0.9"
  case median = "median-r"
  /// r over the tokens on which the feature is active under either.
  case keptActive05 = "kept-active-0.5"
  case keptActive08 = "kept-active-0.8"
  case keptActive09 = "kept-active-0.9"
  case medianActive = "median-r-active"
  /// Judged features that never fire under the condition, and those that would be judged there and never fire under the reference.
  case died, arose
  /// Judged features that fire less than half, or more than twice, as often.
  case halved, doubled
  /// Of Σ (b − a)²·‖W_dec‖² over features, what the most changed hundredth has, and the Gini coefficient.
  case topEnergy = "energy-top-1"
  case gini = "energy-gini"

  public enum Kind: Sendable { case count, share, correlation }

  public var kind: Kind {
    switch self {
    case .judged, .died, .arose, .halved, .doubled: .count
    case .median, .medianActive, .gini: .correlation
    case .kept05, .kept08, .kept09, .keptActive05, .keptActive08, .keptActive09, .topEnergy: .share
    }
  }

  /// For those that are a share of the judged above a cut: the cut, and whether only active tokens count.
  public var cut: (r: Double, isActive: Bool)? {
    switch self {
    case .kept05: (0.5, false)
    case .kept08: (0.8, false)
    case .kept09: (0.9, false)
    case .keptActive05: (0.5, true)
    case .keptActive08: (0.8, true)
    case .keptActive09: (0.9, true)
    default: nil
    }
  }

  public var title: String {
    switch self {
    case .judged: "Features judged"
    case .kept05, .kept08, .kept09: "Features kept, r ≥ \(cut?.r ?? 0)"
    case .median: "Median r of the judged features"
    case .keptActive05, .keptActive08, .keptActive09: "Features kept where active, r ≥ \(cut?.r ?? 0)"
    case .medianActive: "Median r where active"
    case .died: "Features that no longer fire"
    case .arose: "Features that fire anew"
    case .halved: "Features that fire less than half as often"
    case .doubled: "Features that fire more than twice as often"
    case .topEnergy: "Energy of the most changed hundredth of features"
    case .gini: "Gini coefficient of the features’ energy"
    }
  }

  public var definition: String {
    let judged = "count_reference ≥ \(FeatureFindings.fewestTokens)"
    return switch self {
    case .judged: "Features with \(judged)"
    case .kept05, .kept08, .kept09: "Of features with \(judged), the share with r ≥ \(cut?.r ?? 0)"
    case .median: "Median of r over features with \(judged)"
    case .keptActive05, .keptActive08, .keptActive09:
      "Of features with \(judged), the share with r_active ≥ \(cut?.r ?? 0)"
    case .medianActive: "Median of r_active over features with \(judged)"
    case .died: "Features with \(judged) and count_condition = 0"
    case .arose: "Features with count_condition ≥ \(FeatureFindings.fewestTokens) and count_reference = 0"
    case .halved: "Features with \(judged) and count_condition < ½ count_reference"
    case .doubled: "Features with \(judged) and count_condition > 2 count_reference"
    case .topEnergy:
      "Share of Σ e over features that fire under either, of the hundredth with the largest e = squared_change·decoder_norm²"
    case .gini: "Gini coefficient of e = squared_change·decoder_norm² over features that fire under either"
    }
  }

  public var columns: [String] {
    switch self {
    case .judged: ["count_reference"]
    case .kept05, .kept08, .kept09, .median: ["count_reference", "r"]
    case .keptActive05, .keptActive08, .keptActive09, .medianActive: ["count_reference", "r_active"]
    case .died, .arose, .halved, .doubled: ["count_reference", "count_condition"]
    case .topEnergy, .gini: ["count_reference", "count_condition", "squared_change", "decoder_norm"]
    }
  }
}
