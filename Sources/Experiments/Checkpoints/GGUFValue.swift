/// A metadata value of a GGUF file. Arrays stay in the file until asked for: a vocabulary has 262 144 strings.
public enum GGUFValue: Sendable {
  case integer(Int)
  case float(Double)
  case bool(Bool)
  case string(String)
  case array(GGUFArray)

  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var array: GGUFArray? { if case .array(let value) = self { value } else { nil } }
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// The value in few words, for messages.
  var summary: String {
    switch self {
    case .integer(let value): "\(value)"
    case .float(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let value): "\"\(value)\""
    case .array(let value): "an array of \(value.count)"
    }
  }

  init(_ cursor: inout ByteCursor, path: String, key: String) throws {
    let type = try cursor.read(UInt32.self)
    try self.init(&cursor, type: type, path: path, key: key)
  }

  private init(_ cursor: inout ByteCursor, type: UInt32, path: String, key: String) throws {
    switch type {
    case 0: self = .integer(Int(try cursor.read(UInt8.self)))
    case 1: self = .integer(Int(try cursor.read(Int8.self)))
    case 2: self = .integer(Int(try cursor.read(UInt16.self)))
    case 3: self = .integer(Int(try cursor.read(Int16.self)))
    case 4: self = .integer(Int(try cursor.read(UInt32.self)))
    case 5: self = .integer(Int(try cursor.read(Int32.self)))
    case 6: self = .float(Double(try cursor.readFloat()))
    case 7: self = .bool(try cursor.read(UInt8.self) != 0)
    case GGUFArray.stringType: self = .string(try cursor.readString())
    case 9: self = .array(try GGUFArray(&cursor, path: path, key: key))
    case 10:
      let value = try cursor.read(UInt64.self)
      guard let exact = Int(exactly: value) else {
        throw CheckpointError.damaged(path: path, reason: "\(key) is \(value)")
      }
      self = .integer(exact)
    case 11: self = .integer(Int(try cursor.read(Int64.self)))
    case 12: self = .float(try cursor.readDouble())
    default: throw CheckpointError.damaged(path: path, reason: "\(key) has the unknown value type \(type)")
    }
  }
}

/// An array in a GGUF file's metadata: its place, read on demand.
public struct GGUFArray: Sendable {
  public let count: Int
  fileprivate static let stringType: UInt32 = 8
  private let elementType: UInt32
  fileprivate let bytes: Range<Int>

  fileprivate init(_ cursor: inout ByteCursor, path: String, key: String) throws {
    elementType = try cursor.read(UInt32.self)
    if elementType == Self.stringType {
      count = try cursor.readCount(unit: 8)
      let start = cursor.position
      for _ in 0..<count { _ = try cursor.readStringRange() }
      bytes = start..<cursor.position
    } else {
      let sizes: [UInt32: Int] = [0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8]
      guard let size = sizes[elementType] else {
        throw CheckpointError.damaged(path: path, reason: "\(key) is an array of the unknown value type \(elementType)")
      }
      count = try cursor.readCount(unit: size)
      let start = try cursor.skip(count * size)
      bytes = start..<start + count * size
    }
  }

  /// Calls `body` with each string's UTF-8 bytes, in order; nil when the elements are no strings.
  func forEachString(in file: MappedFile, _ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Void? {
    guard elementType == Self.stringType else { return nil }
    file.withBytes(in: bytes) { raw in
      let all = raw.bindMemory(to: UInt8.self)
      var position = 0
      for _ in 0..<count {  // lengths were checked when the header was read
        let length = Int(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
        position += 8
        body(UnsafeBufferPointer(rebasing: all[position..<position + length]))
        position += length
      }
    }
    return ()
  }

  /// The elements as 32-bit integers; nil when they are of another type.
  func int32s(in file: MappedFile) -> [Int32]? {
    guard elementType == 4 || elementType == 5 else { return nil }
    return file.withBytes(in: bytes) { raw in
      (0..<count).map { Int32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
    }
  }

  /// The elements as numbers; nil when they are neither integers nor floats of 32 bits.
  func numbers(in file: MappedFile) -> [Double]? {
    if let integers = int32s(in: file) { return integers.map(Double.init) }
    guard elementType == 6 else { return nil }
    return file.withBytes(in: bytes) { raw in
      (0..<count).map {
        Double(Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))))
      }
    }
  }
}

extension GGUFArray {
  /// The array's bytes as they lie in the file.
  func withBytes(in file: MappedFile, _ body: (UnsafeRawBufferPointer) -> Void) {
    file.withBytes(in: bytes, body)
  }
}
