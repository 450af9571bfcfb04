/// A place in bytes that it does not own. Every read is checked: a file's numbers are never trusted.
struct ByteCursor {
  let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var remaining: Int { bytes.count - position }

  static let endsEarly = Fault.damaged("the data end early")

  mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw Self.endsEarly }
    defer { position += 1 }
    return bytes[position]
  }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, count <= remaining else { throw Self.endsEarly }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  /// Four bytes, little endian.
  mutating func word() throws -> Int {
    let bytes = try take(4)
    return Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
  }

  /// An unsigned number of at most 64 bits, seven to a byte, low ones first.
  mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, through: 63, by: 7) {
      let next = try byte()
      value |= UInt64(next & 0x7f) << UInt64(shift)
      if next & 0x80 == 0 { return value }
    }
    throw Fault.damaged("a number has more than 64 bits")
  }

  /// A signed number as a varint: 0, −1, 1, −2, …
  mutating func zigzag() throws -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// An unsigned number that must fit an index.
  mutating func count() throws -> Int {
    guard let value = Int(exactly: try varint()) else { throw Fault.damaged("a count is negative") }
    return value
  }
}
