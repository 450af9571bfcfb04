import RunFile

/// A small JSON document as a tree: configuration files, headers.
typealias JSONValue = SortedJSON

extension SortedJSON {
  /// Parses one whole document.
  static func parse(_ bytes: UnsafeRawBufferPointer, allowsRepeatedKeys: Bool = false) throws -> JSONValue {
    var reader = JSONReader(bytes, allowsRepeatedKeys: allowsRepeatedKeys)
    let value = try reader.readValue()
    try reader.finish()
    return value
  }

  /// Member of an object; nil when absent, when null, or when this is no object.
  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self, let value = members[key], value != .null else { return nil }
    return value
  }

  var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
  var array: [JSONValue]? { if case .list(let value) = self { value } else { nil } }
  var string: String? { if case .text(let value) = self { value } else { nil } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// An integer, also when written as 256.0.
  var integer: Int? {
    switch self {
    case .integer(let value): value
    case .real(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The numbers of an array that holds nothing but integers.
  var integers: [Int]? {
    guard let values = array else { return nil }
    let numbers = values.compactMap(\.integer)
    return numbers.count == values.count ? numbers : nil
  }

  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    default: nil
    }
  }

  /// The value in few words, for messages.
  var summary: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .text(let value): "\"\(value)\""
    case .list(let value): "an array of \(value.count)"
    case .object(let value): "an object of \(value.count) keys"
    }
  }
}
