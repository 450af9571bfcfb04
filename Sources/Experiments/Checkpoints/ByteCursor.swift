/// Reads little-endian numbers from bytes in order and knows where they end.
struct ByteCursor {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int
  private let path: String

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, path: String) {
    self.bytes = bytes
    self.position = position
    self.path = path
  }

  mutating func read<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let start = try skip(MemoryLayout<Number>.size)
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Number.self))
  }

  mutating func readFloat() throws -> Float {
    Float(bitPattern: try read(UInt32.self))
  }

  mutating func readDouble() throws -> Double {
    Double(bitPattern: try read(UInt64.self))
  }

  /// A 64-bit length or count that must fit the bytes that are left, at `unit` bytes each.
  mutating func readCount(unit: Int) throws -> Int {
    let value = try read(UInt64.self)
    guard value <= UInt64((bytes.count - position) / max(unit, 1)) else {
      throw CheckpointError.damaged(
        path: path, reason: "the header names \(value) items at byte \(position), more than the file holds")
    }
    return Int(value)
  }

  /// A length and that many bytes.
  mutating func readStringRange() throws -> Range<Int> {
    let length = try readCount(unit: 1)
    let start = try skip(length)
    return start..<start + length
  }

  mutating func readString() throws -> String {
    String(decoding: bytes[try readStringRange()], as: UTF8.self)
  }

  /// Moves over `count` bytes and returns where they start.
  @discardableResult
  mutating func skip(_ count: Int) throws -> Int {
    guard count <= bytes.count - position else {
      throw CheckpointError.damaged(
        path: path, reason: "the header ends at byte \(bytes.count), in the middle of a value")
    }
    defer { position += count }
    return position
  }
}
