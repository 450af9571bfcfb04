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
    if !Self.areFinite(values), let row = values.firstIndex(where: { !$0.isFinite }) {
      throw AnalysisError.notFinite(
        path: reader.path, key: ColumnKey(condition: condition, experiment: experiment, name: name), row: row,
        value: "\(values[row])")
    }
    return values
  }

  /// True when no value is an infinity or NaN: those alone are not zero when multiplied by zero.
  private static func areFinite(_ values: [Double]) -> Bool {
    values.withUnsafeBytes { bytes in
      typealias Lanes = SIMD8<Double>
      var zeros = Lanes.zero
      let whole = bytes.count / MemoryLayout<Lanes>.size * MemoryLayout<Lanes>.size
      for offset in stride(from: 0, to: whole, by: MemoryLayout<Lanes>.size) {
        zeros += bytes.loadUnaligned(fromByteOffset: offset, as: Lanes.self) * Lanes.zero
      }
      return zeros == .zero && values[(whole / MemoryLayout<Double>.size)...].allSatisfy(\.isFinite)
    }
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
