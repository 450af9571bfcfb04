import Kernels

/// Turns stored numbers into float32, bit for bit as `gguf.quants.dequantize` (gguf 0.19) does: the same
/// products in the same order, each rounded once to float32, nothing fused.
///
/// All raw pointers of the checkpoint reader are here and in `TensorReader`, which owns the loops over rows.
enum Dequantization {
  /// - Parameters:
  ///   - source: first byte of a block.
  ///   - count: numbers to produce, a multiple of the block length.
  ///   - out: room for `count` numbers.
  static func dequantize(
    _ element: TensorElement, from source: UnsafeRawPointer, count: Int, into out: UnsafeMutablePointer<Float>
  ) {
    switch element {
    case .f32:
      UnsafeMutableRawPointer(out).copyMemory(from: source, byteCount: 4 * count)
    case .f16:
      for i in 0..<count { out[i] = Float16Bits.widened(half(source, 2 &* i)) }
    case .bf16:
      for i in 0..<count { out[i] = BF16.float(half(source, 2 &* i)) }
    default:
      var block = source
      for start in stride(from: 0, to: count, by: element.blockLength) {
        let numbers = out + start
        switch element {
        case .q4_0: q4_0(block, numbers)
        case .q4_1: q4_1(block, numbers)
        case .q5_0: q5_0(block, numbers)
        case .q5_1: q5_1(block, numbers)
        case .q8_0: q8_0(block, numbers)
        case .q4_K: q4_K(block, numbers)
        case .q5_K: q5_K(block, numbers)
        case .q6_K: q6_K(block, numbers)
        case .q2_K: q2_K(block, numbers)
        case .q3_K: q3_K(block, numbers)
        case .iq4_NL: iq4_NL(block, numbers)
        case .iq4_XS: iq4_XS(block, numbers)
        case .f32, .f16, .bf16: break
        }
        block += element.blockBytes
      }
    }
  }

