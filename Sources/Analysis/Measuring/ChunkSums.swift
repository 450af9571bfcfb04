import Dispatch
import RunFile

/// Everything that the analysis keeps of a run's raw measurements: sums per chunk, and what cannot be a sum.
///
/// One pass over the tokens, condition after condition; sums in Double, in token order.
struct ChunkSums {
  let dModel: Int
  /// Tokens per chunk, summed over all cells.
  let chunks: ChunkTable
  private(set) var sums: [(key: QuantityKey, perChunk: [Double])] = []
  private(set) var grams: [(key: QuantityKey, gram: ChunkGram)] = []
  private(set) var rankings: [(key: QuantityKey, ranking: TokenRanking)] = []
  /// Sums over the reconstruction's tokens per cell, in the baseline: what shares are made of. Empty without an SAE.
  private(set) var baselineCells: [Quantity: [Double]] = [:]
  /// Σx over the reconstruction's tokens per cell, in the baseline, [4, D]; nil without SAE measurements.
  private(set) var baselineVectorSums: [Double]?

  private let reader: RunReader
  private let tokens: TokenTable
  /// The first condition's losses, until all conditions are read: which rows are scored.
  private var baselineNLL: [Float]?
  private let segmentChunks: [Int32]
  private let sourceCount: Int
  /// Chunks that the reconstruction's numbers stand on: rankings and vector totals cover only these.
  let reconstructionChunks: Int

  /// - Parameter reconstructionChunks: later chunks serve snapshots and other experiments.
  init(
    reader: RunReader, tokens: TokenTable, chunks: ChunkTable, segments: SegmentTable, reconstructionChunks: Int
  ) throws {
    self.reader = reader
    self.tokens = tokens
    self.chunks = chunks
    segmentChunks = segments.chunk
    dModel = reader.description.model.dModel
    sourceCount = reader.description.corpus.sources.count
    self.reconstructionChunks = reconstructionChunks
    try checkTables()
    for (index, condition) in reader.description.conditions.enumerated() {
      try addAccuracy(of: condition.name, index)
      try addReconstruction(of: condition, index)
      try addPerturbation(of: condition.name, index)
    }
    baselineNLL = nil
  }

  /// Refuses kinds of tokens and text sources that do not exist: their tokens would be counted elsewhere, or nowhere.
  private func checkTables() throws {
    let strata = tokens.stratum
    if let row = strata.firstIndex(where: { $0 >= StratumFlags.cellCount }) {
      throw AnalysisError.invalidEntry(
        path: reader.path, table: "/tokens/stratum", row: row, value: "\(strata[row])", expected: "0 to 3")
    }
    let sources = tokens.source
    if let row = sources.firstIndex(where: { Int($0) >= max(1, sourceCount) }) {
      throw AnalysisError.invalidEntry(
        path: reader.path, table: "/tokens/source", row: row, value: "\(sources[row])",
        expected: "0 to \(max(1, sourceCount) - 1)")
    }
  }

  /// Refuses a value below zero, of which no square and no loss has any.
  private func checkSign<T: BinaryFloatingPoint>(_ values: [T], _ condition: String, _ experiment: String, _ name: String) throws {
    var lowest: T = 0
    for value in values where value < lowest { lowest = value }
    guard lowest < 0, let row = values.firstIndex(where: { $0 < 0 }) else { return }
    throw AnalysisError.outOfRange(
      path: reader.path, key: ColumnKey(condition: condition, experiment: experiment, name: name), row: row,
      value: "\(values[row])", expected: "a number from 0 up")
  }

  private mutating func add(_ condition: Int, _ stratum: Stratum, _ quantity: Quantity, _ perChunk: [Double]) {
    sums.append((QuantityKey(condition: condition, stratum: stratum, quantity: quantity), perChunk))
  }

  private func range(of chunk: Int) -> Range<Int> {
    Int(chunks.firstToken[chunk])..<Int(chunks.firstToken[chunk] + chunks.tokenCount[chunk])
  }

