import Kernels

/// A tensor of a safetensors file as it lies there: numbers of any type, which a format gives their meaning.
///
/// Unchecked: the pointer leads into the mapped file, which `file` keeps; it is only read.
struct RawTensor: @unchecked Sendable {
  enum NumberType: String {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    case f8_E4M3 = "F8_E4M3"
    case f8_E8M0 = "F8_E8M0"
    case u8 = "U8"
    case i8 = "I8"
    case i16 = "I16"
    case i32 = "I32"
    case i64 = "I64"
    /// In no format: known so that messages name them.
    case f64 = "F64"
    case f8_E5M2 = "F8_E5M2"
    case u16 = "U16"
    case u32 = "U32"
    case u64 = "U64"
    case bool = "BOOL"

    var bytes: Int {
      switch self {
      case .i64, .u64, .f64: 8
      case .f32, .i32, .u32: 4
      case .f16, .bf16, .i16, .u16: 2
      case .f8_E4M3, .f8_E8M0, .f8_E5M2, .u8, .i8, .bool: 1
      }
    }
  }

  let name: String
  let type: NumberType
  let shape: [Int]
  let file: MappedFile
  let bytes: Range<Int>
  private let base: UnsafeRawPointer
  /// Where a tensor without numbers lies.
  nonisolated(unsafe) private static let nothing = UnsafeRawPointer(
    UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8))

  var count: Int { shape.reduce(1, *) }

  /// - Parameter bytes: in `file`, as many as type and shape say.
  init(name: String, type: NumberType, shape: [Int], file: MappedFile, bytes: Range<Int>) {
    self.name = name
    self.type = type
    self.shape = shape
    self.file = file
    self.bytes = bytes
    base = file.withBytes(in: bytes) { $0.baseAddress } ?? Self.nothing
  }

  /// The number's bytes, widened as `type` says. Of integers it is exact up to 2²⁴.
  @inline(__always)
  func float(_ index: Int) -> Float {
    switch type {
    case .f32: Float(bitPattern: UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self)))
    case .f16: Float16Bits.widened(half(index))
    case .bf16: BF16.float(half(index))
    case .f8_E4M3: E4M3.value(byte(index))
    case .f8_E8M0: E8M0.value(byte(index))
    case .f8_E5M2: Float16Bits.widened(UInt16(byte(index)) << 8)
    case .u8, .bool: Float(byte(index))
    case .i8: Float(Int8(bitPattern: byte(index)))
    case .i16: Float(Int16(bitPattern: half(index)))
    case .u16: Float(half(index))
    case .u32: Float(word(index))
    case .i32, .i64: Float(integer(index))
    case .u64: Float(UInt64(bitPattern: Int64(integer(index))))
    case .f64: Float(Double(bitPattern: UInt64(bitPattern: Int64(integer(index)))))
    }
  }

  @inline(__always)
  func byte(_ index: Int) -> UInt8 { base.load(fromByteOffset: index, as: UInt8.self) }

  /// Of types of 32 bits.
  @inline(__always)
  func word(_ index: Int) -> UInt32 {
    UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self))
  }

  @inline(__always)
  private func half(_ index: Int) -> UInt16 {
    UInt16(littleEndian: base.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self))
  }

  /// Of I32, and of types of 64 bits.
  func integer(_ index: Int) -> Int {
    if type == .i32 { return Int(Int32(bitPattern: word(index))) }
    return Int(Int64(littleEndian: base.loadUnaligned(fromByteOffset: 8 &* index, as: Int64.self)))
  }

  /// Of Int8.
  var int8s: UnsafePointer<Int8> { base.assumingMemoryBound(to: Int8.self) }

  /// True where all numbers are zeros.
  var isZero: Bool { (0..<count).allSatisfy { float($0) == 0 } }
}

/// The number format in which a library forms its products.
enum Rounding: String, Sendable {
  case f32 = "float32"
  case f16 = "float16"
  case bf16 = "bfloat16"

  init?(_ type: RawTensor.NumberType) {
    switch type {
    case .f32: self = .f32
    case .f16: self = .f16
    case .bf16: self = .bf16
    default: return nil
    }
  }

  @inline(__always)
  func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .f32: x
    case .f16: Float(Float16(x))
    case .bf16: BF16.float(BF16.element(x))
    }
  }
}
