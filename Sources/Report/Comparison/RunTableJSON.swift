import Analysis
import Foundation
import RunFile

/// A table of runs as JSON: sorted keys, numbers to the last digit, what has no value left out.
public enum RunTableJSON {
  /// Grows when a reader of the old layout would misread the new one.
  public static let schemaVersion = 1

  /// - Throws: `EncodingError` for a number that is not finite.
  public static func data(_ table: RunTable) throws -> Data {
    try Layout(table).sortedJSON(keys: .convertToSnakeCase)
  }

  private struct Layout: Encodable {
    let schemaName = "clearbox-compare"
    let schemaVersion = RunTableJSON.schemaVersion
    let level: Double
    let pivot: String?
    let runs: [Run]
    let differences: [Key]
    let groups: [Group]
    let columns: [Column]
    let rows: [Row]

    init(_ table: RunTable) {
      level = table.options.level
      pivot = table.options.pivot
      runs = table.runs.enumerated().map { index, run in
        Run(
          number: index + 1, file: run.path, model: run.description.model.name, study: run.description.study,
          seed: run.description.seed, version: run.description.provenance.clearboxVersion,
          tokens: run.findings.measured.tokens, isPartial: run.isPartial, group: table.group(of: index)?.name)
      }
      differences = table.keys.map { Key(kind: $0.kind, name: $0.name, values: $0.values) }
      groups = table.groups.map { group in
        Group(
          name: group.name, runs: group.runs.map { $0 + 1 }, repeats: group.repeats.map { $0.run + 1 },
          sharesTokens: group.sharesTokens,
          apart: group.apart.map { Apart(group: $0.group, reasons: $0.reasons) })
      }
      columns = table.columns.map { Column(label: $0.label, runs: $0.runs.map { $0 + 1 }, group: $0.group) }
      rows = table.rows.map { row in
        Row(
          metric: row.metric.id, condition: row.condition, stratum: row.stratum.rawValue,
          quantity: row.quantity.rawValue,
          unit: row.unit, definition: row.definition, values: row.values,
          replicates: table.replicated.compactMap { group in
            table.spread(row, over: group.runs).map { Replicates(group: group.name, spread: $0) }
          },
          pivot: table.options.pivot == nil ? nil : table.columns.map { table.spread(row, over: $0.runs) })
      }
    }
  }

  private struct Run: Encodable {
    let number: Int
    let file, model, study: String
    let seed: UInt64
    let version: String
    let tokens: Int
    let isPartial: Bool
    let group: String?
  }
  private struct Key: Encodable {
    let kind: Cause.Kind
    let name: String
    let values: [String?]
  }
  private struct Apart: Encodable {
    let group: String
    let reasons: [String]
  }
  private struct Group: Encodable {
    let name: String
    let runs, repeats: [Int]
    let sharesTokens: Bool
    let apart: [Apart]
  }
  private struct Column: Encodable {
    let label: String
    let runs: [Int]
    let group: String
  }
  private struct Replicates: Encodable {
    let group: String
    let spread: Spread
  }
  private struct Row: Encodable {
    let metric, condition, stratum, quantity, unit, definition: String
    let values: [Estimate?]
    let replicates: [Replicates]
    let pivot: [Spread?]?
  }
}
