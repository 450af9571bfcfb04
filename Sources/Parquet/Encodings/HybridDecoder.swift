/// Runs and bit-packed groups of small numbers: definition levels and indices into a dictionary (encoding RLE).
struct HybridDecoder {
  private var cursor: ByteCursor
  private let width: Int
  /// Of the run at hand.
  private var repeated = 0
  private var value: UInt32 = 0
  /// Of the group at hand.
  private var packed = 0
  private var group = UnsafeRawBufferPointer(start: nil, count: 0)
  private var bit = 0

  /// - Parameter width: bits per number, at most 32.
  init(_ bytes: UnsafeRawBufferPointer, width: Int) throws {
    guard 0...32 ~= width else { throw Fault.damaged("numbers have \(width) bits") }
    cursor = ByteCursor(bytes)
    self.width = width
  }

  mutating func next() throws -> UInt32 {
    while true {
      if repeated > 0 {
        repeated -= 1
        return value
      }
      if packed > 0 {
        packed -= 1
        defer { bit += width }
        return bits(group, at: bit, width: width)
      }
      try readHead()
    }
  }

  private mutating func readHead() throws {
    let head = try cursor.count()
    if head & 1 == 0 {
      repeated = head >> 1
      value = 0
      for (shift, byte) in try cursor.take((width + 7) / 8).enumerated() { value |= UInt32(byte) << UInt32(8 * shift) }
    } else {
      let groups = head >> 1
      // A last group may be cut off after its last number.
      guard groups <= Int(Int32.max) else { throw ByteCursor.endsEarly }
      group = try cursor.take(min(groups * width, cursor.remaining))
      packed = width == 0 ? groups * 8 : min(groups * 8, group.count * 8 / width)
      guard groups == 0 || packed > 0 else { throw ByteCursor.endsEarly }
      bit = 0
    }
  }
}

/// `width` bits (at most 32) of a string of bits, the lowest bit of each byte first.
/// - Precondition: they lie within `bytes`.
@inline(__always)
func bits(_ bytes: UnsafeRawBufferPointer, at bit: Int, width: Int) -> UInt32 {
  let first = bit >> 3
  var word: UInt64 = 0
  if first + 8 <= bytes.count {
    word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: first, as: UInt64.self))
  } else {
    for index in first..<min(first + 8, bytes.count) { word |= UInt64(bytes[index]) << UInt64(8 * (index - first)) }
  }
  return UInt32(truncatingIfNeeded: (word >> UInt64(bit & 7)) & ((1 << UInt64(width)) - 1))
}
