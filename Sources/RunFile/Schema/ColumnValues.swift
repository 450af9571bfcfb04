/// Values of a column, rows after one another, row-major.
public enum ColumnValues: Sendable, Equatable {
  case uint8([UInt8])
  case int32([Int32])
  case float32([Float])
  case float64([Double])

  public var type: ColumnDefinition.ElementType {
    switch self {
    case .uint8: .uint8
    case .int32: .int32
    case .float32: .float32
    case .float64: .float64
    }
  }

  public var count: Int {
    switch self {
    case .uint8(let values): values.count
    case .int32(let values): values.count
    case .float32(let values): values.count
    case .float64(let values): values.count
    }
  }

  /// The values as Double: exact for every type.
  public var doubles: [Double] {
    switch self {
    case .uint8(let values): values.map(Double.init)
    case .int32(let values): values.map(Double.init)
    case .float32(let values): values.map(Double.init)
    case .float64(let values): values
    }
  }

  // The values where they are of that type, else nil.
  public var float64s: [Double]? { if case .float64(let values) = self { values } else { nil } }
  public var float32s: [Float]? { if case .float32(let values) = self { values } else { nil } }
  public var int32s: [Int32]? { if case .int32(let values) = self { values } else { nil } }
  public var uint8s: [UInt8]? { if case .uint8(let values) = self { values } else { nil } }
}

extension ColumnValues {
  /// `count` zeros, to be filled.
  init(type: ColumnDefinition.ElementType, count: Int) {
    switch type {
    case .uint8: self = .uint8([UInt8](repeating: 0, count: count))
    case .int32: self = .int32([Int32](repeating: 0, count: count))
    case .float32: self = .float32([Float](repeating: 0, count: count))
    case .float64: self = .float64([Double](repeating: 0, count: count))
    }
  }

  /// `count` values that `fill` writes in the machine's byte order; nil when it says that it could not.
  init?(type: ColumnDefinition.ElementType, count: Int, fill: (UnsafeMutableRawBufferPointer) -> Bool) {
    var isFilled = false
    func values<Element>() -> [Element] {
      [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        let bytes = UnsafeMutableRawBufferPointer(
          start: buffer.baseAddress, count: count * MemoryLayout<Element>.stride)
        isFilled = fill(bytes)
        // Numbers: what was not written is never looked at.
        initialized = isFilled ? count : 0
      }
    }
    switch type {
    case .uint8: self = .uint8(values())
    case .int32: self = .int32(values())
    case .float32: self = .float32(values())
    case .float64: self = .float64(values())
    }
    if !isFilled { return nil }
  }

  /// The values' memory, in the machine's byte order.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    switch self {
    case .uint8(let values): try values.withUnsafeBytes(body)
    case .int32(let values): try values.withUnsafeBytes(body)
    case .float32(let values): try values.withUnsafeBytes(body)
    case .float64(let values): try values.withUnsafeBytes(body)
    }
  }

  /// The values' memory, to be overwritten in the machine's byte order.
  mutating func withMutableBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    switch self {
    case .uint8(var values):
      self = .uint8([])
      defer { self = .uint8(values) }
      return values.withUnsafeMutableBytes(body)
    case .int32(var values):
      self = .int32([])
      defer { self = .int32(values) }
      return values.withUnsafeMutableBytes(body)
    case .float32(var values):
      self = .float32([])
      defer { self = .float32(values) }
      return values.withUnsafeMutableBytes(body)
    case .float64(var values):
      self = .float64([])
      defer { self = .float64(values) }
      return values.withUnsafeMutableBytes(body)
    }
  }

  /// The lists one after another; nil when their types differ or there are none.
  static func joined(_ lists: [ColumnValues]) -> ColumnValues? {
    switch lists.first {
    case .uint8: joined(lists, \.uint8s, ColumnValues.uint8)
    case .int32: joined(lists, \.int32s, ColumnValues.int32)
    case .float32: joined(lists, \.float32s, ColumnValues.float32)
    case .float64: joined(lists, \.float64s, ColumnValues.float64)
    case nil: nil
    }
  }

  private static func joined<Element>(
    _ lists: [ColumnValues], _ elements: (ColumnValues) -> [Element]?, _ wrap: ([Element]) -> ColumnValues
  ) -> ColumnValues? {
    var all: [Element] = []
    all.reserveCapacity(lists.reduce(0) { $0 + $1.count })
    for list in lists {
      guard let values = elements(list) else { return nil }
      all += values
    }
    return wrap(all)
  }
}
