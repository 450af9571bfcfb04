import CKernels

/// How activations are kept between the steps of a forward pass: which numbers exist at all.
///
/// `BF16` rounds where Hugging Face's bf16 model rounds; `F32` never does. The steps themselves are the same, so the
/// forward pass is written once, over this protocol.
public protocol Arithmetic: Sendable {
  associatedtype Element: ProductElement

  static func element(_ value: Float) -> Element
  static func float(_ element: Element) -> Float
  /// Widens `count` elements.
  static func floats(_ x: UnsafePointer<Element>, count: Int, into out: UnsafeMutablePointer<Float>)

  /// out = x · rsqrt(mean(x²) + eps) · gain per row of `width`.
  static func rmsNorm(
    _ x: UnsafePointer<Element>, gain: UnsafePointer<Float>, epsilon: Float, rows: Int, width: Int,
    into out: UnsafeMutablePointer<Element>)
  /// x += rmsNorm(branch).
  static func addRMSNorm(
    _ x: UnsafeMutablePointer<Element>, branch: UnsafePointer<Element>, gain: UnsafePointer<Float>, epsilon: Float,
    rows: Int, width: Int)
  /// Per-head RMSNorm, then rotary embedding, in place; cosine and sine are [rows, headDim ∕ 2].
  static func headNormRoPE(
    _ x: UnsafeMutablePointer<Element>, rows: Int, stride: Int, heads: Int, headDim: Int,
    gain: UnsafePointer<Float>, epsilon: Float, cosine: UnsafePointer<Float>, sine: UnsafePointer<Float>)
  /// p = exp(scale · scores − maximum) on [first, end), 0 elsewhere; returns the sum of the unrounded p.
  static func softmaxRow(
    _ scores: UnsafePointer<Float>, scale: Float, first: Int, end: Int, width: Int,
    into p: UnsafeMutablePointer<Element>
  ) -> Float
  /// out = x · factor.
  static func scaleRow(_ x: UnsafePointer<Float>, by factor: Float, count: Int, into out: UnsafeMutablePointer<Element>)
  /// out = gelu_tanh(gate) · up, gate and up side by side in rows of 2·width.
  static func geluMultiply(
    _ gateUp: UnsafePointer<Element>, rows: Int, width: Int, into out: UnsafeMutablePointer<Element>)

  /// Adds one row of a tile of logits to its running statistics; leaves exp(logit − maximum) in `exponentials`.
  /// - Returns: what the sums so far were multiplied with, because the maximum grew.
  static func addLogits(
    _ logits: UnsafePointer<Element>, width: Int, firstID: Int32, target: Int32,
    to state: UnsafeMutablePointer<LogitState>, exponentials: UnsafeMutablePointer<Float>
  ) -> Float
  /// Σ exp(b − maximum)·(b − c) over one row of a tile, with the exponentials that the baseline left.
  static func divergence(
    baseline: UnsafePointer<Element>, condition: UnsafePointer<Element>, exponentials: UnsafePointer<Float>, width: Int
  ) -> Double
  static func pack(_ bf16: UnsafePointer<UInt16>, rows: Int, columns: Int, _ kernels: KernelChoice) throws
    -> PackedMatrix
}

/// Running statistics of one token's logits over tiles of the vocabulary.
public typealias LogitState = clearbox_logit_state

extension LogitState {
  /// Before the first tile.
  public static let empty = LogitState(maximum: -.infinity, argmax: -1, sum: 0, weighted: 0, target: .nan)
}

/// bfloat16 between steps, float32 within them.
public enum BF16: Arithmetic {
  public typealias Element = UInt16

