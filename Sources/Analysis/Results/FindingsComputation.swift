import RunFile

/// Turns sums per chunk into findings: resamples once, then evaluates every metric over the same rows.
struct FindingsComputation {
  let description: RunDescription
  /// Index of the baseline among the conditions.
  let baseline: Int
  let sums: ChunkSums
  let tokens: TokenTable
  let extent: RunExtent
  let headlineChunks: Int
  /// Chunks of experiments that have a count of their own.
  let ownChunks: [String: Int]
  /// The resampled sums, by the number of chunks they cover.
  private let weighted: [Int: WeightedSums]

  init(
    description: RunDescription, baseline: Int, sums: ChunkSums, tokens: TokenTable, extent: RunExtent,
    headlineChunks: Int, ownChunks: [String: Int]
  ) {
    self.description = description
    self.baseline = baseline
    self.sums = sums
    self.tokens = tokens
    self.extent = extent
    self.headlineChunks = headlineChunks
    self.ownChunks = ownChunks
    let counts = Set(MetricRule.groups.map { ownChunks[$0.experiment] ?? headlineChunks }).sorted()
    let weighted = counts.map { count in
      WeightedSums(
        resamples: Resamples(
          chunkCount: count, replicates: description.bootstrap.replicates, seed: description.seed),
        dModel: sums.dModel, sums: sums.sums, grams: sums.grams,
        rankings: count == sums.reconstructionChunks ? sums.rankings : [])
    }
    self.weighted = Dictionary(uniqueKeysWithValues: zip(counts, weighted))
  }

  private func chunks(of experiment: String) -> Int { ownChunks[experiment] ?? headlineChunks }

  private var level: Double { description.bootstrap.level }

  // MARK: Metrics

  func findings() -> [Finding] {
    let tasks = MetricRule.groups.flatMap { experiment, rules in
      rules.flatMap { rule in
        description.conditions.indices.flatMap { condition in
          rule.strata.map { (experiment, rule, condition, $0) }
        }
      }
    }
    return concurrently(tasks.count) { index in
      let (experiment, rule, condition, stratum) = tasks[index]
      return finding(rule, of: experiment, condition: condition, stratum: stratum)
    }.compactMap(\.self)
  }

  private func finding(_ rule: MetricRule, of experiment: String, condition: Int, stratum: Stratum) -> Finding? {
    if rule.isComparison, condition == baseline { return nil }
    let chunks = chunks(of: experiment)
    guard let weighted = weighted[chunks] else { return nil }
    let sums = weighted.view(condition: condition, stratum: stratum)
    let reference = weighted.view(condition: baseline, stratum: stratum)
    guard let rows = rule.values(sums, reference) else { return nil }
    let sample = sampleSize(rule.counted, condition: condition, stratum: stratum, chunks: chunks)
    func estimate(_ rows: [Double]) -> Estimate? {
      weighted.estimate(rows, level: level, tokens: sample.tokens, clusters: sample.clusters)
    }
    guard let value = estimate(rows) else { return nil }
    var finding = Finding(
      metric: rule.metric, condition: description.conditions[condition].name, stratum: stratum, estimate: value)
    if condition != baseline, !rule.isComparison, let base = rule.values(reference, reference) {
      finding.change = estimate(zip(rows, base).map { $0 - $1 })
      finding.percentChange = estimate(zip(rows, base).map { 100 * ($0 - $1) / $1 })
    }
    return finding
  }

  /// Tokens that a count stands on, and the chunks that hold any of them.
  private func sampleSize(
    _ counted: Quantity, condition: Int, stratum: Stratum, chunks: Int
  ) -> (tokens: Int, clusters: Int) {
    let key = QuantityKey(condition: condition, stratum: stratum, quantity: counted)
    let counts = sums.sums.first { $0.key == key }?.perChunk.prefix(chunks) ?? []
    return (Int(counts.reduce(0, +)), counts.count { $0 > 0 })
  }

  // MARK: Stabilization

