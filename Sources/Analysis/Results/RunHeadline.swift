import RunFile

/// The two numbers that a run is told by, per condition: cross-entropy, and the FVU in the article's form, over all tokens,
/// with their changes against the baseline. The same numbers as in `Findings`, digit for digit, at a fraction of its cost:
/// for lists of many runs.
public struct RunHeadline: Sendable, Equatable {
  /// Tokens that the headline stands on.
  public var tokens: Int
  /// Metric by metric, then condition by condition; what was not measured is absent.
  public var findings: [Finding]

  public static let metrics: [Metric] = [.crossEntropy, .fvuArticle]

  /// - Throws: as `Findings.init(of:)`.
  public init(of reader: RunReader) throws {
    let description = reader.description
    guard reader.summary == nil, let baseline = description.conditions.firstIndex(where: \.isBaseline) else {
      let all = try Findings(of: reader)
      tokens = all.measured.tokens
      findings = all.findings.filter { finding in
        finding.stratum == .all && Self.metrics.contains { $0.id == finding.metric.id }
      }
      return
    }
    let chunks = try reader.chunks()
    let extent = RunExtent(chunks: chunks, batches: try reader.batches())
    let headline = extent.chunkCount(forTokens: description.budget.headline)
    tokens = extent.tokenCount(ofChunks: headline)
    findings = []
    let strata = try reader.tokens().stratum
    if let row = chunks.firstToken.indices.first(where: {
      chunks.firstToken[$0] < 0 || chunks.tokenCount[$0] < 0
        || Int(chunks.firstToken[$0]) + Int(chunks.tokenCount[$0]) > strata.count
    }) {
      throw AnalysisError.invalidEntry(
        path: reader.path, table: "/chunks/first_token", row: row, value: "\(chunks.firstToken[row])",
        expected: "a chunk within the \(strata.count) tokens")
    }
    let columns = RawColumns(reader: reader)
    var resamples: [Int: Resamples] = [:]
    for (experiment, metric) in [("accuracy", Metric.crossEntropy), ("sae", .fvuArticle)] {
      guard let rule = MetricRule.all.first(where: { $0.metric.id == metric.id }) else { continue }
      let own = description.budget.counts.first { $0.experiment == experiment }
      let count = own.map { extent.wholeChunks(reaching: $0.tokens) } ?? headline
      var sums: [(key: QuantityKey, perChunk: [Double])] = []
      for (index, condition) in description.conditions.enumerated() {
        let perChunk = experiment == "accuracy"
          ? try Self.accuracy(condition.name, columns, chunks)
          : try Self.reconstruction(condition.name, columns, chunks, strata)
        sums += perChunk.map { (QuantityKey(condition: index, stratum: .all, quantity: $0), $1) }
      }
      guard !sums.isEmpty, count > 0 else { continue }
      let drawn =
        resamples[count]
        ?? Resamples(chunkCount: count, replicates: description.bootstrap.replicates, seed: description.seed)
      resamples[count] = drawn
      let weighted = WeightedSums(
        resamples: drawn, dModel: description.model.dModel, sums: sums, grams: [], rankings: [])
      let reference = weighted.view(condition: baseline, stratum: .all)
      for (index, condition) in description.conditions.enumerated() {
        let view = weighted.view(condition: index, stratum: .all)
        guard let rows = rule.values(view, reference), let counts = sums.first(where: {
          $0.key == QuantityKey(condition: index, stratum: .all, quantity: rule.counted)
        })?.perChunk.prefix(count) else { continue }
        let sample = (tokens: Int(counts.reduce(0, +)), clusters: counts.count { $0 > 0 })
        func estimate(_ rows: [Double]) -> Estimate? {
          weighted.estimate(rows, level: description.bootstrap.level, tokens: sample.tokens, clusters: sample.clusters)
        }
        guard let value = estimate(rows) else { continue }
        var finding = Finding(metric: metric, condition: condition.name, stratum: .all, estimate: value)
        if index != baseline, let base = rule.values(reference, reference) {
          finding.change = estimate(zip(rows, base).map { $0 - $1 })
          finding.percentChange = estimate(zip(rows, base).map { 100 * ($0 - $1) / $1 })
        }
        findings.append(finding)
      }
    }
  }

  private static func tokens(of chunk: Int, _ chunks: ChunkTable) -> Range<Int> {
    Int(chunks.firstToken[chunk])..<Int(chunks.firstToken[chunk] + chunks.tokenCount[chunk])
  }

  private static func accuracy(
    _ condition: String, _ columns: RawColumns, _ chunks: ChunkTable
  ) throws -> [(Quantity, [Double])] {
    guard let nll = try columns.float32(condition, "accuracy", "nll") else { return [] }
    let count = chunks.firstToken.count
    var (sums, scored) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for chunk in 0..<count {
      for token in tokens(of: chunk, chunks) where !nll[token].isNaN {
        sums[chunk] += Double(nll[token])
        scored[chunk] += 1
      }
    }
    return [(.nll, sums), (.scored, scored)]
  }

  private static func reconstruction(
    _ condition: String, _ columns: RawColumns, _ chunks: ChunkTable, _ strata: [UInt8]
  ) throws -> [(Quantity, [Double])] {
    guard let error = try columns.float64(condition, "sae", "squared_error"),
      let norm = try columns.float64(condition, "sae", "squared_norm"),
      let sum = try columns.float64(condition, "sae", "sum")
    else { return [] }
    let members = Stratum.all.cells
    func perChunk(_ value: (Int) -> Double) -> [Double] {
      chunks.firstToken.indices.map { chunk in
        // Cell by cell, then over the cells: the order in which `Findings` adds, whose rounding this shares.
        var cells = [Double](repeating: 0, count: StratumFlags.cellCount)
        for token in tokens(of: chunk, chunks) { cells[Int(strata[token] & 3)] += value(token) }
        return members.reduce(0) { $0 + cells[$1] }
      }
    }
    return [
      (.squaredError, perChunk { error[$0] }), (.squaredNorm, perChunk { norm[$0] }), (.sum, perChunk { sum[$0] }),
      (.tokens, perChunk { _ in 1 }),
    ]
  }
}
