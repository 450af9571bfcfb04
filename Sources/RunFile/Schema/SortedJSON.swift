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

  /// Objects and lists inside one another that a text may have: far beyond any that is read.
  private static let deepest = 32

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Foundation's decoder makes an error wherever a value is asked for as what it is not, and takes the longer for it the
  /// deeper the value lies: what can lie deep is asked for first, and nothing may lie very deep.
  package init(from decoder: any Decoder) throws {
    if let object = try? decoder.container(keyedBy: Key.self) {
      try Self.checkDepth(decoder)
      var members: [String: SortedJSON] = [:]
      for key in object.allKeys { members[key.stringValue] = try object.decode(SortedJSON.self, forKey: key) }
      self = .object(members)
    } else if var list = try? decoder.unkeyedContainer() {
      try Self.checkDepth(decoder)
      var values: [SortedJSON] = []
      while !list.isAtEnd { values.append(try list.decode(SortedJSON.self)) }
      self = .list(values)
    } else {
      let value = try Self.single(decoder.singleValueContainer())
      self = value
    }
  }

  private static func checkDepth(_ decoder: any Decoder) throws {
    guard decoder.codingPath.count < deepest else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: [], debugDescription: "more than \(deepest) levels of nesting"))
    }
  }

  private static func single(_ container: any SingleValueDecodingContainer) throws -> SortedJSON {
    if container.decodeNil() { return .null }
    if let value = try? container.decode(Bool.self) { return .bool(value) }
    if let value = try? container.decode(Int.self) { return .integer(value) }
    if let value = try? container.decode(Double.self) { return .real(value) }
    return .text(try container.decode(String.self))
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
