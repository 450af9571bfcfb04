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
        cells: Stratum.all.cells, text: "rows 0 to \(self.tokenCount - 1), those with /tokens/source \(source) (\(name))")
    }
  }

  /// N, the tokens that enter.
  mutating func count() -> Double {
    let count = Double(isMember.count { $0 })
    steps.append(.init("N, number of tokens: \(tokens.text)", count))
    return count
  }

  /// Σ over the member rows of a token column; where the column marks rows that are not scored, they are left out.
  mutating func sum(_ what: String, _ condition: String, _ experiment: String, _ column: String) throws -> Double {
    try total(what, condition, experiment, column).sum
  }

  /// Σ and the number of scored rows, as two steps.
  mutating func scored(_ what: String, _ condition: String, _ column: String) throws -> (sum: Double, count: Double) {
    let (sum, count) = try total(what, condition, "accuracy", column)
    steps.append(.init("number of predictions: rows of it that are scored", count))
    return (sum, count)
  }

  private mutating func total(
    _ what: String, _ condition: String, _ experiment: String, _ column: String
  ) throws -> (sum: Double, count: Double) {
    let values = try rows(of: condition, experiment, column)
    var (sum, count) = (0.0, 0.0)
    for row in 0..<tokenCount where isMember[row] {
      guard let value = values(row) else { continue }
      sum += value
      count += 1
    }
    steps.append(.init("\(what): Σ of \(path(condition, experiment, column)), \(tokens.text)", sum))
    return (sum, count)
  }

  /// Σ over rows of something of two columns.
  mutating func sum(
    _ what: String, _ condition: String, _ columns: [(experiment: String, name: String)],
    _ formula: ([Double]) -> Double
  ) throws -> Double {
    let all = try columns.map { try rows(of: condition, $0.experiment, $0.name) }
    var sum = 0.0
    for row in 0..<tokenCount where isMember[row] { sum += formula(all.compactMap { $0(row) }) }
    let paths = columns.map { path(condition, $0.experiment, $0.name) }.joined(separator: ", ")
    steps.append(.init("\(what), from \(paths), \(tokens.text)", sum))
    return sum
  }

  /// The median over the member rows of a ratio of two columns.
  mutating func medianRatio(_ what: String, _ condition: String, _ above: String, _ below: String) throws -> Double {
    let (a, b) = (try rows(of: condition, "sae", above), try rows(of: condition, "sae", below))
    var ratios: [Double] = []
    for row in 0..<tokenCount where isMember[row] {
      guard let x = a(row), let y = b(row) else { continue }
      ratios.append(y > 0 ? x / y : (x > 0 ? .infinity : 0))
    }
    ratios.sort()
    let middle = ratios.count / 2
    let median = ratios.isEmpty ? .nan : ratios.count % 2 == 1 ? ratios[middle] : (ratios[middle - 1] + ratios[middle]) / 2
    steps.append(
      .init("\(what): \(path(condition, "sae", above)) ÷ \(path(condition, "sae", below)), \(tokens.text)", median))
    return median
  }

  /// ‖Σx‖², from the vector sums of the segments that lie in the rows.
  mutating func squaredVectorSum(_ condition: String) throws -> Double {
    let squared = try vectorSum(condition).reduce(0) { $0 + $1 * $1 }
    steps.append(.init("‖Σx‖²: \(try vectorSums(condition)), added up and squared", squared))
    return squared
  }

  func vectorSums(_ condition: String) throws -> String {
    "\(path(condition, "sae", "vector_sum")), segments 0 to \(try lastSegment()), cells \(tokens.cells)"
  }

  private func lastSegment() throws -> Int {
    try reader.segments().firstToken.lastIndex { Int($0) < tokenCount } ?? 0
  }

  /// Σx by dimension, from the vector sums of the segments that lie in the rows.
  func vectorSum(_ condition: String) throws -> [Double] {
    let cells = tokens.cells
    let width = reader.description.model.dModel
    guard let vectors = try reader.values(ColumnKey(condition: condition, experiment: "sae", name: "vector_sum")).float64s
    else { throw DerivationError.notMeasured(path(condition, "sae", "vector_sum")) }
    var sum = [Double](repeating: 0, count: width)
    for segment in 0...(try lastSegment()) {
      for cell in cells {
        let start = (segment * StratumFlags.cellCount + cell) * width
        for dimension in 0..<width { sum[dimension] += vectors[start + dimension] }
      }
    }
    return sum
  }

  mutating func note(_ text: String, _ value: Double) { steps.append(.init(text, value)) }

  private func path(_ condition: String, _ experiment: String, _ column: String) -> String {
    "/measurements/\(condition)/\(experiment)/\(column)"
  }

  /// A column as Double by row; nil for a row that is not scored (NaN, or 255 in a column of bytes).
  private func rows(of condition: String, _ experiment: String, _ name: String) throws -> (Int) -> Double? {
    let key = ColumnKey(condition: condition, experiment: experiment, name: name)
    guard reader.has(key) else { throw DerivationError.notMeasured(path(condition, experiment, name)) }
    let values = try reader.values(key)
    if let values = values.float64s { return { values[$0] } }
    if let values = values.float32s { return { values[$0].isNaN ? nil : Double(values[$0]) } }
    if let values = values.int32s { return { Double(values[$0]) } }
    if let values = values.uint8s { return { values[$0] == 255 ? nil : Double(values[$0]) } }
    throw DerivationError.notMeasured(path(condition, experiment, name))
  }
}
