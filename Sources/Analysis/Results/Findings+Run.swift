import Measures
import RunFile

extension Findings {
  /// Computes every finding of a run from its raw measurements.
  ///
  /// The numbers stand on the headline budget: the tokens up to the first batch boundary at or after
  /// `description.budget.headline`; an experiment with a count of its own, on the first whole chunks that reach it. Only
  /// snapshots look further, where the run measured further. What the run did not measure is absent, never zero; so is
  /// what has no finite value, e.g. a metric over a stratum without tokens.
  ///
  /// - Throws: `RunFileError` and `HDF5Error` for a file that cannot be read; `AnalysisError` for impossible numbers.
  public init(of reader: RunReader, measures: [Measure] = .all) throws {
    let description = reader.description
    let baselines = description.conditions.indices.filter { description.conditions[$0].isBaseline }
    guard baselines.count == 1 else {
      throw AnalysisError.noBaseline(path: reader.path, count: baselines.count)
    }
    if let summary = reader.summary {
      self.init(summary: summary, description: description, measures: measures)
      return
    }
    let batches = try reader.batches()
    let computation = try FindingsComputation(reader, measures.metrics, baseline: baselines[0])
    func counts(_ chunkCount: Int) -> Counts {
      Counts(
        description: description, tokens: computation.sums.tokens, extent: computation.extent, batches: batches,
        chunkCount: chunkCount, predictions: computation.sums.scored(baselines[0], chunks: chunkCount))
    }
    self.init(
      description: description, measures: measures, isPartial: reader.isPartial,
      measured: counts(computation.headlineChunks), ownCounts: computation.ownChunks.mapValues(counts),
      findings: computation.findings(), snapshots: computation.snapshots(measures), sources: computation.sources(),
      cells: computation.cells(), verdicts: [])
    verdicts = VerdictRules.verdicts(of: self)
  }
}

extension FindingsComputation {
  /// Reads and adds up what the metrics need, over the headline's tokens and those of experiments with a count of their
  /// own.
  ///
  /// - Throws: as `ChunkSums`.
  init(
    _ reader: RunReader, _ metrics: [Metric], strata: [Stratum] = Stratum.allCases, bySource: Bool = true, baseline: Int
  ) throws {
    let description = reader.description
    let chunks = try reader.chunks()
    let extent = RunExtent(chunks: chunks, batches: try reader.batches())
    let headline = extent.chunkCount(forTokens: description.budget.headline)
    let own = Dictionary(
      uniqueKeysWithValues: description.budget.counts.map { ($0.experiment, extent.wholeChunks(reaching: $0.tokens)) })
    let sums = try ChunkSums(
      reader: reader, tokens: try reader.tokens(), chunks: chunks, segments: try reader.segments(),
      .init(metrics: metrics, strata: strata, bySource: bySource) { own[$0] ?? headline })
    self.init(
      description: description, metrics: metrics, baseline: baseline, sums: sums, extent: extent,
      headlineChunks: headline, ownChunks: own)
  }
}

extension Findings {
  /// The findings of several runs, in their order, computed at once.
  ///
  /// - Throws: as `init(of:measures:)`, for the first run that cannot be read.
  public static func each(of readers: [RunReader], measures: [Measure] = .all) throws -> [Findings] {
    try concurrently(readers.count) { index in Result { try Findings(of: readers[index], measures: measures) } }
      .map { try $0.get() }
  }
}

extension Findings.Counts {
  fileprivate init(
    description: RunDescription, tokens: TokenTable, extent: RunExtent, batches: BatchTable, chunkCount: Int,
    predictions: Int
  ) {
    let tokenCount = extent.tokenCount(ofChunks: chunkCount)
    let batchCount = extent.batchCount(ofChunks: chunkCount)
    let lastBatch = batchCount > 0 ? Int(batches.chunkCount[batchCount - 1]) : 0
    self.init(
      tokens: tokenCount,
      predictions: predictions,
      chunks: chunkCount, batches: batchCount, documents: Set(tokens.document.prefix(tokenCount)).count,
      shortBatch: lastBatch < description.corpus.batchSize ? lastBatch : nil)
  }
}
