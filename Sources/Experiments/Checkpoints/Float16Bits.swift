/// IEEE half-precision numbers as their 16 bits.
enum Float16Bits {
  /// The exact float32 of a half. Multiplying by 2¹¹² moves the exponent and makes subnormals normal, in one
  /// step without branches; `Float(Float16)` calls a library routine on CPUs the compiler may not assume more of.
  @inline(__always)
  static func widened(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7fff) &<< 13
    let finite = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
    let special = magnitude | 0x7f80_0000  // infinity and NaN keep their fraction
    let sign = UInt32(bits & 0x8000) &<< 16
    return Float(bitPattern: sign | (bits & 0x7c00 == 0x7c00 ? special : finite))
  }
}
