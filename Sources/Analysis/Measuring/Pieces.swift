import Measures
import RunFile

/// What is drawn with replacement.
public enum ResamplingUnit: String, Sendable, Codable, CaseIterable {
  /// All of a document's tokens, through however many chunks they run.
  case document
  /// All tokens of a chunk, of whatever documents.
  case chunk
}

/// The stretches of tokens that sums are kept of. Each lies in one document (or chunk), and wholly inside or outside of
/// every sample that is asked for.
struct Pieces: Sendable, Equatable {
  let unit: ResamplingUnit
  private(set) var firstToken: [Int32] = []
  private(set) var tokenCount: [Int32] = []
  /// The document or chunk that each is part of.
  private(set) var owner: [Int32] = []
  /// By row of `/segments`.
  private(set) var ofSegment: [Int32] = []
  var count: Int { firstToken.count }

  func range(of piece: Int) -> Range<Int> { Int(firstToken[piece])..<Int(firstToken[piece] + tokenCount[piece]) }

  /// Documents where the run has at least two that do not come back, else chunks.
  ///
  /// - Parameters:
  ///   - unit: nil for this choice; documents where the run knows none are chunks.
  ///   - cuts: first tokens of chunks at which samples begin or end.
  init(of run: RunTables, _ unit: ResamplingUnit?, cuts: Set<Int>) {
    if unit != .chunk, let documents = Pieces(documentsOf: run, cuts: cuts), unit == .document || documents.owners > 1 {
      self = documents
    } else {
      self.init(chunksOf: run)
    }
  }

  var owners: Int { Set(owner).count }

  init(chunksOf run: RunTables) {
    unit = .chunk
    firstToken = run.chunks.firstToken
    tokenCount = run.chunks.tokenCount
    owner = run.chunks.firstToken.indices.map(Int32.init)
    ofSegment = run.segments.chunk
  }

  /// Nil where a document comes back after another one, or where segments do not cover the tokens.
  private init?(documentsOf run: RunTables, cuts: Set<Int>) {
    let segments = run.segments
    unit = .document
    var seen: Set<Int32> = []
    var covered = 0
    for row in segments.document.indices {
      let (first, document) = (Int(segments.firstToken[row]), segments.document[row])
      guard first == covered else { return nil }
      if document != owner.last {
        guard seen.insert(document).inserted else { return nil }
      }
      if document != owner.last || cuts.contains(first) {
        firstToken.append(Int32(first))
        tokenCount.append(0)
        owner.append(document)
      }
      tokenCount[count - 1] += segments.tokenCount[row]
      covered += Int(segments.tokenCount[row])
      ofSegment.append(Int32(count - 1))
    }
    guard covered == run.tokens.id.count else { return nil }
  }
}

/// A run's tables, read once.
struct RunTables: Sendable {
  let tokens: TokenTable
  let segments: SegmentTable
  let chunks: ChunkTable
  /// 1 for each chunk that branches went on with; nil without branches.
  let branchedChunks: [UInt8]?
  let extent: RunExtent

  /// - Throws: `RunFileError`, `HDF5Error`.
  init(_ reader: RunReader) throws {
    tokens = try reader.tokens()
    segments = try reader.segments()
    chunks = try reader.chunks()
    branchedChunks = try Self.branchedChunks(reader, tokens, chunkCount: chunks.batch.count)
    extent = RunExtent(chunks: chunks, batches: try reader.batches())
  }

  /// Chunks with a row that branches scored, in the baseline.
  private static func branchedChunks(_ reader: RunReader, _ tokens: TokenTable, chunkCount: Int) throws -> [UInt8]? {
    let baseline = reader.description.conditions.first { $0.isBaseline }?.name ?? ""
    let key = [Measure].all.columns.lazy.filter(\.isOfBranch).map { $0.key(baseline) }.first(where: reader.has)
    guard let key, let values = try reader.values(key).float32s else { return nil }
    var flags = [UInt8](repeating: 0, count: chunkCount)
    for (row, value) in values.enumerated() where !value.isNaN { flags[Int(tokens.chunk[row])] = 1 }
    return flags
  }

  /// 1 for each chunk that reruns measured again; nil without reruns.
  var rerunChunks: [UInt8]? { chunks.rerun.isEmpty ? nil : chunks.rerun }

  /// Rows that reruns measured; nil without reruns.
  var rerunRows: [Bool]? { rerunChunks.map { flags in tokens.chunk.map { flags[Int($0)] == 1 } } }

  /// First tokens of the chunks at which a part of the run begins or ends.
  var partCuts: Set<Int> {
    [rerunChunks, branchedChunks].compactMap(\.self).reduce(into: []) { cuts, flags in
      cuts.formUnion(
        flags.indices.dropFirst().filter { flags[$0] != flags[$0 - 1] }.map { Int(chunks.firstToken[$0]) })
    }
  }

  /// Whether a token lies in a part of the run.
  func contains(_ token: Int, _ part: RunPart) -> Bool {
    let flags: [UInt8]?
    switch part {
    case .all: return true
    case .reruns: flags = rerunChunks
    case .branches: flags = branchedChunks
    }
    return flags.map { $0[Int(tokens.chunk[token])] == 1 } ?? false
  }
}

/// Tokens that numbers stand on, and the clusters that they are resampled by.
struct Sample: Sendable, Equatable {
  let unit: ResamplingUnit
  /// By piece; −1 for those outside.
  let cluster: [Int32]
  /// Clusters.
  let count: Int
  /// Of each cluster.
  let tokenCounts: [Double]
  var tokenCount: Int { Int(tokenCounts.reduce(0, +)) }

  init(_ pieces: Pieces, where isInside: (_ piece: Int) -> Bool) {
    unit = pieces.unit
    var places: [Int32: Int32] = [:]
    var tokens: [Double] = []
    cluster = (0..<pieces.count).map { piece in
      guard isInside(piece) else { return -1 }
      let own = places[pieces.owner[piece]] ?? Int32(places.count)
      if own == tokens.count { tokens.append(0) }
      places[pieces.owner[piece]] = own
      tokens[Int(own)] += Double(pieces.tokenCount[piece])
      return own
    }
    (count, tokenCounts) = (places.count, tokens)
  }
}
