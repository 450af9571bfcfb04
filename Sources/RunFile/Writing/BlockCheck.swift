/// Checks that a block is whole before it is written: the writer trusts nobody about shapes.
struct BlockCheck {
  var block: RunBlock
  /// Rows of all blocks before this one.
  var before: RowCounts
  /// The run measures some batches again.
  var hasReruns = false

  /// The block's row counts, with the chunk table that its tokens and batches imply.
  func checked(columns: [RunColumn]) throws -> (counts: RowCounts, chunks: ChunkTable) {
    let chunks = try checkedTables()
    let counts = RowCounts(
      tokens: block.tokens.id.count, segments: block.segments.chunk.count, chunks: chunks.batch.count,
      batches: block.batches.firstChunk.count)
    guard block.rerun.count == (hasReruns ? counts.chunks : 0) else {
      throw reject("\(block.rerun.count) chunks say whether they were measured again, of \(counts.chunks)")
    }
    try checkColumns(columns, counts)
    return (counts, chunks)
  }

  private func reject(_ reason: String) -> RunFileError { .badTable(block: block.index, reason: reason) }

  private func checkedTables() throws -> ChunkTable {
    let (tokens, segments, batches) = (block.tokens, block.segments, block.batches)
    let count = tokens.id.count
    guard count > 0 else { throw reject("it has no tokens") }
    for (name, rows) in [
      ("document", tokens.document.count), ("source", tokens.source.count), ("position", tokens.position.count),
      ("chunk", tokens.chunk.count), ("segment", tokens.segment.count), ("stratum", tokens.stratum.count),
    ] where rows != count {
      throw reject("the token table has \(rows) values of '\(name)' for \(count) tokens")
    }
    for (name, rows) in [
      ("document", segments.document.count), ("source", segments.source.count),
      ("firstToken", segments.firstToken.count), ("tokenCount", segments.tokenCount.count),
    ] where rows != segments.chunk.count {
      throw reject("the segment table has \(rows) values of '\(name)' for \(segments.chunk.count) segments")
    }
    guard batches.firstChunk.count == batches.chunkCount.count, !batches.firstChunk.isEmpty else {
      throw reject("the batch table has \(batches.firstChunk.count) and \(batches.chunkCount.count) values")
    }

    // Segments tile the block's tokens.
    var next = before.tokens
    for segment in segments.chunk.indices {
      guard Int(segments.firstToken[segment]) == next, segments.tokenCount[segment] > 0 else {
        throw reject(
          "segment \(before.segments + segment) starts at token \(segments.firstToken[segment]) with "
            + "\(segments.tokenCount[segment]) tokens, where token \(next) is next")
      }
      next += Int(segments.tokenCount[segment])
    }
    guard next == before.tokens + count else {
      throw reject("segments end before token \(next), tokens before \(before.tokens + count)")
    }

    // Batches tile the block's chunks.
    var chunks = ChunkTable()
    for batch in batches.firstChunk.indices {
      guard Int(batches.firstChunk[batch]) == before.chunks + chunks.batch.count, batches.chunkCount[batch] > 0 else {
        throw reject(
          "batch \(before.batches + batch) starts at chunk \(batches.firstChunk[batch]) with "
            + "\(batches.chunkCount[batch]) chunks, where chunk \(before.chunks + chunks.batch.count) is next")
      }
      for _ in 0..<batches.chunkCount[batch] { chunks.batch.append(Int32(before.batches + batch)) }
    }

    // Tokens go through those chunks in order.
    chunks.tokenCount = [Int32](repeating: 0, count: chunks.batch.count)
    chunks.firstToken = chunks.tokenCount
    var current = -1
    for token in 0..<count {
      let chunk = Int(tokens.chunk[token]) - before.chunks
      if chunk == current + 1, chunk < chunks.batch.count {
        current = chunk
        chunks.firstToken[chunk] = Int32(before.tokens + token)
      }
      guard chunk == current, chunk >= 0 else {
        throw reject("token \(before.tokens + token) is in chunk \(tokens.chunk[token]), out of order")
      }
      chunks.tokenCount[chunk] += 1
      let segment = Int(tokens.segment[token]) - before.segments
      guard segments.chunk.indices.contains(segment), Int(segments.chunk[segment]) == chunk + before.chunks,
        before.tokens + token >= Int(segments.firstToken[segment]),
        before.tokens + token < Int(segments.firstToken[segment] + segments.tokenCount[segment])
      else {
        throw reject("token \(before.tokens + token) is not inside its segment \(tokens.segment[token])")
      }
    }
    guard current == chunks.batch.count - 1 else {
      throw reject("batches have \(chunks.batch.count) chunks, tokens fill \(current + 1)")
    }
    return chunks
  }

  private func checkColumns(_ columns: [RunColumn], _ counts: RowCounts) throws {
    for (key, stored) in columns.map({ ($0.key, $0.stored) }) {
      guard let values = block.columns[key] else {
        throw RunFileError.missingColumn(block: block.index, key: key)
      }
      guard values.type == stored.type else {
        throw RunFileError.wrongType(
          block: block.index, key: key, type: values.type.rawValue, expected: stored.type.rawValue)
      }
      let expected = counts[stored.axis] * stored.rowCount
      guard values.count == expected else {
        let rows = "\(counts[stored.axis]) rows (one per \(stored.axis.rawValue))"
        throw RunFileError.wrongCount(
          block: block.index, key: key, count: values.count, expected: expected,
          shape: stored.rowShape.isEmpty ? rows : rows + " of shape \(stored.rowShape)")
      }
    }
    let known = Set(columns.map(\.key))
    if let key = block.columns.keys.sorted().first(where: { !known.contains($0) }) {
      throw RunFileError.unexpectedColumn(
        block: block.index, key: key, reason: "no such column was declared for this condition")
    }
  }
}
