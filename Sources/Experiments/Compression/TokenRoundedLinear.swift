import Kernels

/// How activations are rounded before a product, each token with a scale of its own.
enum TokenRounding: Sendable {
  /// FP8 E4M3.
  case fp8
  /// Integers from −128 to 127.
  case int8

  /// What the largest magnitude of a token is divided by.
  private var range: Float { self == .fp8 ? E4M3.largest : 127.5 }

  /// One token, rounded and back in bf16.
  ///
  /// Source: compressed-tensors 0.20, quantization/lifecycle/forward.py (forward_quantize with the strategy token, dynamic,
  /// symmetric): scale = max|x| ∕ 448 or 127.5, x' = code(x ∕ scale)·scale, each step rounded to bf16.
  func round(_ x: UnsafePointer<UInt16>, count: Int, into out: UnsafeMutablePointer<UInt16>) {
    let largest = (0..<count).reduce(Float(0)) { max($0, BF16.float(x[$1]).magnitude) }
    var scale = Rounding.bf16(largest / range)
    // PyTorch's epsilon of bf16.
    if scale == 0 { scale = 0x1p-7 }
    for i in 0..<count {
      let number = Rounding.bf16(BF16.float(x[i]) / scale)
      let code =
        self == .fp8 ? E4M3.value(E4M3.code(number)) : min(max(number, -128), 127).rounded(.toNearestOrEven)
      out[i] = BF16.element(code * scale)
    }
  }
}

/// A layer whose inputs are rounded by token first, and come back as bf16.
struct TokenRoundedLinear: Linear {
  private let layer: any Linear<UInt16>
  private let rounding: TokenRounding
  var outputs: Int { layer.outputs }
  var inputs: Int { layer.inputs }

  init(_ layer: any Linear<UInt16>, _ rounding: TokenRounding) {
    self.layer = layer
    self.rounding = rounding
  }

  func apply(
    _ x: UnsafePointer<UInt16>, rows: Int, into out: UnsafeMutablePointer<UInt16>, _ workspace: Workspace
  ) throws {
    let rounded = workspace.scratch(.roundedInputs, UInt16.self, count: rows * inputs)
    workspace.timed(part: .quantization) {
      for row in 0..<rows { rounding.round(x + row * inputs, count: inputs, into: rounded + row * inputs) }
    }
    try layer.apply(UnsafePointer(rounded), rows: rows, into: out, workspace)
  }
}
