/// The types with two and three bits, and those with levels that are not evenly spaced.
extension Dequantization {
  /// 16 bytes of scales (low nibbles) and minima (high nibbles) of sub-blocks of 16, 64 bytes of codes, d, dmin (halves):
  /// each 32 bytes hold 128 codes, the lowest pairs of bits first. x = (d·sc)·q − (dmin·mn)
  static func q2_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let bytes = block.assumingMemoryBound(to: UInt8.self)
    let (d, minimum) = (scale(block, 80), scale(block, 82))
    for part in 0..<16 {
      let (factor, offset) = (d * Float(bytes[part] & 15), minimum * Float(bytes[part] &>> 4))
      // Sub-blocks 0 and 1 are the lowest bits of the first 32 bytes, 2 and 3 the next.
      let codes = bytes + (16 &+ 32 &* (part &>> 3) &+ 16 &* (part & 1))
      let shift = UInt8(truncatingIfNeeded: 2 &* ((part &>> 1) & 3))
      for j in 0..<16 { out[16 &* part &+ j] = factor * Float((codes[j] &>> shift) & 3) - offset }
    }
  }

  /// 32 bytes of third bits, 64 of pairs of bits as in Q2_K, 12 that pack sixteen scales of 6 bits, d (half).
  /// x = (d·(sc − 32))·(q − 4), q with its third bit.
  static func q3_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let bytes = block.assumingMemoryBound(to: UInt8.self)
    let packed = bytes + 96
    let d = scale(block, 108)
    for part in 0..<16 {
      // Low nibbles of the first eight bytes, then the high ones; two more bits from the last four bytes.
      let low = (packed[part & 7] &>> UInt8(truncatingIfNeeded: 4 &* (part &>> 3))) & 15
      let high = (packed[8 &+ (part & 3)] &>> UInt8(truncatingIfNeeded: 2 &* (part &>> 2))) & 3
      let factor = d * Float(Int32(low | high &<< 4) &- 32)
      let place = 16 &* (part & 1)
      let codes = bytes + (32 &+ 32 &* (part &>> 3) &+ place)
      let shift = UInt8(truncatingIfNeeded: 2 &* ((part &>> 1) & 3))
      let bit = UInt8(truncatingIfNeeded: part &>> 1)
      for j in 0..<16 {
        let third = (bytes[place &+ j] &>> bit) & 1
        let code = Int32((codes[j] &>> shift) & 3 | third &<< 2) &- 4
        out[16 &* part &+ j] = factor * Float(code)
      }
    }
  }

  /// Of IQ4_NL and IQ4_XS.
  private static func level(_ code: UInt8) -> Float {
    switch code {
    case 0: -127
    case 1: -104
    case 2: -83
    case 3: -65
    case 4: -49
    case 5: -35
    case 6: -22
    case 7: -10
    case 8: 1
    case 9: 13
    case 10: 25
    case 11: 38
    case 12: 53
    case 13: 69
    case 14: 89
    default: 113
    }
  }

  /// d (half), 16 bytes; low nibbles are numbers 0–15, high nibbles 16–31. x = d·level(q)
  static func iq4_NL(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    levels((block + 2).assumingMemoryBound(to: UInt8.self), scale(block, 0), out)
  }

  /// d (half), the upper pairs of bits of eight scales in 16 bits, their lower nibbles in 4 bytes, 128 bytes: eight
  /// sub-blocks as in IQ4_NL. x = (d·(sc − 32))·level(q)
  static func iq4_XS(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let bytes = block.assumingMemoryBound(to: UInt8.self)
    let (d, high) = (scale(block, 0), half(block, 2))
    for part in 0..<8 {
      let low = (bytes[4 &+ part &>> 1] &>> UInt8(truncatingIfNeeded: 4 &* (part & 1))) & 15
      let upper = (high &>> UInt16(truncatingIfNeeded: 2 &* part)) & 3
      let factor = d * Float(Int32(low) | Int32(upper) &<< 4 &- 32)
      levels(bytes + (8 &+ 16 &* part), factor, out + 32 &* part)
    }
  }

  private static func levels(_ nibbles: UnsafePointer<UInt8>, _ factor: Float, _ out: UnsafeMutablePointer<Float>) {
    for j in 0..<16 {
      out[j] = factor * level(nibbles[j] & 15)
      out[j &+ 16] = factor * level(nibbles[j] &>> 4)
    }
  }
}
