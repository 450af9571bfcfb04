import CKernels

/// The sparse half of an autoencoder, and sums over rows in Double.
public enum SparseCode {
  public typealias RowSums = clearbox_row_sums

  /// JumpReLU of pre + bias: writes the active features' indices (ascending) and values; returns how many.
  public static func jumpReLU(
    _ pre: UnsafePointer<Float>, bias: UnsafePointer<Float>, threshold: UnsafePointer<Float>, count: Int,
    index: UnsafeMutablePointer<Int32>, value: UnsafeMutablePointer<Float>
  ) -> Int { Int(clearbox_jump_relu_row(pre, bias, threshold, count, index, value)) }

  /// out = bias + Σⱼ value[j] · decoder[index[j], :].
  public static func decode(
    index: UnsafePointer<Int32>, value: UnsafePointer<Float>, active: Int, decoder: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, width: Int, into out: UnsafeMutablePointer<Float>
  ) { clearbox_sparse_decode_row(index, value, Int32(active), decoder, bias, width, out) }

  /// Σ(x−y)², Σx², Σx and Σx·y of one row.
  public static func compare(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, width: Int) -> RowSums {
    clearbox_compare_rows(x, y, width)
  }
}
