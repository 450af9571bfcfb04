/// A Parquet file's columns of texts.
///
/// Reads what pyarrow, polars, DuckDB and fastparquet write: any number of row groups and pages of version 1 or 2, nulls,
/// columns inside structures, with or without dictionaries, delta encodings; uncompressed, Snappy, gzip, Zstandard.
/// Lists, other types and other codecs are refused by name. The file views memory it does not own: use it inside the
/// closure that lends the bytes.
/// Source: Apache Parquet format 2.11, parquet.thrift and Encodings.md.
public struct ParquetFile {
  public let rowCount: Int
  public let columns: [Column]

  private let path: String
  private let bytes: UnsafeRawBufferPointer
  private let groups: [Footer.RowGroup]

  /// True when the bytes start as a Parquet file does, encrypted or not.
  public static func isParquet(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: magic) || bytes.starts(with: encryptedMagic)
  }

  private static let magic = Array("PAR1".utf8)
  private static let encryptedMagic = Array("PARE".utf8)

  /// Reads the footer.
  /// - Parameter path: for errors.
  /// - Throws: `ParquetError`.
  public init(_ bytes: UnsafeRawBufferPointer, path: String) throws {
    if bytes.starts(with: Self.encryptedMagic) { throw ParquetError.encrypted(path: path) }
    // Magic, footer, its length, magic.
    guard bytes.count >= 12, bytes.starts(with: Self.magic), bytes.suffix(4).elementsEqual(Self.magic) else {
      throw ParquetError.notParquet(path: path)
    }
    let footer: Footer
    do {
      var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - 8)...]))
      let length = try cursor.word()
      guard length <= bytes.count - 12 else { throw Fault.damaged("it is longer than the file") }
      let end = bytes.count - 8
      footer = try Footer(UnsafeRawBufferPointer(rebasing: bytes[end - length..<end]))
      self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<(end - length)])
      columns = try Column.leaves(footer.schema)
      let rows = footer.groups.reduce(into: 0) { $0 = $0.addingReportingOverflow($1.rowCount).partialValue }
      guard footer.groups.allSatisfy({ $0.rowCount >= 0 }), rows == footer.rowCount else {
        throw Fault.damaged("it states \(footer.rowCount) rows, its row groups \(rows)")
      }
      for group in footer.groups where group.columns.count != columns.count {
        throw Fault.damaged("a row group has \(group.columns.count) columns, the schema \(columns.count)")
      }
    } catch let fault as Fault {
      throw Self.error(fault, path: path, place: "footer")
    }
    if footer.isEncrypted { throw ParquetError.encrypted(path: path) }
    rowCount = footer.rowCount
    groups = footer.groups
    self.path = path
  }

  /// The column of texts with this name.
  /// - Throws: `ParquetError` when there is none, or it holds no texts.
  public func texts(_ name: String) throws -> Column {
    guard let column = columns.first(where: { $0.name == name }) else {
      throw ParquetError.missingColumn(path: path, name: name, present: columns.map(\.name))
    }
    guard column.content == Column.texts else {
      throw ParquetError.notText(path: path, column: name, type: column.content)
    }
    return column
  }

  /// Hands out the UTF-8 bytes of each row's value, nil for a null; the bytes must not escape. They are as stored:
  /// nothing says that they are valid.
  /// - Throws: `ParquetError`, and what `body` throws.
  public func forEach(_ column: Column, _ body: (UnsafeRawBufferPointer?) throws -> Void) throws {
    precondition(column.content == Column.texts, "only columns of texts are read")
    for (number, group) in groups.enumerated() where group.rowCount > 0 {
      let place = "row group \(number), column \(column.name)"
      let chunk = group.columns[column.index]
      if chunk.isEncrypted { throw ParquetError.encrypted(path: path) }
      var page = 0
      do {
        if let other = chunk.filePath { throw Fault.unsupported("its data lie in another file (\(other))") }
        guard chunk.hasMetadata, chunk.valueCount == group.rowCount else {
          throw Fault.damaged("the column has \(chunk.valueCount) values for \(group.rowCount) rows")
        }
        var reader = try ColumnChunkReader(column, chunk, in: bytes)
        defer { page = reader.page }
        try reader.read(body)
      } catch let fault as Fault {
        throw Self.error(fault, path: path, place: page == 0 ? place : "\(place), page \(page)")
      }
    }
  }

  private static func error(_ fault: Fault, path: String, place: String) -> ParquetError {
    switch fault {
    case .damaged(let reason): .damaged(path: path, place: place, reason: reason)
    case .unsupported(let what): .unsupported(path: path, place: place, what: what)
    }
  }
}
