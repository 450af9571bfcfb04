import CKernels
import COneDNN
import COpenBLAS

/// An element that products take and give.
public protocol ProductElement: BitwiseCopyable, Sendable {}
extension UInt16: ProductElement {}
extension Float: ProductElement {}
extension Int8: ProductElement {}
extension Int32: ProductElement {}

/// A matrix in memory: where it starts and how far its rows lie apart, in elements.
public struct Strided<Element: ProductElement> {
  public var pointer: UnsafePointer<Element>
  public var stride: Int
  public init(_ pointer: UnsafePointer<Element>, stride: Int) {
    self.pointer = pointer
    self.stride = stride
  }
}

/// Matrix products of one thread, with the scratch memory they need. Give each worker its own.
///
/// UInt16 holds bf16 bits. Sums are in float32 (Int32 for int8), rounded once when the product is bf16.
public final class Multiplier: @unchecked Sendable {
  private let stream: OneDNNStream?
  private var left: AlignedBuffer<Float>
  private var right: AlignedBuffer<Float>
  private var product: AlignedBuffer<Float>

  public init() throws {
    stream = Backend.current == .oneDNN ? try OneDNNStream(OneDNN.instance()) : nil
    (left, right, product) = (AlignedBuffer(count: 0), AlignedBuffer(count: 0), AlignedBuffer(count: 0))
    // Outer loops are parallel; a second pool inside would only contend for the same cores.
    openblas_set_num_threads(1)
  }

  /// out[m, N] = x[m, K] · Wᵀ.
  public func multiply<In: ProductElement, Out: ProductElement>(
    _ x: Strided<In>, rows m: Int, by w: PackedMatrix, into out: UnsafeMutablePointer<Out>, stride: Int
  ) throws {
    if m == 0 { return }
    switch w.storage {
    case .oneDNN(let buffer, let layout):
      let key = ProductKey(
        m: m, n: w.rows, k: w.columns, input: w.type, output: Self.type(Out.self), inputStride: x.stride,
        outputStride: stride, weights: .packed)
      precondition(Self.type(In.self) == w.type, "the product's input has the type of its weights")
      try stream!.run(
        OneDNN.instance().product(key, weights: layout), input: x.pointer, weights: buffer.pointer, output: out)
    case .float(let buffer):
      try multiplyFloat(
        x, m, Strided(UnsafePointer(buffer.pointer), stride: w.columns), n: w.rows, k: w.columns,
        transposed: true, out, stride)
    case .int8(let buffer):
      precondition(In.self == Int8.self && Out.self == Int32.self && x.stride == w.columns && stride == w.rows)
      clearbox_int8_product(
        UnsafeRawPointer(x.pointer).assumingMemoryBound(to: Int8.self), buffer.pointer, m, w.rows, w.columns,
        UnsafeMutableRawPointer(out).assumingMemoryBound(to: Int32.self))
    }
  }

  /// out[m, n] = x[m, k] · yᵀ, y: [n, k].
  public func multiply<In: ProductElement, Out: ProductElement>(
    _ x: Strided<In>, rows m: Int, byTransposed y: Strided<In>, n: Int, k: Int,
    into out: UnsafeMutablePointer<Out>, stride: Int
  ) throws {
    try multiplyPlain(x, m, y, n: n, k: k, transposed: true, out, stride)
  }

  /// out[m, n] = x[m, k] · y, y: [k, n].
  public func multiply<In: ProductElement, Out: ProductElement>(
    _ x: Strided<In>, rows m: Int, by y: Strided<In>, n: Int, k: Int, into out: UnsafeMutablePointer<Out>,
    stride: Int
  ) throws {
    try multiplyPlain(x, m, y, n: n, k: k, transposed: false, out, stride)
  }

  private func multiplyPlain<In: ProductElement, Out: ProductElement>(
    _ x: Strided<In>, _ m: Int, _ y: Strided<In>, n: Int, k: Int, transposed: Bool,
    _ out: UnsafeMutablePointer<Out>, _ stride: Int
  ) throws {
    if m == 0 || n == 0 { return }
    guard let stream else {
      return try multiplyFloat(x, m, y, n: n, k: k, transposed: transposed, out, stride)
    }
    let key = ProductKey(
      m: m, n: n, k: k, input: Self.type(In.self), output: Self.type(Out.self), inputStride: x.stride,
      outputStride: stride, weights: transposed ? .rowsOfN(stride: y.stride) : .rowsOfK(stride: y.stride))
    try stream.run(OneDNN.instance().product(key), input: x.pointer, weights: y.pointer, output: out)
  }

  /// The portable path: widen, multiply in float32, round.
  private func multiplyFloat<In: ProductElement, Y: ProductElement, Out: ProductElement>(
    _ x: Strided<In>, _ m: Int, _ y: Strided<Y>, n: Int, k: Int, transposed: Bool,
    _ out: UnsafeMutablePointer<Out>, _ stride: Int
  ) throws {
    let a = Self.widened(x, rows: m, columns: k, &left)
    let b = Self.widened(y, rows: transposed ? n : k, columns: transposed ? k : n, &right)
    let direct = Out.self == Float.self
    if !direct && product.count < m * n { product = AlignedBuffer(count: m * n) }
    let target = direct ? UnsafeMutableRawPointer(out).assumingMemoryBound(to: Float.self) : product.pointer
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1,
      a.pointer, Int32(a.stride), b.pointer, Int32(b.stride), 0, target, Int32(direct ? stride : n))
    if !direct {
      precondition(Out.self == UInt16.self, "float products become float32 or bf16")
      let to = UnsafeMutableRawPointer(out).assumingMemoryBound(to: UInt16.self)
      for row in 0..<m { clearbox_f32_to_bf16(target + row * n, to + row * stride, n) }
    }
  }

  private static func widened<In: ProductElement>(
    _ x: Strided<In>, rows: Int, columns: Int, _ buffer: inout AlignedBuffer<Float>
  ) -> Strided<Float> {
    if In.self == Float.self {
      return Strided(UnsafeRawPointer(x.pointer).assumingMemoryBound(to: Float.self), stride: x.stride)
    }
    precondition(In.self == UInt16.self, "float products take float32 or bf16")
    if buffer.count < rows * columns { buffer = AlignedBuffer(count: rows * columns) }
    let from = UnsafeRawPointer(x.pointer).assumingMemoryBound(to: UInt16.self)
    for row in 0..<rows { clearbox_bf16_to_f32(from + row * x.stride, buffer.pointer + row * columns, columns) }
    return Strided(UnsafePointer(buffer.pointer), stride: columns)
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
