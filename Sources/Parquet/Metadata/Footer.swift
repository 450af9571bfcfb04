/// What a Parquet file says of itself at its end. Names and numbers of fields are those of parquet.thrift.
struct Footer {
  var rowCount = 0
  var schema: [SchemaElement] = []
  var groups: [RowGroup] = []
  var isEncrypted = false

  struct SchemaElement {
    var type: Int?
    var repetition: Int?
    var name = ""
    var childCount = 0
    var convertedType: Int?
    /// Number of the field that the union `logicalType` has set.
    var logicalType: Int?
  }

  struct RowGroup {
    var columns: [ColumnChunk] = []
    var rowCount = 0
  }

  struct ColumnChunk {
    /// The name of another file that holds the data.
    var filePath: String?
    var isEncrypted = false
    var hasMetadata = false
    var codec = 0
    var valueCount = 0
    var byteCount = 0
    var dataOffset = 0
    var dictionaryOffset: Int?
  }

  init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ThriftReader(ByteCursor(bytes))
    var footer = (rowCount: 0, schema: [SchemaElement](), groups: [RowGroup](), isEncrypted: false)
    try reader.structure { reader, field, kind in
      switch field {
      case 2: try reader.list(kind) { footer.schema.append(try Self.schemaElement(&$0, $1)) }
      case 3: footer.rowCount = try reader.integer(kind)
      case 4: try reader.list(kind) { footer.groups.append(try Self.rowGroup(&$0, $1)) }
      case 8:
        footer.isEncrypted = true
        return false
      default: return false
      }
      return true
    }
    (rowCount, schema, groups, isEncrypted) = footer
  }

  private static func schemaElement(_ reader: inout ThriftReader, _ kind: ThriftReader.Kind) throws -> SchemaElement {
    var element = SchemaElement()
    try reader.structure(kind) { reader, field, kind in
      switch field {
      case 1: element.type = try reader.integer(kind)
      case 3: element.repetition = try reader.integer(kind)
      case 4: element.name = try reader.text(kind)
      case 5: element.childCount = try reader.integer(kind)
      case 6: element.convertedType = try reader.integer(kind)
      case 10:
        try reader.structure(kind) { _, field, _ in
          element.logicalType = field
          return false
        }
      default: return false
      }
      return true
    }
    return element
  }

  private static func rowGroup(_ reader: inout ThriftReader, _ kind: ThriftReader.Kind) throws -> RowGroup {
    var group = RowGroup()
    try reader.structure(kind) { reader, field, kind in
      switch field {
      case 1: try reader.list(kind) { group.columns.append(try columnChunk(&$0, $1)) }
      case 3: group.rowCount = try reader.integer(kind)
      default: return false
      }
      return true
    }
    return group
  }

  private static func columnChunk(_ reader: inout ThriftReader, _ kind: ThriftReader.Kind) throws -> ColumnChunk {
    var chunk = ColumnChunk()
    try reader.structure(kind) { reader, field, kind in
      switch field {
      case 1: chunk.filePath = try reader.text(kind)
      case 3:
        chunk.hasMetadata = true
        try reader.structure(kind) { reader, field, kind in
          switch field {
          case 4: chunk.codec = try reader.integer(kind)
          case 5: chunk.valueCount = try reader.integer(kind)
          case 7: chunk.byteCount = try reader.integer(kind)
          case 9: chunk.dataOffset = try reader.integer(kind)
          case 11: chunk.dictionaryOffset = try reader.integer(kind)
          default: return false
          }
          return true
        }
      case 8:
        chunk.isEncrypted = true
        return false
      default: return false
      }
      return true
    }
    return chunk
  }
}
