/// A column of a Parquet file: a leaf of its schema.
public struct Column: Sendable, Equatable {
  /// Its path with dots between: "meta.pile_set_name".
  public let name: String
  /// Position among the columns of each row group.
  let index: Int
  /// A value is null when its level is below this: the number of optional fields on the way.
  let definitionLevels: Int
  /// Inside a list.
  let isRepeated: Bool
  /// "texts", or in words what it holds instead.
  let content: String

  static let texts = "texts"

  /// The leaves of a schema, in order.
  static func leaves(_ schema: [Footer.SchemaElement]) throws -> [Column] {
    var columns: [Column] = []
    var next = 1
    func read(_ count: Int, path: [String], optional: Int, repeated: Bool) throws {
      guard path.count < 64 else { throw Fault.damaged("the schema is nested without end") }
      for _ in 0..<count {
        guard next < schema.count else { throw Fault.damaged("the schema ends early") }
        let element = schema[next]
        next += 1
        let path = path + [element.name]
        let levels = optional + (element.repetition == 1 ? 1 : 0)
        let isRepeated = repeated || element.repetition == 2
        if let type = element.type {
          columns.append(
            Column(
              name: path.joined(separator: "."), index: columns.count, definitionLevels: levels,
              isRepeated: isRepeated, content: isRepeated ? "lists" : content(type, element)))
        } else {
          guard element.childCount > 0 else { throw Fault.damaged("a group of the schema is empty") }
          try read(element.childCount, path: path, optional: levels, repeated: isRepeated)
        }
      }
    }
    guard let root = schema.first else { throw Fault.damaged("the schema is empty") }
    guard root.childCount >= 0 else { throw Fault.damaged("the schema has a negative size") }
    try read(root.childCount, path: [], optional: 0, repeated: false)
    guard next == schema.count else { throw Fault.damaged("the schema has parts that belong to nothing") }
    return columns
  }

  /// BYTE_ARRAY that is a text or is not said to be anything else.
  private static func content(_ type: Int, _ element: Footer.SchemaElement) -> String {
    let physical = ["true or false", "whole numbers", "whole numbers", "times", "numbers", "numbers", texts, "bytes"]
    guard physical.indices ~= type else { return "values of the unknown type \(type)" }
    guard type == 6 else { return physical[type] }
    if let logical = element.logicalType { return [1, 4, 12].contains(logical) ? texts : "bytes with a meaning" }
    // UTF8, ENUM, JSON
    if let converted = element.convertedType { return [0, 4, 19].contains(converted) ? texts : "bytes with a meaning" }
    return texts
  }
}
