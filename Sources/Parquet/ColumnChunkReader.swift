import Codecs

/// Reads the pages of one column in one row group, in order.
struct ColumnChunkReader {
  private let column: Column
  private let chunk: Footer.ColumnChunk
  private let codec: Codec?
  private var cursor: ByteCursor
  private var dictionary: TextDictionary?
  private let buffer = PageBuffer()
  /// Pages read so far, for errors.
  private(set) var page = 0

  /// - Parameter bytes: of the file up to its footer.
  init(_ column: Column, _ chunk: Footer.ColumnChunk, in bytes: UnsafeRawBufferPointer) throws {
    self.column = column
    self.chunk = chunk
    codec = try Self.codec(chunk.codec)
    var start = chunk.dataOffset
    // Some writers say 0 where there is no dictionary.
    if let first = chunk.dictionaryOffset, first > 0 { start = min(start, first) }
    guard start >= 4, chunk.byteCount >= 0, start <= bytes.count, chunk.byteCount <= bytes.count - start else {
      throw Fault.damaged("its data lie outside the file")
    }
    cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[start..<start + chunk.byteCount]))
  }

  /// Hands out the values in order, nil for a null.
  mutating func read(_ body: (UnsafeRawBufferPointer?) throws -> Void) throws {
    var left = chunk.valueCount
    while left > 0 {
      page += 1
      let header = try PageHeader.read(&cursor)
      let stored = try cursor.take(header.storedCount)
      if let checksum = header.checksum, crc32(stored) != checksum {
        throw Fault.damaged("the page's checksum is not that of its data")
      }
      switch header.kind {
      case .index: continue
      case .dictionary:
        guard dictionary == nil else { throw Fault.damaged("a second dictionary follows the first") }
        guard header.encoding == 0 || header.encoding == 2 else {
          throw Fault.unsupported("its dictionary is encoded as number \(header.encoding)")
        }
        let owner = PageBuffer()
        let plain = try decompressed(stored, header.plainCount, into: owner)
        dictionary = try TextDictionary(plain, count: header.valueCount, owner: owner)
      case .data, .dataV2:
        guard header.valueCount <= left else { throw Fault.damaged("pages have more values than the column") }
        left -= header.valueCount
        try read(header, stored, body)
      }
    }
  }

  private mutating func read(
    _ header: PageHeader, _ stored: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) throws -> Void
  ) throws {
    var levels: UnsafeRawBufferPointer?
    let values: UnsafeRawBufferPointer
    if header.kind == .data {
      var cursor = ByteCursor(try decompressed(stored, header.plainCount, into: buffer))
      if column.definitionLevels > 0 {
        guard header.levelEncoding == PageHeader.hybridLevels else {
          throw Fault.unsupported("its levels are encoded as number \(header.levelEncoding)")
        }
        levels = try cursor.take(try cursor.word())
      }
      values = try cursor.take(cursor.remaining)
    } else {
      var cursor = ByteCursor(stored)
      _ = try cursor.take(header.repetitionLevelCount)
      let definitions = try cursor.take(header.definitionLevelCount)
      if column.definitionLevels > 0 { levels = definitions }
      let plainCount = header.plainCount - header.repetitionLevelCount - header.definitionLevelCount
      guard plainCount >= 0 else { throw Fault.damaged("a page has a size that cannot be") }
      let rest = try cursor.take(cursor.remaining)
      values = header.isCompressed ? try decompressed(rest, plainCount, into: buffer) : rest
    }
    var texts = try TextDecoder(
      values, encoding: header.encoding, valueCount: header.valueCount, dictionary: dictionary)
    guard let levels else {
      for _ in 0..<header.valueCount { try texts.next(body) }
      return
    }
    let present = UInt32(column.definitionLevels)
    var decoder = try HybridDecoder(levels, width: Int.bitWidth - column.definitionLevels.leadingZeroBitCount)
    for _ in 0..<header.valueCount {
      let level = try decoder.next()
      guard level <= present else { throw Fault.damaged("a level is above the schema's") }
      if level == present { try texts.next(body) } else { try body(nil) }
    }
  }

  /// The bytes of a page as they are once decompressed, in `buffer` or in place.
  private func decompressed(
    _ stored: UnsafeRawBufferPointer, _ count: Int, into buffer: PageBuffer
  ) throws -> UnsafeRawBufferPointer {
    guard let codec else {
      guard stored.count == count else { throw Fault.damaged("an uncompressed page has two sizes") }
      return stored
    }
    if stored.isEmpty, count == 0 { return stored }
    try buffer.resize(count)
    do {
      try codec.decompress(stored, into: buffer.bytes)
    } catch let error as CodecError {
      throw Fault.damaged("a page cannot be decompressed (\(error))")
    }
    return UnsafeRawBufferPointer(buffer.bytes)
  }

  private static func codec(_ number: Int) throws -> Codec? {
    switch number {
    case 0: return nil
    case 1: return .snappy
    case 2: return .gzip
    case 6: return .zstd
    default:
      let names = [3: "LZO", 4: "Brotli", 5: "LZ4", 7: "LZ4 (raw)"]
      throw Fault.unsupported("its data are compressed with \(names[number] ?? "method number \(number)")")
    }
  }
}