  private var chunkCount: Int { chunks.firstToken.count }

  // MARK: Accuracy

  private mutating func addAccuracy(of condition: String, _ index: Int) throws {
    let columns = RawColumns(reader: reader)
    if let nll = try columns.float32(condition, "accuracy", "nll") {
      try checkSign(nll, condition, "accuracy", "nll")
      if let baseline = baselineNLL {
        if let row = nll.indices.first(where: { nll[$0].isNaN != baseline[$0].isNaN }) {
          throw AnalysisError.unevenlyScored(
            path: reader.path, key: ColumnKey(condition: condition, experiment: "accuracy", name: "nll"), row: row)
        }
      } else {
        baselineNLL = nll
      }
      let (all, bySource) = try scoredSums(nll, condition, "nll")
      add(index, .all, .nll, all.sum)
      add(index, .all, .scored, all.count)
      for (source, scored) in bySource.enumerated() {
        add(index, .all, .sourceNLL(source), scored.sum)
        add(index, .all, .sourceScored(source), scored.count)
      }
    }
    if let kl = try columns.float32(condition, "accuracy", "kl") {
      if let baseline = baselineNLL, baseline.count == kl.count,
        let row = kl.indices.first(where: { kl[$0].isNaN && !baseline[$0].isNaN })
      {
        throw AnalysisError.unevenlyScored(
          path: reader.path, key: ColumnKey(condition: condition, experiment: "accuracy", name: "kl"), row: row)
      }
      let all = try scoredSums(kl, condition, "kl").all
      add(index, .all, .kl, all.sum)
      add(index, .all, .klScored, all.count)
    }
    if let agreement = try columns.uint8(condition, "accuracy", "top1_agreement") {
      var (sum, count) = ([Double](repeating: 0, count: chunkCount), [Double](repeating: 0, count: chunkCount))
      for chunk in 0..<chunkCount {
        for token in range(of: chunk) where agreement[token] != notScored {
          guard agreement[token] <= 1 else {
            throw AnalysisError.outOfRange(
              path: reader.path,
              key: ColumnKey(condition: condition, experiment: "accuracy", name: "top1_agreement"), row: token,
              value: "\(agreement[token])", expected: "0, 1 or \(notScored)")
          }
          sum[chunk] += Double(agreement[token])
          count[chunk] += 1
        }
      }
      add(index, .all, .agreement, sum)
      add(index, .all, .agreementScored, count)
    }
  }

  /// Predictions that were scored in a condition's first chunks; 0 when accuracy was not measured.
  func scored(_ condition: Int, chunks: Int) -> Int {
    let key = QuantityKey(condition: condition, stratum: .all, quantity: .scored)
    return Int(sums.first { $0.key == key }?.perChunk.prefix(chunks).reduce(0, +) ?? 0)
  }

  /// What `top1_agreement` holds where no target is scored.
  private var notScored: UInt8 { 255 }

  private typealias Scored = (sum: [Double], count: [Double])

  /// Sums and counts per chunk of what is not NaN, of all sources together and of each.
  private func scoredSums(
    _ values: [Float], _ condition: String, _ name: String
  ) throws -> (all: Scored, bySource: [Scored]) {
    let none = [Double](repeating: 0, count: chunkCount)
    var all: Scored = (none, none)
    var bySource = [Scored](repeating: (none, none), count: sourceCount)
    var (sourceSums, sourceCounts) = ([Double](repeating: 0, count: 256), [Double](repeating: 0, count: 256))
    for chunk in 0..<chunkCount {
      var (sum, count) = (0.0, 0.0)
      for source in 0..<256 { (sourceSums[source], sourceCounts[source]) = (0, 0) }
      for token in range(of: chunk) where !values[token].isNaN {
        let (value, source) = (Double(values[token]), Int(tokens.source[token]))
        sum += value
        count += 1
        sourceSums[source] += value
        sourceCounts[source] += 1
      }
      guard sum.isFinite else {
        let row = range(of: chunk).first { values[$0].isInfinite } ?? 0
        throw AnalysisError.notFinite(
          path: reader.path, key: ColumnKey(condition: condition, experiment: "accuracy", name: name), row: row,
          value: "\(values[row])")
      }
      (all.sum[chunk], all.count[chunk]) = (sum, count)
      for source in bySource.indices {
        (bySource[source].sum[chunk], bySource[source].count[chunk]) = (sourceSums[source], sourceCounts[source])
      }
    }
    return (all, bySource)
  }

