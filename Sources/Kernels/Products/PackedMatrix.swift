import CKernels
import COneDNN

/// Weights W, [N, K], laid out once for many products y = x·Wᵀ.
public final class PackedMatrix: @unchecked Sendable {
  /// N: rows of W, columns of the product.
  public let rows: Int
  /// K: columns of W, width of x.
  public let columns: Int
  let type: ElementType

  enum Storage {
    case oneDNN(AlignedBuffer<UInt8>, dnnl_memory_desc_t)
    case float(AlignedBuffer<Float>)
    case int8(AlignedBuffer<Int8>)
  }
  let storage: Storage

  /// Products are tuned for this many rows of x; others work too.
  private static let typicalRows = 512

  /// - Parameter bf16: [rows, columns], row-major.
  public convenience init(bf16 weights: UnsafePointer<UInt16>, rows: Int, columns: Int) throws {
    try self.init(UnsafeRawPointer(weights), rows: rows, columns: columns, type: .bf16, output: .bf16)
  }

  /// - Parameter f32: [rows, columns], row-major.
  public convenience init(f32 weights: UnsafePointer<Float>, rows: Int, columns: Int) throws {
    try self.init(UnsafeRawPointer(weights), rows: rows, columns: columns, type: .f32, output: .f32)
  }

  /// - Parameter int8: [rows, columns], row-major.
  public convenience init(int8 weights: UnsafePointer<Int8>, rows: Int, columns: Int) throws {
    try self.init(UnsafeRawPointer(weights), rows: rows, columns: columns, type: .s8, output: .s32)
  }

  private init(
    _ weights: UnsafeRawPointer, rows: Int, columns: Int, type: ElementType, output: ElementType
  ) throws {
    self.rows = rows
    self.columns = columns
    self.type = type
    switch Backend.current {
    case .oneDNN:
      let oneDNN = try OneDNN.instance()
      let product = try oneDNN.product(
        ProductKey(
          m: Self.typicalRows, n: rows, k: columns, input: type, output: output, inputStride: columns,
          outputStride: rows, weights: .packed))
      let layout = product.weightsLayout
      let bytes = withUnsafePointer(to: layout) { Int(dnnl_memory_desc_get_size($0)) }
      let buffer = AlignedBuffer<UInt8>(count: bytes, zeroed: true)
      try OneDNNStream(oneDNN).reorder(
        weights, n: rows, k: columns, stride: columns, type: type, into: layout, buffer.pointer)
      storage = .oneDNN(buffer, layout)
    case .portable:
      let count = rows * columns
      switch type {
      case .bf16:
        let buffer = AlignedBuffer<Float>(count: count)
        clearbox_bf16_to_f32(weights.assumingMemoryBound(to: UInt16.self), buffer.pointer, count)
        storage = .float(buffer)
      case .f32:
        let buffer = AlignedBuffer<Float>(count: count)
        buffer.pointer.update(from: weights.assumingMemoryBound(to: Float.self), count: count)
        storage = .float(buffer)
      case .s8, .s32:
        let buffer = AlignedBuffer<Int8>(count: count)
        buffer.pointer.update(from: weights.assumingMemoryBound(to: Int8.self), count: count)
        storage = .int8(buffer)
      }
    }
  }
}
