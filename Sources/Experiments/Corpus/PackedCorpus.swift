/// Tokens cut into chunks of equal length, in batches: what the model sees.
///
/// `PackingStyle` says how documents are joined and cut. Attention is not masked at document borders, and what is left
/// at the end and fills no chunk is dropped.
public struct PackedCorpus: Sendable, Equatable {
  public let style: PackingStyle
  /// T, tokens per chunk.
  public let chunkLength: Int
  /// Chunks per batch. All batches are full but the last one, which is shorter when the stream ended in the middle of it:
  /// LLM.int8 finds its outlier columns per batch, so the borders belong to the result.
  public let batchSize: Int
  /// Token ids, [chunkCount, chunkLength].
  public let ids: [Int32]
  /// Per token: row of its document in the corpus. A token put at a chunk's start belongs to the document that
  /// follows, one put between documents to the document that it starts (BOS) or ends (EOS).
  public let rows: [Int32]
  /// Per token: position in `sources`.
  public let tokenSources: [Int32]
  /// Names of sources, sorted.
  public let sources: [String]
  /// SHA-256 of `ids` as 32-bit little-endian integers.
  public let sha256: String

  public var chunkCount: Int { ids.count / chunkLength }
  public var tokenCount: Int { ids.count }

  /// Tokenizes and packs as many documents as are needed.
  /// - Parameters:
  ///   - target: tokens asked for; the smallest number of full batches that reaches it is packed.
  ///   - limit: where the stream ends at the latest: the first chunk that reaches so many tokens is the last.
  /// - Throws: `CorpusError`, `.tooShort` when the corpus fills no chunk.
  public init(
    _ corpus: Corpus, tokenizer: Tokenizer, order: CorpusOrder, style: PackingStyle = .article, chunkLength: Int,
    batchSize: Int, target: Int, limit: Int? = nil
  ) throws {
    precondition(chunkLength > 1 && batchSize > 0 && target > 0 && limit ?? 1 > 0, "packing needs positive sizes")
    let batch = chunkLength * batchSize
    var chunks = (target + batch - 1) / batch * batchSize
    if let limit { chunks = min(chunks, (limit + chunkLength - 1) / chunkLength) }
    let wanted = chunks * chunkLength

    var packer = Packer(corpus, tokenizer: tokenizer, chunkLength: chunkLength)
    let kept = corpus.kept
    let documents = order.rows(shards: corpus.shards).prefix { kept.indices.contains($0) }.map { kept[$0] }
    switch style {
    case .article: packer.addArticle(documents, until: wanted)
    case .saelens: packer.addSAELens(documents, until: wanted)
    case .transformerLens: try packer.addTransformerLens(documents, until: wanted)
    case .llamaCpp: try packer.addLlamaCpp(documents, until: wanted)
    }
    let count = min(wanted, packer.ids.count / chunkLength * chunkLength)
    guard count > 0 else {
      throw CorpusError.tooShort(path: corpus.path, tokens: packer.ids.count, chunkLength: chunkLength)
    }
    self.style = style
    self.chunkLength = chunkLength
    self.batchSize = batchSize
    ids = Array(packer.ids[..<count])
    rows = Array(packer.rows[..<count])
    tokenSources = Array(packer.sources[..<count])
    sources = corpus.sources
    sha256 = ids.map(\.littleEndian).withUnsafeBytes { SHA256Hex.digest(of: $0) }
  }
}
