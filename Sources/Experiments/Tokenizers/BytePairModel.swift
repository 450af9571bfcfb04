/// A byte-pair model with byte fallback: vocabulary, merges, and what encoding needs to know at a glance.
///
/// Text becomes one symbol per character, or per UTF-8 byte where the vocabulary lacks the character; then the
/// neighbouring pair of lowest rank (leftmost among equals) is merged until no pair is left that merges.
/// Source: tokenizers 0.23, models/bpe.
struct BytePairModel: Sendable {
  /// Two neighbouring symbols and the one that they become; of a list of these, the first goes first.
  typealias Merge = (left: Int32, right: Int32, result: Int32)

  let pieces: PieceTable
  let merges: MergeTable
  /// Symbol of each byte that stands for itself, "<0x00>" to "<0xFF>"; empty without byte fallback or when one is missing.
  let byteSymbols: [Int32]
  /// Symbol for a character that has none and cannot fall back to bytes; nil drops it.
  let unknown: Int32?
  /// Neighbouring unknown characters share one symbol.
  let fusesUnknown: Bool
  /// A text between added tokens that is in the vocabulary is one symbol, merges or not.
  let ignoresMerges: Bool
  /// What takes the place of a space before all else: "▁" in Gemma.
  let spaceReplacement: Unicode.Scalar?

  /// Symbol of every one-character piece, by scalar; see `CharacterTable`.
  let characters: CharacterTable
  /// Pairs of characters that stand next to each other in some merge; see `NeighbourFilter`.
  let neighbours: NeighbourFilter
  /// False for a model that merges byte or unknown symbols, where `neighbours` knows too little to cut text.
  let canCut: Bool

  init(
    pieces: PieceTable, merges list: [Merge], byteFallback: Bool,
    unknown: Int32?, fusesUnknown: Bool, ignoresMerges: Bool, spaceReplacement: Unicode.Scalar?
  ) {
    self.pieces = pieces
    self.unknown = unknown
    self.fusesUnknown = fusesUnknown
    self.ignoresMerges = ignoresMerges
    self.spaceReplacement = spaceReplacement

    let names = (0..<256).map { "<0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) + ">" }
    let found = names.map { pieces.id(of: $0) ?? -1 }
    let byteSymbols = byteFallback ? found : []
    self.byteSymbols = byteSymbols
    let characters = CharacterTable(pieces: pieces, spaceReplacement: spaceReplacement)
    self.characters = characters

    var isOutside = [Bool](repeating: false, count: pieces.count)
    for symbol in byteSymbols + [unknown ?? -1] where 0..<pieces.count ~= Int(symbol) { isOutside[Int(symbol)] = true }
    canCut = !list.contains { isOutside[Int($0.left)] || isOutside[Int($0.right)] }
    // The two tables know nothing of each other: one core each.
    let neighbours = InBackground { NeighbourFilter(list, pieces, characters) }
    var merges = MergeTable(expectedCount: list.count)
    for (rank, merge) in list.enumerated() {
      merges.insert(left: merge.left, right: merge.right, rank: rank, result: merge.result)
    }
    self.merges = merges
    self.neighbours = neighbours.value
  }
}

/// The symbols of single characters: an array for ASCII, a hash table by scalar for the rest.
struct CharacterTable: Sendable {
  /// 128 symbols, -1 where there is none. A space has the symbol of its replacement.
  private(set) var ascii: [Int32]
  /// Scalar in the upper half, symbol in the lower; open addressing, 0 is free (no scalar is 0 above ASCII).
  private(set) var slots: [UInt64]

  init(pieces: PieceTable, spaceReplacement: Unicode.Scalar?) {
    ascii = [Int32](repeating: -1, count: 128)
    var found: [(scalar: UInt32, id: Int)] = []
    pieces.forEach { id, piece in
      guard piece.count <= 4, UTF8Scan.scalarLength(in: piece, at: 0) == piece.count,
        // Of two ids with the same piece only the one that is found by its bytes counts.
        pieces.id(of: piece) == Int32(id)
      else { return }
      found.append((UTF8Scan.scalar(in: piece, at: 0, length: piece.count), id))
    }
    var capacity = 64
    while capacity < 2 * found.count { capacity *= 2 }
    slots = [UInt64](repeating: 0, count: capacity)
    for (scalar, id) in found {
      if scalar < 128 {
        ascii[Int(scalar)] = Int32(id)
      } else {
        var slot = Self.spread(scalar) & (capacity - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
        slots[slot] = UInt64(scalar) << 32 | UInt64(id)
      }
    }
    if let spaceReplacement {
      ascii[0x20] = symbol(spaceReplacement.value) ?? -1
    }
  }

  @inline(__always)
  static func spread(_ scalar: UInt32) -> Int {
    Int(truncatingIfNeeded: (scalar &* 0x9e37_79b1) &>> 8)
  }

  func symbol(_ scalar: UInt32) -> Int32? {
    if scalar < 128 { return ascii[Int(scalar)] >= 0 ? ascii[Int(scalar)] : nil }
    var slot = Self.spread(scalar) & (slots.count - 1)
    while slots[slot] != 0 {
      if UInt32(slots[slot] >> 32) == scalar { return Int32(truncatingIfNeeded: slots[slot] & 0xffff_ffff) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Symbol of the first character of a piece.
  func first(in piece: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard !piece.isEmpty, let length = UTF8Scan.scalarLength(in: piece, at: 0) else { return nil }
    return symbol(UTF8Scan.scalar(in: piece, at: 0, length: length))
  }

  func last(in piece: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard var start = piece.indices.last else { return nil }
    while start > 0, piece[start] & 0xc0 == 0x80 { start -= 1 }
    guard let length = UTF8Scan.scalarLength(in: piece, at: start), start + length == piece.count else { return nil }
    return symbol(UTF8Scan.scalar(in: piece, at: start, length: length))
  }
}

/// Remembers which two characters may ever be joined, so that text can be cut where none may.
///
/// A merge joins the last character of one symbol with the first of the next. Where no merge does so for two
/// neighbouring characters, nothing can cross, and the two sides are encoded apart: Gemma's one long text becomes
/// words. A bitmap indexed by a hash: a collision only costs a cut.
struct NeighbourFilter: Sendable {
  /// 4 Mibit, 512 KiB: Gemma's few hundred thousand pairs fill it to under a tenth.
  static let bits = 22
  private(set) var words = [UInt64](repeating: 0, count: 1 << (bits - 6))

  init(_ merges: [BytePairModel.Merge], _ pieces: PieceTable, _ characters: CharacterTable) {
    // Of each piece: the symbols of its first and last character. A character without a symbol of its own never
    // starts a merge, so its pairs need not be known.
    var firsts = [Int32](repeating: -1, count: pieces.count)
    var lasts = firsts
    pieces.forEach { id, piece in
      firsts[id] = characters.first(in: piece) ?? -1
      lasts[id] = characters.last(in: piece) ?? -1
    }
    for merge in merges {
      let (last, first) = (lasts[Int(merge.left)], firsts[Int(merge.right)])
      if last >= 0, first >= 0 { insert(last, first) }
    }
  }

  @inline(__always)
  static func index(_ left: Int32, _ right: Int32) -> Int {
    Int(truncatingIfNeeded: (MergeTable.pair(left, right) &* 0x9e37_79b9_7f4a_7c15) &>> UInt64(64 &- bits))
  }

  mutating func insert(_ left: Int32, _ right: Int32) {
    let index = Self.index(left, right)
    words[index >> 6] |= 1 << UInt64(index & 63)
  }
}
