import Foundation
import RunFile

/// The columns of measures for programs that write run files: python/clearbox/columns.json.
public enum ColumnList {
  private struct Entry: Encodable {
    var experiment, name, axis, type: String
    var row: [String]
    var unit, meaning, definition, values: String
    var isComparison, isOfBaseline: Bool
  }

  /// - Returns: JSON, an object per column, in the measures' order, keys sorted.
  public static func data(of measures: [Measure]) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let entries = measures.columns.map { column in
      Entry(
        experiment: column.experiment, name: column.name, axis: column.axis.rawValue, type: column.type.rawValue,
        row: column.definition(dModel: 1).rowAxes, unit: column.unit, meaning: column.meaning,
        definition: column.definition, values: column.values.rawValue, isComparison: column.isComparison,
        isOfBaseline: column.isOfBaseline)
    }
    return try encoder.encode(entries) + Data("\n".utf8)
  }
}
