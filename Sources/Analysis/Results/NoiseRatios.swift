import Foundation

/// How far tokens are moved, each in units of what the autoencoder misses of it: ‖x_c − x_b‖ ∕ ‖x_c − x̂_c‖, or
/// ‖x_c′ − x_c‖ ∕ ‖x_c − x̂_c‖ of a rerun c′, counted in bins of equal width on a logarithmic axis.
public struct NoiseRatios: Sendable, Equatable {
  /// Bins per power of ten, and the powers of ten between which they lie. What lies beyond is in the outermost bins.
  public static let binsPerDecade = 10
  public static let decades = -3...3
  public static var binCount: Int { (decades.upperBound - decades.lowerBound) * binsPerDecade }

  public var condition: String
  /// True where it is what another order of summation moves.
  public var isRerun: Bool
  public var counts: [Int]

  public init(condition: String, isRerun: Bool, counts: [Int] = Array(repeating: 0, count: binCount)) {
    self.condition = condition
    self.isRerun = isRerun
    self.counts = counts
  }

  public var tokenCount: Int { counts.reduce(0, +) }

  /// Counts a token.
  ///
  /// - Parameters: ‖x_c − x_b‖² and ‖x_c − x̂_c‖². A token that is not moved has the ratio 0; one that is, and of which
  ///   nothing is missed, an infinite one.
  mutating func add(moved: Double, missed: Double) {
    let last = Self.binCount - 1
    guard moved > 0 else { return counts[0] += 1 }
    guard missed > 0 else { return counts[last] += 1 }
    let place = (log10(moved / missed) / 2 - Double(Self.decades.lowerBound)) * Double(Self.binsPerDecade)
    counts[Int(max(0, min(Double(last), place.rounded(.down))))] += 1
  }

  /// The ratio at a place in a bin: 0 its lower end, 1 its upper one.
  public static func ratio(bin: Int, at place: Double) -> Double {
    pow(10, Double(decades.lowerBound) + (Double(bin) + place) / Double(binsPerDecade))
  }
}
