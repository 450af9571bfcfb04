import Foundation
import RunFile

/// Entities of a JSON-LD document.
extension SortedJSON {
  /// A reference to another entity.
  static func id(_ id: String) -> SortedJSON { .object(["@id": .text(id)]) }

  /// References to other entities; a single one stands alone, as RO-Crate recommends.
  static func ids(_ ids: [String]) -> SortedJSON { ids.count == 1 ? id(ids[0]) : .list(ids.map(id)) }

  subscript(key: String) -> SortedJSON? { if case .object(let members) = self { members[key] } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  /// A list's elements; of anything else, itself alone, as JSON-LD has it.
  var elements: [SortedJSON] { if case .list(let values) = self { values } else { [self] } }
  /// The entities that it refers to.
  var ids: [String] { elements.compactMap { $0["@id"]?.text } }

  /// The document's bytes: indented, sorted, a line feed at the end.
  func bytes() throws -> [UInt8] { Array(try data()) }

  static func parsed(_ bytes: [UInt8]) throws -> SortedJSON {
    try JSONDecoder().decode(SortedJSON.self, from: Data(bytes))
  }
}
