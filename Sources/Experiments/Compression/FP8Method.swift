import Kernels
import RunFile

/// E4M3 weights with a bf16 scale per output, as compressed-tensors rounds bf16 weights; activations stay bf16.
///
/// Source: compressed-tensors, calculate_qparams and fake_quantize, per channel.
struct FP8Method: WeightRounding {
  let kind = "fp8"
  let name = "fp8"
  let label = "FP8 (E4M3), a scale per output"
  let parameters: [RunDescription.Parameter] = []
  let citation: RunDescription.Citation? = .init(
    text: "FP8: Micikevicius and others, FP8 Formats for Deep Learning, 2022", arXiv: "2209.05433")

  func rounded(_ parts: [BF16Weights], threads: Int) -> [AlignedBuffer<UInt16>] {
    parts.map { part in
      part.mapGroups(of: max(part.columns, 1), threads: threads) { w, count, out in
        let found = bf16Rounded(BF16Weights.largest(w, count) / E4M3.largest)
        let scale = found == 0 ? 0x1p-7 : found
        for i in 0..<count {
          out[i] = bf16Bits(E4M3.value(E4M3.code(bf16Rounded(BF16.float(w[i]) / scale) + 0)) * scale)
        }
      }
    }
  }

  func bits(rows: Int, columns: Int) -> Double { Double(8 * rows * columns + 16 * rows) }
}
