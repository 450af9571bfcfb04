/// The merges of a byte-pair model: which two neighbouring symbols become which, and with what rank.
/// Lower ranks go first.
struct MergeTable: Sendable {
  struct Merge: Sendable {
    /// Left symbol in the upper half, right symbol in the lower.
    var pair: UInt64
    var rank: UInt32
    var result: Int32
  }

  /// Open addressing with linear probing; half of the slots stay free.
  private(set) var slots: [Merge]
  private(set) var count = 0

  private static let free = Merge(pair: .max, rank: .max, result: -1)

  init(expectedCount: Int) {
    var capacity = 64
    while capacity < 2 * expectedCount { capacity *= 2 }
    slots = [Merge](repeating: Self.free, count: capacity)
  }

  @inline(__always)
  static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) &<< 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Spreads a pair over the slots (Fibonacci hashing).
  @inline(__always)
  static func spread(_ pair: UInt64) -> Int {
    let product = pair &* 0x9e37_79b9_7f4a_7c15
    return Int(truncatingIfNeeded: product &>> 20)
  }

  /// Adds a merge; a pair that occurs twice keeps its later rank, as in `tokenizers`.
  mutating func insert(left: Int32, right: Int32, rank: Int, result: Int32) {
    if 2 * (count + 1) > slots.count { grow() }
    let merge = Merge(pair: Self.pair(left, right), rank: UInt32(rank), result: result)
    let slot = slot(of: merge.pair)
    if slots[slot].pair == Self.free.pair { count += 1 }
    slots[slot] = merge
  }

  private func slot(of pair: UInt64) -> Int {
    var slot = Self.spread(pair) & (slots.count - 1)
    while slots[slot].pair != pair, slots[slot].pair != Self.free.pair {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = [Merge](repeating: Self.free, count: 2 * old.count)
    for merge in old where merge.pair != Self.free.pair { slots[slot(of: merge.pair)] = merge }
  }
}
