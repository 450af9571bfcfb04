/// Why a Parquet file cannot be read: where, what, and what to do.
public enum ParquetError: Error, Equatable, Sendable, CustomStringConvertible {
  case notParquet(path: String)
  case encrypted(path: String)
  /// `place` says where: "footer", "row group 2, column text, page 3".
  case damaged(path: String, place: String, reason: String)
  case unsupported(path: String, place: String, what: String)
  case missingColumn(path: String, name: String, present: [String])
  case notText(path: String, column: String, type: String)

  public var description: String {
    switch self {
    case .notParquet(let path):
      "\(path): does not start and end as a Parquet file does (\"PAR1\"). It may have been cut off: get it again."
    case .encrypted(let path):
      "\(path): is encrypted. Read it with the program that has its keys and write it again without encryption."
    case .damaged(let path, let place, let reason):
      "\(path), \(place): \(reason). The file is damaged: get it again."
    case .unsupported(let path, let place, let what):
      "\(path), \(place): \(what), which clearbox does not read. Write the file again with pyarrow's defaults (Snappy, dictionaries), or as JSON Lines."
    case .missingColumn(let path, let name, let present):
      "\(path): has no column \"\(name)\"; it has \(present.isEmpty ? "none" : present.joined(separator: ", ")). Set corpus.text and corpus.source to columns' names."
    case .notText(let path, let column, let type):
      "\(path): the column \"\(column)\" holds \(type), not texts. Set corpus.text and corpus.source to columns of texts."
    }
  }
}

/// Damage or a missing feature, before it is known where: `ParquetFile` adds path and place.
enum Fault: Error {
  case damaged(String)
  case unsupported(String)
}