  /// FVU in both forms over growing parts of the run, by condition, metric, stratum and count.
  func snapshots() -> [Snapshot] {
    guard description.experiments.contains("stabilization") else { return [] }
    let rules = MetricRule.reconstruction.filter { [Metric.fvuArticle, .fvu].contains($0.metric) }
    let strata: [Stratum] = [.all, .ordinary]
    var weighted = self.weighted
    for requested in description.budget.snapshots {
      let count = extent.chunkCount(forTokens: requested)
      if weighted[count] == nil { weighted[count] = snapshotSums(chunks: count, strata: strata) }
    }
    let tasks = description.conditions.indices.flatMap { condition in
      rules.flatMap { rule in
        strata.flatMap { stratum in description.budget.snapshots.map { (condition, rule, stratum, $0) } }
      }
    }
    return concurrently(tasks.count) { [weighted] index -> Snapshot? in
      let (condition, rule, stratum, requested) = tasks[index]
      let count = extent.chunkCount(forTokens: requested)
      guard let part = weighted[count],
        let rows = rule.values(
          part.view(condition: condition, stratum: stratum), part.view(condition: baseline, stratum: stratum))
      else { return nil }
      let sample = sampleSize(rule.counted, condition: condition, stratum: stratum, chunks: count)
      guard let estimate = part.estimate(rows, level: level, tokens: sample.tokens, clusters: sample.clusters)
      else { return nil }
      return Snapshot(
        condition: description.conditions[condition].name, requestedTokens: requested,
        tokens: extent.tokenCount(ofChunks: count), metric: rule.metric, stratum: stratum, estimate: estimate)
    }.compactMap(\.self)
  }

  /// What the two FVU forms need, resampled over the first chunks alone.
  private func snapshotSums(chunks: Int, strata: [Stratum]) -> WeightedSums {
    let needed: [Quantity] = [.squaredError, .squaredNorm, .sum, .tokens]
    return WeightedSums(
      resamples: Resamples(
        chunkCount: chunks, replicates: description.bootstrap.replicates, seed: description.seed),
      dModel: sums.dModel,
      sums: sums.sums.filter { needed.contains($0.key.quantity) && strata.contains($0.key.stratum) },
      grams: sums.grams.filter { strata.contains($0.key.stratum) }, rankings: [])
  }

  // MARK: Sources

  /// Cross-entropy per text source, in the corpus's order, sources without a prediction left out.
  func sources() -> [SourceFinding] {
    let chunks = chunks(of: "accuracy")
    guard let weighted = weighted[chunks] else { return [] }
    let tasks = description.corpus.sources.indices.flatMap { source in
      description.conditions.indices.map { (source, $0) }
    }
    return concurrently(tasks.count) { index -> SourceFinding? in
      let (source, condition) = tasks[index]
      func rows(_ condition: Int) -> [Double]? {
        weighted.view(condition: condition, stratum: .all)
          .combined(.sourceNLL(source), .sourceScored(source)) { $0 / $1 }
      }
      guard let values = rows(condition) else { return nil }
      let sample = sampleSize(.sourceScored(source), condition: condition, stratum: .all, chunks: chunks)
      func estimate(_ rows: [Double]) -> Estimate? {
        weighted.estimate(rows, level: level, tokens: sample.tokens, clusters: sample.clusters)
      }
      guard let crossEntropy = estimate(values) else { return nil }
      var finding = SourceFinding(
        source: description.corpus.sources[source], condition: description.conditions[condition].name,
        crossEntropy: crossEntropy)
      if condition != baseline, let base = rows(baseline) {
        finding.percentChange = estimate(zip(values, base).map { 100 * ($0 - $1) / $1 })
      }
      return finding
    }.compactMap(\.self)
  }

  // MARK: Cells

  /// How tokens, energy, variance and error spread over the four cells, in the baseline.
  func cells() -> [CellShare] {
    guard let vectorSums = sums.baselineVectorSums, let counts = sums.baselineCells[.tokens],
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
