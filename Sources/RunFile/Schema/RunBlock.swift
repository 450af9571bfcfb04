/// The tokens of some consecutive chunks, one row per token. Indices count from the run's start.
public struct TokenTable: Sendable, Equatable {
  public var id: [Int32] = []
  /// Row number of the document in the corpus file, from 0.
  public var document: [Int32] = []
  /// Index into the corpus's source labels.
  public var source: [UInt8] = []
  /// Position in the chunk, from 0.
  public var position: [Int32] = []
  public var chunk: [Int32] = []
  public var segment: [Int32] = []
  /// `StratumFlags` of the token.
  public var stratum: [UInt8] = []
  public init() {}
}

/// Why a token may stand apart. Four disjoint cells (`cell`) make up all strata.
public struct StratumFlags: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// BOS, or one of the chunk's first positions.
  public static let first = StratumFlags(rawValue: 1)
  /// Residual norm above the stated multiple of the median, in the baseline.
  public static let massive = StratumFlags(rawValue: 2)
  /// 0 ordinary, 1 first, 2 massive, 3 both: the first index of a per-cell sum [4, D].
  public var cell: Int { Int(rawValue & 3) }
  public static let cellCount = 4
}

/// Segments: a document's part of a chunk. One row per segment.
public struct SegmentTable: Sendable, Equatable {
  public var chunk: [Int32] = []
  public var document: [Int32] = []
  public var source: [UInt8] = []
  public var firstToken: [Int32] = []
  public var tokenCount: [Int32] = []
  public init() {}
}

/// Batches: the chunks of one forward pass. One row per batch; the stream's last may be short.
public struct BatchTable: Sendable, Equatable {
  public var firstChunk: [Int32] = []
  public var chunkCount: [Int32] = []
  public init() {}
}

/// Chunks of equal length; derived from the tokens and batches when a block is written. One row per chunk.
public struct ChunkTable: Sendable, Equatable {
  /// Index of the batch that the chunk belongs to.
  public var batch: [Int32] = []
  public var firstToken: [Int32] = []
  public var tokenCount: [Int32] = []
  /// 1 where the chunk was measured again in another order of summation; empty in a run without reruns.
  public var rerun: [UInt8] = []
  public init() {}
}

/// What one step of the sweep measured: some batches, in all conditions. The unit that is written, and that a crash
/// can lose.
public struct RunBlock: Sendable, Equatable {
  /// From 0, without gaps.
  public var index: Int
  public var tokens: TokenTable
  public var segments: SegmentTable
  public var batches: BatchTable
  public var columns: [ColumnKey: ColumnValues]
  /// Per chunk, as `ChunkTable.rerun`.
  public var rerun: [UInt8]
  /// Nil where no experiment compares features.
  public var features: BlockFeatures?

  public init(
    index: Int, tokens: TokenTable, segments: SegmentTable, batches: BatchTable,
    columns: [ColumnKey: ColumnValues], rerun: [UInt8] = [], features: BlockFeatures? = nil
  ) {
    self.index = index
    self.tokens = tokens
    self.segments = segments
    self.batches = batches
    self.columns = columns
    self.rerun = rerun
    self.features = features
  }
}
