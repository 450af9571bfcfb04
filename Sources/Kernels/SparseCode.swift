import CKernels

/// The sparse half of an autoencoder, and sums over rows in Double.
public enum SparseCode {
  public typealias RowSums = clearbox_row_sums

  /// How a decoder's numbers are stored.
  public enum Storage: Sendable {
    case f32, bf16, f16
    var c: clearbox_float_type {
      switch self {
      case .f32: CLEARBOX_F32
      case .bf16: CLEARBOX_BF16
      case .f16: CLEARBOX_F16
      }
    }
  }

  /// JumpReLU of pre + bias: writes the active features' indices (ascending) and values; returns how many.
  public static func jumpReLU(
    _ pre: UnsafePointer<Float>, bias: UnsafePointer<Float>, threshold: UnsafePointer<Float>, count: Int,
    index: UnsafeMutablePointer<Int32>, value: UnsafeMutablePointer<Float>
  ) -> Int { Int(clearbox_jump_relu_row(pre, bias, threshold, count, index, value)) }

  /// pre·scale + magnitudeBias, where that and pre + gateBias are above zero: indices (ascending) and values.
  public static func gated(
    _ pre: UnsafePointer<Float>, gateBias: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    magnitudeBias: UnsafePointer<Float>, count: Int, index: UnsafeMutablePointer<Int32>,
    value: UnsafeMutablePointer<Float>
  ) -> Int { Int(clearbox_gated_row(pre, gateBias, scale, magnitudeBias, count, index, value)) }

  /// Offers (pre + bias)·scale of the features from `first` on to a row's `k` places, of which `taken` are taken.
  ///
  /// What is not above zero never enters; of equals the lower feature stays. Offer features in ascending order.
  /// - Parameters:
  ///   - scale: nil is 1.
  ///   - byMagnitude: rank by |z| and keep the sign.
  /// - Returns: how many places are taken now. They are in no useful order.
  public static func topK(
    _ pre: UnsafePointer<Float>, bias: UnsafePointer<Float>, scale: UnsafePointer<Float>?, count: Int, first: Int,
    byMagnitude: Bool, k: Int, taken: Int, index: UnsafeMutablePointer<Int32>, value: UnsafeMutablePointer<Float>
  ) -> Int {
    Int(
      clearbox_top_k_row(
        pre, bias, scale, count, Int32(first), byMagnitude ? 1 : 0, Int32(k), Int32(taken), index, value))
  }

  /// out += Σⱼ value[j] · decoder[index[j], :], in order of j.
  /// - Parameter decoder: [features, width], at any address.
  public static func add(
    index: UnsafePointer<Int32>, value: UnsafePointer<Float>, active: Int, decoder: UnsafeRawPointer,
    storage: Storage, width: Int, to out: UnsafeMutablePointer<Float>
  ) { clearbox_sparse_add_row(index, value, Int32(active), decoder, storage.c, width, out) }

  /// Σ(x−y)², Σx², Σx and Σx·y of one row.
  public static func compare(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, width: Int) -> RowSums {
    clearbox_compare_rows(x, y, width)
  }

  /// Columns of Ω in a sketch.
  public static var sketchWidth: Int { Int(CLEARBOX_SKETCH_WIDTH) }

  /// Of a shift Δ = y − x, [width]: sum += Δ, sketch += Δ·(Ωᵀ Δ)ᵀ.
  /// - Parameters:
  ///   - directions: Ω, [width, 32].
  ///   - sketch: [width, 32].
  /// - Returns: ‖Δ‖².
  public static func sketch(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, directions: UnsafePointer<Double>, width: Int,
    sum: UnsafeMutablePointer<Double>, into sketch: UnsafeMutablePointer<Double>
  ) -> Double { clearbox_sketch_row(x, y, directions, width, sum, sketch) }
}
