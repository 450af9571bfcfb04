import Measures
import RunFile

/// What two runs are compared on: the first chunks of each, and of these all, or a part.
struct ComparedStretch {
  var chunksA: Int
  var chunksB: Int
  var part: RunPart
  var experiments: [String]
}

/// A stretch of tokens of two runs, resampled: together where the tokens are the same, each by itself otherwise.
struct SampledPair {
  let a: SampledRun
  let b: SampledRun
  let isPaired: Bool
  /// Tokens of each run's stretch.
  private let tokens: (a: Int, b: Int)

  /// Nil where a run has nothing in the stretch.
  ///
  /// Tokens that both runs hold, in chunks of the same ids, are paired where they are at least half of the shorter run's;
  /// what only one of them holds is then left out.
  init?(
    _ runA: ComparedRun, _ runB: ComparedRun, _ stretch: ComparedStretch, _ metrics: [Metric],
    _ options: RunComparison.Options
  ) throws {
    let ends = (
      runA.tables.extent.tokenCount(ofChunks: stretch.chunksA), runB.tables.extent.tokenCount(ofChunks: stretch.chunksB)
    )
    tokens = ends
    let shared = SharedChunks(runA, runB, chunksA: stretch.chunksA, chunksB: stretch.chunksB)
    let cuts = shared.cuts(runA.tables, runB.tables)
    func pieces(_ unit: ResamplingUnit?) -> (Pieces, Pieces) {
      (
        Pieces(of: runA.tables, unit, cuts: runA.tables.partCuts.union(cuts.a).union([ends.0])),
        Pieces(of: runB.tables, unit, cuts: runB.tables.partCuts.union(cuts.b).union([ends.1]))
      )
    }
    var both = pieces(options.unit)
    if both.0.unit != both.1.unit { both = pieces(.chunk) }
    let (piecesA, piecesB) = both
    func inside(_ run: ComparedRun, _ pieces: Pieces, _ end: Int) -> [Bool] {
      pieces.firstToken.map { Int($0) < end && run.tables.contains(Int($0), stretch.part) }
    }
    let (insideA, insideB) = (inside(runA, piecesA, ends.0), inside(runB, piecesB, ends.1))
    let isEnough = 2 * shared.tokenCount >= min(ends.0, ends.1)
    let pairs = isEnough ? Self.pairs(runA, piecesA, runB, piecesB, shared) : nil
    let samples: (Sample, Sample)
    if let pairs {
      let sampleA = Sample(piecesA) { insideA[$0] && (pairs[$0].map { insideB[$0] } ?? false) }
      var clusters = [Int32](repeating: -1, count: piecesB.count)
      for (piece, other) in pairs.enumerated() { if let other { clusters[other] = sampleA.cluster[piece] } }
      samples = (sampleA, Sample(sampleA, at: clusters))
    } else {
      samples = (Sample(piecesA) { insideA[$0] }, Sample(piecesB) { insideB[$0] })
    }
    isPaired = pairs != nil
    guard samples.0.count > 0, samples.1.count > 0 else { return nil }
    let resamples = Resamples(clusterCount: samples.0.count, replicates: options.replicates, seed: options.seed)
    let others =
      isPaired
      ? resamples : Resamples(clusterCount: samples.1.count, replicates: options.replicates, seed: options.seed &+ 1)
    func sums(
      _ run: ComparedRun, _ pieces: Pieces, _ sample: Sample, _ resamples: Resamples, like other: PieceSums? = nil
    ) throws -> PieceSums {
      let sample = ResampledSample(sample, resamples, for: metrics)
      return try PieceSums(
        run.reader, run.tables, pieces, run.conditions, .init(metrics: metrics, samples: [sample]), like: other)
    }
    // One after the other where B takes from A what both have alike.
    let (sumsA, sumsB): (PieceSums, PieceSums)
    if isPaired {
      sumsA = try sums(runA, piecesA, samples.0, resamples)
      sumsB = try sums(runB, piecesB, samples.1, others, like: sumsA)
    } else {
      (sumsA, sumsB) = try inParallel(
        { try sums(runA, piecesA, samples.0, resamples) }, { try sums(runB, piecesB, samples.1, others) })
    }
    a = SampledRun(sumsA, at: 0)
    b = SampledRun(sumsB, at: 0, like: isPaired ? a : nil)
  }

  /// By piece of A, the piece of B with the same tokens; nil for those without, and for all where pieces do not match.
  private static func pairs(
    _ runA: ComparedRun, _ a: Pieces, _ runB: ComparedRun, _ b: Pieces, _ shared: SharedChunks
  ) -> [Int?]? {
    guard a.unit == b.unit else { return nil }
    let starts = Dictionary(uniqueKeysWithValues: b.firstToken.enumerated().map { ($1, $0) })
    var pairs: [Int?] = []
    for piece in 0..<a.count {
      let first = a.firstToken[piece]
      let chunk = Int(runA.tables.tokens.chunk[Int(first)])
      guard chunk < shared.inB.count, let other = shared.inB[chunk] else {
        pairs.append(nil)
        continue
      }
      let start = runB.tables.chunks.firstToken[other] + first - runA.tables.chunks.firstToken[chunk]
      guard let match = starts[start], b.tokenCount[match] == a.tokenCount[piece] else { return nil }
      pairs.append(match)
    }
    return pairs
  }

  func sample(of stretch: ComparedStretch) -> RunComparison.Sample {
    RunComparison.Sample(
      experiments: stretch.experiments, isOfReruns: stretch.part == .reruns,
      isOfBranches: stretch.part == .branches ? true : nil, tokensA: a.sample.tokenCount,
      tokensB: b.sample.tokenCount, leftOutA: stretch.part == .all ? tokens.a - a.sample.tokenCount : 0,
      leftOutB: stretch.part == .all ? tokens.b - b.sample.tokenCount : 0, unit: a.sample.unit,
      clustersA: a.sample.count, clustersB: b.sample.count, isPaired: isPaired)
  }
}

extension Sample {
  /// The same clusters at another run's pieces.
  fileprivate init(_ other: Sample, at cluster: [Int32]) {
    (unit, count, tokenCounts) = (other.unit, other.count, other.tokenCounts)
    self.cluster = cluster
  }
}
