import Foundation

/// A value of a JSON-LD document. Objects have no order: they are written with sorted keys.
indirect enum CrateValue: Sendable, Equatable, Codable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([CrateValue])
  case object([String: CrateValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([CrateValue].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: CrateValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .object(let members): try container.encode(members)
    }
  }

  /// A reference to another entity.
  static func id(_ id: String) -> CrateValue { .object(["@id": .text(id)]) }

  /// References to other entities; a single one stands alone, as RO-Crate recommends.
  static func ids(_ ids: [String]) -> CrateValue { ids.count == 1 ? id(ids[0]) : .list(ids.map(id)) }

  subscript(key: String) -> CrateValue? { if case .object(let members) = self { members[key] } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  /// A list's elements; of anything else, itself alone, as JSON-LD has it.
  var elements: [CrateValue] { if case .list(let values) = self { values } else { [self] } }
  /// The entities that it refers to.
  var ids: [String] { elements.compactMap { $0["@id"]?.text } }

  /// The document's bytes: indented, sorted, a line feed at the end.
  func bytes() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  static func parsed(_ bytes: [UInt8]) throws -> CrateValue {
    try JSONDecoder().decode(CrateValue.self, from: Data(bytes))
  }
}
