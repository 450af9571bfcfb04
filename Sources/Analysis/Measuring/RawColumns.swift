import RunFile

/// A run's raw columns, typed and checked, as the analysis reads them.
struct RawColumns {
  let reader: RunReader

  /// A column of Float; nil when it was not measured.
  func float32(_ condition: String, _ experiment: String, _ name: String) throws -> [Float]? {
    try column(condition, experiment, name, "float32", \.float32s)
  }

  func uint8(_ condition: String, _ experiment: String, _ name: String) throws -> [UInt8]? {
    try column(condition, experiment, name, "uint8", \.uint8s)
  }

  func int32(_ condition: String, _ experiment: String, _ name: String) throws -> [Int32]? {
    try column(condition, experiment, name, "int32", \.int32s)
  }

  /// A column of Double, all finite; nil when it was not measured.
  func float64(_ condition: String, _ experiment: String, _ name: String) throws -> [Double]? {
    guard let values = try column(condition, experiment, name, "float64", \.float64s) else { return nil }
    try values.withUnsafeBufferPointer {
      try check($0, from: 0, of: ColumnKey(condition: condition, experiment: experiment, name: name))
    }
    return values
  }

  /// Hands out a column of Double, all finite, some rows after another; false when it was not measured.
  func forEachRows(
    _ condition: String, _ experiment: String, _ name: String, width: Int,
    _ body: (_ firstRow: Int, UnsafeBufferPointer<Double>) -> Void
  ) throws -> Bool {
    let key = ColumnKey(condition: condition, experiment: experiment, name: name)
    guard let definition = reader.definition(of: key) else { return false }
    guard definition.type == .float64, definition.rowShape.reduce(1, *) == width else {
      throw AnalysisError.wrongType(path: reader.path, key: key, expected: "float64, \(width) in a row")
    }
    try reader.forEachRows(ofFloat64: key) { firstRow, values in
      try check(values, from: firstRow * width, of: key)
      body(firstRow, values)
    }
    return true
  }

  /// Throws when a value is an infinity or NaN: those alone are not zero when multiplied by zero.
  private func check(_ values: UnsafeBufferPointer<Double>, from first: Int, of key: ColumnKey) throws {
    typealias Lanes = SIMD8<Double>
    let bytes = UnsafeRawBufferPointer(values)
    let whole = bytes.count / MemoryLayout<Lanes>.size * MemoryLayout<Lanes>.size
    var zeros = Lanes.zero
    for offset in stride(from: 0, to: whole, by: MemoryLayout<Lanes>.size) {
      zeros += bytes.loadUnaligned(fromByteOffset: offset, as: Lanes.self) * Lanes.zero
    }
    let rest = values[(whole / MemoryLayout<Double>.size)...]
    guard zeros != .zero || !rest.allSatisfy({ $0.isFinite }), let row = values.firstIndex(where: { !$0.isFinite })
    else { return }
    throw AnalysisError.notFinite(path: reader.path, key: key, row: first + row, value: "\(values[row])")
  }

  private func column<Element>(
    _ condition: String, _ experiment: String, _ name: String, _ type: String,
    _ elements: (ColumnValues) -> [Element]?
  ) throws -> [Element]? {
    let key = ColumnKey(condition: condition, experiment: experiment, name: name)
    guard reader.has(key) else { return nil }
    guard let values = elements(try reader.values(key)) else {
      throw AnalysisError.wrongType(path: reader.path, key: key, expected: type)
    }
    return values
  }
}
