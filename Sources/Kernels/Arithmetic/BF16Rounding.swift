/// The bits of the bf16 number nearest to `value`, ties to even; NaN keeps its sign and stays NaN, as in the C kernels.
@inlinable
public func bf16Bits(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
  return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16)
}

/// `value` rounded to bf16.
public func bf16Rounded(_ value: Float) -> Float {
  Float(bitPattern: UInt32(bf16Bits(value)) << 16)
}
