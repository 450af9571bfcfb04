import Measures
import RunFile

/// Everything that the analysis keeps of a run's raw measurements: sums per piece, and what samples make of what cannot be a
/// sum.
///
/// One pass over the tokens, condition after condition; sums in Double, in token order.
struct PieceSums {
  /// What is added up.
  struct Request {
    var metrics: [Metric]
    var strata = Stratum.allCases
    /// Whose sums are taken too, of the metrics that are reported for them.
    var buckets = TokenBuckets()
    /// Pieces that the shares of cells stand on.
    var inCells: [Bool] = []
    /// What quantiles and norms are resampled under.
    var samples: [ResampledSample] = []

    /// Every sum that the metrics need, each once.
    var sums: [Sum] {
      var all: [Sum] = []
      for sum in metrics.flatMap(\.sums) where !all.contains(sum) { all.append(sum) }
      return all
    }
  }

  let reader: RunReader
  let run: RunTables
  let pieces: Pieces
  let conditions: RunConditions
  let dModel: Int
  /// Per piece.
  private(set) var columns: [QuantityKey: [Double]] = [:]
  /// Quantiles and norms, by the request's samples.
  private(set) var resampled: [ResampledQuantities]
  /// Sums per cell over the pieces that shares stand on, in the baseline: [4], and of vectors [4, D].
  private(set) var baselineCells: [Sum: [Double]] = [:]
  private(set) var baselineVectors: [Sum: [Double]] = [:]

  /// - Parameter other: another run's sums under the same samples: what both have alike is resampled once.
  /// - Throws: `AnalysisError` for numbers that cannot be; errors of the run file.
  init(
    _ reader: RunReader, _ run: RunTables, _ pieces: Pieces, _ conditions: RunConditions, _ request: Request,
    like other: PieceSums? = nil
  ) throws {
    (self.reader, self.run, self.pieces, self.conditions) = (reader, run, pieces, conditions)
    resampled = request.samples.map(ResampledQuantities.init)
    dModel = reader.description.model.dModel
    var columns = TokenColumns(reader, run, conditions, for: request.sums)
    var masks = TokenMasks(run.tokens.stratum, conditions)
    // The baseline first: which rows are scored is checked against it, and others need its columns.
    try add(conditions.baseline, request, &columns, &masks, like: other?.resampled)
    let others = conditions.all.indices.filter { $0 != conditions.baseline }
    let (own, ownColumns, ownMasks) = (self, columns, masks)
    let each = concurrently(others.count) { index in
      Result {
        var (sums, columns, masks) = (own, ownColumns, ownMasks)
        try sums.add(others[index], request, &columns, &masks, like: other?.resampled)
        return sums
      }
    }
    for sums in each {
      let sums = try sums.get()
      self.columns.merge(sums.columns) { first, _ in first }
      for sample in resampled.indices { resampled[sample].merge(sums.resampled[sample]) }
    }
  }

  /// Adds up one condition.
  private mutating func add(
    _ place: Int, _ request: Request, _ columns: inout TokenColumns, _ masks: inout TokenMasks,
    like other: [ResampledQuantities]?
  ) throws {
    let bucketed = Set(request.metrics.filter(\.hasBuckets).flatMap(\.sums))
    let again = Set(request.metrics.flatMap(\.rerunSums))
    let isRerun = conditions.isRerun(place)
    var ranked: Set<String> = []
    for sum in request.sums where !isRerun || again.contains(sum) {
      if case .squaredLength = sum.form {
        try addNorms(sum, place, request, like: other)
        continue
      }
      if case .quantileOf = sum.form {
        // Quantiles of the same tokens share their ranking.
        guard ranked.insert(sum.ranking).inserted, let values = try columns.values(of: sum, place) else { continue }
        let alike = request.sums.filter { $0.ranking == sum.ranking && (!isRerun || again.contains($0)) }
        try addQuantiles(alike, place, values, request, like: other) { try masks.cells(of: $0, &columns) }
        continue
      }
      guard let values = try columns.values(of: sum, place) else { continue }
      if bucketed.contains(sum) { addBuckets(sum, place, values, request.buckets) }
      if !sum.isStratified {
        addPredictions(sum, place, values)
        continue
      }
      for mask in conditions.masks(of: place) {
        addStrata(sum, place, mask, values, try masks.cells(of: mask, &columns), request)
      }
    }
    columns.forget()
  }

  // MARK: Sums

  /// Sums per piece of what is scored.
  private mutating func addPredictions(_ sum: Sum, _ place: Int, _ values: [Double]) {
    var all = [Double](repeating: 0, count: pieces.count)
    for piece in 0..<pieces.count {
      for token in pieces.range(of: piece) where !values[token].isNaN { all[piece] += values[token] }
    }
    columns[conditions.key(place, conditions.baseline, .all, sum)] = all
  }

