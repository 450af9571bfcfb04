import Measures
import RunFile

/// Turns sums per chunk into findings: resamples once, then evaluates every metric over the same rows.
struct FindingsComputation {
  let description: RunDescription
  let metrics: [Metric]
  /// Index of the baseline among the conditions.
  let baseline: Int
  /// By condition, the index of the one that it is compared with; the baseline's is its own.
  private let references: [Int]
  let sums: ChunkSums
  let extent: RunExtent
  let headlineChunks: Int
  /// Chunks of experiments that have a count of their own.
  let ownChunks: [String: Int]
  /// The resampled sums, by the number of chunks they cover.
  private let weighted: [Int: WeightedSums]

  init(
    description: RunDescription, metrics: [Metric], baseline: Int, sums: ChunkSums, extent: RunExtent,
    headlineChunks: Int, ownChunks: [String: Int]
  ) {
    self.description = description
    self.metrics = metrics
    self.baseline = baseline
    references = description.conditions.map { condition in
      let reference = description.reference(of: condition)
      return description.conditions.firstIndex { $0.name == reference?.name } ?? baseline
    }
    self.sums = sums
    self.extent = extent
    self.headlineChunks = headlineChunks
    self.ownChunks = ownChunks
    let counts = Set(metrics.map { ownChunks[$0.experiment] ?? headlineChunks }).sorted()
    let weighted = counts.map { count in
      WeightedSums(
        resamples: Resamples(
          chunkCount: count, replicates: description.bootstrap.replicates, seed: description.seed),
        dModel: sums.dModel, sums: sums.sums, grams: sums.grams,
        rankings: sums.rankings.filter { $0.ranking.chunkCount == count })
    }
    self.weighted = Dictionary(uniqueKeysWithValues: zip(counts, weighted))
  }

  private func chunks(of experiment: String) -> Int { ownChunks[experiment] ?? headlineChunks }

  private var level: Double { description.bootstrap.level }

  // MARK: Metrics

  func findings(_ strata: [Stratum] = Stratum.allCases) -> [Finding] {
    let tasks = metrics.flatMap { metric in
      description.conditions.indices.flatMap { condition in
        metric.strata.filter(strata.contains).map { (metric, condition, $0) }
      }
    }
    return concurrently(tasks.count) { index in
      let (metric, condition, stratum) = tasks[index]
      return finding(metric, condition: condition, stratum: stratum)
    }.compactMap(\.self)
  }

  private func finding(_ metric: Metric, condition: Int, stratum: Stratum) -> Finding? {
    if metric.isComparison, condition == baseline { return nil }
    let chunks = chunks(of: metric.experiment)
    guard let weighted = weighted[chunks] else { return nil }
    let own = weighted.view(condition: condition, stratum: stratum)
    let reference = weighted.view(condition: references[condition], stratum: stratum)
    guard let rows = weighted.values(of: metric, own, against: reference) else { return nil }
    let sample = sampleSize(metric.counted, condition: condition, stratum: stratum, chunks: chunks)
    func estimate(_ rows: [Double]) -> Estimate? {
      weighted.estimate(rows, level: level, tokens: sample.tokens, clusters: sample.clusters)
    }
    guard let value = estimate(rows) else { return nil }
    var finding = Finding(
      metric: metric, condition: description.conditions[condition].name, stratum: stratum, estimate: value)
    if condition != baseline, !metric.isComparison,
      let base = weighted.values(of: metric, reference, against: reference)
    {
      finding.change = estimate(zip(rows, base).map { $0 - $1 })
      finding.percentChange = estimate(zip(rows, base).map { 100 * ($0 - $1) / $1 })
    }
    return finding
  }

  /// Tokens that a count stands on, and the chunks that hold any of them.
  private func sampleSize(
    _ counted: Sum, condition: Int, stratum: Stratum = .all, source: Int? = nil, chunks: Int
  ) -> (tokens: Int, clusters: Int) {
    let key = QuantityKey(condition: condition, stratum: stratum, sum: counted, source: source)
    let counts = sums.sums.first { $0.key == key }?.perChunk.prefix(chunks) ?? []
    return (Int(counts.reduce(0, +)), counts.count { $0 > 0 })
  }

  // MARK: Snapshots

