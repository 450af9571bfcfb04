import Kernels

/// A linear layer y = x·Wᵀ as one condition computes it.
protocol Linear<Element>: Sendable {
  associatedtype Element: ProductElement
  /// N: width of y.
  var outputs: Int { get }
  /// K: width of x.
  var inputs: Int { get }

  /// - Parameters:
  ///   - x: [rows, K] without gaps. For LLM.int8 `rows` is the whole batch, whose outliers decide together.
  ///   - out: [rows, N] without gaps.
  func apply(
    _ x: UnsafePointer<Element>, rows: Int, into out: UnsafeMutablePointer<Element>, _ workspace: Workspace) throws
}

/// Weights as they are, in the arithmetic of the activations.
struct DenseLinear<A: Arithmetic>: Linear {
  let weights: PackedMatrix
  var outputs: Int { weights.rows }
  var inputs: Int { weights.columns }

  /// - Parameter bf16: [outputs, inputs].
  init(_ bf16: UnsafePointer<UInt16>, outputs: Int, inputs: Int, _ kernels: KernelChoice) throws {
    weights = try A.pack(bf16, rows: outputs, columns: inputs, kernels)
  }

  /// Layers that share their input are one matrix.
  init(_ parts: [BF16Weights], order: LinearOrder = .own, _ kernels: KernelChoice) throws {
    let all = order.applied(to: BF16Weights.stacked(parts))
    weights = try withExtendedLifetime(all) { try A.pack(all.pointer, rows: all.rows, columns: all.columns, kernels) }
  }

  func apply(
    _ x: UnsafePointer<A.Element>, rows: Int, into out: UnsafeMutablePointer<A.Element>, _ workspace: Workspace
  ) throws {
    try workspace.product(of: A.Element.self, rows: rows, n: outputs, k: inputs) {
      try workspace.multiplier.multiply(
        Strided(x, stride: inputs), rows: rows, by: weights, into: out, stride: outputs)
    }
  }
}

/// float32 weights and products between bf16 activations: NF4 with float32 compute.
struct WideLinear: Linear {
  let weights: PackedMatrix
  var outputs: Int { weights.rows }
  var inputs: Int { weights.columns }

  /// - Parameter f32: [outputs, inputs].
  init(_ f32: UnsafePointer<Float>, outputs: Int, inputs: Int, _ kernels: KernelChoice) throws {
    weights = try PackedMatrix(f32: f32, rows: outputs, columns: inputs, kernels)
  }

  func apply(
    _ x: UnsafePointer<UInt16>, rows: Int, into out: UnsafeMutablePointer<UInt16>, _ workspace: Workspace
  ) throws {
    let wide = workspace.scratch(.wideInput, Float.self, count: rows * inputs)
    let product = workspace.scratch(.wideProduct, Float.self, count: rows * outputs)
    BF16.floats(x, count: rows * inputs, into: wide)
    try workspace.product(of: Float.self, rows: rows, n: outputs, k: inputs) {
      try workspace.multiplier.multiply(
        Strided(UnsafePointer(wide), stride: inputs), rows: rows, by: weights, into: product, stride: outputs)
    }
    BF16.scaleRow(product, by: 1, count: rows * outputs, into: out)
  }
}
