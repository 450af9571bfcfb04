import Measures
import RunFile

/// Everything that the analysis keeps of a run's raw measurements: sums per chunk, and what cannot be a sum.
///
/// One pass over the tokens, condition after condition; sums in Double, in token order.
struct ChunkSums {
  /// What is added up.
  struct Request {
    var metrics: [Metric]
    var strata = Stratum.allCases
    /// Sums for each text source, of the metrics that are reported for them.
    var bySource = true
    /// Chunks that an experiment's numbers stand on: rankings and totals over all tokens cover only these.
    var chunks: (_ experiment: String) -> Int

    /// Every sum that the metrics need, each once, with the chunks that its ranking covers.
    var sums: [(sum: Sum, chunks: Int)] {
      var all: [(sum: Sum, chunks: Int)] = []
      for metric in metrics {
        for sum in metric.sums where !all.contains(where: { $0.sum == sum }) {
          all.append((sum, chunks(metric.experiment)))
        }
      }
      return all
    }
  }

  let dModel: Int
  let chunks: ChunkTable
  private(set) var sums: [(key: QuantityKey, perChunk: [Double])] = []
  private(set) var grams: [(key: QuantityKey, gram: ChunkGram)] = []
  private(set) var rankings: [(key: QuantityKey, ranking: TokenRanking)] = []
  /// Sums over an experiment's tokens per cell, in the baseline: what shares are made of.
  private(set) var baselineCells: [Sum: [Double]] = [:]
  /// Likewise of a column of vectors, [4, D].
  private(set) var baselineVectors: [Sum: [Double]] = [:]

  let reader: RunReader
  let tokens: TokenTable
  let segmentChunks: [Int32]
  var chunkCount: Int { chunks.firstToken.count }

  /// - Throws: `AnalysisError` for numbers that cannot be; errors of the run file.
  init(
    reader: RunReader, tokens: TokenTable, chunks: ChunkTable, segments: SegmentTable, _ request: Request
  ) throws {
    self.reader = reader
    self.tokens = tokens
    self.chunks = chunks
    segmentChunks = segments.chunk
    dModel = reader.description.model.dModel
    try checkTables()
    let sourced = Set(request.bySource ? request.metrics.filter(\.hasSources).flatMap(\.sums) : [])
    var scored = ScoredRows(path: reader.path)
    for (index, condition) in reader.description.conditions.enumerated() {
      var columns: [Column: [Double]] = [:]
      func values(_ column: Column) throws -> [Double]? {
        if let known = columns[column] { return known }
        guard let read = try RawColumns(reader: reader).values(column, of: condition.name) else { return nil }
        try scored.check(read, column, condition.name)
        columns[column] = read
        return read
      }
      for (sum, ranked) in request.sums {
        if case .squaredLength = sum.form {
          try addGrams(sum, index, condition, request.strata, headline: ranked)
          continue
        }
        let read = try sum.columns.compactMap(values)
        guard read.count == sum.columns.count else { continue }
        if case .medianOf(let function) = sum.form {
          addRankings(sum, index, Self.rows(read, function), request.strata, chunks: ranked)
        } else if sum.isStratified {
          let cells = addStrata(sum, index, column(sum, read), request.strata)
          if condition.isBaseline { baselineCells[sum] = totals(ofCells: cells, chunks: ranked) }
        } else {
          addPredictions(sum, index, column(sum, read), bySource: sourced.contains(sum))
        }
      }
    }
  }

  /// Predictions that were scored in a condition's first chunks; 0 when accuracy was not measured.
  func scored(_ condition: Int, chunks: Int) -> Int {
    let key = QuantityKey(condition: condition, stratum: .all, sum: .predictions)
    return Int(sums.first { $0.key == key }?.perChunk.prefix(chunks).reduce(0, +) ?? 0)
  }

  func range(of chunk: Int) -> Range<Int> {
    Int(chunks.firstToken[chunk])..<Int(chunks.firstToken[chunk] + chunks.tokenCount[chunk])
  }

  /// Refuses kinds of tokens and text sources that do not exist, whose tokens would be counted elsewhere, or nowhere.
  private func checkTables() throws {
    func refuse(_ table: String, _ row: Int, _ value: String, _ expected: String) -> AnalysisError {
      .invalidEntry(path: reader.path, table: table, row: row, value: value, expected: expected)
    }
    let (strata, sources) = (tokens.stratum, tokens.source)
    if let row = strata.firstIndex(where: { $0 >= StratumFlags.cellCount }) {
      throw refuse("/tokens/stratum", row, "\(strata[row])", "0 to 3")
    }
    let sourceCount = max(1, reader.description.corpus.sources.count)
    if let row = sources.firstIndex(where: { Int($0) >= sourceCount }) {
      throw refuse("/tokens/source", row, "\(sources[row])", "0 to \(sourceCount - 1)")
    }
    if let row = chunks.firstToken.indices.first(where: {
      chunks.firstToken[$0] < 0 || chunks.tokenCount[$0] < 0 || range(of: $0).upperBound > strata.count
    }) {
      throw refuse(
        "/chunks/first_token", row, "\(chunks.firstToken[row])", "a chunk within the \(strata.count) tokens")
    }
  }

  // MARK: Values per token

