import CKernels

/// The arithmetic of bitsandbytes' LLM.int8, step by step. Letters: T rows of activations, N outputs, K inputs.
public enum LLMInt8 {
  /// Which of bitsandbytes' two ways from integers to numbers: they differ in a constant, an order, and a rounding.
  public enum Epilogue: String, Sendable, CaseIterable {
    /// fp16 first, then bf16: what a GPU computes.
    case cuda
    /// Straight to bf16, with the slightly larger constant of the CPU path.
    case cpu
  }

  /// Row-wise absmax codes of a weight matrix [rows, width] in bf16; absmax is of the values rounded to fp16.
  public static func quantizeWeights(
    _ w: UnsafePointer<UInt16>, rows: Int, width: Int, codes: UnsafeMutablePointer<Int8>,
    absmax: UnsafeMutablePointer<Float>
  ) { clearbox_int8_weight_rows(w, rows, width, codes, absmax) }

  /// Marks columns with an element at or above the threshold, and finds each row's largest element below it.
  public static func scan(
    _ x: UnsafePointer<UInt16>, rows: Int, width: Int, threshold: Float, rowMaximum: UnsafeMutablePointer<Float>,
    outlierColumns hot: UnsafeMutablePointer<UInt8>
  ) { clearbox_int8_scan(x, rows, width, threshold, rowMaximum, hot) }

  public static func quantizeActivations(
    _ x: UnsafePointer<UInt16>, rows: Int, width: Int, threshold: Float, rowMaximum: UnsafePointer<Float>,
    outlierColumns hot: UnsafePointer<UInt8>, codes: UnsafeMutablePointer<Int8>
  ) { clearbox_int8_quantize(x, rows, width, threshold, rowMaximum, hot, codes) }

  public static func dequantize(
    _ product: UnsafePointer<Int32>, rowScale: UnsafePointer<Float>, columnScale: UnsafePointer<Float>, rows: Int,
    width: Int, epilogue: Epilogue, into out: UnsafeMutablePointer<UInt16>
  ) {
    switch epilogue {
    case .cuda: clearbox_int8_epilogue_cuda(product, rowScale, columnScale, rows, width, out)
    case .cpu: clearbox_int8_epilogue_cpu(product, rowScale, columnScale, rows, width, out)
    }
  }

  /// out[t, j] = x[t, index[j]], padded with zeros to `padded` columns.
  public static func gather(
    _ x: UnsafePointer<UInt16>, rows: Int, width: Int, columns index: [Int32], padded: Int,
    into out: UnsafeMutablePointer<UInt16>
  ) { clearbox_gather_columns(x, rows, width, index, index.count, padded, out) }

  /// The outlier columns' weights in bf16, from their codes.
  public static func gatherWeights(
    _ codes: UnsafePointer<Int8>, absmax: UnsafePointer<Float>, rows: Int, width: Int, columns index: [Int32],
    padded: Int, into out: UnsafeMutablePointer<UInt16>
  ) { clearbox_gather_int8_columns(codes, absmax, rows, width, index, index.count, padded, out) }

  public static func add(_ addend: UnsafePointer<Float>, to out: UnsafeMutablePointer<UInt16>, count: Int) {
    clearbox_add_f32_to_bf16(out, addend, count)
  }
}
