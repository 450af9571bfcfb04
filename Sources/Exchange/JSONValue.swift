import Foundation

/// A JSON value. Objects have no order: they are written with sorted keys.
indirect enum JSONValue: Sendable, Equatable, Codable {
  case null
  case bool(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
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
    } else if let value = try? container.decode([JSONValue].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
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

  static func parse(_ bytes: Data, file: String) throws -> JSONValue {
    do { return try JSONDecoder().decode(JSONValue.self, from: bytes) } catch {
      throw ExchangeError.notJSON(file: file, reason: Self.reason(error))
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard case DecodingError.dataCorrupted(let context) = error else { return "\(error)" }
    let cause = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
    return cause ?? context.debugDescription
  }

  /// Sorted keys; on one line, or indented and ended by a newline.
  func data(isIndented: Bool = true) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    return try encoder.encode(self) + (isIndented ? Data("\n".utf8) : Data())
  }

  /// In words, for messages.
  var shown: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .text(let value): "the text \"\(value.prefix(40))\""
    case .list(let values): "a list of \(values.count)"
    case .object(let members): "an object of \(members.count) keys"
    }
  }
}

/// A value of a JSON file with its place, so that an error can name it.
struct JSONNode {
  var value: JSONValue
  /// E.g. `conditions.google/gemma-3-4b-pt.8bit.sae.fvu`; empty for the whole file.
  var place: String
  var file: String

  func wrong(_ expected: String) -> ExchangeError {
    .unexpectedJSON(file: file, place: place.isEmpty ? "the file" : place, found: value.shown, expected: expected)
  }

  private func child(_ key: String, _ value: JSONValue) -> JSONNode {
    JSONNode(value: value, place: place.isEmpty ? key : place + "." + key, file: file)
  }

  /// A member, nil when it is missing or null.
  func optional(_ key: String) throws -> JSONNode? {
    guard case .object(let members) = value else { throw wrong("an object") }
    guard let value = members[key], value != .null else { return nil }
    return child(key, value)
  }

  func member(_ key: String) throws -> JSONNode {
    guard let found = try optional(key) else {
      throw ExchangeError.missingJSON(file: file, place: place.isEmpty ? key : place + "." + key)
    }
    return found
  }

  /// Members sorted by key.
  func members() throws -> [(key: String, node: JSONNode)] {
    guard case .object(let members) = value else { throw wrong("an object") }
    return members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, child($0.key, $0.value)) }
  }

  func elements() throws -> [JSONNode] {
    guard case .list(let values) = value else { throw wrong("a list") }
    return values.enumerated().map { child("\($0.offset)", $0.element) }
  }

  func number() throws -> Double {
    switch value {
    case .integer(let number): return Double(number)
    case .real(let number): return number
    default: throw wrong("a number")
    }
  }

  func count() throws -> Int {
    guard case .integer(let number) = value, number >= 0, number <= Int(Int32.max) else {
      throw wrong("a whole number, zero or more")
    }
    return number
  }

  func text() throws -> String {
    guard case .text(let text) = value else { throw wrong("a text") }
    return text
  }
}
