import CKernels

/// Four-bit codes per block of consecutive weights, against a table of levels.
public enum Blockwise {
  /// codes[i] = how many of the 15 ascending thresholds lie strictly below x[i] ∕ absmax of its block.
  public static func codes(
    _ x: UnsafePointer<UInt16>, count: Int, block: Int, thresholds: [Float], codes: UnsafeMutablePointer<UInt8>,
    absmax: UnsafeMutablePointer<Float>
  ) {
    precondition(thresholds.count == 15, "sixteen levels have fifteen thresholds")
    clearbox_blockwise_codes(x, count, block, thresholds, codes, absmax)
  }

  /// out = levels[code] · absmax, rounded to bf16.
  public static func dequantize(
    _ codes: UnsafePointer<UInt8>, count: Int, block: Int, levels: [Float], absmax: [Float],
    into out: UnsafeMutablePointer<UInt16>
  ) { clearbox_blockwise_dequantize_bf16(codes, count, block, levels, absmax, out) }

  /// out = levels[code] · absmax.
  public static func dequantize(
    _ codes: UnsafePointer<UInt8>, count: Int, block: Int, levels: [Float], absmax: [Float],
    into out: UnsafeMutablePointer<Float>
  ) { clearbox_blockwise_dequantize_f32(codes, count, block, levels, absmax, out) }
}
