/// What packing needs of a tokenizer beyond encoding.
extension Tokenizer {
  /// The token that ends a text in Gemma's vocabularies; nil where there is none.
  var endOfText: Int32? { special("<eos>") }

  /// Ids of BOS, EOS and padding.
  var specials: Set<Int32> { Set([bos, endOfText, special("<pad>")].compactMap(\.self)) }

  private func special(_ name: String) -> Int32? {
    rawTokens.tokens.first { $0.special && $0.content == Array(name.utf8) }?.id
  }

  /// Where in `text` each of its tokens starts, in bytes.
  /// - Parameter tokens: what `encode` made of `text`, without a BOS in front.
  /// - Throws: `CorpusError.strayToken` where a token's spelling is not what the text has.
  func starts(of tokens: ArraySlice<Int32>, in text: [UInt8], path: String) throws -> [Int] {
    let replacement = model.spaceReplacement.map { Array(String($0).utf8) } ?? []
    var starts: [Int] = []
    starts.reserveCapacity(tokens.count)
    var place = 0
    for token in tokens {
      starts.append(place)
      let piece = Array(self.piece(token).utf8)
      if place < text.count, piece == Self.byteSpelling(text[place]) {
        place += 1
        continue
      }
      var rest = piece[...]
      while !rest.isEmpty {
        if !replacement.isEmpty, place < text.count, text[place] == 0x20, rest.starts(with: replacement) {
          rest = rest.dropFirst(replacement.count)
          place += 1
        } else if place < text.count, rest.first == text[place] {
          rest = rest.dropFirst()
          place += 1
        } else {
          throw CorpusError.strayToken(path: path, id: token, byte: place)
        }
      }
    }
    return starts
  }

  /// How the vocabulary spells a single byte: <0x0A>.
  private static func byteSpelling(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)], UInt8(ascii: ">")]
  }
}
