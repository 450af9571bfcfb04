/// numpy's default generator: the draws of `numpy.random.default_rng(seed)`, bit for bit.
///
/// PCG64 is a 128-bit linear congruential generator with the XSL-RR output permutation
/// (M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", 2014).
/// The ways of drawing (which draws are 32 bits wide, which rejection method) are those of
/// `numpy.random.Generator`, numpy 1.17 to 2.4.
public struct PCG64: Sendable, Equatable {
  private static let multiplier: UInt128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645

  private var state: UInt128
  private let increment: UInt128
  /// The high half of the last 64-bit draw, when only its low half has been handed out by `next32`.
  private var bufferedHalf: UInt32?

  /// The generator `numpy.random.default_rng(seed)` starts with.
  public init(seed: UInt64) {
    let words = SeedSequence(seed).words64(4)
    let initialState = UInt128(words[0]) << 64 | UInt128(words[1])
    let sequence = UInt128(words[2]) << 64 | UInt128(words[3])
    increment = sequence << 1 | 1
    state = 0
    step()
    state = state &+ initialState
    step()
  }

  private mutating func step() {
    state = state &* Self.multiplier &+ increment
  }

  /// A uniform 64-bit word. Leaves a buffered 32-bit half where it is, as numpy does.
  public mutating func next64() -> UInt64 {
    step()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let rotation = UInt64(truncatingIfNeeded: state >> 122)
    return folded >> rotation | folded << ((64 &- rotation) & 63)
  }

  /// A uniform 32-bit word: the low half of a fresh 64-bit draw, then its high half.
  public mutating func next32() -> UInt32 {
    if let half = bufferedHalf {
      bufferedHalf = nil
      return half
    }
    let word = next64()
    bufferedHalf = UInt32(truncatingIfNeeded: word >> 32)
    return UInt32(truncatingIfNeeded: word)
  }

  /// A uniform number in [0, 1) with 53 random bits: `Generator.random()`.
  public mutating func random() -> Double {
    Double(next64() >> 11) * 0x1p-53
  }

  /// `count` uniform integers in 0 ..< bound: `Generator.integers(0, bound, size: count)`.
  ///
  /// Lemire's multiply-and-reject; bounds up to 2³² draw 32 bits at a time, larger ones 64, as numpy does.
  /// - Precondition: `bound` > 0.
  public mutating func integers(below bound: Int, count: Int) -> [Int] {
    precondition(bound > 0, "an integer below \(bound) does not exist")
    return (0..<count).map { _ in integer(below: bound) }
  }

  /// One uniform integer in 0 ..< bound: `Generator.integers(0, bound)`.
  /// - Precondition: `bound` > 0.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "an integer below \(bound) does not exist")
    switch bound {
    case 1: return 0  // numpy draws nothing for a single possibility
    case 1 << 32: return Int(next32())
    case ..<(1 << 32):
      let range = UInt32(bound)
      let threshold = (0 &- range) % range
      while true {
        let product = UInt64(next32()) * UInt64(range)
        if UInt32(truncatingIfNeeded: product) >= threshold { return Int(product >> 32) }
      }
    default:
      let range = UInt64(bound)
      let threshold = (0 &- range) % range
      while true {
        let product = next64().multipliedFullWidth(by: range)
        if product.low >= threshold { return Int(product.high) }
      }
    }
  }

  /// Shuffles as `Generator.shuffle` does with a Python list, and `Generator.permutation(n)` with 0 ..< n:
  /// Fisher–Yates from the end, each partner drawn by masked rejection (not by Lemire’s method).
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for last in stride(from: elements.count - 1, through: 1, by: -1) {
      elements.swapAt(last, interval(upTo: last))
    }
  }

  /// A uniform integer in 0 ... maximum by masked rejection: numpy's C function `random_interval`.
  private mutating func interval(upTo maximum: Int) -> Int {
    let mask = UInt64.max >> UInt64(maximum.leadingZeroBitCount)
    while true {
      let draw = maximum <= Int(UInt32.max) ? UInt64(next32()) & mask : next64() & mask
      if draw <= UInt64(maximum) { return Int(draw) }
    }
  }
}
