/// Tokens that are matched in the text itself, before the model sees it: `<bos>`, runs of newlines.
///
/// Matching goes from left to right and takes the longest token that starts at a place.
/// Source: tokenizers 0.23, tokenizer/added_vocabulary.rs.
struct AddedTokens: Sendable {
  struct Token: Sendable, Equatable {
    var id: Int32
    var content: [UInt8]
    /// Only matches where no letter, digit or underscore touches it.
    var singleWord = false
    /// Takes the white space before it along.
    var stripsLeft = false
    /// Takes the white space after it along.
    var stripsRight = false
    /// Matched in the text after spaces were replaced.
    var normalized = false
    var special = false
  }

  /// Bytes an added token may have.
  static let longest = 512

  let tokens: [Token]
  private let trie: ByteTrie

  init(_ tokens: [Token]) {
    self.tokens = tokens
    trie = ByteTrie(tokens.map(\.content))
  }

  /// A stretch of text: an added token, or what lies between.
  enum Part: Equatable {
    case token(Int32)
    case text(Range<Int>)
  }

  /// Cuts `text` at its added tokens.
  func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (Part) -> Void) {
    var pending = 0
    var position = 0
    while let match = trie.firstMatch(in: text, from: position) {
      position = match.range.upperBound
      let token = tokens[match.pattern]
      if token.singleWord, touchesWord(text, match.range) { continue }
      var (start, stop) = (match.range.lowerBound, match.range.upperBound)
      if token.stripsLeft { start = max(pending, Self.whiteSpaceStart(text, before: start)) }
      if token.stripsRight { stop = Self.whiteSpaceEnd(text, after: stop) }
      if pending < start { body(.text(pending..<start)) }
      body(.token(token.id))
      pending = stop
    }
    if pending < text.count { body(.text(pending..<text.count)) }
  }

  private func touchesWord(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    let before = Self.scalar(text, endingAt: range.lowerBound)
    let after = range.upperBound < text.count ? Self.scalar(text, startingAt: range.upperBound) : nil
    return before.map(Self.isWordCharacter) == true || after.map(Self.isWordCharacter) == true
  }

  private static func whiteSpaceStart(_ text: UnsafeBufferPointer<UInt8>, before index: Int) -> Int {
    var start = index
    while let scalar = scalar(text, endingAt: start), scalar.properties.isWhitespace {
      start -= UTF8.width(scalar)
    }
    return start
  }

  private static func whiteSpaceEnd(_ text: UnsafeBufferPointer<UInt8>, after index: Int) -> Int {
    var end = index
    while end < text.count {
      let scalar = scalar(text, startingAt: end)
      guard scalar.properties.isWhitespace else { break }
      end += UTF8.width(scalar)
    }
    return end
  }

  private static func scalar(_ text: UnsafeBufferPointer<UInt8>, startingAt index: Int) -> Unicode.Scalar {
    let end = min(text.count, index + UTF8Scan.scalarLength(first: text[index]))
    return String(decoding: text[index..<end], as: UTF8.self).unicodeScalars.first ?? "\u{fffd}"
  }

  private static func scalar(_ text: UnsafeBufferPointer<UInt8>, endingAt index: Int) -> Unicode.Scalar? {
    guard index > 0 else { return nil }
    var start = index - 1
    while start > 0, text[start] & 0xc0 == 0x80 { start -= 1 }
    return scalar(text, startingAt: start)
  }

  /// `\w` of Rust's regex crate (UTS #18, annex C).
  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    if properties.isAlphabetic || properties.isJoinControl { return true }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
    default: return false
    }
  }
}

/// Finds the longest of many byte strings at a place in a text.
struct ByteTrie: Sendable {
  /// Per node: the pattern that ends here, or -1; its edges, sorted by byte.
  private var pattern: [Int32] = []
  private var edges: [Range<Int32>] = []
  private var edgeByte: [UInt8] = []
  private var edgeTarget: [Int32] = []
  /// Where an edge of the root leads, by byte; -1 where none does.
  private var root = [Int32](repeating: -1, count: 256)

  init(_ patterns: [[UInt8]]) {
    // Of equal patterns the first counts, as in an Aho–Corasick automaton that prefers earlier patterns.
    let order = patterns.indices.filter { !patterns[$0].isEmpty }
      .sorted { patterns[$0].lexicographicallyPrecedes(patterns[$1]) || (patterns[$0] == patterns[$1] && $0 < $1) }
    addNode(patterns, order[...], depth: 0)
    for edge in edges[0] { root[Int(edgeByte[Int(edge)])] = edgeTarget[Int(edge)] }
  }

  @discardableResult
  private mutating func addNode(_ patterns: [[UInt8]], _ order: ArraySlice<Int>, depth: Int) -> Int32 {
    let node = pattern.count
    let ending = order.prefix { patterns[$0].count == depth }
    pattern.append(ending.first.map(Int32.init) ?? -1)
    edges.append(0..<0)

    var groups: [(byte: UInt8, members: ArraySlice<Int>)] = []
    var rest = order.dropFirst(ending.count)
    while let first = rest.first {
      let byte = patterns[first][depth]
      let members = rest.prefix { patterns[$0][depth] == byte }
      groups.append((byte, members))
      rest = rest.dropFirst(members.count)
    }
    let start = Int32(edgeByte.count)
    edgeByte += groups.map(\.byte)
    edgeTarget += groups.map { _ in -1 }
    edges[node] = start..<Int32(edgeByte.count)
    for (offset, group) in groups.enumerated() {
      edgeTarget[Int(start) + offset] = addNode(patterns, group.members, depth: depth + 1)
    }
    return Int32(node)
  }

  /// The first place at or after `start` where a pattern begins, with the longest pattern there.
  func firstMatch(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> (range: Range<Int>, pattern: Int)? {
    root.withUnsafeBufferPointer { root in
      var position = start
      while position < text.count {
        if root[Int(text[position])] >= 0, let match = longest(in: text, at: position) { return match }
        position &+= 1
      }
      return nil
    }
  }

  private func longest(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> (range: Range<Int>, pattern: Int)? {
    var node = Int(root[Int(text[start])])
    var position = start + 1
    var best: (range: Range<Int>, pattern: Int)?
    while true {
      if pattern[node] >= 0 { best = (start..<position, Int(pattern[node])) }
      guard position < text.count, let next = child(of: node, text[position]) else { return best }
      node = next
      position += 1
    }
  }

  private func child(of node: Int, _ byte: UInt8) -> Int? {
    for edge in edges[node] where edgeByte[Int(edge)] == byte { return Int(edgeTarget[Int(edge)]) }
    return nil
  }
}
