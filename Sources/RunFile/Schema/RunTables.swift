/// The tables of a block as stored columns: where each field lives, what it means, and its values.
///
/// Writer and reader both go through `columns`, so that a field added here is written, assembled and read.
enum RunTables {
  static let columns: [StoredColumn] = [
    StoredColumn(
      path: "/tokens/id", axis: .token, type: .int32, unit: "1", meaning: "Id of the token in the vocabulary"),
    StoredColumn(
      path: "/tokens/document", axis: .token, type: .int32, unit: "1",
      meaning: "Row of the token's document in the corpus, from 0"),
    StoredColumn(
      path: "/tokens/source", axis: .token, type: .uint8, unit: "1",
      meaning: "Text source of the token: index into /sources"),
    StoredColumn(
      path: "/tokens/position", axis: .token, type: .int32, unit: "tokens",
      meaning: "Position of the token in its chunk, from 0"),
    StoredColumn(
      path: "/tokens/chunk", axis: .token, type: .int32, unit: "1", meaning: "Chunk of the token: row of /chunks"),
    StoredColumn(
      path: "/tokens/segment", axis: .token, type: .int32, unit: "1", meaning: "Segment of the token: row of /segments"),
    StoredColumn(
      path: "/tokens/stratum", axis: .token, type: .uint8, unit: "1",
      meaning: "Why the token may stand apart: 1 = BOS or a first position of its chunk, 2 = massive residual norm, "
        + "3 = both, 0 = ordinary"),
    StoredColumn(
      path: "/segments/chunk", axis: .segment, type: .int32, unit: "1", meaning: "Chunk of the segment: row of /chunks"),
    StoredColumn(
      path: "/segments/document", axis: .segment, type: .int32, unit: "1",
      meaning: "Row of the segment's document in the corpus, from 0"),
    StoredColumn(
      path: "/segments/source", axis: .segment, type: .uint8, unit: "1",
      meaning: "Text source of the segment: index into /sources"),
    StoredColumn(
      path: "/segments/first_token", axis: .segment, type: .int32, unit: "1",
      meaning: "First token of the segment: row of /tokens"),
    StoredColumn(
      path: "/segments/token_count", axis: .segment, type: .int32, unit: "tokens", meaning: "Tokens in the segment"),
    StoredColumn(
      path: "/chunks/batch", axis: .chunk, type: .int32, unit: "1", meaning: "Batch of the chunk: row of /batches"),
    StoredColumn(
      path: "/chunks/first_token", axis: .chunk, type: .int32, unit: "1",
      meaning: "First token of the chunk: row of /tokens"),
    StoredColumn(
      path: "/chunks/token_count", axis: .chunk, type: .int32, unit: "tokens", meaning: "Tokens in the chunk"),
    StoredColumn(
      path: "/batches/first_chunk", axis: .batch, type: .int32, unit: "1",
      meaning: "First chunk of the batch: row of /chunks"),
    StoredColumn(
      path: "/batches/chunk_count", axis: .batch, type: .int32, unit: "1",
      meaning: "Chunks in the batch: the unit of one forward pass; the stream's last batch may be short"),
  ]

  /// In a run with reruns alone, after `columns`.
  static let rerun = StoredColumn(
    path: "/chunks/rerun", axis: .chunk, type: .uint8, unit: "1",
    meaning: "1 where the chunk was measured again in another order of summation, else 0")

  static func columns(reruns: Bool) -> [StoredColumn] { reruns ? columns + [rerun] : columns }

  static let groups: [(path: String, meaning: String)] = [
    ("/tokens", "One row per measured token, chunk after chunk"),
    ("/segments", "One row per segment: a document's part of a chunk"),
    ("/chunks", "One row per chunk: tokens that see one another in the forward pass; the bootstrap's unit"),
    ("/batches", "One row per batch of chunks: one forward pass"),
  ]

  /// A block's values, in the order of `columns`, and of `rerun` where the block has them.
  static func values(_ block: RunBlock, chunks: ChunkTable) -> [ColumnValues] {
    let (tokens, segments, batches) = (block.tokens, block.segments, block.batches)
    return [
      .int32(tokens.id), .int32(tokens.document), .uint8(tokens.source), .int32(tokens.position),
      .int32(tokens.chunk), .int32(tokens.segment), .uint8(tokens.stratum),
      .int32(segments.chunk), .int32(segments.document), .uint8(segments.source), .int32(segments.firstToken),
      .int32(segments.tokenCount),
      .int32(chunks.batch), .int32(chunks.firstToken), .int32(chunks.tokenCount),
      .int32(batches.firstChunk), .int32(batches.chunkCount),
    ] + (block.rerun.isEmpty ? [] : [.uint8(block.rerun)])
  }
}