  // MARK: Reconstruction

  private mutating func addReconstruction(of condition: RunDescription.Condition, _ index: Int) throws {
    let columns = RawColumns(reader: reader)
    let name = condition.name
    guard let squaredError = try columns.float64(name, "sae", "squared_error"),
      let squaredNorm = try columns.float64(name, "sae", "squared_norm")
    else { return }
    try checkSign(squaredError, name, "sae", "squared_error")
    try checkSign(squaredNorm, name, "sae", "squared_norm")
    for (quantity, values) in [
      (.squaredError, squaredError), (.squaredNorm, squaredNorm),
      (.tokens, [Double](repeating: 1, count: squaredError.count)),
    ] as [(Quantity, [Double])] {
      let cells = addStrata(index, quantity, values)
      if condition.isBaseline { baselineCells[quantity] = headlineTotals(ofCells: cells) }
    }
    if let sum = try columns.float64(name, "sae", "sum") { addStrata(index, .sum, sum) }
    if let l0 = try columns.int32(name, "sae", "l0") { addStrata(index, .l0, l0.map(Double.init)) }
    if let dot = try columns.float64(name, "sae", "dot") {
      addStrata(index, .cosine, Self.cosines(squaredError, squaredNorm, dot))
    }
    addRankings(index, squaredError, squaredNorm)
    try addGrams(of: condition, index, columns)
  }

  private mutating func addPerturbation(of condition: String, _ index: Int) throws {
    let columns = RawColumns(reader: reader)
    guard let moved = try columns.float64(condition, "noise_floor", "squared_perturbation") else { return }
    try checkSign(moved, condition, "noise_floor", "squared_perturbation")
    addStrata(index, .squaredPerturbation, moved)
    if let missed = try columns.float64(condition, "sae", "squared_error") {
      addStrata(index, .movedFarther, zip(moved, missed).map { $0 > $1 ? 1 : 0 })
    }
  }

  /// Sums a token column per chunk and cell, and adds every stratum's sum of cells.
  ///
  /// - Returns: the sums per cell, [chunks, 4].
  @discardableResult
  private mutating func addStrata(_ condition: Int, _ quantity: Quantity, _ values: [Double]) -> [Double] {
    var cells = [Double](repeating: 0, count: chunkCount * StratumFlags.cellCount)
    cells.withUnsafeMutableBufferPointer { cells in
      tokens.stratum.withUnsafeBufferPointer { strata in
        values.withUnsafeBufferPointer { values in
          for chunk in 0..<chunkCount {
            let range = range(of: chunk)
            precondition(range.lowerBound >= 0 && range.upperBound <= min(values.count, strata.count))
            let first = chunk * StratumFlags.cellCount
            for token in range { cells[first + Int(strata[token] & 3)] += values[token] }
          }
        }
      }
    }
    for stratum in Stratum.allCases {
      let members = stratum.cells
      add(
        condition, stratum, quantity,
        (0..<chunkCount).map { chunk in
          members.reduce(0) { $0 + cells[chunk * StratumFlags.cellCount + $1] }
        })
    }
    return cells
  }

  /// Adds up sums per chunk and cell over the headline's chunks: [4].
  private func headlineTotals(ofCells cells: [Double]) -> [Double] {
    (0..<StratumFlags.cellCount).map { cell in
      (0..<reconstructionChunks).reduce(0) { $0 + cells[$1 * StratumFlags.cellCount + cell] }
    }
  }

