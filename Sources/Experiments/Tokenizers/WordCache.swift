/// Remembers the ids of words. It never changes a result, only how long it takes.
///
/// Direct-mapped by hash; a new word takes the place of an old one. Words and ids lie in slots of fixed size, so the
/// cache never grows.
struct WordCache {
  /// In bytes of UTF-8; longer stretches are not remembered.
  static let longestWord = 32
  private static let mostIDs = 14
  private static let bits = 13

  private struct Slot {
    var hash: UInt64 = 0
    var wordLength: UInt8 = 0
    var idCount: UInt8 = 0
  }
  private var slots = [Slot](repeating: Slot(), count: 1 << bits)
  private var words = [UInt8](repeating: 0, count: longestWord << bits)
  private var ids = [Int32](repeating: 0, count: mostIDs << bits)

  /// Appends the ids of `word` when they are known.
  @inline(__always)
  func append(_ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64, to output: inout [Int32]) -> Bool {
    let index = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
    let slot = slots[index]
    guard slot.hash == hash, Int(slot.wordLength) == word.count else { return false }
    let known = words.withUnsafeBufferPointer { words in
      for offset in 0..<word.count where words[index &* Self.longestWord &+ offset] != word[offset] { return false }
      return true
    }
    guard known else { return false }
    ids.withUnsafeBufferPointer { ids in
      let start = index &* Self.mostIDs
      output.append(contentsOf: UnsafeBufferPointer(rebasing: ids[start..<start &+ Int(slot.idCount)]))
    }
    return true
  }

  mutating func insert(_ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ symbols: [Int32]) {
    guard word.count <= Self.longestWord, symbols.count <= Self.mostIDs else { return }
    let index = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    slots[index] = Slot(hash: hash, wordLength: UInt8(word.count), idCount: UInt8(symbols.count))
    for (offset, byte) in word.enumerated() { words[index * Self.longestWord + offset] = byte }
    for (offset, id) in symbols.enumerated() { ids[index * Self.mostIDs + offset] = id }
  }
}
