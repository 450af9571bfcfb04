import RunFile

/// The measured tokens as the run file's tables: chunks, batches, and segments (a document's part of a chunk).
struct TokenStream: Sendable {
  let ids: [Int32]
  let document: [Int32]
  let source: [UInt8]
  let chunkLength: Int
  let batchSize: Int
  /// Segments in order; `firstToken` counts from the run's start.
  let segments: SegmentTable
  /// Index of each chunk's first segment, and one past the last.
  let segmentStarts: [Int]
  private let bos: Int32
  /// Ids of BOS, EOS and padding.
  private let specials: Set<Int32>
  private let firstPositions: Int
  /// Position in a chunk from which on predictions are scored.
  private let firstScored: Int

  var chunkCount: Int { ids.count / chunkLength }
  var batchCount: Int { (chunkCount + batchSize - 1) / batchSize }

  init(_ corpus: PackedCorpus, bos: Int32, specials: Set<Int32> = [], firstPositions: Int) {
    self.init(
      ids: corpus.ids, document: corpus.rows, source: corpus.tokenSources.map { UInt8(truncatingIfNeeded: $0) },
      chunkLength: corpus.chunkLength, batchSize: corpus.batchSize, bos: bos, specials: specials,
      firstPositions: firstPositions, firstScored: corpus.style.firstScored(chunkLength: corpus.chunkLength))
  }

  /// - Parameters:
  ///   - ids, document, source: one per token of whole chunks.
  ///   - specials: EOS and padding.
  init(
    ids: [Int32], document: [Int32], source: [UInt8], chunkLength: Int, batchSize: Int, bos: Int32,
    specials: Set<Int32> = [], firstPositions: Int, firstScored: Int = 0
  ) {
    precondition(ids.count % chunkLength == 0 && document.count == ids.count && source.count == ids.count)
    self.ids = ids
    self.document = document
    self.source = source
    self.chunkLength = chunkLength
    self.batchSize = batchSize
    self.bos = bos
    self.specials = specials.union([bos])
    self.firstPositions = firstPositions
    self.firstScored = firstScored
    var table = SegmentTable()
    var starts = [0]
    for chunk in 0..<(ids.count / chunkLength) {
      let range = chunk * chunkLength..<(chunk + 1) * chunkLength
      var start = range.lowerBound
      for token in range where token + 1 == range.upperBound || document[token + 1] != document[token] {
        table.chunk.append(Int32(chunk))
        table.document.append(document[token])
        table.source.append(source[token])
        table.firstToken.append(Int32(start))
        table.tokenCount.append(Int32(token + 1 - start))
        start = token + 1
      }
      starts.append(table.chunk.count)
    }
    segments = table
    segmentStarts = starts
  }

  func chunks(ofBatches batches: Range<Int>) -> Range<Int> {
    // The last batch may be short: after it there is no chunk.
    min(batches.lowerBound * batchSize, chunkCount)..<min(batches.upperBound * batchSize, chunkCount)
  }

  func context(_ chunk: Int) -> ChunkContext {
    let first = chunk * chunkLength
    let ids = Array(self.ids[first..<first + chunkLength])
    let ranges = (segmentStarts[chunk]..<segmentStarts[chunk + 1]).map { segment in
      let start = Int(segments.firstToken[segment]) - first
      return start..<start + Int(segments.tokenCount[segment])
    }
    let strata = ids.enumerated().map { position, id in
      position < firstPositions || id == bos ? StratumFlags.first.rawValue : 0
    }
    return ChunkContext(
      ids: ids, index: chunk, segments: ranges,
      documents: Array(segments.document[segmentStarts[chunk]..<segmentStarts[chunk + 1]]), strata: strata,
      isSpecial: ids.map(specials.contains))
  }

  /// Next token per row of a chunk; −1 at its end and where the packing scores no prediction.
  func targets(_ chunk: Int) -> [Int32] {
    let first = chunk * chunkLength
    let unscored = [Int32](repeating: -1, count: firstScored)
    return unscored + ids[first + firstScored + 1..<first + chunkLength] + [-1]
  }

  /// The tables of some batches, with the given stratum flags per token.
  func tables(_ batches: Range<Int>, strata: [UInt8]) -> (TokenTable, SegmentTable, BatchTable) {
    let chunks = chunks(ofBatches: batches)
    let range = chunks.lowerBound * chunkLength..<chunks.upperBound * chunkLength
    var tokens = TokenTable()
    tokens.id = Array(ids[range])
    tokens.document = Array(document[range])
    tokens.source = Array(source[range])
    tokens.position = range.map { Int32($0 % chunkLength) }
    tokens.chunk = range.map { Int32($0 / chunkLength) }
    tokens.stratum = strata
    let part = segmentStarts[chunks.lowerBound]..<segmentStarts[chunks.upperBound]
    tokens.segment = part.flatMap { [Int32](repeating: Int32($0), count: Int(segments.tokenCount[$0])) }
    var table = SegmentTable()
    table.chunk = Array(segments.chunk[part])
    table.document = Array(segments.document[part])
    table.source = Array(segments.source[part])
    table.firstToken = Array(segments.firstToken[part])
    table.tokenCount = Array(segments.tokenCount[part])
    var batchTable = BatchTable()
    for batch in batches {
      let chunks = self.chunks(ofBatches: batch..<batch + 1)
      batchTable.firstChunk.append(Int32(chunks.lowerBound))
      batchTable.chunkCount.append(Int32(chunks.count))
    }
    return (tokens, table, batchTable)
  }
}