  @inlinable public static func element(_ value: Float) -> UInt16 { bf16Bits(value) }
  @inlinable public static func float(_ element: UInt16) -> Float { Float(bitPattern: UInt32(element) &<< 16) }
  /// Rounds `count` numbers, each as `element(_:)` does.
  public static func elements(_ x: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<UInt16>) {
    clearbox_f32_to_bf16(x, out, count)
  }
  public static func floats(_ x: UnsafePointer<UInt16>, count: Int, into out: UnsafeMutablePointer<Float>) {
    clearbox_bf16_to_f32(x, out, count)
  }
  public static func rmsNorm(
    _ x: UnsafePointer<UInt16>, gain: UnsafePointer<Float>, epsilon: Float, rows: Int, width: Int,
    into out: UnsafeMutablePointer<UInt16>
  ) { clearbox_rms_norm_bf16(x, gain, epsilon, rows, width, out) }
  public static func addRMSNorm(
    _ x: UnsafeMutablePointer<UInt16>, branch: UnsafePointer<UInt16>, gain: UnsafePointer<Float>, epsilon: Float,
    rows: Int, width: Int
  ) { clearbox_add_rms_norm_bf16(x, branch, gain, epsilon, rows, width) }
  public static func headNormRoPE(
    _ x: UnsafeMutablePointer<UInt16>, rows: Int, stride: Int, heads: Int, headDim: Int,
    gain: UnsafePointer<Float>, epsilon: Float, cosine: UnsafePointer<Float>, sine: UnsafePointer<Float>
  ) { clearbox_head_norm_rope_bf16(x, rows, stride, heads, headDim, gain, epsilon, cosine, sine) }
  public static func softmaxRow(
    _ scores: UnsafePointer<Float>, scale: Float, first: Int, end: Int, width: Int,
    into p: UnsafeMutablePointer<UInt16>
  ) -> Float { clearbox_softmax_row_bf16(scores, scale, first, end, width, p) }
  public static func scaleRow(
    _ x: UnsafePointer<Float>, by factor: Float, count: Int, into out: UnsafeMutablePointer<UInt16>
  ) { clearbox_scale_row_bf16(x, factor, count, out) }
  public static func geluMultiply(
    _ gateUp: UnsafePointer<UInt16>, rows: Int, width: Int, into out: UnsafeMutablePointer<UInt16>
  ) { clearbox_gelu_mul_bf16(gateUp, rows, width, out) }
  public static func addLogits(
    _ logits: UnsafePointer<UInt16>, width: Int, firstID: Int32, target: Int32,
    to state: UnsafeMutablePointer<LogitState>, exponentials: UnsafeMutablePointer<Float>
  ) -> Float { clearbox_logit_row_bf16(logits, width, firstID, target, state, exponentials) }
  public static func divergence(
    baseline: UnsafePointer<UInt16>, condition: UnsafePointer<UInt16>, exponentials: UnsafePointer<Float>, width: Int
  ) -> Double { clearbox_divergence_row_bf16(baseline, condition, exponentials, width) }
  public static func pack(_ bf16: UnsafePointer<UInt16>, rows: Int, columns: Int, _ kernels: KernelChoice) throws
    -> PackedMatrix
  {
    try PackedMatrix(bf16: bf16, rows: rows, columns: columns, kernels)
  }
}

/// float32 throughout.
public enum F32: Arithmetic {
  public typealias Element = Float

  public static func element(_ value: Float) -> Float { value }
  public static func float(_ element: Float) -> Float { element }
  public static func floats(_ x: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<Float>) {
    out.update(from: x, count: count)
  }
  public static func rmsNorm(
    _ x: UnsafePointer<Float>, gain: UnsafePointer<Float>, epsilon: Float, rows: Int, width: Int,
    into out: UnsafeMutablePointer<Float>
  ) { clearbox_rms_norm_f32(x, gain, epsilon, rows, width, out) }
  public static func addRMSNorm(
    _ x: UnsafeMutablePointer<Float>, branch: UnsafePointer<Float>, gain: UnsafePointer<Float>, epsilon: Float,
    rows: Int, width: Int
  ) { clearbox_add_rms_norm_f32(x, branch, gain, epsilon, rows, width) }
  public static func headNormRoPE(
    _ x: UnsafeMutablePointer<Float>, rows: Int, stride: Int, heads: Int, headDim: Int,
    gain: UnsafePointer<Float>, epsilon: Float, cosine: UnsafePointer<Float>, sine: UnsafePointer<Float>
  ) { clearbox_head_norm_rope_f32(x, rows, stride, heads, headDim, gain, epsilon, cosine, sine) }
  public static func softmaxRow(
    _ scores: UnsafePointer<Float>, scale: Float, first: Int, end: Int, width: Int,
    into p: UnsafeMutablePointer<Float>
  ) -> Float { clearbox_softmax_row_f32(scores, scale, first, end, width, p) }
  public static func scaleRow(
    _ x: UnsafePointer<Float>, by factor: Float, count: Int, into out: UnsafeMutablePointer<Float>
  ) { clearbox_scale_row_f32(x, factor, count, out) }
  public static func geluMultiply(
    _ gateUp: UnsafePointer<Float>, rows: Int, width: Int, into out: UnsafeMutablePointer<Float>
  ) { clearbox_gelu_mul_f32(gateUp, rows, width, out) }
  public static func addLogits(
    _ logits: UnsafePointer<Float>, width: Int, firstID: Int32, target: Int32,
    to state: UnsafeMutablePointer<LogitState>, exponentials: UnsafeMutablePointer<Float>
  ) -> Float { clearbox_logit_row_f32(logits, width, firstID, target, state, exponentials) }
  public static func divergence(
    baseline: UnsafePointer<Float>, condition: UnsafePointer<Float>, exponentials: UnsafePointer<Float>, width: Int
  ) -> Double { clearbox_divergence_row_f32(baseline, condition, exponentials, width) }
  public static func pack(_ bf16: UnsafePointer<UInt16>, rows: Int, columns: Int, _ kernels: KernelChoice) throws
    -> PackedMatrix
  {
    let wide = AlignedBuffer<Float>(count: rows * columns)
    clearbox_bf16_to_f32(bf16, wide.pointer, rows * columns)
    return try PackedMatrix(f32: wide.pointer, rows: rows, columns: columns, kernels)
  }
}
