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
    if let summary = reader.summary {
      guard description.conditions.count(where: \.isBaseline) == 1 else {
        throw AnalysisError.noBaseline(path: reader.path, count: description.conditions.count(where: \.isBaseline))
      }
      self.init(summary: summary, description: description, measures: measures)
      return
    }
    let selected = measures.filter { description.experiments.contains($0.experiment) }
    let computation = try FindingsComputation(
      reader, measures.metrics, snapshots: selected.flatMap(\.snapshots))
    func counts(_ chunkCount: Int) -> Counts {
      Counts(
        description: description, tokens: computation.run.tokens, extent: computation.run.extent,
        chunkCount: chunkCount, predictions: computation.predictions(chunks: chunkCount))
    }
    self.init(
      description: description, measures: measures, isPartial: reader.isPartial,
      measured: counts(computation.headlineChunks), ownCounts: computation.ownChunks.mapValues(counts),
      findings: computation.findings(), snapshots: computation.snapshots(), buckets: computation.bucketFindings(),
      cells: computation.cells(), verdicts: [])
    unit = computation.sums.pieces.unit
    protocolVersion =
      computation.conditions.hasPairs || !description.experiments.contains("sae") ? StudyProtocol.version : 1
    var tokens = TokenFindings(
      reader, computation.run, computation.conditions, count: measured(by: "sae").tokens)
    massiveTokens = try tokens.massiveTokens()
    if let texts = try reader.vocabulary() {
      for id in massiveTokens.flatMap(\.flippedIDs).map(\.id) { flippedTexts[id] = texts[Int32(id)] }
    }
    noiseRatios = try tokens.noiseRatios()
    features = try (description.featurePairs ?? []).compactMap { pair in
      try reader.featureTable(pair).map { FeatureFindings(pair, $0, description) }
    }
    verdicts = VerdictRules.verdicts(of: self)
  }
}

extension FindingsComputation {
  /// Predictions that were scored in the baseline's first chunks; 0 when accuracy was not measured.
  func predictions(chunks: Int) -> Int {
    let key = conditions.key(conditions.baseline, conditions.baseline, .all, .predictions)
    let end = run.extent.tokenCount(ofChunks: chunks)
    return Int(
      (sums.columns[key] ?? []).enumerated().reduce(0) {
        $0 + (Int(sums.pieces.firstToken[$1.offset]) < end ? $1.element : 0)
      })
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
    description: RunDescription, tokens: TokenTable, extent: RunExtent, chunkCount: Int,
    predictions: Int
  ) {
    let tokenCount = extent.tokenCount(ofChunks: chunkCount)
    let batchCount = extent.batchCount(ofChunks: chunkCount)
    let lastBatch = batchCount > 0 ? Int(extent.batches.chunkCount[batchCount - 1]) : 0
    self.init(
      tokens: tokenCount,
      predictions: predictions,
      chunks: chunkCount, batches: batchCount, documents: Set(tokens.document.prefix(tokenCount)).count,
      shortBatch: lastBatch < description.corpus.batchSize ? lastBatch : nil)
  }
}
