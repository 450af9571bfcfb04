import CKernels

/// The layout in which our own kernels read weights W, [N, K]: panels of some rows of W, each [K][rows].
enum Panels {
  /// Rows of W in a panel on this machine. No machine has more than 32.
  static var rows: Int { clearbox_panel() }

  /// Numbers that a packed [n, k] matrix takes.
  static func count(rows n: Int, columns k: Int, _ type: ElementType) -> Int {
    type == .s8 ? clearbox_int8_packed(n, k) : (n + rows - 1) / rows * rows * k
  }

  /// Packs W; one of the strides is 1, and for int8 that of the columns.
  static func pack(
    _ w: UnsafeRawPointer, _ type: ElementType, rows n: Int, columns k: Int, rowStride: Int, columnStride: Int,
    into panels: UnsafeMutableRawPointer
  ) {
    switch type {
    case .bf16:
      clearbox_pack_bf16(
        w.assumingMemoryBound(to: UInt16.self), n, k, rowStride, columnStride,
        panels.assumingMemoryBound(to: UInt16.self))
    case .f32:
      clearbox_pack_f32(
        w.assumingMemoryBound(to: Float.self), n, k, rowStride, columnStride,
        panels.assumingMemoryBound(to: Float.self))
    case .s8:
      precondition(columnStride == 1, "int8 weights lie row by row")
      clearbox_pack_int8(
        w.assumingMemoryBound(to: Int8.self), n, k, rowStride, panels.assumingMemoryBound(to: Int8.self))
    case .s32: preconditionFailure("32-bit integers are results, no weights")
    }
  }
}
