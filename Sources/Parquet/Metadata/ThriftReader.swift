/// Reads Apache Thrift's compact protocol, the form of Parquet's footer and page headers.
/// Source: thrift-compact-protocol.md of Apache Thrift.
struct ThriftReader {
  enum Kind: UInt8 {
    case stop, yes, no, byte, int16, int32, int64, double, binary, list, set, map, structure, uuid
  }

  private(set) var cursor: ByteCursor
  private var depth = 0

  init(_ cursor: ByteCursor) { self.cursor = cursor }

  /// Parquet nests six structures; a damaged file may claim any number.
  private static let deepest = 24

  /// Reads a structure. `field` gets the number and kind of each field in turn, and returns false where it has read
  /// nothing: such a field is skipped.
  mutating func structure(_ field: (inout ThriftReader, _ number: Int, _ kind: Kind) throws -> Bool) throws {
    try enter()
    var number = 0
    while true {
      let head = try cursor.byte()
      let kind = try Self.kind(head & 0x0f)
      if kind == .stop { break }
      let step = Int(head >> 4)
      // Field numbers have 16 bits.
      number = Int(Int16(truncatingIfNeeded: step > 0 ? Int64(number + step) : Int64(try cursor.zigzag())))
      if try !field(&self, number, kind) { try skip(kind) }
    }
    depth -= 1
  }

  /// A whole number of any width.
  mutating func integer(_ kind: Kind) throws -> Int {
    switch kind {
    case .int16, .int32, .int64: Int(try cursor.zigzag())
    case .byte: Int(Int8(bitPattern: try cursor.byte()))
    default: throw Self.wrongKind
    }
  }

  mutating func bool(_ kind: Kind) throws -> Bool {
    switch kind {
    case .yes: true
    case .no: false
    default: throw Self.wrongKind
    }
  }

  mutating func text(_ kind: Kind) throws -> String {
    guard kind == .binary else { throw Self.wrongKind }
    return String(decoding: try cursor.take(try cursor.count()), as: UTF8.self)
  }

  /// Reads a structure in a field that must be one.
  mutating func structure(
    _ kind: Kind, _ field: (inout ThriftReader, _ number: Int, _ kind: Kind) throws -> Bool
  ) throws {
    guard kind == .structure else { throw Self.wrongKind }
    try structure(field)
  }

  /// Reads a list; `element` must read each of its elements.
  mutating func list(_ kind: Kind, _ element: (inout ThriftReader, _ kind: Kind) throws -> Void) throws {
    guard kind == .list || kind == .set else { throw Self.wrongKind }
    try enter()
    let (count, inner) = try listHead()
    for _ in 0..<count { try element(&self, inner) }
    depth -= 1
  }

  private mutating func listHead() throws -> (count: Int, kind: Kind) {
    let head = try cursor.byte()
    let count = head >> 4 == 15 ? try cursor.count() : Int(head >> 4)
    // Every element takes a byte or more.
    guard count <= cursor.remaining else { throw ByteCursor.endsEarly }
    return (count, try Self.kind(head & 0x0f))
  }

  private mutating func skip(_ kind: Kind) throws {
    switch kind {
    case .stop: throw Self.wrongKind
    case .yes, .no: break
    case .byte: _ = try cursor.byte()
    case .int16, .int32, .int64: _ = try cursor.varint()
    case .double: _ = try cursor.take(8)
    case .uuid: _ = try cursor.take(16)
    case .binary: _ = try cursor.take(try cursor.count())
    case .structure: try structure { _, _, _ in false }
    case .list, .set:
      try list(kind) { reader, inner in try reader.skipElement(inner) }
    case .map:
      try enter()
      let count = try cursor.count()
      guard count <= cursor.remaining else { throw ByteCursor.endsEarly }
      if count > 0 {
        let kinds = try cursor.byte()
        let (key, value) = (try Self.kind(kinds >> 4), try Self.kind(kinds & 0x0f))
        for _ in 0..<count {
          try skipElement(key)
          try skipElement(value)
        }
      }
      depth -= 1
    }
  }

  /// In lists and maps a Boolean is a byte of its own.
  private mutating func skipElement(_ kind: Kind) throws {
    if kind == .yes || kind == .no { _ = try cursor.byte() } else { try skip(kind) }
  }

  private mutating func enter() throws {
    depth += 1
    guard depth <= Self.deepest else { throw Fault.damaged("structures are nested without end") }
  }

  private static func kind(_ code: UInt8) throws -> Kind {
    guard let kind = Kind(rawValue: code) else { throw Fault.damaged("a field has the unknown type \(code)") }
    return kind
  }

  private static let wrongKind = Fault.damaged("a field has another type than Parquet gives it")
}