  @inline(__always)
  static func half(_ source: UnsafeRawPointer, _ offset: Int) -> UInt16 {
    UInt16(littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  @inline(__always)
  static func scale(_ source: UnsafeRawPointer, _ offset: Int) -> Float {
    Float16Bits.widened(half(source, offset))
  }

  // MARK: Blocks of 32

  /// d (half), 16 bytes; low nibbles are numbers 0–15, high nibbles 16–31. x = d·(q − 8)
  private static func q4_0(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    let nibbles = (block + 2).assumingMemoryBound(to: UInt8.self)
    for j in 0..<16 {
      out[j] = d * Float(Int32(nibbles[j] & 15) &- 8)
      out[j &+ 16] = d * Float(Int32(nibbles[j] &>> 4) &- 8)
    }
  }

  /// d, m (halves), 16 bytes. x = d·q + m
  private static func q4_1(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    let m = scale(block, 2)
    let nibbles = (block + 4).assumingMemoryBound(to: UInt8.self)
    for j in 0..<16 {
      out[j] = d * Float(Int32(nibbles[j] & 15)) + m
      out[j &+ 16] = d * Float(Int32(nibbles[j] &>> 4)) + m
    }
  }

  /// d (half), the 32 fifth bits, 16 bytes. x = d·(q − 16)
  private static func q5_0(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    let high = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
    let nibbles = (block + 6).assumingMemoryBound(to: UInt8.self)
    for j in 0..<16 {
      let shift = UInt32(truncatingIfNeeded: j)
      let low = UInt32(nibbles[j] & 15) | ((high &>> shift) & 1) &<< 4
      let upper = UInt32(nibbles[j] &>> 4) | ((high &>> (shift &+ 16)) & 1) &<< 4
      out[j] = d * Float(Int32(bitPattern: low) &- 16)
      out[j &+ 16] = d * Float(Int32(bitPattern: upper) &- 16)
    }
  }

  /// d, m (halves), the 32 fifth bits, 16 bytes. x = d·q + m
  private static func q5_1(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    let m = scale(block, 2)
    let high = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    let nibbles = (block + 8).assumingMemoryBound(to: UInt8.self)
    for j in 0..<16 {
      let shift = UInt32(truncatingIfNeeded: j)
      let low = UInt32(nibbles[j] & 15) | ((high &>> shift) & 1) &<< 4
      let upper = UInt32(nibbles[j] &>> 4) | ((high &>> (shift &+ 16)) & 1) &<< 4
      out[j] = d * Float(Int32(bitPattern: low)) + m
      out[j &+ 16] = d * Float(Int32(bitPattern: upper)) + m
    }
  }

  /// d (half), 32 signed bytes. x = d·q
  private static func q8_0(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    let codes = (block + 2).assumingMemoryBound(to: Int8.self)
    for j in 0..<32 { out[j] = Float(Int32(codes[j])) * d }
  }

  // MARK: Super-blocks of 256

  /// d·sc and dmin·mn of sub-block `j` (0–7) of a block that begins with d, dmin (halves) and 12 bytes that pack eight
  /// scales and minima of 6 bits.
  @inline(__always)
  private static func scaleAndMinimum(_ block: UnsafeRawPointer, _ j: Int) -> (Float, Float) {
    let packed = (block + 4).assumingMemoryBound(to: UInt8.self)
    var (factor, minimum) = (packed[j] & 63, packed[j &+ 4] & 63)
    if j >= 4 {
      factor = (packed[j &+ 4] & 15) | (packed[j &- 4] &>> 6) &<< 4
      minimum = (packed[j &+ 4] &>> 4) | (packed[j] &>> 6) &<< 4
    }
    return (scale(block, 0) * Float(factor), scale(block, 2) * Float(minimum))
  }

  /// d, dmin (halves), 12 bytes of scales, 128 bytes: each 32 bytes hold two sub-blocks of 32, low nibbles
  /// first. x = (d·sc)·q − (dmin·mn)
  private static func q4_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let nibbles = (block + 16).assumingMemoryBound(to: UInt8.self)
    for pair in 0..<4 {
      let (d0, m0) = scaleAndMinimum(block, 2 &* pair)
      let (d1, m1) = scaleAndMinimum(block, 2 &* pair &+ 1)
      let codes = nibbles + 32 &* pair
      let numbers = out + 64 &* pair
      for j in 0..<32 {
        numbers[j] = d0 * Float(Int32(codes[j] & 15)) - m0
        numbers[j &+ 32] = d1 * Float(Int32(codes[j] &>> 4)) - m1
      }
    }
  }

  /// As Q4_K, with 32 bytes of fifth bits before the nibbles: bit j of byte i belongs to number i of sub-block j.
  private static func q5_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let high = (block + 16).assumingMemoryBound(to: UInt8.self)
    let nibbles = (block + 48).assumingMemoryBound(to: UInt8.self)
    for pair in 0..<4 {
      let (d0, m0) = scaleAndMinimum(block, 2 &* pair)
      let (d1, m1) = scaleAndMinimum(block, 2 &* pair &+ 1)
      let codes = nibbles + 32 &* pair
      let numbers = out + 64 &* pair
      let bit = UInt8(truncatingIfNeeded: 2 &* pair)
      for j in 0..<32 {
        let low = (codes[j] & 15) | ((high[j] &>> bit) & 1) &<< 4
        let upper = (codes[j] &>> 4) | ((high[j] &>> (bit &+ 1)) & 1) &<< 4
        numbers[j] = d0 * Float(Int32(low)) - m0
        numbers[j &+ 32] = d1 * Float(Int32(upper)) - m1
      }
    }
  }

  /// 128 bytes of low nibbles, 64 of high bit pairs, 16 signed scales, d (half) last. x = (d·sc)·(q − 32)
  private static func q6_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 208)
    let scales = (block + 192).assumingMemoryBound(to: Int8.self)
    for part in 0..<2 {
      let low = block.assumingMemoryBound(to: UInt8.self) + 64 &* part
      let high = (block + 128).assumingMemoryBound(to: UInt8.self) + 32 &* part
      for quarter in 0..<4 {
        // Quarters 0 and 1 take low nibbles of bytes 0–31 and 32–63, quarters 2 and 3 the high nibbles.
        let nibbles = low + 32 &* (quarter & 1)
        let nibbleShift = UInt8(truncatingIfNeeded: 4 &* (quarter &>> 1))
        let pairShift = UInt8(truncatingIfNeeded: 2 &* quarter)
        let numbers = out + (128 &* part &+ 32 &* quarter)
        let firstScale = d * Float(Int32(scales[8 &* part &+ 2 &* quarter]))
        let secondScale = d * Float(Int32(scales[8 &* part &+ 2 &* quarter &+ 1]))
        for j in 0..<16 {
          numbers[j] = firstScale * sixBits(nibbles[j], nibbleShift, high[j], pairShift)
        }
        for j in 16..<32 {
          numbers[j] = secondScale * sixBits(nibbles[j], nibbleShift, high[j], pairShift)
        }
      }
    }
  }

  @inline(__always)
  private static func sixBits(_ nibbles: UInt8, _ shift: UInt8, _ pairs: UInt8, _ pairShift: UInt8) -> Float {
    let code = ((nibbles &>> shift) & 15) | ((pairs &>> pairShift) & 3) &<< 4
    return Float(Int32(code) &- 32)
  }
}
