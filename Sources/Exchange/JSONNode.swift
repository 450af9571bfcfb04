import Foundation
import RunFile

extension SortedJSON {
  static func parse(_ bytes: Data, file: String) throws -> SortedJSON {
    do { return try JSONDecoder().decode(SortedJSON.self, from: bytes) } catch {
      throw ExchangeError.notJSON(file: file, reason: Self.reason(error))
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard case DecodingError.dataCorrupted(let context) = error else { return "\(error)" }
    let cause = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
    return cause ?? context.debugDescription
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
  var value: SortedJSON
  /// E.g. `conditions.google/gemma-3-4b-pt.8bit.sae.fvu`; empty for the whole file.
  var place: String
  var file: String

  func wrong(_ expected: String) -> ExchangeError {
    .unexpectedJSON(file: file, place: place.isEmpty ? "the file" : place, found: value.shown, expected: expected)
  }

  private func child(_ key: String, _ value: SortedJSON) -> JSONNode {
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
    return members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
      ($0.key, child($0.key, $0.value))
    }
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
