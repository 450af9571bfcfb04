import Measures
import RunFile

/// The measurements of a run file that another program wrote, each checked for itself and against the others.
struct ForeignColumns {
  private let run: UnverifiedRun
  private let tables: ForeignTables
  private let dModel: Int
  /// Names of the conditions, the baseline first.
  private let conditions: [String]
  private(set) var definitions: [ColumnDefinition] = []
  private(set) var values: [ColumnKey: ColumnValues] = [:]

  /// Rounding that is forgiven where two columns must agree: sums in float32 over some thousand dimensions.
  private static let tolerance = 1e-3

  init(_ run: UnverifiedRun, tables: ForeignTables, dModel: Int, conditions: [String]) throws {
    self.run = run
    self.tables = tables
    self.dModel = dModel
    self.conditions = conditions
    try readAll()
  }

  /// Throws where columns contradict one another.
  func checkTogether() throws {
    for condition in conditions {
      try checkReconstruction(of: condition)
      try checkVectors(of: condition)
      if condition != conditions[0] { try checkPerturbation(of: condition) }
    }
  }

  /// Keys of all data sets under `/measurements`, sorted.
  static func keys(of run: UnverifiedRun) throws -> [ColumnKey] {
    try run.datasets.map(\.path).filter { $0.hasPrefix("/measurements/") }.map { path in
      let steps = path.split(separator: "/").map(String.init)
      guard steps.count == 4 else {
        throw ExchangeError.wrongDataset(
          file: run.path, dataset: path, found: "\(steps.count - 1) names below /measurements",
          expected: "/measurements/<condition>/<experiment>/<column>")
      }
      return ColumnKey(condition: steps[1], experiment: steps[2], name: steps[3])
    }.sorted()
  }

  private static func path(_ key: ColumnKey) -> String {
    "/measurements/\(key.condition)/\(key.experiment)/\(key.name)"
  }
  private static func path(_ condition: String, _ experiment: String, _ name: String) -> String {
    path(ColumnKey(condition: condition, experiment: experiment, name: name))
  }

  // MARK: Each for itself

  private mutating func readAll() throws {
    let keys = try Self.keys(of: run)
    guard !keys.isEmpty else {
      throw ExchangeError.missingDataset(
        file: run.path, dataset: "/measurements", expected: "at least /measurements/\(conditions[0])/accuracy/nll")
    }
    if let key = keys.first(where: { !conditions.contains($0.condition) }) {
      throw ExchangeError.wrongDataset(
        file: run.path, dataset: Self.path(key), found: "of a condition '\(key.condition)' that the description lacks",
        expected: "one of \(conditions.joined(separator: ", "))")
    }
    let known = [Measure].all.columns
    var names: [(experiment: String, name: String)] = known.map { ($0.experiment, $0.name) }
    for key in keys where !names.contains(where: { $0 == (key.experiment, key.name) }) {
      names.append((key.experiment, key.name))
    }
    for (experiment, name) in names {
      let owners = keys.filter { $0.experiment == experiment && $0.name == name }.map(\.condition)
      guard let first = conditions.first(where: owners.contains) else { continue }
      let column = known.first { ($0.experiment, $0.name) == (experiment, name) }
      // A column of somebody's own that only the baseline has is for the baseline alone.
      let definition =
        try column?.definition(dModel: dModel)
        ?? foreignDefinition(experiment, name, of: first, owners: owners)
      if !definition.appliesToBaseline, owners.contains(conditions[0]) {
        throw ExchangeError.wrongDataset(
          file: run.path, dataset: Self.path(conditions[0], experiment, name), found: "measured in the baseline",
          expected: "nothing: it compares with the baseline")
      }
      if !definition.applies(toBaseline: false), let other = owners.first(where: { $0 != conditions[0] }) {
        throw ExchangeError.wrongDataset(
          file: run.path, dataset: Self.path(other, experiment, name), found: "measured in \(other)",
          expected: "only that of \(conditions[0]): it speaks of the baseline")
      }
      definitions.append(definition)
      for condition in conditions where definition.applies(toBaseline: condition == conditions[0]) {
        let rows = definition.axis.rows(in: tables)
        let read = try ForeignColumn(
          run, Self.path(condition, experiment, name), type: definition.type, shape: [rows] + definition.rowShape)
        if let column { try check(read, column.values, rowCount: definition.rowShape.reduce(1, *)) }
        values[ColumnKey(condition: condition, experiment: experiment, name: name)] = read.values
      }
    }
  }

