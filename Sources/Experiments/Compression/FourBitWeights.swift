import Kernels

/// Sixteen ascending levels from −1 to 1 that four bits choose from.
///
/// Source: bitsandbytes, functional.py (get_4bit_type).
enum FourBitLevels: String, Sendable {
  /// 4-bit NormalFloat: quantiles of a normal distribution.
  case nf4
  /// Sign, two bits of exponent, one of mantissa, in bitsandbytes' own reading; zero occurs twice.
  case fp4

  var values: [Float] { self == .nf4 ? Self.normal : Self.float }

  /// Midpoints of neighbouring levels in float32; a value on a threshold takes the lower level.
  var thresholds: [Float] { zip(values, values.dropFirst()).map { ($0 + $1) / 2 } }

  /// By the code that bitsandbytes writes into files.
  var stored: [Float] { self == .nf4 ? Self.normal : Self.storedFloat }

  private static let float = storedFloat.sorted()
  private static let storedFloat: [Float] = {
    let magnitudes = [0, 0.0625, 8, 12, 4, 6, 2, 3].map { Float($0) / 12 }
    // Its zero has one sign.
    return magnitudes + magnitudes.map { 0 - $0 }
  }()

  private static let normal: [Float] = [
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
  ]
}

/// bitsandbytes' 4-bit weights: blocks of consecutive weights share an absmax.
///
/// Source: bitsandbytes, its default backend (quantize_4bit, dequantize_4bit).
struct FourBitWeights: Sendable {
  let levels: FourBitLevels
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
    quantizing bf16: UnsafePointer<UInt16>, rows: Int, columns: Int, levels: FourBitLevels, blockSize: Int,
    doubleQuantization: Bool
  ) {
    self.levels = levels
    self.blockSize = blockSize
    self.rows = rows
    self.columns = columns
    let count = rows * columns
    codes = AlignedBuffer(count: count)
    let scales = AlignedBuffer<Float>(count: (count + blockSize - 1) / blockSize)
    Blockwise.codes(
      bf16, count: count, block: blockSize, thresholds: levels.thresholds, codes: codes.pointer,
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
      codes.pointer, count: codes.count, block: blockSize, levels: levels.values, absmax: absmax, into: out)
  }

  /// Weights in float32, [rows, columns].
  func dequantize(into out: UnsafeMutablePointer<Float>) {
    Blockwise.dequantize(
      codes.pointer, count: codes.count, block: blockSize, levels: levels.values, absmax: absmax, into: out)
  }

  /// Bits that the quantized weights take, scales counted.
  static func bits(weights: Int, blockSize: Int, doubleQuantization: Bool) -> Double {
    let blocks = (weights + blockSize - 1) / blockSize
    let codes = 4.0 * Double(weights)
    if !doubleQuantization { return codes + 32 * Double(blocks) }
    return codes + DoubleQuantization.bits(scales: blocks)
  }
}
