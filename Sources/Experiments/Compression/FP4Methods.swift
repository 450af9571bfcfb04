import Kernels
import RunFile

/// NVIDIA's NVFP4: E2M1 weights, an E4M3 scale for sixteen of a row, and a float32 factor that matrices with the same input
/// share. Activations stay bf16.
///
/// Source: compressed-tensors, generate_gparam, calculate_qparams and fake_quantize on bf16 weights: block maxima ÷ 6 and
/// 2688 ÷ the largest weight are rounded to bf16, the latter by its reciprocal, as PyTorch divides.
struct NVFP4Method: WeightRounding {
  static let block = 16

  let kind = "nvfp4"
  let name = "nvfp4"
  let label = "NVFP4"
  let parameters: [RunDescription.Parameter] = []
  let citation: RunDescription.Citation? = .init(
    text: "NVFP4: NVIDIA, Pretraining Large Language Models with NVFP4, 2025", arXiv: "2509.25149")

  func rounded(_ parts: [BF16Weights], threads: Int) -> [AlignedBuffer<UInt16>] {
    let largest = max(parts.reduce(0) { max($0, $1.largest) }, 0x1p-126)
    let found = bf16Rounded(bf16Rounded(1 / largest) * (E4M3.largest * E2M1.largest))
    let factor = found.isFinite ? found : 1
    return parts.map { part in
      part.mapGroups(of: Self.block, threads: threads) { w, count, out in
        let local = bf16Rounded(BF16Weights.largest(w, count) / E2M1.largest)
        let kept = E4M3.value(E4M3.code(factor * local))
        let scale = (kept == 0 ? 0.125 : kept) / factor
        for i in 0..<count { out[i] = bf16Bits(E2M1.value(E2M1.code(BF16.float(w[i]) / scale + 0)) * scale) }
      }
    }
  }

  func bits(rows: Int, columns: Int) -> Double {
    Double(4 * rows * columns + 8 * rows * ((columns + Self.block - 1) / Self.block) + 32)
  }
}

/// The OCP's MXFP4: E2M1 weights, and a power of two for 32 of a row. Activations stay bf16.
///
/// Source: compressed-tensors, generate_mx_scales and fake_quantize on bf16 weights: the power is that of the largest weight,
/// after rounding to one bit of mantissa, ÷ 4.
struct MXFP4Method: WeightRounding {
  static let block = 32

  let kind = "mxfp4"
  let name = "mxfp4"
  let label = "MXFP4"
  let parameters: [RunDescription.Parameter] = []
  let citation: RunDescription.Citation? = .init(
    text: "MXFP4: Rouhani and others, Microscaling Data Formats for Deep Learning, 2023", arXiv: "2310.10537")

  func rounded(_ parts: [BF16Weights], threads: Int) -> [AlignedBuffer<UInt16>] {
    parts.map { part in
      part.mapGroups(of: Self.block, threads: threads) { w, count, out in
        let exponent = (Int(bf16Bits(BF16Weights.largest(w, count))) + 32) >> 7
        let scale = E8M0.value(UInt8(min(max(exponent - 2, 0), 254)))
        for i in 0..<count {
          out[i] = bf16Bits(E2M1.value(E2M1.code(bf16Rounded(BF16.float(w[i]) / scale) + 0)) * scale)
        }
      }
    }
  }

  func bits(rows: Int, columns: Int) -> Double {
    Double(4 * rows * columns + 8 * rows * ((columns + Self.block - 1) / Self.block))
  }
}
