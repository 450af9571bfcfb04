/// What stands before each page of a column chunk. Names and numbers of fields are those of parquet.thrift.
struct PageHeader {
  enum Kind: Int {
    case data, index, dictionary, dataV2
  }

  private(set) var kind: Kind = .data
  /// Bytes of the page after the header, as stored and as they are once decompressed.
  private(set) var storedCount = 0
  private(set) var plainCount = 0
  /// Of the stored bytes.
  private(set) var checksum: UInt32?
  private(set) var valueCount = 0
  private(set) var encoding = 0
  /// Version 1 only.
  private(set) var levelEncoding = PageHeader.hybridLevels
  /// Version 2 only: bytes of levels before the values, never compressed.
  private(set) var definitionLevelCount = 0
  private(set) var repetitionLevelCount = 0
  private(set) var isCompressed = true

  /// Encoding RLE: runs and bit-packed groups.
  static let hybridLevels = 3

  static func read(_ cursor: inout ByteCursor) throws -> PageHeader {
    var reader = ThriftReader(cursor)
    var header = PageHeader()
    var kind: Int?
    try reader.structure { reader, field, type in
      switch field {
      case 1: kind = try reader.integer(type)
      case 2: header.plainCount = try reader.integer(type)
      case 3: header.storedCount = try reader.integer(type)
      case 4: header.checksum = UInt32(truncatingIfNeeded: try reader.integer(type))
      case 5, 7:
        try reader.structure(type) { reader, field, type in
          switch field {
          case 1: header.valueCount = try reader.integer(type)
          case 2: header.encoding = try reader.integer(type)
          case 3 where type != .yes && type != .no: header.levelEncoding = try reader.integer(type)
          default: return false
          }
          return true
        }
      case 8:
        try reader.structure(type) { reader, field, type in
          switch field {
          case 1: header.valueCount = try reader.integer(type)
          case 4: header.encoding = try reader.integer(type)
          case 5: header.definitionLevelCount = try reader.integer(type)
          case 6: header.repetitionLevelCount = try reader.integer(type)
          case 7: header.isCompressed = try reader.bool(type)
          default: return false
          }
          return true
        }
      default: return false
      }
      return true
    }
    guard let known = kind.flatMap(Kind.init(rawValue:)) else { throw Fault.damaged("a page is of no known kind") }
    header.kind = known
    let limit = Int(Int32.max)
    guard 0...limit ~= header.plainCount, 0...limit ~= header.storedCount, 0...limit ~= header.valueCount,
      0...limit ~= header.definitionLevelCount, 0...limit ~= header.repetitionLevelCount
    else { throw Fault.damaged("a page has a size that cannot be") }
    cursor = reader.cursor
    return header
  }
}
