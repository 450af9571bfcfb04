import Measures
import RunFile

/// Plain sums over a run's raw rows, each told as a step: what a reader with h5py would add up.
///
/// It shares no code with the sums that findings are made of, so that the one checks the other.
struct RawSums {
  let reader: RunReader
  /// Rows from the start of the run.
  let tokenCount: Int
  let tokens: Derivation.Rows
  private let isMember: [Bool]
  /// Set where a pair decides which tokens are massive.
  private var pair: Pair?
  private(set) var steps: [Derivation.Step] = []

  /// The tokens of some cells.
  /// - Throws: `RunFileError`, `HDF5Error`.
  init(reader: RunReader, tokenCount: Int, cells: [CellShare.Cell]) throws {
    self.reader = reader
    let table = try reader.tokens()
    let count = min(tokenCount, table.stratum.count)
    self.tokenCount = count
    let numbers = cells.map(\.rawValue)
    isMember = (0..<count).map { numbers.contains(Int(table.stratum[$0] & 3)) }
    tokens = Derivation.Rows(cells: numbers, text: "rows 0 to \(count - 1), those of /tokens/stratum in \(numbers)")
  }

  /// The tokens of a metric's place.
  ///
  /// - Parameters:
  ///   - pair: the condition whose pair decides which tokens are massive; nil for the baseline.
  ///   - part: only its chunks.
  /// - Throws: `RunFileError`, `HDF5Error`, `DerivationError`.
  init(
    reader: RunReader, tokenCount: Int, tokens: MeasureAddress.Tokens, pair: Pair? = nil, part: RunPart = .all
  ) throws {
    self.reader = reader
    let table = try reader.tokens()
    self.tokenCount = min(tokenCount, table.stratum.count)
    let rows = 0..<self.tokenCount
    var text = "rows 0 to \(self.tokenCount - 1)"
    var member: [Bool]
    let cells: [Int]
    switch tokens {
    case .stratum(let stratum), .first(_, let stratum), .between(_, _, let stratum):
      cells = stratum.cells
      if let pair, stratum.dividesMassive {
        self.pair = pair
        let (own, reference) = (try Self.flags(pair.condition, reader), try Self.flags(pair.reference, reader))
        member = rows.map { row in
          let massive = own[row] == 1 || reference[row] == 1
          return stratum.contains(cell: Int(table.stratum[row] & 1) + (massive ? 2 : 0))
        }
        text += ", those massive in neither \(pair.condition) nor \(pair.reference) (sae/massive)"
        if stratum == .ordinary { text += " and with /tokens/stratum in [0, 2]" }
      } else {
        member = rows.map { stratum.contains(cell: Int(table.stratum[$0] & 3)) }
        if stratum != .all { text += ", those of /tokens/stratum in \(stratum.cells)" }
      }
    case .bucket(let bucket):
      cells = Stratum.all.cells
      let (isInside, words) = try Self.membership(of: bucket, table, rows, reader)
      member = rows.map(isInside)
      text += ", " + words
    }
    switch part {
    case .all: break
    case .reruns:
      let again = try reader.chunks().rerun
      for row in rows where again.isEmpty || again[Int(table.chunk[row])] != 1 { member[row] = false }
      text += ", of chunks with /chunks/rerun 1"
    // Elsewhere the columns of branches are NaN.
    case .branches: text += ", those that branches scored"
    }
    isMember = member
    self.tokens = Derivation.Rows(cells: cells, text: text)
  }

  /// Two conditions that are compared.
  struct Pair {
    var condition: String
    var reference: String
  }

  private static func flags(_ condition: String, _ reader: RunReader) throws -> [UInt8] {
    guard let flags = try reader.values(Column.massive.key(condition)).uint8s else {
      throw DerivationError.notMeasured("/measurements/\(condition)/sae/massive")
    }
    return flags
  }

  /// N, the tokens that enter.
  mutating func count() -> Double {
    let count = Double(isMember.count { $0 })
    steps.append(.init("N, number of tokens: \(tokens.text)", count))
    return count
  }

  /// D, the numbers of a token's vector.
  mutating func width() -> Double {
    let width = Double(reader.description.model.dModel)
    steps.append(.init("D, width of the residual stream", width))
    return width
  }

