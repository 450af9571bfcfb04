/// A vocabulary: pieces of text as UTF-8 bytes, numbered, found by their bytes.
///
/// Bytes and not `String`, because `String` holds é as one scalar and as two to be equal, and a vocabulary has both.
/// All pieces lie in one array; the index is open addressing with linear probing.
struct PieceTable: Sendable {
  private var bytes: [UInt8] = []
  /// Per id: where its piece lies; an empty range at 0 with `present` false for an id without a piece.
  private var ranges: [Range<Int>] = []
  /// Upper half of the piece's hash above, id below: pieces of another hash are passed over without a look at them.
  private var slots: [UInt64] = []
  private var used = 0

  /// Bytes that a piece may have: some ways to use one take the square of them.
  static let longest = 4096

  /// No id is so large.
  private static let free = UInt64.max

  init(expectedCount: Int = 0) {
    ranges.reserveCapacity(expectedCount)
    var capacity = 64
    while capacity < 2 * expectedCount { capacity *= 2 }
    slots = [UInt64](repeating: Self.free, count: capacity)
  }

  /// One more than the largest id.
  var count: Int { ranges.count }

  /// Gives `piece` the number `id`. Of two equal pieces the later one is found, as in a Python dict.
  /// - Returns: false where an equal piece was there.
  @discardableResult
  mutating func insert(_ piece: UnsafeBufferPointer<UInt8>, id: Int) -> Bool {
    if 2 * (used + 1) > slots.count { grow() }
    while ranges.count <= id { ranges.append(0..<0) }
    let start = bytes.count
    bytes.append(contentsOf: piece)
    ranges[id] = start..<bytes.count
    let hash = ByteHash.hash(piece)
    let slot = slot(of: piece, hash)
    let isNew = slots[slot] == Self.free
    if isNew { used += 1 }
    slots[slot] = Self.entry(hash, id)
    return isNew
  }

  @discardableResult
  mutating func insert(_ piece: [UInt8], id: Int) -> Bool {
    piece.withUnsafeBufferPointer { insert($0, id: id) }
  }

  /// The id of `piece`, or nil.
  func id(of piece: UnsafeBufferPointer<UInt8>) -> Int32? {
    let found = slots[slot(of: piece, ByteHash.hash(piece))]
    return found == Self.free ? nil : Int32(truncatingIfNeeded: found)
  }

  func id(of piece: [UInt8]) -> Int32? {
    piece.withUnsafeBufferPointer { id(of: $0) }
  }

  func id(of piece: String) -> Int32? { id(of: Array(piece.utf8)) }

  /// The bytes of a piece; empty for an id that has none.
  func piece(_ id: Int) -> ArraySlice<UInt8> {
    ranges.indices.contains(id) ? bytes[ranges[id]] : []
  }

  /// Calls `body` with every piece in order of ids.
  func forEach(_ body: (_ id: Int, UnsafeBufferPointer<UInt8>) -> Void) { forEach(in: 0..<count, body) }

  /// Calls `body` with every piece of the given ids, in their order.
  func forEach(in ids: Range<Int>, _ body: (_ id: Int, UnsafeBufferPointer<UInt8>) -> Void) {
    bytes.withUnsafeBufferPointer { all in
      for id in ids where !ranges[id].isEmpty {
        body(id, UnsafeBufferPointer(rebasing: all[ranges[id]]))
      }
    }
  }

  private static func entry(_ hash: UInt64, _ id: Int) -> UInt64 {
    hash & 0xffff_ffff_0000_0000 | UInt64(UInt32(id))
  }

  /// Where `piece` is, or where it would be put.
  private func slot(of piece: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int {
    slots.withUnsafeBufferPointer { slots in
      bytes.withUnsafeBufferPointer { bytes in
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != Self.free {
          if (slots[slot] ^ hash) &>> 32 == 0 {
            let range = ranges[Int(truncatingIfNeeded: slots[slot] & 0xffff_ffff)]
            if range.count == piece.count,
              UnsafeBufferPointer(rebasing: bytes[range]).elementsEqual(piece)
            {
              return slot
            }
          }
          slot = (slot &+ 1) & mask
        }
        return slot
      }
    }
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: Self.free, count: 2 * old.count)
    bytes.withUnsafeBufferPointer { all in
      for entry in old where entry != Self.free {
        // The lower half of the hash is not kept.
        let hash = ByteHash.hash(UnsafeBufferPointer(rebasing: all[ranges[Int(entry & 0xffff_ffff)]]))
        // All are different: the first free place is theirs.
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != Self.free { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = entry
      }
    }
  }
}

/// A fast hash of short byte strings, for tables in memory; not stable across versions and never stored.
enum ByteHash {
  @inline(__always)
  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let base = UnsafeRawPointer(bytes.baseAddress) else { return 0 }
    return hash(base, bytes.count)
  }

  @inline(__always)
  static func hash(_ base: UnsafeRawPointer, _ count: Int) -> UInt64 {
    var value = UInt64(truncatingIfNeeded: count) &* 0x9e37_79b9_7f4a_7c15
    var offset = 0
    while count &- offset >= 8 {
      value = mix(value ^ base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset &+= 8
    }
    var tail: UInt64 = 0
    while offset < count {
      tail = tail &<< 8 | UInt64(base.load(fromByteOffset: offset, as: UInt8.self))
      offset &+= 1
    }
    return mix(value ^ tail)
  }

  /// The finalizer of MurmurHash3, which spreads every bit over the word.
  @inline(__always)
  private static func mix(_ word: UInt64) -> UInt64 {
    var value = word
    value = (value ^ value &>> 33) &* 0xff51_afd7_ed55_8ccd
    value = (value ^ value &>> 33) &* 0xc4ce_b9fe_1a85_ec53
    return value ^ value &>> 33
  }
}