  /// Sums per piece and bucket, of all tokens whatever their stratum.
  private mutating func addBuckets(_ sum: Sum, _ place: Int, _ values: [Double], _ buckets: TokenBuckets) {
    for kind in buckets.kinds {
      var each = [[Double]](repeating: [Double](repeating: 0, count: pieces.count), count: kind.places.count)
      for piece in 0..<pieces.count {
        for token in pieces.range(of: piece) where !values[token].isNaN && kind.ofRow[token] != TokenBuckets.none {
          each[Int(kind.ofRow[token])][piece] += values[token]
        }
      }
      for (bucket, sums) in zip(kind.places, each) {
        columns[conditions.key(place, conditions.baseline, .all, sum, bucket: bucket)] = sums
      }
    }
  }

  /// Sums a token column per piece and cell, and adds every stratum's sum of cells.
  private mutating func addStrata(
    _ sum: Sum, _ place: Int, _ mask: Int, _ values: [Double], _ flags: [UInt8], _ request: Request
  ) {
    let cellCount = StratumFlags.cellCount
    var cells = [Double](repeating: 0, count: pieces.count * cellCount)
    cells.withUnsafeMutableBufferPointer { cells in
      flags.withUnsafeBufferPointer { flags in
        values.withUnsafeBufferPointer { values in
          for piece in 0..<pieces.count {
            let range = pieces.range(of: piece)
            precondition(range.lowerBound >= 0 && range.upperBound <= min(values.count, flags.count))
            for token in range { cells[piece * cellCount + Int(flags[token] & 3)] += values[token] }
          }
        }
      }
    }
    for stratum in request.strata {
      let key = conditions.key(place, mask, stratum, sum)
      if columns[key] != nil { continue }
      let members = stratum.cells
      columns[key] = (0..<pieces.count).map { piece in members.reduce(0) { $0 + cells[piece * cellCount + $1] } }
    }
    if place == conditions.baseline, mask == place, !request.inCells.isEmpty {
      baselineCells[sum] = (0..<cellCount).map { cell in
        (0..<pieces.count).reduce(0) { $0 + (request.inCells[$1] ? cells[$1 * cellCount + cell] : 0) }
      }
    }
  }

  // MARK: What is no sum

  /// Quantiles of one ranking, in all samples.
  private mutating func addQuantiles(
    _ sums: [Sum], _ place: Int, _ values: [Double], _ request: Request, like other: [ResampledQuantities]?,
    _ cells: (_ mask: Int) throws -> [UInt8]
  ) throws {
    let order = AscendingOrder.indices(of: values.map { $0.isNaN ? .infinity : $0 }).filter { !values[Int($0)].isNaN }
    for mask in sums[0].isStratified ? conditions.masks(of: place) : [conditions.baseline] {
      let flags = sums[0].isStratified ? try cells(mask) : []
      for stratum in sums[0].isStratified ? request.strata : [.all] {
        let keys = sums.map { conditions.key(place, mask, stratum, $0) }
        let members = flags.isEmpty ? order : order.filter { stratum.contains(cell: Int(flags[Int($0)] & 3)) }
        for index in resampled.indices {
          let clusters = resampled[index].of.sample.clusterOfTokens(pieces)
          resampled[index].addQuantiles(keys, values, members, clusters: clusters, like: other?[index])
        }
      }
    }
  }

  /// Squared norms of a column's vector sums, in all samples.
  private mutating func addNorms(
    _ sum: Sum, _ place: Int, _ request: Request, like other: [ResampledQuantities]?
  ) throws {
    guard let column = sum.columns.first else { return }
    var wanted: [PieceVectors.Wanted] = []
    for mask in conditions.masks(of: place) {
      for stratum in request.strata {
        let key = conditions.key(place, mask, stratum, sum)
        guard !wanted.contains(where: { $0.key == key }) else { continue }
        wanted.append(.init(key: key, shift: shift(of: place, mask: key.mask)))
      }
    }
    guard let vectors = try PieceVectors(column, of: place, in: self, wanted, cells: request.inCells) else { return }
    if place == conditions.baseline { baselineVectors[sum] = vectors.cells }
    vectors.forEach { key, vectors in
      ResampledQuantities.addNorms(key, vectors, dimension: dModel, to: &resampled, like: other)
    }
  }

  /// The column that takes a condition's sums from the baseline's cells to those of a pair; nil where they are the same.
  private func shift(of place: Int, mask: Int) -> ColumnKey? {
    guard mask != conditions.baseline else { return nil }
    return (place == mask ? Column.pairShift : Column.pairShiftReference).key(conditions.all[mask].name)
  }
}
