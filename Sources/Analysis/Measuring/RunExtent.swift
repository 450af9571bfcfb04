import RunFile

/// How far a count of tokens reaches into a run: to the first batch boundary at or after it.
struct RunExtent {
  let chunks: ChunkTable
  let batches: BatchTable

  /// Chunks up to the first batch boundary at or after `tokens`; all of them when there are fewer tokens.
  func chunkCount(forTokens tokens: Int) -> Int {
    for batch in batches.firstChunk.indices {
      let end = Int(batches.firstChunk[batch] + batches.chunkCount[batch])
      if tokenCount(ofChunks: end) >= tokens { return end }
    }
    return chunks.firstToken.count
  }

  /// Chunks up to the first chunk boundary at or after `tokens`; all of them when there are fewer tokens.
  func wholeChunks(reaching tokens: Int) -> Int {
    let end = chunks.firstToken.indices.first { tokenCount(ofChunks: $0 + 1) >= tokens }
    return end.map { $0 + 1 } ?? chunks.firstToken.count
  }

  func tokenCount(ofChunks count: Int) -> Int {
    count == 0 ? 0 : Int(chunks.firstToken[count - 1] + chunks.tokenCount[count - 1])
  }

  func batchCount(ofChunks count: Int) -> Int {
    batches.firstChunk.prefix { $0 < count }.count
  }
}