  /// Cosine of x and x̂ per token; ‖x̂‖² = ‖x − x̂‖² − ‖x‖² + 2 x·x̂. 0 where one of them has no length.
  private static func cosines(_ squaredError: [Double], _ squaredNorm: [Double], _ dot: [Double]) -> [Double] {
    squaredError.indices.map { token in
      let reconstructed = squaredError[token] - squaredNorm[token] + 2 * dot[token]
      let product = squaredNorm[token] * reconstructed
      return product > 0 ? dot[token] / product.squareRoot() : 0
    }
  }

  private mutating func addRankings(_ condition: Int, _ squaredError: [Double], _ squaredNorm: [Double]) {
    let tokenCount = reconstructionChunks == chunkCount ? squaredError.count : Int(chunks.firstToken[reconstructionChunks])
    let ratios = (0..<tokenCount).map { token in
      // A token without length is either met exactly, or missed by any measure.
      squaredNorm[token] > 0
        ? squaredError[token] / squaredNorm[token] : (squaredError[token] > 0 ? .infinity : 0)
    }
    let order = AscendingOrder.indices(of: ratios)
    let strata = Stratum.allCases
    let rankings = concurrently(strata.count) { index in
      let isMember = (0..<StratumFlags.cellCount).map { strata[index].contains(cell: $0) }
      let members = order.filter { isMember[Int(tokens.stratum[Int($0)] & 3)] }
      return TokenRanking(
        ascending: members.map { ratios[Int($0)] }, chunks: members.map { tokens.chunk[Int($0)] },
        chunkCount: reconstructionChunks)
    }
    for (stratum, ranking) in zip(strata, rankings) {
      let key = QuantityKey(condition: condition, stratum: stratum, quantity: .medianRelativeError)
      self.rankings.append((key, ranking))
    }
  }

  /// Adds up the segments' vector sums, [segments, 4, D], per chunk and stratum, and keeps their inner products.
  private mutating func addGrams(of condition: RunDescription.Condition, _ index: Int, _ columns: RawColumns) throws {
    let (cells, width, strata) = (StratumFlags.cellCount, dModel, Stratum.allCases)
    let segmentChunks = segmentChunks
    precondition(segmentChunks.allSatisfy { 0..<chunkCount ~= Int($0) }, "segments lie in chunks")
    var totals = [Double](repeating: 0, count: cells * width)
    let size = chunkCount * width
    // [strata, chunks, D].
    var sums = [Double](repeating: 0, count: strata.count * size)
    let isMeasured = try columns.forEachRows(condition.name, "sae", "vector_sum", width: cells * width) {
      first, vectors in
      guard let source = vectors.baseAddress else { return }
      let segments = first..<first + vectors.count / (cells * width)
      precondition(segments.upperBound <= segmentChunks.count, "one vector sum per segment")
      if condition.isBaseline {
        for segment in segments where segmentChunks[segment] < reconstructionChunks {
          let from = source + (segment - first) * cells * width
          for index in 0..<(cells * width) { totals[index] += from[index] }
        }
      }
      sums.withUnsafeMutableBufferPointer { sums in
        guard let start = sums.baseAddress else { return }
        nonisolated(unsafe) let (source, target) = (source, start)  // safe: each stratum adds to its own sums only
        DispatchQueue.concurrentPerform(iterations: strata.count) { stratum in
          let members = strata[stratum].cells
          for segment in segments {
            let to = target + stratum * size + Int(segmentChunks[segment]) * width
            for cell in members {
              let from = source + ((segment - first) * cells + cell) * width
              for dimension in 0..<width { to[dimension] += from[dimension] }
            }
          }
        }
      }
    }
    guard isMeasured else { return }
    if condition.isBaseline { baselineVectorSums = totals }
    for (position, stratum) in strata.enumerated() {
      let key = QuantityKey(condition: index, stratum: stratum, quantity: .squaredVectorSum)
      let vectors = Array(sums[position * size..<(position + 1) * size])
      grams.append((key, ChunkGram(vectors: vectors, chunkCount: chunkCount, dimension: width)))
    }
  }
}
