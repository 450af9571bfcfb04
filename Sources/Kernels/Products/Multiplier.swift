import CKernels

/// An element that products take and give.
public protocol ProductElement: BitwiseCopyable, Sendable {}
extension UInt16: ProductElement {}
extension Float: ProductElement {}
extension Int8: ProductElement {}
extension Int32: ProductElement {}

/// Types of matrix elements, as products know them.
enum ElementType: Hashable, Sendable {
  case bf16, f32, s8, s32

  var bytes: Int {
    switch self {
    case .bf16: 2
    case .f32, .s32: 4
    case .s8: 1
    }
  }
}

/// A matrix in memory: where it starts and how far its rows lie apart, in elements.
public struct Strided<Element: ProductElement> {
  public var pointer: UnsafePointer<Element>
  public var stride: Int
  public init(_ pointer: UnsafePointer<Element>, stride: Int) {
    self.pointer = pointer
    self.stride = stride
  }
}

/// A matrix W, [N, K], that a few products share before it is gone. Made by `Multiplier.share`.
public struct SharedMatrix<Element: ProductElement> {
  enum Layout {
    /// As our kernels read it, packed with so many columns.
    case panels(columns: Int)
    #if ONEDNN
      /// As it lies.
      case rowsOfN(stride: Int), rowsOfK(stride: Int)
    #endif
  }
  let pointer: UnsafePointer<Element>
  let layout: Layout
}

/// Matrix products of one thread, with the scratch memory they need. Give each worker its own.
///
/// UInt16 holds bf16 bits. Sums are in float32 (Int32 for int8), rounded once when the product is bf16.
///
/// Unchecked: it belongs to one thread at a time, as its `Workspace` does.
public final class Multiplier: @unchecked Sendable {
  private let kernels: KernelChoice
  #if ONEDNN
    private var madeStream: OneDNNStream?
  #endif
  /// Of our own kernels; 32-bit integers use it as well.
  private var scratch = AlignedBuffer<Float>(count: 0)

  /// - Parameter kernels: for matrices that are not packed; packed ones know how they are multiplied.
  public init(_ kernels: KernelChoice) { self.kernels = kernels }

  /// out[m, N] = x[m, K] · Wᵀ.
  public func multiply<In: ProductElement, Out: ProductElement>(
    _ x: Strided<In>, rows m: Int, by w: PackedMatrix, into out: UnsafeMutablePointer<Out>, stride: Int
  ) throws {
    if m == 0 { return }
    precondition(Self.type(In.self) == w.type, "the product's input has the type of its weights")
    switch w.storage {
    #if ONEDNN
      case .oneDNN(let buffer, let layout):
        let key = ProductKey(
          m: m, n: w.rows, k: w.columns, input: w.type, output: Self.type(Out.self), inputStride: x.stride,
          outputStride: stride, weights: .packed)
        try stream().run(
          OneDNN.instance().product(key, weights: layout), input: x.pointer, weights: buffer.pointer, output: out)
    #endif
    case .panels(let buffer):
      if w.type == .s8 {
        precondition(Out.self == Int32.self, "integer products become Int32")
        let integers = UnsafeMutableRawPointer(room(clearbox_int8_product_scratch(w.columns)))
        clearbox_int8_product(
          UnsafeRawPointer(x.pointer).assumingMemoryBound(to: Int8.self), x.stride, m,
          UnsafeRawPointer(buffer.pointer).assumingMemoryBound(to: Int8.self), w.rows, w.columns,
          UnsafeMutableRawPointer(out).assumingMemoryBound(to: Int32.self), stride,
          integers.assumingMemoryBound(to: Int32.self))
      } else {
        multiply(x, m, byPanels: buffer.pointer, packedColumns: w.columns, n: w.rows, k: w.columns, out, stride)
      }
    }
  }

  /// Float products with panels of the type of `x`.
  private func multiply<In: ProductElement, Out: ProductElement>(
    _ x: Strided<In>, _ m: Int, byPanels panels: UnsafeRawPointer, packedColumns depth: Int, n: Int, k: Int,
    _ out: UnsafeMutablePointer<Out>, _ stride: Int
  ) {
    func kernelType(_ element: any ProductElement.Type) -> clearbox_float_type {
      precondition(element is UInt16.Type || element is Float.Type, "float products take and give bf16 or float32")
      return element is UInt16.Type ? CLEARBOX_BF16 : CLEARBOX_F32
    }
    clearbox_product(
      x.pointer, kernelType(In.self), x.stride, m, panels, kernelType(In.self), depth, n, k, out, kernelType(Out.self),
      stride, room(clearbox_product_scratch(n, k)))
  }

