/// Quantization of NF4's block scales: their deviations from the mean, in blocks of 256, as indices of an 8-bit
/// floating-point table.
///
/// Nearest entries are found exactly, as bitsandbytes' CUDA kernels do; its CPU kernel looks them up in a coarser table
/// and differs in a few codes per thousand. Source: bitsandbytes, functional.py (quantize_4bit, compress_statistics).
struct DoubleQuantization: Sendable {
  static let blockSize = 256

  /// Mean of all scales, float32.
  let offset: Float
  /// Indices into `DynamicMap.values`, one per scale.
  let codes: [UInt8]
  /// Largest |scale − offset| per block of 256.
  let absmax: [Float]

  /// - Parameter offset: the mean to use; computed in Double when nil.
  init(_ scales: [Float], offset given: Float? = nil) {
    let offset = given ?? Float(scales.reduce(0.0) { $0 + Double($1) } / Double(max(scales.count, 1)))
    self.offset = offset
    var codes = [UInt8](repeating: 0, count: scales.count)
    var absmax: [Float] = []
    for start in stride(from: 0, to: scales.count, by: Self.blockSize) {
      let range = start..<min(start + Self.blockSize, scales.count)
      let largest = range.reduce(Float(0)) { max($0, abs(scales[$1] - offset)) }
      absmax.append(largest)
      let inverse = 1 / max(largest, 1e-38)
      for i in range { codes[i] = DynamicMap.nearest((scales[i] - offset) * inverse) }
    }
    self.codes = codes
    self.absmax = absmax
  }

  var dequantized: [Float] {
    codes.indices.map { DynamicMap.values[Int(codes[$0])] * absmax[$0 / Self.blockSize] + offset }
  }

  /// 8 bits per scale, 32 per block, and the offset.
  static func bits(scales: Int) -> Double {
    8 * Double(scales) + 32 * Double((scales + blockSize - 1) / blockSize) + 32
  }
}
