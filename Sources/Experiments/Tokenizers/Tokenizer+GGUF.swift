import Codecs
import Digests

extension Tokenizer {
  /// Builds the tokenizer from a GGUF file's metadata (`tokenizer.ggml.model` = "llama", a SentencePiece vocabulary).
  ///
  /// GGUF stores no merges for it. They are recovered as transformers 5 recovers them (integrations/gguf,
  /// gemma_tokenizer): every way of cutting a piece into two pieces is a merge; pieces that come earlier in the
  /// vocabulary go first, and of one piece's cuts the one with the longest left part. Gemma's scores are not used:
  /// they do not follow the merge order, the vocabulary does. Control and user-defined pieces are matched in the
  /// text first.
  /// - Throws: `TokenizerError`.
  public init(gguf file: GGUFFile) throws {
    let path = file.path
    let prefix = "tokenizer.ggml."
    func require(_ key: String) throws -> GGUFValue {
      guard let value = file.metadata[prefix + key] else {
        throw TokenizerError.missing(path: path, what: "the key \(prefix + key)")
      }
      return value
    }
    let kind = try require("model")
    guard kind.string == "llama" else {
      throw TokenizerError.unsupported(
        path: path, what: "\(prefix)model = \(kind.summary)", supported: "\"llama\" (a SentencePiece vocabulary)")
    }
    guard let tokens = try require("tokens").array, let types = try require("token_type").array?.int32s(in: file.file)
    else { throw TokenizerError.damaged(path: path, reason: "\(prefix)tokens and \(prefix)token_type are no arrays") }
    guard tokens.count == types.count else {
      throw TokenizerError.damaged(
        path: path, reason: "\(prefix)tokens has \(tokens.count) entries, \(prefix)token_type \(types.count)")
    }

    var pieces = PieceTable(expectedCount: tokens.count)
    var added: [AddedTokens.Token] = []
    var id = 0
    var tooLong: Int?
    let space = Array(String(Self.spaceReplacement).utf8)
    guard
      tokens.forEachString(
        in: file.file,
        { piece in
          let type = types[id]
          if piece.count > PieceTable.longest { tooLong = tooLong ?? piece.count }
          if piece.allSatisfy({ $0 == 0x20 }) {
            // Runs of spaces are stored as spaces, and looked up after spaces were replaced.
            pieces.insert(piece.flatMap { _ in space }, id: id)
          } else {
            pieces.insert(piece, id: id)
            if type == PieceType.control || type == PieceType.userDefined {
              if piece.count > AddedTokens.longest { tooLong = piece.count }
              added.append(.init(id: Int32(id), content: Array(piece), special: type == PieceType.control))
            }
          }
          id += 1
        }) != nil
    else { throw TokenizerError.damaged(path: path, reason: "\(prefix)tokens holds no strings") }

    if let tooLong {
      throw TokenizerError.damaged(
        path: path,
        reason:
          "a piece has \(tooLong) bytes; \(PieceTable.longest) are allowed, and \(AddedTokens.longest) for a special token"
      )
    }
    // Of a piece that the file lists twice the later id counts, as in a Python dict.
    for index in added.indices { added[index].id = pieces.id(of: added[index].content) ?? added[index].id }

    guard let bos = try require("bos_token_id").integer, 0..<tokens.count ~= bos else {
      throw TokenizerError.damaged(path: path, reason: "\(prefix)bos_token_id is not in the vocabulary")
    }
    let unknown = file.metadata[prefix + "unknown_token_id"]?.integer
    if let unknown, !(0..<tokens.count ~= unknown) {
      throw TokenizerError.damaged(path: path, reason: "\(prefix)unknown_token_id is not in the vocabulary")
    }
    let merges =
      try file.metadata[prefix + "merges"]?.array.map { try Self.merges($0, pieces, file) }
      ?? Self.recoveredMerges(pieces)
    self.init(
      model: BytePairModel(
        pieces: pieces, merges: merges, byteFallback: true, unknown: unknown.map(Int32.init), fusesUnknown: true,
        ignoresMerges: false, spaceReplacement: Self.spaceReplacement),
      added: added, bos: Int32(bos), sha256: Self.digest(file, prefix: prefix))
  }

  /// U+2581, SentencePiece's mark for a space.
  static let spaceReplacement: Unicode.Scalar = "\u{2581}"

  /// llama.cpp's token types that matter here.
  private enum PieceType {
    static let control: Int32 = 3
    static let userDefined: Int32 = 4
  }

  /// Every cut of a piece into two pieces, in the order of pieces, longest left part first.
  private static func recoveredMerges(_ pieces: PieceTable) -> [BytePairModel.Merge] {
    // Stretches of the vocabulary on all cores, put together in its order.
    let stretches = 16
    let parts = mapTasks(stretches) { index in
      recoveredMerges(pieces, index * pieces.count / stretches..<(index + 1) * pieces.count / stretches)
    }
    return Array(parts.joined())
  }

  private static func recoveredMerges(_ pieces: PieceTable, _ ids: Range<Int>) -> [BytePairModel.Merge] {
    var merges: [BytePairModel.Merge] = []
    merges.reserveCapacity(2 * ids.count)
    pieces.forEach(in: ids) { id, piece in
      guard pieces.id(of: piece) == Int32(id) else { return }
      var cut = piece.count - 1
      while cut > 0 {
        if piece[cut] & 0xc0 != 0x80,  // between characters
          let left = pieces.id(of: UnsafeBufferPointer(rebasing: piece[..<cut])),
          let right = pieces.id(of: UnsafeBufferPointer(rebasing: piece[cut...]))
        {
          merges.append((left, right, Int32(id)))
        }
        cut -= 1
      }
    }
    return merges
  }

  /// Merges the file states itself, each "left right".
  private static func merges(
    _ list: GGUFArray, _ pieces: PieceTable, _ file: GGUFFile
  ) throws -> [BytePairModel.Merge] {
    var merges: [BytePairModel.Merge] = []
    var wrong: String?
    _ = list.forEachString(in: file.file) { text in
      let parts = text.split(separator: 0x20, omittingEmptySubsequences: false).map(Array.init)
      guard parts.count == 2, let left = pieces.id(of: parts[0]), let right = pieces.id(of: parts[1]),
        let result = pieces.id(of: parts[0] + parts[1])
      else {
        wrong = wrong ?? String(decoding: text, as: UTF8.self)
        return
      }
      merges.append((left, right, result))
    }
    if let wrong {
      throw TokenizerError.damaged(
        path: file.path, reason: "the merge \"\(wrong)\" is not made of pieces of the vocabulary")
    }
    return merges
  }

  private static func digest(_ file: GGUFFile, prefix: String) -> String {
    var hasher = SHA256()
    for key in ["tokens", "scores", "token_type", "merges"] {
      file.metadata[prefix + key]?.array?.withBytes(in: file.file) { hasher.update(bufferPointer: $0) }
    }
    return hasher.finalize().hexadecimal
  }
}
