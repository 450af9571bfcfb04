import Measures
import RunFile

/// A run's token columns as sums take them, condition after condition.
struct TokenColumns {
  private let raw: RawColumns
  private let run: RunTables
  private let conditions: RunConditions
  private var known: [ColumnKey: [Double]] = [:]
  private var scored: ScoredRows
  /// Columns that other conditions are compared with, which stay.
  private let compared: Set<Column>

  /// - Parameter sums: those that will be asked for.
  init(_ reader: RunReader, _ run: RunTables, _ conditions: RunConditions, for sums: [Sum] = []) {
    compared = Set(sums.flatMap(\.referenceColumns)).union([.massive])
    raw = RawColumns(reader: reader)
    (self.run, self.conditions) = (run, conditions)
    scored = ScoredRows(path: reader.path)
  }

  /// Drops what the next condition does not need.
  mutating func forget() {
    let kept = Set(conditions.all.flatMap { condition in compared.map { $0.key(condition.name) } })
    known = known.filter { kept.contains($0.key) }
  }

  /// A column by row, NaN where nothing is scored; nil when it was not measured. Rows that a rerun did not measure are 0,
  /// or not scored.
  mutating func values(_ column: Column, _ place: Int) throws -> [Double]? {
    let condition = conditions.all[place].name
    let key = column.key(condition)
    if let read = known[key] { return read }
    let rows = conditions.isRerun(place) ? run.rerunRows : nil
    guard let read = try raw.values(column, of: condition, rows: rows) else { return nil }
    try scored.check(read, column, condition, rows: rows)
    known[key] = read
    return read
  }

  /// What a sum adds up, by row, NaN for rows to leave out; nil when some column of it was not measured.
  mutating func values(of sum: Sum, _ place: Int) throws -> [Double]? {
    var columns: [[Double]] = []
    for column in sum.columns {
      guard let read = try values(column, place) else { return nil }
      columns.append(read)
    }
    for column in sum.referenceColumns {
      guard let read = try values(column, conditions.references[place]) else { return nil }
      columns.append(read)
    }
    switch sum.form {
    case .members: return [Double](repeating: 1, count: run.tokens.stratum.count)
    case .scored: return columns[0].map { $0.isNaN ? .nan : 1 }
    case .total, .squaredLength: return columns[0]
    case .totalOf(let function), .quantileOf(_, let function):
      var row = [Double](repeating: 0, count: columns.count)
      return columns[0].indices.map { index in
        for (place, column) in columns.enumerated() {
          row[place] = column[index]
          if row[place].isNaN { return .nan }
        }
        return function(row)
      }
    }
  }
}

/// The cells of tokens (`StratumFlags.cell`) by the pairs that they are decided by.
struct TokenMasks {
  private let strata: [UInt8]
  private let conditions: RunConditions
  private var known: [Int: [UInt8]] = [:]

  init(_ strata: [UInt8], _ conditions: RunConditions) { (self.strata, self.conditions) = (strata, conditions) }

  /// Of a condition's pair; of the baseline's, as the run file has them.
  mutating func cells(of mask: Int, _ columns: inout TokenColumns) throws -> [UInt8] {
    guard mask != conditions.baseline else { return strata }
    if let cells = known[mask] { return cells }
    guard let own = try columns.values(.massive, mask),
      let reference = try columns.values(.massive, conditions.references[mask])
    else { return strata }
    let cells = strata.indices.map { row in
      strata[row] & StratumFlags.first.rawValue
        | (own[row] + reference[row] > 0 ? StratumFlags.massive.rawValue : 0)
    }
    known[mask] = cells
    return cells
  }
}

/// Which rows are scored must be the same in all conditions, and in all branches: pairs would not be pairs.
private struct ScoredRows {
  let path: String
  private var losses: [Double]?
  private var branches: [Double]?

  init(path: String) { self.path = path }

  mutating func check(_ values: [Double], _ column: Column, _ condition: String, rows: [Bool]?) throws {
    guard column.values == .loss || column.values == .divergence else { return }
    if column.isOfBranch {
      let known = branches ?? values
      branches = known
      let row = values.indices.first {
        values[$0].isNaN != known[$0].isNaN || !values[$0].isNaN && losses?[$0].isNaN == true
      }
      if let row { throw AnalysisError.unevenlyScored(path: path, key: column.key(condition), row: row) }
      return
    }
    guard let losses else {
      if column.values == .loss { self.losses = values }
      return
    }
    let row = values.indices.first { row in
      guard rows?[row] ?? true else { return false }
      return values[row].isNaN && !losses[row].isNaN
        || column.values == .loss && !values[row].isNaN && losses[row].isNaN
    }
    if let row { throw AnalysisError.unevenlyScored(path: path, key: column.key(condition), row: row) }
  }
}
