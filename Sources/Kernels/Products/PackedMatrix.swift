#if ONEDNN
  import COneDNN
#endif

/// Weights W, [N, K], laid out once for many products y = x·Wᵀ, for the engine that multiplies their type.
///
/// Unchecked: nothing changes after it is made.
public final class PackedMatrix: @unchecked Sendable {
  /// N: rows of W, columns of the product.
  public let rows: Int
  /// K: columns of W, width of x.
  public let columns: Int
  let type: ElementType

  enum Storage {
    #if ONEDNN
      case oneDNN(AlignedBuffer<UInt8>, dnnl_memory_desc_t)
    #endif
    /// The layout of our own kernels, in the type of the weights.
    case panels(AlignedBuffer<UInt8>)
  }
  let storage: Storage

  /// - Parameter bf16: [rows, columns], row-major.
  public convenience init(bf16 weights: UnsafePointer<UInt16>, rows: Int, columns: Int, _ kernels: KernelChoice) throws
  {
    try self.init(UnsafeRawPointer(weights), rows: rows, columns: columns, type: .bf16, kernels)
  }

  /// - Parameter f32: [rows, columns], row-major.
  public convenience init(f32 weights: UnsafePointer<Float>, rows: Int, columns: Int, _ kernels: KernelChoice) throws {
    try self.init(UnsafeRawPointer(weights), rows: rows, columns: columns, type: .f32, kernels)
  }

  /// - Parameter int8: [rows, columns], row-major.
  public convenience init(int8 weights: UnsafePointer<Int8>, rows: Int, columns: Int, _ kernels: KernelChoice) throws {
    try self.init(UnsafeRawPointer(weights), rows: rows, columns: columns, type: .s8, kernels)
  }

  private init(
    _ weights: UnsafeRawPointer, rows: Int, columns: Int, type: ElementType, _ kernels: KernelChoice
  ) throws {
    self.rows = rows
    self.columns = columns
    self.type = type
    #if ONEDNN
      if kernels.engine(type) == .onednn {
        storage = try Self.oneDNN(weights, rows: rows, columns: columns, type: type)
        return
      }
    #endif
    let count = Panels.count(rows: rows, columns: columns, type)
    let buffer = AlignedBuffer<UInt8>(count: count * type.bytes)
    Panels.pack(
      weights, type, rows: rows, columns: columns, rowStride: columns, columnStride: 1, into: buffer.pointer)
    storage = .panels(buffer)
  }

  #if ONEDNN
    /// Products are tuned for this many rows of x; others work too.
    private static let typicalRows = 512

    private static func oneDNN(
      _ weights: UnsafeRawPointer, rows: Int, columns: Int, type: ElementType
    ) throws -> Storage {
      let oneDNN = try OneDNN.instance()
      let product = try oneDNN.product(
        ProductKey(
          m: typicalRows, n: rows, k: columns, input: type, output: type == .s8 ? .s32 : type, inputStride: columns,
          outputStride: rows, weights: .packed))
      let layout = product.weightsLayout
      let bytes = withUnsafePointer(to: layout) { Int(dnnl_memory_desc_get_size($0)) }
      let buffer = AlignedBuffer<UInt8>(count: bytes, zeroed: true)
      try OneDNNStream(oneDNN).reorder(
        weights, n: rows, k: columns, stride: columns, type: type, into: layout, buffer.pointer)
      return .oneDNN(buffer, layout)
    }
  #endif
}
