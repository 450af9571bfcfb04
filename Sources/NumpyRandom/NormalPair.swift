import Foundation

/// Two independent standard normal numbers of two of 64 random bits, by Box and Muller.
public func normalPair(_ u: UInt64, _ v: UInt64) -> (Double, Double) {
  // In (0, 1].
  let radius = (-2 * log((Double(u >> 11) + 1) * 0x1p-53)).squareRoot()
  let angle = 2 * Double.pi * Double(v >> 11) * 0x1p-53
  return (radius * cos(angle), radius * sin(angle))
}
