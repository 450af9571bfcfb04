import Codecs
import Parquet

/// A document as its file gives it. A text that is null counts as empty.
struct CorpusRow {
  var utf8: [UInt8]
  var source: String

  /// Source of every document in a corpus without a source field.
  static let singleSource = "all"
  /// Source of a document whose source is null.
  static let nullSource = "(none)"

  /// The documents of one file; what kind of file it is, its content says.
  static func read(_ file: MappedFile, textField: String, sourceField: String?) throws -> [CorpusRow] {
    try file.withBytes { bytes in
      if ParquetFile.isParquet(bytes) {
        return try parquet(ParquetFile(bytes, path: file.path), file.path, textField, sourceField)
      }
      let lines = JSONLines(path: file.path, textField: textField, sourceField: sourceField)
      guard let codec = Codec.detect(bytes) else {
        if let name = unknownCompression(bytes) {
          throw CorpusError.unknownCompression(path: file.path, name: name)
        }
        return try lines.read(bytes)
      }
      let plain: [UInt8]
      do {
        plain = try codec.decompress(bytes)
      } catch let error as CodecError {
        throw CorpusError.damagedCompression(path: file.path, reason: "\(error)")
      }
      return try plain.withUnsafeBytes { try lines.read($0) }
    }
  }

  private static func parquet(
    _ file: ParquetFile, _ path: String, _ textField: String, _ sourceField: String?
  ) throws -> [CorpusRow] {
    var rows: [CorpusRow] = []
    try file.forEach(try file.texts(textField)) { text in
      let bytes = UnsafeRawBufferPointer(start: text?.baseAddress, count: text?.count ?? 0)
      guard UTF8Scan.isValid(bytes.bindMemory(to: UInt8.self)) else {
        throw CorpusError.invalidText(path: path, row: rows.count, field: textField)
      }
      rows.append(CorpusRow(utf8: Array(bytes), source: singleSource))
    }
    guard let sourceField else { return rows }
    var row = 0
    try file.forEach(try file.texts(sourceField)) { name in
      rows[row].source = name.map { String(decoding: $0, as: UTF8.self) } ?? nullSource
      row += 1
    }
    return rows
  }

  private static func unknownCompression(_ bytes: UnsafeRawBufferPointer) -> String? {
    if bytes.starts(with: Array("BZh".utf8)) { return "bzip2" }
    if bytes.starts(with: [0xfd] + Array("7zXZ".utf8)) { return "xz" }
    if bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) { return "zip" }
    return nil
  }
}
