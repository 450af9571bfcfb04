import RunFile

/// Chunks of two runs that hold the same tokens, and so measured each of them in the same context.
struct SharedChunks {
  /// By chunk of A within its stretch, the chunk of B with the same ids; nil where there is none.
  let inB: [Int?]
  let tokenCount: Int

  /// - Parameters:
  ///   - chunksA, chunksB: how many of each run's first chunks are compared.
  init(_ a: ComparedRun, _ b: ComparedRun, chunksA: Int, chunksB: Int) {
    var places: [ArraySlice<Int32>: [Int]] = [:]
    for chunk in (0..<chunksB).reversed() { places[b.ids(ofChunk: chunk), default: []].append(chunk) }
    var tokens = 0
    inB = (0..<chunksA).map { chunk in
      // Where chunks repeat, the first one left.
      guard let other = places[a.ids(ofChunk: chunk)]?.popLast(),
        Self.segments(a.tables, chunk).elementsEqual(Self.segments(b.tables, other), by: ==)
      else { return nil }
      tokens += Int(a.tables.chunks.tokenCount[chunk])
      return other
    }
    tokenCount = tokens
  }

  /// Where a chunk's segments begin in it, and how long they are.
  private static func segments(_ run: RunTables, _ chunk: Int) -> [(Int32, Int32)] {
    let first = run.chunks.firstToken[chunk]
    var row = run.segments.firstToken.partitioningIndex { $0 >= first }
    var segments: [(Int32, Int32)] = []
    while row < run.segments.chunk.count, Int(run.segments.chunk[row]) == chunk {
      segments.append((run.segments.firstToken[row] - first, run.segments.tokenCount[row]))
      row += 1
    }
    return segments
  }

  /// First tokens of the chunks at which a stretch of chunks that follow each other in both runs begins or ends.
  func cuts(_ a: RunTables, _ b: RunTables) -> (a: Set<Int>, b: Set<Int>) {
    var cuts: (a: Set<Int>, b: Set<Int>) = ([], [])
    func cut(_ set: inout Set<Int>, _ run: RunTables, _ chunk: Int) {
      if chunk < run.chunks.firstToken.count { set.insert(Int(run.chunks.firstToken[chunk])) }
    }
    var previous: Int?
    for (chunk, other) in inB.enumerated() {
      if other != previous.map({ $0 + 1 }) || chunk == 0 {
        cut(&cuts.a, a, chunk)
        if let previous { cut(&cuts.b, b, previous + 1) }
        if let other { cut(&cuts.b, b, other) }
      }
      previous = other
    }
    cut(&cuts.a, a, inB.count)
    if let previous { cut(&cuts.b, b, previous + 1) }
    return cuts
  }
}

extension [Int32] {
  /// The first index whose element fulfils a condition that holds from some index on.
  fileprivate func partitioningIndex(_ holds: (Int32) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
