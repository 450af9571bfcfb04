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
  public init(of reader: RunReader) throws {
    let description = reader.description
    let baselines = description.conditions.indices.filter { description.conditions[$0].isBaseline }
    guard baselines.count == 1 else {
      throw AnalysisError.noBaseline(path: reader.path, count: baselines.count)
    }
    if let summary = reader.summary {
      self.init(summary: summary, description: description)
      return
    }
    let tokens = try reader.tokens()
    let chunks = try reader.chunks()
    let batches = try reader.batches()
    let extent = RunExtent(chunks: chunks, batches: batches)
    let headlineChunks = extent.chunkCount(forTokens: description.budget.headline)
    let ownChunks = Dictionary(
      uniqueKeysWithValues: description.budget.counts.map { ($0.experiment, extent.wholeChunks(reaching: $0.tokens)) })
    let sums = try ChunkSums(
      reader: reader, tokens: tokens, chunks: chunks, segments: try reader.segments(),
      reconstructionChunks: ownChunks["sae"] ?? headlineChunks)
    let computation = FindingsComputation(
      description: description, baseline: baselines[0], sums: sums, tokens: tokens, extent: extent,
      headlineChunks: headlineChunks, ownChunks: ownChunks)
    func counts(_ chunkCount: Int) -> Counts {
      Counts(
        description: description, tokens: tokens, extent: extent, batches: batches, chunkCount: chunkCount,
        predictions: sums.scored(baselines[0], chunks: chunkCount))
    }
    self.init(
      description: description, isPartial: reader.isPartial, measured: counts(headlineChunks),
      ownCounts: ownChunks.mapValues(counts), findings: computation.findings(),
      snapshots: computation.snapshots(), sources: computation.sources(),
      cells: computation.cells(), verdicts: [])
    verdicts = VerdictRules.verdicts(of: self)
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
