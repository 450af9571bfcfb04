import Foundation

/// A JSON value. Objects have no order: they are written with sorted keys.
package indirect enum SortedJSON: Sendable, Equatable, Codable {
  case null
  case bool(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case list([SortedJSON])
  case object([String: SortedJSON])

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .real(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([SortedJSON].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: SortedJSON].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .real(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .object(let members): try container.encode(members)
    }
  }

  /// Sorted keys; on one line, or indented and ended by a newline.
  package func data(isIndented: Bool = true) throws -> Data { try sortedJSON(isIndented: isIndented) }
}

extension Encodable {
  /// As JSON with sorted keys, numbers to the last digit; on one line, or indented and ended by a newline.
  package func sortedJSON(
    isIndented: Bool = true, keys: JSONEncoder.KeyEncodingStrategy = .useDefaultKeys
  ) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.keyEncodingStrategy = keys
    return try encoder.encode(self) + (isIndented ? Data("\n".utf8) : Data())
  }
}