  /// Scratch memory of at least `count` numbers.
  private func room(_ count: Int) -> UnsafeMutablePointer<Float> {
    if scratch.count < count { scratch = AlignedBuffer(count: count) }
    return scratch.pointer
  }

  #if ONEDNN
    /// Made when it is first needed.
    private func stream() throws -> OneDNNStream {
      if let madeStream { return madeStream }
      let made = try OneDNNStream(OneDNN.instance())
      madeStream = made
      return made
    }

    private func multiplyPlain<In: ProductElement, Out: ProductElement>(
      _ x: Strided<In>, _ m: Int, _ y: UnsafePointer<In>, _ layout: ProductKey.Weights, n: Int, k: Int,
      _ out: UnsafeMutablePointer<Out>, _ stride: Int
    ) throws {
      let key = ProductKey(
        m: m, n: n, k: k, input: Self.type(In.self), output: Self.type(Out.self), inputStride: x.stride,
        outputStride: stride, weights: layout)
      try stream().run(OneDNN.instance().product(key), input: x.pointer, weights: y, output: out)
    }
  #endif

  // MARK: Matrices that a few products share

  /// Makes a matrix ready for several products, whole or in parts.
  ///
  /// - Parameters:
  ///   - y: [n, k], or [k, n] when it is transposed.
  ///   - room: gives memory for as many elements, if any is needed; it belongs to the result while that is used.
  public func share<Element: ProductElement>(
    _ y: Strided<Element>, rows n: Int, columns k: Int, isTransposed: Bool,
    room: (Int) -> UnsafeMutablePointer<Element>
  ) -> SharedMatrix<Element> {
    #if ONEDNN
      if kernels.engine(Self.type(Element.self)) == .onednn {
        return SharedMatrix(
          pointer: y.pointer, layout: isTransposed ? .rowsOfK(stride: y.stride) : .rowsOfN(stride: y.stride))
      }
    #endif
    return pack(y, rows: n, columns: k, isTransposed: isTransposed, room: room)
  }

  /// The same for our own kernels on every CPU: from here on, `y` may be gone.
  public func pack<Element: ProductElement>(
    _ y: Strided<Element>, rows n: Int, columns k: Int, isTransposed: Bool,
    room: (Int) -> UnsafeMutablePointer<Element>
  ) -> SharedMatrix<Element> {
    let type = Self.type(Element.self)
    let memory = room(Panels.count(rows: n, columns: k, type))
    Panels.pack(
      y.pointer, type, rows: n, columns: k, rowStride: isTransposed ? 1 : y.stride,
      columnStride: isTransposed ? y.stride : 1, into: memory)
    return SharedMatrix(pointer: UnsafePointer(memory), layout: .panels(columns: k))
  }

  /// out[m, rows] = x[m, columns] · Wᵀ for a part of W.
  /// - Parameter rows: the first is a multiple of 32, the widest panel.
  public func multiply<In: ProductElement, Out: ProductElement>(
    _ x: Strided<In>, rows m: Int, by w: SharedMatrix<In>, rows: Range<Int>, columns: Range<Int>,
    into out: UnsafeMutablePointer<Out>, stride: Int
  ) throws {
    if m == 0 || rows.isEmpty { return }
    precondition(rows.lowerBound % 32 == 0 && !columns.isEmpty, "a part starts with a panel and has columns")
    let (n, k) = (rows.count, columns.count)
    switch w.layout {
    case .panels(let depth):
      multiply(
        x, m, byPanels: w.pointer + rows.lowerBound * depth + columns.lowerBound * Panels.rows, packedColumns: depth,
        n: n, k: k, out, stride)
    #if ONEDNN
      case .rowsOfN(let step):
        try multiplyPlain(
          x, m, w.pointer + rows.lowerBound * step + columns.lowerBound, .rowsOfN(stride: step), n: n, k: k, out, stride
        )
      case .rowsOfK(let step):
        try multiplyPlain(
          x, m, w.pointer + rows.lowerBound + columns.lowerBound * step, .rowsOfK(stride: step), n: n, k: k, out, stride
        )
    #endif
    }
  }

  private static func type(_ element: any ProductElement.Type) -> ElementType {
    switch element {
    case is UInt16.Type: .bf16
    case is Float.Type: .f32
    case is Int8.Type: .s8
    default: .s32
    }
  }
}
