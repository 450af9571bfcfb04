import Measures
import RunFile

/// A run's raw columns as numbers, checked, as the analysis reads them.
struct RawColumns {
  let reader: RunReader

  /// A token column; rows that are not scored are NaN. Nil when it was not measured.
  ///
  /// - Parameter rows: those that were measured, where others were not: these are 0, or not scored, whatever they hold.
  /// - Throws: `AnalysisError` for values that the column cannot have; errors of the run file.
  func values(_ column: Column, of condition: String, rows: [Bool]? = nil) throws -> [Double]? {
    let key = column.key(condition)
    guard reader.has(key) else { return nil }
    let stored = try reader.values(key).keeping(rows, isScored: column.isScored)
    guard stored.type == column.type else {
      throw AnalysisError.wrongType(path: reader.path, key: key, expected: column.type.rawValue)
    }
    switch stored {
    case .float64(let values):
      try values.withUnsafeBufferPointer { try check($0, from: 0, of: key) }
      if column.values == .square { try checkSign(values, key) }
      return values
    case .float32(let values):
      // An older file does not say what its NaNs are.
      let isMarked = reader.description.missing != nil
      if let row = values.firstIndex(where: { $0.isInfinite || isMarked && $0.isNaN && !$0.isMissing }) {
        throw AnalysisError.notFinite(path: reader.path, key: key, row: row, value: "\(values[row])")
      }
      if column.values == .loss { try checkSign(values, key) }
      if column.values == .divergence, let row = values.firstIndex(where: { $0 < Column.lowestDivergence }) {
        throw AnalysisError.outOfRange(
          path: reader.path, key: key, row: row, value: "\(values[row])",
          expected: "a number from \(Column.lowestDivergence) up")
      }
      return values.map(Double.init)
    case .int32(let values):
      if column.values == .count { try checkSign(values, key) }
      let features = reader.description.sae?.featureCount ?? 0
      if column == .l0, features > 0, let row = values.firstIndex(where: { $0 > features }) {
        throw AnalysisError.outOfRange(
          path: reader.path, key: key, row: row, value: "\(values[row])",
          expected: "at most the autoencoder's \(features) features")
      }
      return values.map(Double.init)
    case .uint8(let values):
      if column.values == .flag, let row = values.firstIndex(where: { $0 > 1 }) {
        throw AnalysisError.outOfRange(
          path: reader.path, key: key, row: row, value: "\(values[row])", expected: "0 or 1")
      }
      guard column.values == .agreement else { return values.map(Double.init) }
      if let row = values.firstIndex(where: { $0 > 1 && $0 != 255 }) {
        throw AnalysisError.outOfRange(
          path: reader.path, key: key, row: row, value: "\(values[row])", expected: "0, 1 or 255")
      }
      return values.map { $0 == 255 ? .nan : Double($0) }
    }
  }

  /// Hands out a column of vectors, all finite, some rows after another; false when it was not measured.
  func forEachRows(
    _ key: ColumnKey, width: Int, _ body: (_ firstRow: Int, UnsafeBufferPointer<Double>) -> Void
  ) throws -> Bool {
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

  /// Refuses a value below zero, of which no square, no loss and no count has any.
  private func checkSign<Number: Comparable & Numeric>(_ values: [Number], _ key: ColumnKey) throws {
    var lowest: Number = 0
    for value in values where value < lowest { lowest = value }
    guard lowest < 0, let row = values.firstIndex(where: { $0 < 0 }) else { return }
    throw AnalysisError.outOfRange(
      path: reader.path, key: key, row: row, value: "\(values[row])", expected: "a number from 0 up")
  }
}

extension ColumnValues {
  /// With other rows than these as if nothing had been measured there.
  fileprivate func keeping(_ rows: [Bool]?, isScored: Bool) -> ColumnValues {
    guard let rows else { return self }
    func kept<Value>(_ values: [Value], _ nothing: Value) -> [Value] {
      values.indices.map { rows[$0] ? values[$0] : nothing }
    }
    return switch self {
    case .uint8(let values): .uint8(kept(values, isScored ? 255 : 0))
    case .int32(let values): .int32(kept(values, 0))
    case .float32(let values): .float32(kept(values, isScored ? .missing : 0))
    case .float64(let values): .float64(kept(values, isScored ? .nan : 0))
    }
  }
}
