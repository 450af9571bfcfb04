import Kernels

/// bitsandbytes' 4-bit NormalFloat: blocks of consecutive weights share an absmax; sixteen levels lie at quantiles of
/// a normal distribution.
///
/// Source: bitsandbytes, functional.py (create_normal_map) and its default backend (quantize_4bit, dequantize_4bit).
struct NF4: Sendable {
  static let levels: [Float] = [
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
  ]

  /// Midpoints of neighbouring levels in float32; a value on a threshold takes the lower level.
  static let thresholds: [Float] = zip(levels, levels.dropFirst()).map { ($0 + $1) / 2 }

  let blockSize: Int
  let rows: Int
  let columns: Int
  /// One code of 0…15 per weight, [rows, columns].
  let codes: AlignedBuffer<UInt8>
  /// Per block, as they are used: after double quantization, if any.
  let absmax: [Float]
  /// Nil without double quantization.
  let doubleQuantization: DoubleQuantization?

  /// - Parameter bf16: [rows, columns]; blocks run over it in row-major order.
  init(
    quantizing bf16: UnsafePointer<UInt16>, rows: Int, columns: Int, blockSize: Int, doubleQuantization: Bool
  ) {
    self.blockSize = blockSize
    self.rows = rows
    self.columns = columns
    let count = rows * columns
    codes = AlignedBuffer(count: count)
    let scales = AlignedBuffer<Float>(count: (count + blockSize - 1) / blockSize)
    Blockwise.codes(
      bf16, count: count, block: blockSize, thresholds: Self.thresholds, codes: codes.pointer,
      absmax: scales.pointer)
    if doubleQuantization {
      let second = DoubleQuantization(scales.values)
      self.doubleQuantization = second
      absmax = second.dequantized
    } else {
      self.doubleQuantization = nil
      absmax = scales.values
    }
  }

  /// Weights in bf16, [rows, columns].
  func dequantize(into out: UnsafeMutablePointer<UInt16>) {
    Blockwise.dequantize(
      codes.pointer, count: codes.count, block: blockSize, levels: Self.levels, absmax: absmax, into: out)
  }

  /// Weights in float32, [rows, columns].
  func dequantize(into out: UnsafeMutablePointer<Float>) {
    Blockwise.dequantize(
      codes.pointer, count: codes.count, block: blockSize, levels: Self.levels, absmax: absmax, into: out)
  }

  /// Bits that the quantized weights take, scales counted.
  static func bits(weights: Int, blockSize: Int, doubleQuantization: Bool) -> Double {
    let blocks = (weights + blockSize - 1) / blockSize
    let codes = 4.0 * Double(weights)
    if !doubleQuantization { return codes + 32 * Double(blocks) }
    return codes + DoubleQuantization.bits(scales: blocks)
  }
}
