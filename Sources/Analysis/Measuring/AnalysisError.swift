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
        + "The measurement overflowed or the file was changed: measure again."
    case .outOfRange(let path, let key, let row, let value, let expected):
      "\(path): \(place(key)): row \(row) is \(value), where \(expected) is expected.\n"
        + "The file was changed, or another program wrote it so: correct that program, or measure again."
    case .unevenlyScored(let path, let key, let row):
      "\(path): \(place(key)): row \(row) is scored in this condition or in the baseline, but not in both.\n"
        + "Differences would not be of the same tokens. The file was changed: measure again."
    case .wrongType(let path, let key, let expected):
      "\(path): \(place(key)): not stored as \(expected).\n"
        + "The file was changed, or another program wrote it so: correct that program, or measure again."
    case .noBaseline(let path, let count):
      "\(path): the run has \(count) baseline conditions, where one is needed.\n"
        + "Comparisons need one baseline: correct the study and measure again."
    }
  }

  private func place(_ key: ColumnKey) -> String { "/measurements/\(key.condition)/\(key.experiment)/\(key.name)" }
}
