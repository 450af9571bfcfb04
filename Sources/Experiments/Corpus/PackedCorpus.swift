/// Tokens cut into chunks of equal length, in batches: what the model sees.
///
/// Packing is the article's: a BOS before each document, no end token, all ids in one stream, the stream cut into
/// chunks. Chunks do not start with a BOS unless a document happens to start there, attention is not masked at
/// document borders, and what is left at the end and fills no chunk is dropped.
public struct PackedCorpus: Sendable, Equatable {
  /// T, tokens per chunk.
  public let chunkLength: Int
  /// Chunks per batch; the last batch may be shorter, see `batches`.
  public let batchSize: Int
  /// Token ids, [chunkCount, chunkLength].
  public let ids: [Int32]
  /// Per token: row of its document in the corpus file.
  public let rows: [Int32]
  /// Per token: position in its document, the BOS at 0.
  public let documentPositions: [Int32]
  /// Per token: position in `sources`.
  public let tokenSources: [Int32]
  /// Names of sources, sorted.
  public let sources: [String]
  /// The corpus was used up before the tokens asked for were reached.
  public let streamEnded: Bool
  /// Tokens in the whole corpus, BOS counted, dropped ones too; nil when packing stopped before its end.
  public let availableTokens: Int?
  /// SHA-256 of `ids` as 32-bit little-endian integers.
  public let sha256: String

  public var chunkCount: Int { ids.count / chunkLength }
  public var tokenCount: Int { ids.count }

  /// Ids of a chunk.
  public func chunk(_ index: Int) -> ArraySlice<Int32> {
    ids[index * chunkLength..<(index + 1) * chunkLength]
  }

  /// Chunk numbers of each batch. All batches are full but the last one, which is shorter when the corpus ended in
  /// the middle of it: LLM.int8 finds its outlier columns per batch, so the borders belong to the result.
  public var batches: [Range<Int>] {
    stride(from: 0, to: chunkCount, by: batchSize).map { $0..<min($0 + batchSize, chunkCount) }
  }

  /// Tokens in the smallest number of full batches that reaches `target`, or all when the corpus ends before.
  public func tokens(reaching target: Int) -> Int {
    min(Self.chunks(reaching: target, chunkLength: chunkLength, batchSize: batchSize) * chunkLength, tokenCount)
  }

  /// Tokenizes and packs as many documents as are needed.
  /// - Parameters:
  ///   - target: tokens asked for; the smallest number of full batches that reaches it is packed.
  /// - Throws: `CorpusError.tooShort` when the corpus fills no chunk.
  public init(
    _ corpus: Corpus, tokenizer: Tokenizer, order: CorpusOrder, chunkLength: Int, batchSize: Int, target: Int
  ) throws {
    precondition(chunkLength > 0 && batchSize > 0 && target > 0, "packing needs positive sizes")
    let wanted = Self.chunks(reaching: target, chunkLength: chunkLength, batchSize: batchSize) * chunkLength

    var ids: [Int32] = []
    var rows: [Int32] = []
    var positions: [Int32] = []
    var tokenSources: [Int32] = []
    var remaining = order.rows(count: corpus.documents.count)
      .map { corpus.documents[$0] }.filter { !$0.utf8.isEmpty }[...]
    while ids.count < wanted, !remaining.isEmpty {
      let wave = remaining.prefix(Self.documentsPerWave)
      remaining = remaining.dropFirst(wave.count)
      let encoded = tokenizer.encode(documents: wave.map(\.utf8), addBOS: true)
      for (document, tokens) in zip(wave, encoded) {
        ids += tokens
        rows += repeatElement(Int32(document.row), count: tokens.count)
        positions += 0..<Int32(tokens.count)
        tokenSources += repeatElement(Int32(document.source), count: tokens.count)
      }
    }
    let seen = ids.count
    let kept = min(wanted, seen / chunkLength * chunkLength)
    guard kept > 0 else {
      throw CorpusError.tooShort(path: corpus.path, tokens: seen, chunkLength: chunkLength)
    }
    self.chunkLength = chunkLength
    self.batchSize = batchSize
    self.ids = Array(ids[..<kept])
    self.rows = Array(rows[..<kept])
    documentPositions = Array(positions[..<kept])
    self.tokenSources = Array(tokenSources[..<kept])
    sources = corpus.sources
    streamEnded = kept < wanted
    availableTokens = remaining.isEmpty ? seen : nil
    sha256 = self.ids.map(\.littleEndian).withUnsafeBytes { SHA256Hex.digest(of: $0) }
  }

  /// Enough to keep all cores busy, few enough to stop soon after the target.
  private static let documentsPerWave = 64

  private static func chunks(reaching target: Int, chunkLength: Int, batchSize: Int) -> Int {
    let batch = chunkLength * batchSize
    return (target + batch - 1) / batch * batchSize
  }
}
