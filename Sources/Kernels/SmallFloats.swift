/// Floating-point numbers of four and eight bits, in the OCP's formats. Encoding rounds to nearest, ties to the even code but
/// in E8M0, and saturates: what lies past the largest number becomes it.
///
/// Sources: OCP 8-bit Floating Point Specification 1.0; OCP Microscaling Formats Specification 1.0.

/// Sign, two bits of exponent, one of mantissa: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives. The code is the low four
/// bits. It has neither infinity nor NaN.
public enum E2M1 {
  public static let largest: Float = 6
  /// All sixteen, by code.
  public static let values: [Float] = (0..<16).map(value)

  @inline(__always)
  public static func value(_ code: UInt8) -> Float {
    // Moved to float32's place, the exponent lacks 126: the product makes the subnormal 0.5 normal as well.
    let value = Float(bitPattern: UInt32(code & 7) &<< 22) * 0x1p126
    return code & 8 == 0 ? value : -value
  }

  /// The number nearest to x; NaN becomes the largest.
  @inline(__always)
  public static func code(_ x: Float) -> UInt8 {
    let a = x.magnitude
    let low: UInt8 = (a > 0.25 ? 1 : 0) &+ (a >= 0.75 ? 1 : 0) &+ (a > 1.25 ? 1 : 0) &+ (a >= 1.75 ? 1 : 0)
    let high: UInt8 = (a > 2.5 ? 1 : 0) &+ (a >= 3.5 ? 1 : 0) &+ (a > 5 ? 1 : 0)
    let magnitude = a.isNaN ? 7 : low &+ high
    return x.sign == .minus ? magnitude | 8 : magnitude
  }
}

/// Sign, four bits of exponent, three of mantissa, no infinity (e4m3fn): up to 448; 0x7F and 0xFF are NaN.
public enum E4M3 {
  public static let largest: Float = 448

  @inline(__always)
  public static func value(_ code: UInt8) -> Float {
    let magnitude = UInt32(code & 0x7F)
    if magnitude == 0x7F { return .nan }
    // Moved to float32's place, the exponent lacks 120: the product makes subnormals normal as well.
    let value = Float(bitPattern: magnitude &<< 20) * 0x1p120
    return code & 0x80 == 0 ? value : -value
  }

  @inline(__always)
  public static func code(_ x: Float) -> UInt8 {
    let sign: UInt8 = x.sign == .minus ? 0x80 : 0
    let a = x.magnitude
    if a.isNaN { return sign | 0x7F }
    if a >= largest { return sign | 0x7E }
    // Below 2⁻⁶ numbers are 2⁻⁹ apart: adding 1.5·2¹⁴ rounds to that.
    if a < 0x1p-6 { return sign | UInt8(truncatingIfNeeded: (a + 0x1.8p14).bitPattern) }
    let bits = a.bitPattern
    let rounded = (bits &+ 0x7FFFF &+ ((bits &>> 20) & 1)) &>> 20
    return sign | UInt8(truncatingIfNeeded: rounded &- 960)
  }

}

/// Eight bits of exponent and nothing else: 2^(code − 127), from 2⁻¹²⁷ to 2¹²⁷; 0xFF is NaN.
public enum E8M0 {
  @inline(__always)
  public static func value(_ code: UInt8) -> Float {
    switch code {
    case 0: 0x1p-127
    case 0xFF: .nan
    default: Float(bitPattern: UInt32(code) &<< 23)
    }
  }

  /// The power of two nearest to x, halfway up, as PyTorch and ml_dtypes have it; of what is not above zero the least.
  @inline(__always)
  public static func code(_ x: Float) -> UInt8 {
    if x.isNaN { return 0xFF }
    if x <= 0x1p-127 { return 0 }
    return x < 0x1p-126 ? 1 : UInt8(min(254, (x.bitPattern &+ 0x400000) &>> 23))
  }
}
