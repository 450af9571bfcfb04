/// Refuses tables that do not fit together: an index beyond its table, segments or chunks with gaps, kinds of tokens and
/// text sources that do not exist. Who reads a checked run indexes without looking.
struct TableCheck {
  let reader: RunReader

  func check() throws {
    let (tokens, segments, chunks, batches) = (
      try reader.tokens(), try reader.segments(), try reader.chunks(), try reader.batches()
    )
    try tile("/segments", segments.firstToken, segments.tokenCount, reader.tokenCount, of: "tokens")
    try tile("/chunks", chunks.firstToken, chunks.tokenCount, reader.tokenCount, of: "tokens")
    try tile("/batches", batches.firstChunk, batches.chunkCount, reader.chunkCount, of: "chunks")
    try owners("/chunks/batch", chunks.batch, batches.firstChunk, batches.chunkCount)
    try owners("/tokens/chunk", tokens.chunk, chunks.firstToken, chunks.tokenCount)
    try owners("/tokens/segment", tokens.segment, segments.firstToken, segments.tokenCount)
    for row in segments.chunk.indices where segments.chunk[row] != tokens.chunk[Int(segments.firstToken[row])] {
      throw impossible("/segments/chunk", row, segments.chunk[row], "\(tokens.chunk[Int(segments.firstToken[row])])")
    }
    let (model, corpus) = (reader.description.model, reader.description.corpus)
    let vocabulary = model.vocabularySize > 0 ? Int32(clamping: model.vocabularySize) : Int32.max
    try range("/tokens/id", tokens.id, 0..<vocabulary)
    try range("/tokens/document", tokens.document, 0..<Int32.max)
    try range("/segments/document", segments.document, 0..<Int32.max)
    try range("/tokens/position", tokens.position, 0..<Int32(clamping: max(1, chunks.tokenCount.max() ?? 0)))
    let sources = UInt8(clamping: max(1, corpus.sources.count))
    try range("/tokens/source", tokens.source, 0..<sources)
    try range("/segments/source", segments.source, 0..<sources)
    try range("/tokens/stratum", tokens.stratum, 0..<UInt8(StratumFlags.cellCount))
    try range("/chunks/rerun", chunks.rerun, 0..<2)
  }

  /// Each part begins where the one before ends, none is empty, and together they are all rows.
  private func tile(_ table: String, _ first: [Int32], _ counts: [Int32], _ total: Int, of rows: String) throws {
    var next = 0
    for part in first.indices {
      guard Int(first[part]) == next, counts[part] > 0, Int(counts[part]) <= total - next else {
        throw RunFileError.impossible(
          path: reader.path, object: table,
          reason: "row \(part) has \(counts[part]) \(rows) from \(first[part]) on, where \(next) of \(total) come next")
      }
      next += Int(counts[part])
    }
    guard next == total else {
      throw RunFileError.impossible(
        path: reader.path, object: table, reason: "its rows have \(next) of the run's \(total) \(rows)")
    }
  }

  /// Each row names the part that it lies in. The parts tile the rows.
  private func owners(_ object: String, _ owners: [Int32], _ first: [Int32], _ counts: [Int32]) throws {
    for part in first.indices {
      for row in Int(first[part])..<Int(first[part]) + Int(counts[part]) where Int(owners[row]) != part {
        throw impossible(object, row, owners[row], "\(part)")
      }
    }
  }

  private func range<Number: BinaryInteger>(_ object: String, _ values: [Number], _ allowed: Range<Number>) throws {
    guard let row = values.firstIndex(where: { !allowed.contains($0) }) else { return }
    throw impossible(object, row, values[row], "\(allowed.lowerBound) to \(allowed.upperBound - 1)")
  }

  private func impossible(
    _ object: String, _ row: Int, _ found: some BinaryInteger, _ expected: String
  ) -> RunFileError {
    .impossible(
      path: reader.path, object: object, reason: "row \(row) is \(found), where \(expected) is expected")
  }
}
