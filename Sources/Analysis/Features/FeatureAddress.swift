import RunFile

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
  /// Of Σ‖Δx‖² over ordinary tokens, what the mean shift makes up, and what lies along the first principal direction, at
  /// least.
  case meanShift = "mean-shift"
  case firstDirection = "first-direction"
  /// Of what fires under either, the share that flips, by the margin above the threshold: bins of `FlipCounts.edges`.
  case flips0 = "flips-0"
  case flips05 = "flips-0.5"
  case flips1 = "flips-1"
  case flips2 = "flips-2"
  case flips4 = "flips-4"

  public enum Kind: Sendable { case count, share, correlation }

  public var kind: Kind {
    switch self {
    case .judged, .died, .arose, .halved, .doubled: .count
    case .median, .medianActive, .gini: .correlation
    case .kept05, .kept08, .kept09, .keptActive05, .keptActive08, .keptActive09, .topEnergy, .meanShift,
      .firstDirection, .flips0, .flips05, .flips1, .flips2, .flips4:
      .share
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

  /// In the order of the bins.
  public static let flips: [FeatureQuantity] = [.flips0, .flips05, .flips1, .flips2, .flips4]

  /// Of a share of flips.
  public var bin: Int? { Self.flips.firstIndex(of: self) }

  /// "from 0.5 to 1", "from 4".
  static func margins(_ bin: Int) -> String {
    let edges = FlipCounts.edges.map { Int(exactly: $0).map(String.init) ?? "\($0)" }
    return bin + 1 < edges.count ? "from \(edges[bin]) to \(edges[bin + 1])" : "from \(edges[bin])"
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
    case .meanShift: "Share of the shift that its mean makes up"
    case .firstDirection: "Share of the shift along its first principal direction, at least"
    case .flips0, .flips05, .flips1, .flips2, .flips4: "Firings that flip, margins \(Self.margins(bin ?? 0))"
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
    case .meanShift: "‖ΣΔx‖² ∕ (N Σ‖Δx‖²) over ordinary tokens, Δx the stream’s shift"
    case .firstDirection:
      "Largest eigenvalue of ΣΔxΔxᵀ ∕ Σ‖Δx‖², as a sketch of 32 directions shows it: never more than it is"
    case .flips0, .flips05, .flips1, .flips2, .flips4:
      "(lost + new) ∕ (fires_reference + fires_condition) at margins \(Self.margins(bin ?? 0)), in units of "
        + "‖Δx‖·‖w_enc‖ ∕ √D above the threshold"
    case .gini: "Gini coefficient of e = squared_change·decoder_norm² over features that fire under either"
    }
  }

  public var columns: [String] {
    switch self {
    case .judged: ["count_reference"]
    case .kept05, .kept08, .kept09, .median: ["count_reference", "r"]
    case .keptActive05, .keptActive08, .keptActive09, .medianActive: ["count_reference", "r_active"]
    case .died, .arose, .halved, .doubled: ["count_reference", "count_condition"]
    case .meanShift: ["mean_shift_share"]
    case .firstDirection: ["first_direction_share"]
    case .flips0, .flips05, .flips1, .flips2, .flips4:
      ["margin_lost", "margin_new", "margin_fires_reference", "margin_fires_condition"]
    case .topEnergy, .gini: ["count_reference", "count_condition", "squared_change", "decoder_norm"]
    }
  }
}
