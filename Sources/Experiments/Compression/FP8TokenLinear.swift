import Kernels

/// A layer whose inputs are rounded to FP8 E4M3 first, each token with a scale of its own, and come back as bf16.
///
/// Source: compressed-tensors 0.20, quantization/lifecycle/forward.py (forward_quantize with the strategy token, dynamic,
/// symmetric): scale = max|x| ∕ 448 in bf16, x' = FP8(x ∕ scale)·scale, each step rounded to bf16.
struct FP8TokenLinear: Linear {
  private let layer: any Linear<UInt16>
  var outputs: Int { layer.outputs }
  var inputs: Int { layer.inputs }

  init(_ layer: any Linear<UInt16>) { self.layer = layer }

  func apply(
    _ x: UnsafePointer<UInt16>, rows: Int, into out: UnsafeMutablePointer<UInt16>, _ workspace: Workspace
  ) throws {
    let rounded = workspace.scratch(.roundedInputs, UInt16.self, count: rows * inputs)
    workspace.timed(part: .quantization) {
      for row in 0..<rows { Self.round(x + row * inputs, count: inputs, into: rounded + row * inputs) }
    }
    try layer.apply(UnsafePointer(rounded), rows: rows, into: out, workspace)
  }

  /// One token, to FP8 and back.
  static func round(_ x: UnsafePointer<UInt16>, count: Int, into out: UnsafeMutablePointer<UInt16>) {
    let largest = (0..<count).reduce(Float(0)) { max($0, BF16.float(x[$1]).magnitude) }
    var scale = Rounding.bf16(largest / E4M3.largest)
    // PyTorch's epsilon of bf16.
    if scale == 0 { scale = 0x1p-7 }
    for i in 0..<count {
      let code = E4M3.value(E4M3.code(Rounding.bf16(BF16.float(x[i]) / scale)))
      out[i] = BF16.element(code * scale)
    }
  }
}
