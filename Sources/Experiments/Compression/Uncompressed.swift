import Kernels
import RunFile

/// The checkpoint's weights, rounded to bf16: what all else is compared with.
struct Uncompressed: CompressionMethod {
  /// Of activations and products: bf16 rounds where Hugging Face's bf16 model rounds.
  var precision: ComputePrecision

  var kind: String { precision.rawValue }
  var name: String { kind }
  var label: String { precision == .bf16 ? "bf16" : "float32" }
  let parameters: [RunDescription.Parameter] = []
  let isPlain = true

  var linears: LinearMaker {
    switch precision {
    case .bf16: .bf16 { parts, order, kernels, _ in try DenseLinear<BF16>(parts, order: order, kernels) }
    case .f32: .f32 { parts, order, kernels, _ in try DenseLinear<F32>(parts, order: order, kernels) }
    }
  }

  func bits(rows: Int, columns: Int) -> Double { plainBits * Double(rows * columns) }
  func residentBytes(parameters: Int) -> Int { (precision == .bf16 ? 2 : 4) * parameters }
}