  /// Metrics over growing parts of the run, by condition, metric, stratum and count.
  func snapshots(_ measures: [Measure]) -> [Snapshot] {
    let wanted = measures.filter { description.experiments.contains($0.experiment) }.flatMap(\.snapshots)
    guard !wanted.isEmpty else { return [] }
    var weighted = self.weighted
    for requested in description.budget.snapshots {
      let count = extent.chunkCount(forTokens: requested)
      if weighted[count] == nil { weighted[count] = snapshotSums(chunks: count, wanted) }
    }
    let tasks = description.conditions.indices.flatMap { condition in
      wanted.flatMap { metric, strata in
        strata.flatMap { stratum in description.budget.snapshots.map { (condition, metric, stratum, $0) } }
      }
    }
    return concurrently(tasks.count) { [weighted] index -> Snapshot? in
      let (condition, metric, stratum, requested) = tasks[index]
      let count = extent.chunkCount(forTokens: requested)
      guard let part = weighted[count],
        let rows = part.values(
          of: metric, part.view(condition: condition, stratum: stratum),
          against: part.view(condition: references[condition], stratum: stratum))
      else { return nil }
      let sample = sampleSize(metric.counted, condition: condition, stratum: stratum, chunks: count)
      guard let estimate = part.estimate(rows, level: level, tokens: sample.tokens, clusters: sample.clusters)
      else { return nil }
      return Snapshot(
        condition: description.conditions[condition].name, requestedTokens: requested,
        tokens: extent.tokenCount(ofChunks: count), metric: metric, stratum: stratum, estimate: estimate)
    }.compactMap(\.self)
  }

  /// What snapshots need, resampled over the first chunks alone.
  private func snapshotSums(chunks: Int, _ wanted: [(metric: Metric, strata: [Stratum])]) -> WeightedSums {
    func isNeeded(_ key: QuantityKey) -> Bool {
      key.source == nil && wanted.contains { $0.strata.contains(key.stratum) && $0.metric.sums.contains(key.sum) }
    }
    return WeightedSums(
      resamples: Resamples(
        chunkCount: chunks, replicates: description.bootstrap.replicates, seed: description.seed),
      dModel: sums.dModel, sums: sums.sums.filter { isNeeded($0.key) }, grams: sums.grams.filter { isNeeded($0.key) },
      rankings: [])
  }

  // MARK: Sources

  /// Metrics per text source, in the corpus's order, sources without a prediction left out.
  func sources() -> [SourceFinding] {
    let tasks = metrics.filter(\.hasSources).flatMap { metric in
      description.corpus.sources.indices.flatMap { source in
        description.conditions.indices.map { (metric, source, $0) }
      }
    }
    return concurrently(tasks.count) { index -> SourceFinding? in
      let (metric, source, condition) = tasks[index]
      let chunks = chunks(of: metric.experiment)
      guard let weighted = weighted[chunks] else { return nil }
      let reference = weighted.view(condition: references[condition], source: source)
      guard
        let values = weighted.values(
          of: metric, weighted.view(condition: condition, source: source), against: reference)
      else { return nil }
      let sample = sampleSize(metric.counted, condition: condition, source: source, chunks: chunks)
      func estimate(_ rows: [Double]) -> Estimate? {
        weighted.estimate(rows, level: level, tokens: sample.tokens, clusters: sample.clusters)
      }
      guard let crossEntropy = estimate(values) else { return nil }
      var finding = SourceFinding(
        source: description.corpus.sources[source], condition: description.conditions[condition].name,
        crossEntropy: crossEntropy)
      if condition != baseline, let base = weighted.values(of: metric, reference, against: reference) {
        finding.percentChange = estimate(zip(values, base).map { 100 * ($0 - $1) / $1 })
      }
      return finding
    }.compactMap(\.self)
  }

  // MARK: Cells

  /// How tokens, energy, variance and error spread over the four cells, in the baseline.
  func cells() -> [CellShare] {
    guard let vectorSums = sums.baselineVectors[.squaredVectorSum], let counts = sums.baselineCells[.tokens],
      let energies = sums.baselineCells[.squaredNorm], let errors = sums.baselineCells[.squaredError]
    else { return [] }
    let width = sums.dModel
    let tokenTotal = counts.reduce(0, +)
    guard tokenTotal > 0 else { return [] }
    let mean = (0..<width).map { dimension in
      (0..<StratumFlags.cellCount).reduce(0) { $0 + vectorSums[$1 * width + dimension] } / tokenTotal
    }
    let squaredMean = mean.reduce(0) { $0 + $1 * $1 }
    let variances = (0..<StratumFlags.cellCount).map { cell in
      // Σ‖x − x̄‖² = Σ‖x‖² − 2 x̄·Σx + n‖x̄‖²
      var dot = 0.0
      for dimension in 0..<width { dot += mean[dimension] * vectorSums[cell * width + dimension] }
      return energies[cell] - 2 * dot + counts[cell] * squaredMean
    }
    func share(_ values: [Double], _ cell: Int) -> Double {
      let total = values.reduce(0, +)
      return total > 0 ? values[cell] / total : 0
    }
    return CellShare.Cell.allCases.map { cell in
      CellShare(
        cell: cell, tokens: Int(counts[cell.rawValue]), tokenShare: share(counts, cell.rawValue),
        energyShare: share(energies, cell.rawValue), varianceShare: share(variances, cell.rawValue),
        errorShare: share(errors, cell.rawValue))
    }
  }
}
