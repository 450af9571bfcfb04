/// Steps through UTF-8 bytes scalar by scalar.
enum UTF8Scan {
  /// Length in bytes of the scalar that starts at `index`, or nil where the bytes are not valid UTF-8
  /// (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
  @inline(__always)
  static func scalarLength(in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
    let first = bytes[index]
    if first < 0x80 { return 1 }
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xbf
    switch first {
    case 0xc2...0xdf: length = 2
    case 0xe0...0xef:
      length = 3
      if first == 0xe0 { second = 0xa0...0xbf }
      if first == 0xed { second = 0x80...0x9f }
    case 0xf0...0xf4:
      length = 4
      if first == 0xf0 { second = 0x90...0xbf }
      if first == 0xf4 { second = 0x80...0x8f }
    default: return nil
    }
    guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
    for offset in 2..<max(2, length) where bytes[index + offset] & 0xc0 != 0x80 { return nil }
    return length
  }

  /// Length of the scalar with this first byte, in text known to be valid.
  @inline(__always)
  static func scalarLength(first: UInt8) -> Int {
    first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  }

  /// The scalar of `length` bytes at `index`, in text known to be valid.
  @inline(__always)
  static func scalar(in bytes: UnsafeBufferPointer<UInt8>, at index: Int, length: Int) -> UInt32 {
    let first = UInt32(bytes[index])
    if length == 1 { return first }
    var scalar = first & (0x7f &>> UInt32(length))
    for offset in 1..<length { scalar = scalar &<< 6 | UInt32(bytes[index &+ offset] & 0x3f) }
    return scalar
  }

  static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var index = 0
    while index < bytes.count {
      guard let length = scalarLength(in: bytes, at: index) else { return false }
      index += length
    }
    return true
  }
}