  /// What a sum adds up, by row.
  private func column(_ sum: Sum, _ columns: [[Double]]) -> [Double] {
    switch sum.form {
    case .members: [Double](repeating: 1, count: tokens.stratum.count)
    case .scored: columns[0].map { $0.isNaN ? .nan : 1 }
    case .totalOf(let function), .medianOf(let function): Self.rows(columns, function)
    case .total, .squaredLength: columns[0]
    }
  }

  private static func rows(_ columns: [[Double]], _ function: ([Double]) -> Double) -> [Double] {
    guard let first = columns.first else { return [] }
    var row = [Double](repeating: 0, count: columns.count)
    return first.indices.map { index in
      for (place, column) in columns.enumerated() { row[place] = column[index] }
      return function(row)
    }
  }

  // MARK: Sums

  /// Sums per chunk of what is scored, of all sources together and of each.
  private mutating func addPredictions(_ sum: Sum, _ condition: Int, _ values: [Double], bySource: Bool) {
    let sources = bySource ? reader.description.corpus.sources.count : 0
    var all = [Double](repeating: 0, count: chunkCount)
    var each = [[Double]](repeating: all, count: sources)
    for chunk in 0..<chunkCount {
      for token in range(of: chunk) where !values[token].isNaN {
        all[chunk] += values[token]
        if bySource { each[Int(tokens.source[token])][chunk] += values[token] }
      }
    }
    sums.append((QuantityKey(condition: condition, stratum: .all, sum: sum), all))
    for source in 0..<sources {
      sums.append((QuantityKey(condition: condition, stratum: .all, sum: sum, source: source), each[source]))
    }
  }

  /// Sums a token column per chunk and cell, and adds every stratum's sum of cells.
  ///
  /// - Returns: the sums per cell, [chunks, 4].
  private mutating func addStrata(
    _ sum: Sum, _ condition: Int, _ values: [Double], _ strata: [Stratum]
  ) -> [Double] {
    let cellCount = StratumFlags.cellCount
    var cells = [Double](repeating: 0, count: chunkCount * cellCount)
    cells.withUnsafeMutableBufferPointer { cells in
      tokens.stratum.withUnsafeBufferPointer { flags in
        values.withUnsafeBufferPointer { values in
          for chunk in 0..<chunkCount {
            let range = range(of: chunk)
            precondition(range.lowerBound >= 0 && range.upperBound <= min(values.count, flags.count))
            for token in range { cells[chunk * cellCount + Int(flags[token] & 3)] += values[token] }
          }
        }
      }
    }
    for stratum in strata {
      let members = stratum.cells
      let perChunk = (0..<chunkCount).map { chunk in members.reduce(0) { $0 + cells[chunk * cellCount + $1] } }
      sums.append((QuantityKey(condition: condition, stratum: stratum, sum: sum), perChunk))
    }
    return cells
  }

  /// Adds up sums per chunk and cell over the first chunks: [4].
  private func totals(ofCells cells: [Double], chunks: Int) -> [Double] {
    (0..<StratumFlags.cellCount).map { cell in
      (0..<chunks).reduce(0) { $0 + cells[$1 * StratumFlags.cellCount + cell] }
    }
  }

  // MARK: What is no sum

  private mutating func addRankings(
    _ sum: Sum, _ condition: Int, _ values: [Double], _ strata: [Stratum], chunks count: Int
  ) {
    let tokenCount = count == chunkCount ? values.count : Int(chunks.firstToken[count])
    let order = AscendingOrder.indices(of: Array(values.prefix(tokenCount)))
    let rankings = concurrently(strata.count) { index in
      let isMember = (0..<StratumFlags.cellCount).map { strata[index].contains(cell: $0) }
      let members = order.filter { isMember[Int(tokens.stratum[Int($0)] & 3)] }
      return TokenRanking(
        ascending: members.map { values[Int($0)] }, chunks: members.map { tokens.chunk[Int($0)] }, chunkCount: count)
    }
    for (stratum, ranking) in zip(strata, rankings) {
      self.rankings.append((QuantityKey(condition: condition, stratum: stratum, sum: sum), ranking))
    }
  }

  private mutating func addGrams(
    _ sum: Sum, _ index: Int, _ condition: RunDescription.Condition, _ strata: [Stratum], headline: Int
  ) throws {
    guard let column = sum.columns.first,
      let vectors = try ChunkVectors(column, of: condition, in: self, strata: strata, headline: headline)
    else { return }
    if condition.isBaseline { baselineVectors[sum] = vectors.headlineCells }
    for (stratum, gram) in zip(strata, vectors.grams) {
      grams.append((QuantityKey(condition: index, stratum: stratum, sum: sum), gram))
    }
  }
}

/// Which rows are scored must be the same in all conditions: pairs would not be pairs.
private struct ScoredRows {
  let path: String
  private var losses: [Double]?

  init(path: String) { self.path = path }

  mutating func check(_ values: [Double], _ column: Column, _ condition: String) throws {
    guard column.values == .loss || column.values == .divergence else { return }
    guard let losses else {
      if column.values == .loss { self.losses = values }
      return
    }
    let row = values.indices.first { row in
      values[row].isNaN && !losses[row].isNaN || column.values == .loss && !values[row].isNaN && losses[row].isNaN
    }
    if let row { throw AnalysisError.unevenlyScored(path: path, key: column.key(condition), row: row) }
  }
}
