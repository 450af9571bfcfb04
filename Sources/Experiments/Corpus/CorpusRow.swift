import Codecs
import Parquet

/// A document as its file gives it. A text that is null counts as empty.
struct CorpusRow {
  /// Empty where the text is not kept.
  var utf8: [UInt8]
  var source: String
  var hasText: Bool

  /// Source of every document in a corpus without a source field.
  static let singleSource = "all"
  /// Source of a document whose source is null.
  static let nullSource = "(none)"

  /// The documents of one file; what kind of file it is, its content says.
  /// - Parameter room: for texts, in bytes; counted down. What comes after it is used up is read and not kept.
  static func read(
    _ file: MappedFile, textField: String, sourceField: String?, room: inout Int
  ) throws -> [CorpusRow] {
    try file.withBytes { bytes in
      if ParquetFile.isParquet(bytes) {
        return try parquet(ParquetFile(bytes, path: file.path), file.path, textField, sourceField, &room)
      }
      var lines = JSONLines(path: file.path, textField: textField, sourceField: sourceField, room: room)
      defer { room = lines.room }
      guard let codec = Codec.detect(bytes) else {
        if let name = unknownCompression(bytes) {
          throw CorpusError.unknownCompression(path: file.path, name: name)
        }
        try lines.add(bytes)
        return try lines.finish()
      }
      do {
        try codec.stream(bytes) { try lines.add($0) }
      } catch let error as CodecError {
        throw CorpusError.compression(path: file.path, error)
      }
      return try lines.finish()
    }
  }

  private static func parquet(
    _ file: ParquetFile, _ path: String, _ textField: String, _ sourceField: String?, _ room: inout Int
  ) throws -> [CorpusRow] {
    var rows: [CorpusRow] = []
    try file.forEach(try file.texts(textField)) { text in
      let bytes = UnsafeRawBufferPointer(start: text?.baseAddress, count: text?.count ?? 0)
      guard UTF8Scan.isValid(bytes.bindMemory(to: UInt8.self)) else {
        throw CorpusError.invalidText(path: path, row: rows.count, field: textField)
      }
      rows.append(try CorpusRow(bytes, source: singleSource, room: &room, path: path, document: rows.count))
    }
    guard let sourceField else { return rows }
    var row = 0
    try file.forEach(try file.texts(sourceField)) { name in
      rows[row].source = name.map { String(decoding: $0, as: UTF8.self) } ?? nullSource
      row += 1
    }
    return rows
  }

  /// Bytes that one text may have. Its tokens are found in memory of some fifty times its size.
  static let longestText = 16 << 20

  init(_ text: UnsafeRawBufferPointer, source: String, room: inout Int, path: String, document: Int) throws {
    guard text.count <= Self.longestText else {
      throw CorpusError.tooLong(path: path, document: document, bytes: text.count)
    }
    hasText = !text.isEmpty
    utf8 = room > 0 ? Array(text) : []
    room -= text.count
    self.source = source
  }

  private static func unknownCompression(_ bytes: UnsafeRawBufferPointer) -> String? {
    if bytes.starts(with: Array("BZh".utf8)) { return "bzip2" }
    if bytes.starts(with: [0xfd] + Array("7zXZ".utf8)) { return "xz" }
    if bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) { return "zip" }
    return nil
  }
}