  /// A named sum over the member rows, by its definition.
  ///
  /// - Parameter reference: what the condition is compared with.
  mutating func value(of sum: Sum, _ condition: String, against reference: String = "") throws -> Double {
    let paths = sum.columns.map { path($0, condition) } + sum.referenceColumns.map { path($0, reference) }
    func values(_ function: ([Double]) -> Double) throws -> [Double] {
      try self.values(of: sum, condition, reference, function)
    }
    switch sum.form {
    case .members: return count()
    case .squaredLength: return try squaredVectorSum(sum.columns[0], condition)
    case .scored:
      let count = Double(try values { $0[0] }.count)
      steps.append(.init("\(sum.text): rows of it that are scored", count))
      return count
    case .total:
      let total = try values { $0[0] }.reduce(0, +)
      steps.append(.init("\(sum.text): Σ of \(paths[0]), \(tokens.text)", total))
      return total
    case .totalOf(let function):
      let total = try values(function).reduce(0, +)
      steps.append(.init("\(sum.text), from \(paths.joined(separator: ", ")), \(tokens.text)", total))
      return total
    case .quantileOf(let share, let function):
      let quantile = Self.quantile(share, of: try values(function).sorted())
      steps.append(.init("\(sum.text): \(paths.joined(separator: " ÷ ")), \(tokens.text)", quantile))
      return quantile
    }
  }

  /// What a function makes of each member row; rows in which some column is not scored are left out.
  private func values(
    of sum: Sum, _ condition: String, _ reference: String, _ function: ([Double]) -> Double
  ) throws -> [Double] {
    let columns =
      try sum.columns.map { try rows(of: $0, condition) } + sum.referenceColumns.map { try rows(of: $0, reference) }
    return (0..<tokenCount).compactMap { row in
      guard isMember[row] else { return nil }
      let values = columns.compactMap { $0(row) }
      return values.count == columns.count ? function(values) : nil
    }
  }

  /// ‖Σx‖², from the vector sums of the segments that lie in the rows.
  private mutating func squaredVectorSum(_ column: Column, _ condition: String) throws -> Double {
    let squared = try vectorSum(column, condition).reduce(0) { $0 + $1 * $1 }
    steps.append(.init("‖Σx‖²: \(try vectorSums(column, condition)), added up and squared", squared))
    return squared
  }

  func vectorSums(_ column: Column, _ condition: String) throws -> String {
    let shift = shift(condition).map { " and /measurements/\($0.condition)/sae/\($0.name)" } ?? ""
    return "\(path(column, condition))\(shift), segments 0 to \(try lastSegment()), cells \(tokens.cells)"
  }

  /// What takes a condition's vector sums from the baseline's cells to the pair's.
  private func shift(_ condition: String) -> ColumnKey? {
    pair.map { (condition == $0.condition ? Column.pairShift : Column.pairShiftReference).key($0.condition) }
  }

  private func lastSegment() throws -> Int {
    try reader.segments().firstToken.lastIndex { Int($0) < tokenCount } ?? 0
  }

  /// Σx by dimension, from the vector sums of the segments that lie in the rows.
  func vectorSum(_ column: Column, _ condition: String) throws -> [Double] {
    let width = reader.description.model.dModel
    guard reader.has(column.key(condition)), let vectors = try reader.values(column.key(condition)).float64s else {
      throw DerivationError.notMeasured(path(column, condition))
    }
    var sum = [Double](repeating: 0, count: width)
    var parts = [vectors]
    if let shift = shift(condition) {
      guard let added = try reader.values(shift).float64s else { throw DerivationError.notMeasured(shift.name) }
      parts.append(added)
    }
    for part in parts {
      for segment in 0...(try lastSegment()) {
        for cell in tokens.cells {
          let start = (segment * StratumFlags.cellCount + cell) * width
          for dimension in 0..<width { sum[dimension] += part[start + dimension] }
        }
      }
    }
    return sum
  }

  mutating func note(_ text: String, _ value: Double) { steps.append(.init(text, value)) }

  private func path(_ column: Column, _ condition: String) -> String {
    "/measurements/\(condition)/\(column.experiment)/\(column.name)"
  }

  /// A column as Double by row; nil for a row that is not scored (NaN, or 255 in a column of bytes).
  private func rows(of column: Column, _ condition: String) throws -> (Int) -> Double? {
    let key = column.key(condition)
    guard reader.has(key) else { throw DerivationError.notMeasured(path(column, condition)) }
    switch try reader.values(key) {
    case .float64(let values): return { values[$0] }
    case .float32(let values): return { values[$0].isNaN ? nil : Double(values[$0]) }
    case .int32(let values): return { Double(values[$0]) }
    case .uint8(let values): return { values[$0] == 255 ? nil : Double(values[$0]) }
    }
  }
}
