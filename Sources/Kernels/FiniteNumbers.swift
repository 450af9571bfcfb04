/// Finds numbers that are NaN or infinite: their exponent's bits are all ones. As fast as memory, so that it can be done
/// wherever numbers come from outside or may have overflowed.
public enum FiniteNumbers {
  /// Numbers that are looked at before it is asked whether one was found.
  private static let run = 4096

  /// Place of the first number that is not finite; nil where all are. Numbers may lie at any address.
  public static func firstOther(inBF16 base: UnsafeRawPointer, count: Int) -> Int? {
    first(base, count, stride: 2, magnitude: Int16.max, limit: 0x7f80)
  }

  /// - Parameter stride: bytes from one number to the next.
  public static func firstOther(inFloat16 base: UnsafeRawPointer, count: Int, stride: Int = 2) -> Int? {
    stride == 2
      ? first(base, count, stride: 2, magnitude: Int16.max, limit: 0x7c00)
      : first(base, count, stride: stride, magnitude: Int16.max, limit: 0x7c00)
  }

  /// - Parameter asBF16: also find what rounds to infinity in bf16: from half a unit above bf16's largest number on.
  public static func firstOther(inFloat32 base: UnsafeRawPointer, count: Int, asBF16: Bool = false) -> Int? {
    first(base, count, stride: 4, magnitude: Int32.max, limit: asBF16 ? 0x7f7f_8000 : 0x7f80_0000)
  }

  public static func firstOther(inFloat64 base: UnsafeRawPointer, count: Int) -> Int? {
    first(base, count, stride: 8, magnitude: Int64.max, limit: 0x7ff0_0000_0000_0000)
  }

  /// The first number whose bits without its sign are `limit` or more.
  @inline(__always)
  private static func first<Bits: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _ base: UnsafeRawPointer, _ count: Int, stride: Int, magnitude: Bits, limit: Bits
  ) -> Int? {
    for start in Swift.stride(from: 0, to: count, by: run) {
      let places = start..<min(start + run, count)
      var any: Bits = 0
      for i in places {
        let bits = Bits(littleEndian: base.loadUnaligned(fromByteOffset: i &* stride, as: Bits.self))
        any |= bits & magnitude >= limit ? 1 : 0
      }
      guard any != 0 else { continue }
      return places.first {
        Bits(littleEndian: base.loadUnaligned(fromByteOffset: $0 &* stride, as: Bits.self)) & magnitude >= limit
      }
    }
    return nil
  }
}
