/// Encodes text with a byte-pair model: one thread's working memory and its cache of words.
///
/// Three things make it fast. Text is cut where no merge can cross (`NeighbourFilter`), so most stretches are a
/// word long; words seen before are taken from the cache; and long stretches use a heap, so that a text in a script
/// without spaces costs n·log n. The result is that of merging over the whole text at once.
///
/// Not `Sendable`: each thread makes its own. All raw pointers of the tokenizer are in this type.
struct BytePairEncoder {
  private let model: BytePairModel
  private var cache = WordCache()
  /// Symbols of the stretch at hand.
  private var symbols: [Int32] = []
  private var merger = PairMerger()

  init(_ model: BytePairModel) {
    self.model = model
  }

  /// Appends the ids of `text` to `ids`.
  /// - Precondition: `text` is valid UTF-8 without added tokens.
  mutating func encode(_ text: UnsafeBufferPointer<UInt8>, into ids: inout [Int32]) {
    guard !text.isEmpty else { return }
    if model.ignoresMerges, let id = wholePiece(text) {
      ids.append(id)
      return
    }
    model.withTables { tables in encode(text, tables, into: &ids) }
  }

  private mutating func encode(
    _ text: UnsafeBufferPointer<UInt8>, _ tables: BytePairTables, into ids: inout [Int32]
  ) {
    symbols.removeAll(keepingCapacity: true)
    var start = 0
    var position = 0
    var previous: Int32 = -1
    var unknownPending = false
    while position < text.count {
      let (symbol, length) = tables.symbol(text, position)
      if symbol >= 0 {
        if unknownPending {
          unknownPending = false
          previous = addOutside(model.unknown ?? -1, &start, position, text, tables, into: &ids)
        }
        // Cut where nothing can join the two characters.
        if previous >= 0, !symbols.isEmpty, model.canCut, !tables.mayJoin(previous, symbol) {
          flush(start..<position, text, tables, into: &ids)
          start = position
        } else if symbols.isEmpty {
          start = position
        }
        symbols.append(symbol)
        previous = symbol
      } else if let bytes = byteSymbols(text, position, length) {
        for byte in bytes {
          previous = addOutside(byte, &start, position, text, tables, into: &ids)
        }
      } else if model.unknown != nil {
        if unknownPending, !model.fusesUnknown {
          previous = addOutside(model.unknown ?? -1, &start, position, text, tables, into: &ids)
        }
        unknownPending = true
      }
      position &+= length
    }
    if unknownPending { _ = addOutside(model.unknown ?? -1, &start, position, text, tables, into: &ids) }
    flush(start..<position, text, tables, into: &ids)
  }

  /// Adds a symbol that stands for no single character of the vocabulary. Where such symbols never merge it ends
  /// the stretch and goes straight to the output.
  private mutating func addOutside(
    _ symbol: Int32, _ start: inout Int, _ position: Int, _ text: UnsafeBufferPointer<UInt8>,
    _ tables: BytePairTables, into ids: inout [Int32]
  ) -> Int32 {
    guard model.canCut else {
      symbols.append(symbol)
      return symbol
    }
    flush(start..<position, text, tables, into: &ids)
    start = position
    ids.append(symbol)
    return -1
  }

  /// Merges the symbols of a stretch of text and appends the result.
  private mutating func flush(
    _ range: Range<Int>, _ text: UnsafeBufferPointer<UInt8>, _ tables: BytePairTables, into ids: inout [Int32]
  ) {
    defer { symbols.removeAll(keepingCapacity: true) }
    switch symbols.count {
    case 0: return
    case 1: ids.append(symbols[0])
    default:
      guard model.canCut, range.count <= WordCache.longestWord else {
        merger.merge(&symbols, tables)
        return ids.append(contentsOf: symbols)
      }
      let word = UnsafeBufferPointer(rebasing: text[range])
      let hash = ByteHash.hash(word)
      if cache.append(word, hash, to: &ids) { return }
      merger.merge(&symbols, tables)
      ids.append(contentsOf: symbols)
      cache.insert(word, hash, symbols)
    }
  }

  /// One symbol per UTF-8 byte of a character the vocabulary lacks.
  private func byteSymbols(_ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ length: Int) -> [Int32]? {
    guard !model.byteSymbols.isEmpty else { return nil }
    var bytes = Array(text[position..<position + length])
    if bytes == [0x20], let replacement = model.spaceReplacement { bytes = Array(String(replacement).utf8) }
    let found = bytes.map { model.byteSymbols[Int($0)] }
    return found.contains(-1) ? nil : found
  }

  private func wholePiece(_ text: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard let replacement = model.spaceReplacement else { return model.pieces.id(of: text) }
    let content = Array(String(replacement).utf8)
    return model.pieces.id(of: text.flatMap { $0 == 0x20 ? content : [$0] })
  }
}

/// The model's tables as pointers, lent for the length of a call.
struct BytePairTables {
  fileprivate let ascii: UnsafePointer<Int32>
  fileprivate let characters: UnsafePointer<UInt64>
  fileprivate let characterMask: Int
  fileprivate let neighbours: UnsafePointer<UInt64>
  fileprivate let merges: UnsafePointer<MergeTable.Merge>
  fileprivate let mergeMask: Int

  /// The symbol of the character at `position`, -1 when it has none, and its length in bytes.
  @inline(__always)
  func symbol(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> (Int32, Int) {
    let first = text[position]
    if first < 0x80 { return (ascii[Int(first)], 1) }
    let length = UTF8Scan.scalarLength(first: first)
    let scalar = UTF8Scan.scalar(in: text, at: position, length: length)
    var slot = CharacterTable.spread(scalar) & characterMask
    while characters[slot] != 0 {
      if UInt32(truncatingIfNeeded: characters[slot] &>> 32) == scalar {
        return (Int32(truncatingIfNeeded: characters[slot]), length)
      }
      slot = (slot &+ 1) & characterMask
    }
    return (-1, length)
  }

  @inline(__always)
  func mayJoin(_ left: Int32, _ right: Int32) -> Bool {
    let index = NeighbourFilter.index(left, right)
    return neighbours[index &>> 6] &>> UInt64(index & 63) & 1 != 0
  }

  /// The merge of two symbols; its rank is `UInt32.max` when there is none.
  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> MergeTable.Merge {
    let pair = MergeTable.pair(left, right)
    var slot = MergeTable.spread(pair) & mergeMask
    while merges[slot].pair != pair, merges[slot].result >= 0 { slot = (slot &+ 1) & mergeMask }
    return merges[slot]
  }
}

extension BytePairModel {
  fileprivate func withTables(_ body: (BytePairTables) -> Void) {
    characters.ascii.withUnsafeBufferPointer { ascii in
      characters.slots.withUnsafeBufferPointer { slots in
        neighbours.words.withUnsafeBufferPointer { words in
          merges.slots.withUnsafeBufferPointer { merges in
            // The tables are never empty: their initializers give each at least 64 slots.
            guard let ascii = ascii.baseAddress, let characters = slots.baseAddress,
              let neighbours = words.baseAddress, let pairs = merges.baseAddress
            else { return }
            body(
              BytePairTables(
                ascii: ascii, characters: characters, characterMask: slots.count - 1, neighbours: neighbours,
                merges: pairs, mergeMask: merges.count - 1))
          }
        }
      }
    }
  }
}
