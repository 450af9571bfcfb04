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

  /// - Throws: `RunFileError`, `HDF5Error`.
  init(reader: RunReader, tokenCount: Int, tokens: MeasureAddress.Tokens) throws {
    self.reader = reader
    let table = try reader.tokens()
    self.tokenCount = min(tokenCount, table.stratum.count)
    let rows = 0..<self.tokenCount
    switch tokens {
    case .stratum(let stratum), .first(_, let stratum), .between(_, _, let stratum):
      isMember = rows.map { stratum.contains(cell: Int(table.stratum[$0] & 3)) }
      let which = stratum == .all ? "" : ", those of /tokens/stratum in \(stratum.cells)"
      self.tokens = Derivation.Rows(cells: stratum.cells, text: "rows 0 to \(self.tokenCount - 1)\(which)")
    case .source(let name):
      guard let source = reader.description.corpus.sources.firstIndex(of: name) else {
        throw DerivationError.unknownSource(name, known: reader.description.corpus.sources)
      }
      isMember = rows.map { Int(table.source[$0]) == source }
      self.tokens = Derivation.Rows(
        cells: Stratum.all.cells,
        text: "rows 0 to \(self.tokenCount - 1), those with /tokens/source \(source) (\(name))")
    }
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
  mutating func value(of sum: Sum, _ condition: String) throws -> Double {
    let paths = sum.columns.map { path($0, condition) }
    switch sum.form {
    case .members: return count()
    case .squaredLength: return try squaredVectorSum(sum.columns[0], condition)
    case .scored:
      let count = Double(try values(of: sum, condition) { $0[0] }.count)
      steps.append(.init("\(sum.text): rows of it that are scored", count))
      return count
    case .total:
      let total = try values(of: sum, condition) { $0[0] }.reduce(0, +)
      steps.append(.init("\(sum.text): Σ of \(paths[0]), \(tokens.text)", total))
      return total
    case .totalOf(let function):
      let total = try values(of: sum, condition, function).reduce(0, +)
      steps.append(.init("\(sum.text), from \(paths.joined(separator: ", ")), \(tokens.text)", total))
      return total
    case .medianOf(let function):
      let sorted = try values(of: sum, condition, function).sorted()
      let middle = sorted.count / 2
      let median =
        sorted.isEmpty ? .nan : sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
      steps.append(.init("\(sum.text): \(paths.joined(separator: " ÷ ")), \(tokens.text)", median))
      return median
    }
  }

  /// What a function makes of each member row; rows in which some column is not scored are left out.
  private func values(of sum: Sum, _ condition: String, _ function: ([Double]) -> Double) throws -> [Double] {
    let columns = try sum.columns.map { try rows(of: $0, condition) }
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
    "\(path(column, condition)), segments 0 to \(try lastSegment()), cells \(tokens.cells)"
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
    for segment in 0...(try lastSegment()) {
      for cell in tokens.cells {
        let start = (segment * StratumFlags.cellCount + cell) * width
        for dimension in 0..<width { sum[dimension] += vectors[start + dimension] }
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
