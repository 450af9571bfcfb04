import Foundation

/// Student's t distribution with a whole number of degrees of freedom.
enum StudentT {
  /// P(|T| ≤ tan θ · √ν), by the finite sums for whole ν (M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions,
  /// 26.7.3 and 26.7.4).
  private static func share(within angle: Double, degreesOfFreedom ν: Int) -> Double {
    let (sine, cosine) = (sin(angle), cos(angle))
    let isOdd = ν % 2 == 1
    if ν == 1 { return 2 * angle / .pi }
    // Powers of the cosine from 1 (odd ν) or 0 (even ν) up to ν − 2, each with its ratio of products.
    var term = isOdd ? cosine : 1
    var sum = term
    var power = isOdd ? 3 : 2
    while power <= ν - 2 {
      term *= cosine * cosine * Double(power - 1) / Double(power)
      sum += term
      power += 2
    }
    return isOdd ? 2 / .pi * (angle + sine * sum) : sine * sum
  }

  /// The t with P(|T| ≤ t) = level, 0 < level < 1, for ν ≥ 1.
  static func twoSidedQuantile(_ level: Double, degreesOfFreedom ν: Int) -> Double {
    var (low, high) = (0.0, Double.pi / 2)
    // The share grows with the angle: halving the range until it has no more numbers.
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if share(within: middle, degreesOfFreedom: ν) < level { low = middle } else { high = middle }
    }
    return tan(low) * Double(ν).squareRoot()
  }
}
