import Measures
import RunFile

/// What is drawn with replacement when two runs are compared.
public enum ResamplingUnit: String, Sendable, Codable, CaseIterable {
  /// All of a document's tokens, through however many chunks they run.
  case document
  /// All tokens of a chunk, of whatever documents.
  case chunk
}

/// How the first tokens of a run fall into resampling units, each a contiguous range of tokens.
struct Clusters {
  let unit: ResamplingUnit
  let tokenCount: Int
  let firstToken: [Int32]
  let tokenCounts: [Int32]
  /// By row of `/segments`; those beyond the tokens have the index `count`.
  let ofSegment: [Int32]
  var count: Int { firstToken.count }

  /// - Parameter tokenCount: tokens from the start of the run, up to a chunk's end.
  init(chunks: ChunkTable, segments: SegmentTable, tokenCount: Int) {
    let inside = chunks.firstToken.indices.prefix { Int(chunks.firstToken[$0]) < tokenCount }
    unit = .chunk
    self.tokenCount = tokenCount
    firstToken = inside.map { chunks.firstToken[$0] }
    tokenCounts = inside.map { chunks.tokenCount[$0] }
    let count = Int32(inside.count)
    ofSegment = segments.chunk.map { min($0, count) }
  }

  /// Documents; nil where a document comes back after another one, or where segments do not cover the tokens.
  init?(documentsOf segments: SegmentTable, tokenCount: Int) {
    var (firsts, counts, ofSegment): ([Int32], [Int32], [Int32]) = ([], [], [])
    var seen: Set<Int32> = []
    var current: Int32?
    var covered = 0
    for row in segments.document.indices where Int(segments.firstToken[row]) < tokenCount {
      guard Int(segments.firstToken[row]) == covered else { return nil }
      let document = segments.document[row]
      if document != current {
        guard seen.insert(document).inserted else { return nil }
        current = document
        firsts.append(segments.firstToken[row])
        counts.append(0)
      }
      counts[counts.count - 1] += segments.tokenCount[row]
      covered += Int(segments.tokenCount[row])
      ofSegment.append(Int32(firsts.count - 1))
    }
    guard covered == tokenCount else { return nil }
    ofSegment += [Int32](repeating: Int32(firsts.count), count: segments.document.count - ofSegment.count)
    unit = .document
    self.tokenCount = tokenCount
    (firstToken, tokenCounts, self.ofSegment) = (firsts, counts, ofSegment)
  }

  func hasSameBounds(as other: Clusters) -> Bool {
    unit == other.unit && firstToken == other.firstToken && tokenCounts == other.tokenCounts
  }

  /// The raw sums of a run per cluster: clusters take the place of chunks, and what lies beyond them is one more.
  ///
  /// - Throws: as `ChunkSums`.
  func sums(
    of reader: RunReader, tokens: TokenTable, segments: SegmentTable, for metrics: [Metric]
  ) throws -> ChunkSums {
    var (tokens, segments) = (tokens, segments)
    var table = ChunkTable()
    (table.firstToken, table.tokenCount) = (firstToken, tokenCounts)
    let rest = tokens.id.count - tokenCount
    if rest > 0 {
      table.firstToken.append(Int32(tokenCount))
      table.tokenCount.append(Int32(rest))
    }
    table.batch = [Int32](repeating: 0, count: table.firstToken.count)
    var ofToken = [Int32](repeating: Int32(count), count: tokens.id.count)
    for cluster in 0..<count {
      for token in Int(firstToken[cluster])..<Int(firstToken[cluster] + tokenCounts[cluster]) {
        ofToken[token] = Int32(cluster)
      }
    }
    tokens.chunk = ofToken
    segments.chunk = ofSegment
    return try ChunkSums(
      reader: reader, tokens: tokens, chunks: table, segments: segments,
      .init(metrics: metrics, bySource: false) { _ in count })
  }
}
