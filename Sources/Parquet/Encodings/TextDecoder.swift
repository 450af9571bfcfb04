/// The texts of one page, in any of the encodings Parquet has for them.
enum TextDecoder {
  /// A length in four bytes before each text.
  case plain(ByteCursor)
  case dictionary(HybridDecoder, TextDictionary)
  /// All lengths, then all texts.
  case deltaLength([Int], next: Int, ByteCursor)
  /// Each text keeps a prefix of the one before it.
  case delta(prefixes: [Int], suffixes: [Int], next: Int, ByteCursor, previous: [UInt8])

  /// - Parameters:
  ///   - encoding: its number in parquet.thrift.
  ///   - valueCount: values in the page, nulls counted.
  init(_ bytes: UnsafeRawBufferPointer, encoding: Int, valueCount: Int, dictionary: TextDictionary?) throws {
    var cursor = ByteCursor(bytes)
    switch encoding {
    case 0: self = .plain(cursor)
    case 2, 8:
      // A page of nulls alone may have no values at all, and then its chunk needs no dictionary.
      guard !bytes.isEmpty else {
        self = .plain(cursor)
        return
      }
      guard let dictionary else { throw Fault.damaged("a page refers to a dictionary that is not there") }
      let width = Int(try cursor.byte())
      self = .dictionary(try HybridDecoder(try cursor.take(cursor.remaining), width: width), dictionary)
    case 6:
      let lengths = try DeltaLengths.read(&cursor, limit: valueCount)
      self = .deltaLength(lengths, next: 0, cursor)
    case 7:
      let prefixes = try DeltaLengths.read(&cursor, limit: valueCount)
      let suffixes = try DeltaLengths.read(&cursor, limit: valueCount)
      guard prefixes.count == suffixes.count else { throw Fault.damaged("prefixes and suffixes differ in number") }
      self = .delta(prefixes: prefixes, suffixes: suffixes, next: 0, cursor, previous: [])
    default:
      let names = [
        3: "RLE", 4: "BIT_PACKED", 5: "DELTA_BINARY_PACKED", 9: "BYTE_STREAM_SPLIT",
      ]
      throw Fault.unsupported("its texts are encoded as \(names[encoding] ?? "number \(encoding)")")
    }
  }

  /// Hands out the next text.
  mutating func next(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    switch self {
    case .plain(var cursor):
      let text = try cursor.take(try cursor.word())
      self = .plain(cursor)
      try body(text)
    case .dictionary(var indices, let dictionary):
      let index = Int(try indices.next())
      self = .dictionary(indices, dictionary)
      try body(try dictionary.text(index))
    case .deltaLength(let lengths, let next, var cursor):
      guard next < lengths.count else { throw ByteCursor.endsEarly }
      let text = try cursor.take(lengths[next])
      self = .deltaLength(lengths, next: next + 1, cursor)
      try body(text)
    case .delta(let prefixes, let suffixes, let next, var cursor, var previous):
      guard next < prefixes.count else { throw ByteCursor.endsEarly }
      guard prefixes[next] <= previous.count else { throw Fault.damaged("a prefix is longer than its text") }
      let suffix = try cursor.take(suffixes[next])
      previous.removeLast(previous.count - prefixes[next])
      previous.append(contentsOf: suffix)
      self = .delta(prefixes: prefixes, suffixes: suffixes, next: next + 1, cursor, previous: previous)
      try previous.withUnsafeBytes { try body($0) }
    }
  }
}

/// The distinct texts of a column chunk.
struct TextDictionary {
  private let bytes: UnsafeRawBufferPointer
  private let places: [Range<Int>]
  /// Keeps `bytes` alive where they were decompressed.
  private let owner: PageBuffer?

  /// - Parameter page: texts in the plain encoding.
  init(_ page: UnsafeRawBufferPointer, count: Int, owner: PageBuffer?) throws {
    guard count <= page.count / 4 else { throw ByteCursor.endsEarly }
    var cursor = ByteCursor(page)
    var places: [Range<Int>] = []
    places.reserveCapacity(count)
    for _ in 0..<count {
      let length = try cursor.word()
      let start = cursor.position
      _ = try cursor.take(length)
      places.append(start..<start + length)
    }
    bytes = page
    self.places = places
    self.owner = owner
  }

  func text(_ index: Int) throws -> UnsafeRawBufferPointer {
    guard index < places.count else {
      throw Fault.damaged("entry \(index) of a dictionary of \(places.count) is asked for")
    }
    return UnsafeRawBufferPointer(rebasing: bytes[places[index]])
  }
}
