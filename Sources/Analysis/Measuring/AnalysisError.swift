import RunFile

/// A run's numbers cannot be what they say they are.
public enum AnalysisError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A measurement holds an infinity, or NaN where a number must be.
  case notFinite(path: String, key: ColumnKey, row: Int, value: String)
  /// A measurement holds a value outside its meaning.
  case outOfRange(path: String, key: ColumnKey, row: Int, value: String, expected: String)
  /// A condition is scored where the baseline is not, or the other way round: pairs would not be pairs.
  case unevenlyScored(path: String, key: ColumnKey, row: Int)
  case wrongType(path: String, key: ColumnKey, expected: String)
  case noBaseline(path: String, count: Int)

  public var description: String {
    switch self {
    case .notFinite(let path, let key, let row, let value):
      "\(path): \(place(key)): row \(row) is \(value), where a finite number is expected.\n"
        + "Measured again it would be the same: under \(key.condition) the model overflows there, or another program wrote the file so. Leave the condition out of the study, use another checkpoint, or correct that program."
    case .outOfRange(let path, let key, let row, let value, let expected):
      "\(path): \(place(key)): row \(row) is \(value), where \(expected) is expected.\n\(Self.changedOrForeign)"
    case .unevenlyScored(let path, let key, let row):
      "\(path): \(place(key)): row \(row) is scored in this condition or in the baseline, but not in both.\n"
        + "Differences would not be of the same tokens. \(Self.changedOrForeign)"
    case .wrongType(let path, let key, let expected):
      "\(path): \(place(key)): not stored as \(expected).\n\(Self.changedOrForeign)"
    case .noBaseline(let path, let count):
      "\(path): the run has \(count) baseline conditions, where one is needed.\n"
        + "Comparisons need one. \(Self.changedOrForeign)"
    }
  }

  /// About what no clearbox writes.
  private static let changedOrForeign =
    "Another program wrote the file so, or changed it: correct that program (docs/run-file.md), or get the file again from where it comes."

  private func place(_ key: ColumnKey) -> String { "/measurements/\(key.condition)/\(key.experiment)/\(key.name)" }
}