  /// A column of somebody's own experiment says itself what it is.
  private func foreignDefinition(
    _ experiment: String, _ name: String, of condition: String, owners: [String]
  ) throws -> ColumnDefinition {
    let path = Self.path(condition, experiment, name)
    guard let dataset = run.dataset(path), let type = dataset.type else {
      throw ExchangeError.wrongDataset(
        file: run.path, dataset: path, found: run.dataset(path)?.typeName ?? "missing",
        expected: "uint8, int32, float32 or float64")
    }
    func attribute(_ name: String) throws -> String {
      guard let text = dataset.attributes[name] else {
        throw ExchangeError.wrongDataset(
          file: run.path, dataset: path, found: "without the attribute '\(name)'",
          expected: "axis, unit, long_name and definition, as texts: docs/run-file.md does not know this column")
      }
      return text
    }
    guard let axis = Axis(rawValue: try attribute("axis")) else {
      throw ExchangeError.wrongDataset(
        file: run.path, dataset: path, found: "of the axis '\(try attribute("axis"))'",
        expected: Axis.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return ColumnDefinition(
      experiment: experiment, name: name, axis: axis, type: type, rowShape: Array(dataset.shape.dropFirst()),
      unit: try attribute("unit"), meaning: try attribute("long_name"), definition: try attribute("definition"),
      appliesToBaseline: owners.contains(conditions[0]),
      isOfBaseline: owners == [conditions[0]] && conditions.count > 1)
  }

  private func check(_ column: ForeignColumn, _ rule: Column.Values, rowCount: Int) throws {
    switch rule {
    case .loss, .divergence:
      let isLoss = if case .loss = rule { true } else { false }
      let expected = isLoss ? "a finite number, zero or more" : "a finite number"
      for (row, value) in (column.values.float32s ?? []).enumerated() {
        if tables.isLast(row) {
          guard value.isNaN else { throw column.wrong(row, "NaN", as: "the chunk's last token predicts nothing") }
        } else if !value.isFinite || isLoss && value < 0 {
          throw column.wrong(row, expected)
        }
      }
    case .agreement:
      for (row, value) in (column.values.uint8s ?? []).enumerated() {
        if tables.isLast(row) {
          guard value == 255 else { throw column.wrong(row, "255", as: "the chunk's last token predicts nothing") }
        } else if value > 1 {
          throw column.wrong(row, "0 or 1")
        }
      }
    case .square:
      for (row, value) in (column.values.float64s ?? []).enumerated() where !(value.isFinite && value >= 0) {
        throw column.wrong(row, "a finite number, zero or more")
      }
    case .finite:
      let values = column.values.float64s ?? []
      if let index = values.firstIndex(where: { !$0.isFinite }) {
        throw column.wrong(index / rowCount, "a finite number", found: "\(values[index])")
      }
    case .count:
      if let row = column.values.int32s?.firstIndex(where: { $0 < 0 }) { throw column.wrong(row, "zero or more") }
    case .flag:
      if let row = column.values.uint8s?.firstIndex(where: { $0 > 1 }) { throw column.wrong(row, "0 or 1") }
    }
  }

  // MARK: Against one another

  private func doubles(_ condition: String, _ experiment: String, _ name: String) -> [Double]? {
    values[ColumnKey(condition: condition, experiment: experiment, name: name)]?.float64s
  }

  private func wrong(
    _ condition: String, _ experiment: String, _ name: String, _ row: Int, _ found: Double, _ expected: String
  )
    -> ExchangeError
  {
    .wrongRow(
      file: run.path, dataset: Self.path(condition, experiment, name), row: row, found: "\(found)", expected: expected)
  }

  /// (Σx)² ≤ D‖x‖² and ‖x̂‖² = ‖x − x̂‖² − ‖x‖² + 2 x·x̂ ≥ 0, whatever x and x̂ are.
  private func checkReconstruction(of condition: String) throws {
    guard let norms = doubles(condition, "sae", "squared_norm") else { return }
    if let sums = doubles(condition, "sae", "sum") {
      for (row, sum) in sums.enumerated() where sum * sum > Double(dModel) * norms[row] * (1 + Self.tolerance) {
        throw wrong(
          condition, "sae", "sum", row, sum, "at most √(D‖x‖²) = \((Double(dModel) * norms[row]).squareRoot()) in size")
      }
    }
    if let dots = doubles(condition, "sae", "dot"), let errors = doubles(condition, "sae", "squared_error") {
      for (row, dot) in dots.enumerated()
      where errors[row] - norms[row] + 2 * dot < -Self.tolerance * (errors[row] + norms[row]) {
        throw wrong(
          condition, "sae", "dot", row, dot,
          "at least (‖x‖² − ‖x − x̂‖²) ∕ 2 = \((norms[row] - errors[row]) / 2), or ‖x̂‖² would be negative")
      }
    }
  }

  /// A cell's vector is as long as its tokens allow, and all cells together add up to the tokens' sums.
  private func checkVectors(of condition: String) throws {
    guard let vectors = doubles(condition, "sae", "vector_sum"), let norms = doubles(condition, "sae", "squared_norm")
    else { return }
    let sums = doubles(condition, "sae", "sum")
    let cells = StratumFlags.cellCount
    for segment in tables.segments.chunk.indices {
      let first = Int(tables.segments.firstToken[segment])
      let rows = first..<(first + Int(tables.segments.tokenCount[segment]))
      var total = 0.0
      for cell in 0..<cells {
        let members = rows.filter { StratumFlags(rawValue: tables.tokens.stratum[$0]).cell == cell }
        let energy = members.reduce(0) { $0 + norms[$1] }
        let start = (segment * cells + cell) * dModel
        var squared = 0.0
        for index in start..<(start + dModel) {
          squared += vectors[index] * vectors[index]
          total += vectors[index]
        }
        guard squared <= Double(members.count) * energy * (1 + Self.tolerance) else {
          throw wrong(
            condition, "sae", "vector_sum", segment, squared.squareRoot(),
            "a vector of cell \(cell) no longer than its \(members.count) tokens of that stratum allow, "
              + "\((Double(members.count) * energy).squareRoot())")
        }
      }
      guard let sums else { continue }
      let expected = rows.reduce(0) { $0 + sums[$1] }
      let scale = (Double(rows.count * dModel) * rows.reduce(0) { $0 + norms[$1] }).squareRoot()
      guard abs(total - expected) <= Self.tolerance * scale else {
        throw wrong(
          condition, "sae", "vector_sum", segment, total, "numbers that add up to \(expected), the sum of sae/sum")
      }
    }
  }

  /// |‖x_c‖ − ‖x_b‖| ≤ ‖x_c − x_b‖ ≤ ‖x_c‖ + ‖x_b‖.
  private func checkPerturbation(of condition: String) throws {
    guard let moved = doubles(condition, "noise_floor", "squared_perturbation"),
      let own = doubles(condition, "sae", "squared_norm"), let base = doubles(conditions[0], "sae", "squared_norm")
    else { return }
    for row in moved.indices {
      let (a, b, distance) = (own[row].squareRoot(), base[row].squareRoot(), moved[row].squareRoot())
      let slack = Self.tolerance * (a + b)
      guard distance >= abs(a - b) - slack, distance <= a + b + slack else {
        throw wrong(
          condition, "noise_floor", "squared_perturbation", row, moved[row],
          "from \((a - b) * (a - b)) to \((a + b) * (a + b)), by the two squared norms")
      }
    }
  }
}

extension Axis {
  fileprivate func rows(in tables: ForeignTables) -> Int {
    switch self {
    case .token: tables.tokens.id.count
    case .segment: tables.segments.chunk.count
    case .chunk: tables.chunks.firstToken.count
    case .batch: tables.batches.firstChunk.count
    }
  }
}
