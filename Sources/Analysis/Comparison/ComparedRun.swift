import Measures
import RunFile

/// One of the two runs of a comparison, its tables read.
struct ComparedRun {
  let reader: RunReader
  let tokens: TokenTable
  let segments: SegmentTable
  let chunks: ChunkTable
  private let extent: RunExtent
  private let headlineChunks: Int
  private let ownChunks: [String: Int]

  var description: RunDescription { reader.description }

  /// - Throws: `RunFileError`, `HDF5Error`; `AnalysisError.noBaseline`.
  init(_ reader: RunReader) throws {
    self.reader = reader
    let baselines = reader.description.conditions.count { $0.isBaseline }
    guard baselines == 1 else { throw AnalysisError.noBaseline(path: reader.path, count: baselines) }
    tokens = try reader.tokens()
    segments = try reader.segments()
    chunks = try reader.chunks()
    extent = RunExtent(chunks: chunks, batches: try reader.batches())
    let budget = reader.description.budget
    headlineChunks = extent.chunkCount(forTokens: budget.headline)
    var own: [String: Int] = [:]
    for count in budget.counts { own[count.experiment] = extent.wholeChunks(reaching: count.tokens) }
    ownChunks = own
  }

  /// Tokens that an experiment's numbers stand on, as in the report.
  func tokenCount(of experiment: String) -> Int {
    extent.tokenCount(ofChunks: ownChunks[experiment] ?? headlineChunks)
  }

  func clusters(_ unit: ResamplingUnit, tokenCount: Int) -> Clusters? {
    switch unit {
    case .document: Clusters(documentsOf: segments, tokenCount: tokenCount)
    case .chunk: Clusters(chunks: chunks, segments: segments, tokenCount: tokenCount)
    }
  }
}

/// A run's sums over the clusters of one stretch of tokens, resampled.
struct ResampledRun {
  let clusters: Clusters
  let weighted: WeightedSums
  let conditions: [String: Int]
  let baseline: Int
  private let columns: [QuantityKey: [Double]]
  private let grams: [QuantityKey: ChunkGram]
  private let rankings: [QuantityKey: TokenRanking]
  private let dModel: Int

  var resamples: Resamples { weighted.resamples }

  /// - Parameter other: the other run under the same resamples: what both have alike is resampled once.
  init(
    _ run: ComparedRun, _ clusters: Clusters, _ sums: ChunkSums, _ resamples: Resamples, like other: ResampledRun? = nil
  ) {
    self.clusters = clusters
    let conditions = run.description.conditions
    self.conditions = Dictionary(uniqueKeysWithValues: conditions.enumerated().map { ($1.name, $0) })
    baseline = conditions.firstIndex { $0.isBaseline } ?? 0
    dModel = sums.dModel
    columns = Dictionary(uniqueKeysWithValues: sums.sums.map { ($0.key, Array($0.perChunk.prefix(clusters.count))) })
    grams = Dictionary(uniqueKeysWithValues: sums.grams.map { ($0.key, $0.gram) })
    rankings = Dictionary(uniqueKeysWithValues: sums.rankings.map { ($0.key, $0.ranking) })
    // Indices of conditions name the same data only where the data is the same.
    var same: Set<QuantityKey> = []
    if let other {
      same.formUnion(columns.filter { other.columns[$0.key] == $0.value }.map(\.key))
      same.formUnion(grams.filter { other.grams[$0.key] == $0.value }.map(\.key))
      same.formUnion(rankings.filter { other.rankings[$0.key] == $0.value }.map(\.key))
    }
    weighted = WeightedSums(
      resamples: resamples, dModel: sums.dModel, sums: sums.sums.filter { !same.contains($0.key) },
      grams: sums.grams.filter { !same.contains($0.key) }, rankings: sums.rankings.filter { !same.contains($0.key) },
      known: other?.weighted, sameKeys: same)
  }

  func view(_ condition: Int, _ stratum: Stratum) -> WeightedSums.View {
    weighted.view(condition: condition, stratum: stratum)
  }

  /// A metric's values over all weight rows; nil where it was not measured.
  func rows(
    _ metric: Metric, _ condition: Int, _ stratum: Stratum, _ quantity: MetricDifference.Quantity
  ) -> [Double]? {
    let reference = view(baseline, stratum)
    if metric.isComparison, condition == baseline { return nil }
    guard let own = weighted.values(of: metric, view(condition, stratum), against: reference) else { return nil }
    switch quantity {
    case .value: return own
    case .percentChange:
      guard condition != baseline, !metric.isComparison,
        let base = weighted.values(of: metric, reference, against: reference)
      else { return nil }
      return zip(own, base).map { 100 * ($0 - $1) / $1 }
    }
  }

  /// Each cluster's part of a metric's denominator, which is what its weight in the metric is.
  func denominators(_ metric: Metric, _ condition: Int, _ stratum: Stratum) -> [Double] {
    func column(_ sum: Sum, _ condition: Int) -> [Double]? {
      columns[QuantityKey(condition: condition, stratum: stratum, sum: sum)]
    }
    let counts =
      column(metric.counted, condition) ?? column(metric.counted, baseline) ?? clusters.tokenCounts.map(Double.init)
    switch metric.weight {
    case .count: return counts
    case .sum(let sum, let side): return column(sum, side == .own ? condition : baseline) ?? counts
    case .variance(let energy, let sum):
      guard let energy = column(energy, condition), let sum = column(sum, condition) else { return counts }
      let dimensions = Double(dModel)
      let mean = sum.reduce(0, +) / (counts.reduce(0, +) * dimensions)
      return energy.indices.map { energy[$0] - 2 * mean * sum[$0] + counts[$0] * dimensions * mean * mean }
    case .vectorVariance(let energy, let vector):
      guard let energy = column(energy, condition),
        let gram = grams[QuantityKey(condition: condition, stratum: stratum, sum: vector)]
      else { return counts }
      let tokens = counts.reduce(0, +)
      let products = gram.productsWithTotal(of: clusters.count)
      let squaredMean = products.reduce(0, +) / (tokens * tokens)
      return energy.indices.map { energy[$0] - 2 * products[$0] / tokens + counts[$0] * squaredMean }
    }
  }
}

extension ChunkGram {
  /// S_c·ΣS for each of the first chunks c, the sum over them.
  func productsWithTotal(of count: Int) -> [Double] {
    var totals = [Double](repeating: 0, count: count)
    var start = 0
    for a in 0..<count {
      for b in 0..<a {
        totals[a] += products[start + b]
        totals[b] += products[start + b]
      }
      totals[a] += products[start + a]
      start += a + 1
    }
    return totals
  }
}
