/// Turns a small integer seed into well-mixed words, as `numpy.random.SeedSequence(seed)` does.
///
/// The pool is four 32-bit words; every word of entropy is hashed into every word of the pool.
/// Source: numpy/random/bit_generator.pyx (after M. E. O'Neill's seed_seq_fe128); constants are numpy's.
public struct SeedSequence: Sendable, Equatable {
  private static let initA: UInt32 = 0x43b0_d7e5
  private static let multiplierA: UInt32 = 0x931e_8875
  private static let initB: UInt32 = 0x8b51_f9dd
  private static let multiplierB: UInt32 = 0x58f3_8ded
  private static let mixLeft: UInt32 = 0xca01_f9dd
  private static let mixRight: UInt32 = 0x4973_f715
  private static let poolSize = 4

  private var pool: [UInt32]

  public init(_ seed: UInt64) {
    // numpy splits an integer into 32-bit words, lowest first, and writes 0 as one zero word.
    var entropy = [UInt32(truncatingIfNeeded: seed)]
    if seed >> 32 != 0 { entropy.append(UInt32(truncatingIfNeeded: seed >> 32)) }

    var constant = Self.initA
    func hash(_ word: UInt32) -> UInt32 {
      var value = word ^ constant
      constant = constant &* Self.multiplierA
      value = value &* constant
      return value ^ (value >> 16)
    }
    func mix(_ x: UInt32, _ y: UInt32) -> UInt32 {
      let value = (Self.mixLeft &* x) &- (Self.mixRight &* y)
      return value ^ (value >> 16)
    }

    var pool = (0..<Self.poolSize).map { hash($0 < entropy.count ? entropy[$0] : 0) }
    for source in 0..<Self.poolSize {
      for destination in 0..<Self.poolSize where source != destination {
        pool[destination] = mix(pool[destination], hash(pool[source]))
      }
    }
    self.pool = pool
  }

  /// The first `count` 64-bit words of state, as `generate_state(count, numpy.uint64)`.
  public func words64(_ count: Int) -> [UInt64] {
    let halves = words32(2 * count)
    return (0..<count).map { UInt64(halves[2 * $0]) | UInt64(halves[2 * $0 + 1]) << 32 }
  }

  /// The first `count` 32-bit words of state, as `generate_state(count)`.
  public func words32(_ count: Int) -> [UInt32] {
    var constant = Self.initB
    return (0..<count).map { index in
      var value = pool[index % Self.poolSize] ^ constant
      constant = constant &* Self.multiplierB
      value = value &* constant
      return value ^ (value >> 16)
    }
  }
}
