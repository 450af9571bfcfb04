import Measures
import RunFile

/// Everything that the analysis keeps of a run's raw measurements: sums per piece, and what cannot be a sum.
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
  private(set) var grams: [QuantityKey: ClusterGram] = [:]
  private(set) var rankings: [QuantityKey: RankedTokens] = [:]
  /// Sums per cell over the pieces that shares stand on, in the baseline: [4], and of vectors [4, D].
  private(set) var baselineCells: [Sum: [Double]] = [:]
  private(set) var baselineVectors: [Sum: [Double]] = [:]

  /// - Throws: `AnalysisError` for numbers that cannot be; errors of the run file.
  init(_ reader: RunReader, _ run: RunTables, _ pieces: Pieces, _ conditions: RunConditions, _ request: Request) throws
  {
    (self.reader, self.run, self.pieces, self.conditions) = (reader, run, pieces, conditions)
    dModel = reader.description.model.dModel
    var columns = TokenColumns(reader, run, conditions, for: request.sums)
    var masks = TokenMasks(run.tokens.stratum, conditions)
    // The baseline first: which rows are scored is checked against it, and others need its columns.
    try add(conditions.baseline, request, &columns, &masks)
    let others = conditions.all.indices.filter { $0 != conditions.baseline }
    let (own, ownColumns, ownMasks) = (self, columns, masks)
    let each = concurrently(others.count) { index in
      Result {
        var (sums, columns, masks) = (own, ownColumns, ownMasks)
        try sums.add(others[index], request, &columns, &masks)
        return sums
      }
    }
    for sums in each {
      let sums = try sums.get()
      self.columns.merge(sums.columns) { first, _ in first }
      grams.merge(sums.grams) { first, _ in first }
      rankings.merge(sums.rankings) { first, _ in first }
    }
  }

  /// Adds up one condition.
  private mutating func add(
    _ place: Int, _ request: Request, _ columns: inout TokenColumns, _ masks: inout TokenMasks
  ) throws {
    let bucketed = Set(request.metrics.filter(\.hasBuckets).flatMap(\.sums))
    let again = Set(request.metrics.flatMap(\.rerunSums))
    let isRerun = conditions.isRerun(place)
    var ranked: [String: RankedTokens] = [:]
    for sum in request.sums where !isRerun || again.contains(sum) {
      if case .squaredLength = sum.form {
        try addGrams(sum, place, request)
        continue
      }
      if case .quantileOf = sum.form {
        if ranked[sum.ranking] == nil {
          ranked[sum.ranking] = try columns.values(of: sum, place).map { RankedTokens($0) }
        }
        guard let all = ranked[sum.ranking] else { continue }
        if !sum.isStratified { rankings[conditions.key(place, conditions.baseline, .all, sum)] = all }
        for mask in sum.isStratified ? conditions.masks(of: place) : [] {
          addRankings(sum, place, mask, all, try masks.cells(of: mask, &columns), request.strata)
        }
        continue
      }
      guard let values = try columns.values(of: sum, place) else { continue }
      if !sum.isStratified {
        addPredictions(sum, place, values, bucketed.contains(sum) ? request.buckets : TokenBuckets())
        continue
      }
      for mask in conditions.masks(of: place) {
        addStrata(sum, place, mask, values, try masks.cells(of: mask, &columns), request)
      }
    }
    columns.forget()
  }

  // MARK: Sums

  /// Sums per piece of what is scored, of all buckets together and of each.
  private mutating func addPredictions(_ sum: Sum, _ place: Int, _ values: [Double], _ buckets: TokenBuckets) {
    var all = [Double](repeating: 0, count: pieces.count)
    for piece in 0..<pieces.count {
      for token in pieces.range(of: piece) where !values[token].isNaN { all[piece] += values[token] }
    }
    columns[conditions.key(place, conditions.baseline, .all, sum)] = all
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

  private mutating func addRankings(
    _ sum: Sum, _ place: Int, _ mask: Int, _ all: RankedTokens, _ flags: [UInt8], _ strata: [Stratum]
  ) {
    for stratum in strata {
      let key = conditions.key(place, mask, stratum, sum)
      if rankings[key] != nil { continue }
      let isMember = (0..<StratumFlags.cellCount).map { stratum.contains(cell: $0) }
      rankings[key] = RankedTokens(values: all.values, order: all.order.filter { isMember[Int(flags[Int($0)] & 3)] })
    }
  }

  private mutating func addGrams(_ sum: Sum, _ place: Int, _ request: Request) throws {
    guard let column = sum.columns.first else { return }
    var wanted: [PieceVectors.Wanted] = []
    for mask in conditions.masks(of: place) {
      for stratum in request.strata {
        let key = conditions.key(place, mask, stratum, sum)
        guard grams[key] == nil, !wanted.contains(where: { $0.key == key }) else { continue }
        wanted.append(.init(key: key, shift: shift(of: place, mask: key.mask)))
      }
    }
    guard let vectors = try PieceVectors(column, of: place, in: self, wanted, cells: request.inCells) else { return }
    if place == conditions.baseline { baselineVectors[sum] = vectors.cells }
    for (key, gram) in vectors.grams { grams[key] = gram }
  }

  /// The column that takes a condition's sums from the baseline's cells to those of a pair; nil where they are the same.
  private func shift(of place: Int, mask: Int) -> ColumnKey? {
    guard mask != conditions.baseline else { return nil }
    return (place == mask ? Column.pairShift : Column.pairShiftReference).key(conditions.all[mask].name)
  }
}

/// Tokens in ascending order of a number: one object wherever several quantiles rank the same ones.
final class RankedTokens: Sendable {
  let values: [Double]
  let order: [Int32]

  init(values: [Double], order: [Int32]) { (self.values, self.order) = (values, order) }

  /// All whose number is not NaN.
  convenience init(_ values: [Double]) {
    let order = AscendingOrder.indices(of: values.map { $0.isNaN ? .infinity : $0 })
    self.init(values: values, order: order.filter { !values[Int($0)].isNaN })
  }
}
