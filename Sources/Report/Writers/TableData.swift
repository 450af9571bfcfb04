import Analysis
import Foundation
import Measures
import Plot
import RunFile
import Words

/// A table's cells as data: numbers in full with their intervals, words as words.
struct TableData {
  enum Cell: Equatable {
    case number(Number)
    /// An interval that stands alone, beside the column with its number.
    case interval(text: String, low: Double, high: Double)
    case words(String)
    case none
  }

  struct Number: Equatable {
    var value: Double
    /// The cell as printed, its interval included.
    var text: String
    /// Where it comes from; nil for plain counts.
    var id: String?
    /// The interval's ends in full, in the unit of `value`.
    var low: Double?
    var high: Double?
  }

  let table: TableBlock
  let cells: [[Cell]]

  init(_ table: TableBlock) {
    self.table = table
    cells = table.rows.map { row in
      zip(table.columns, row).map { Self.cell($1, isRight: $0.alignment == .right) }
    }
  }

  // MARK: Reading cells

  private static func cell(_ prose: Prose, isRight: Bool) -> Cell {
    let text = prose.plain
    if text.isEmpty || text == "–" { return .none }
    var numbers: [BoundNumber] = []
    var intervals: [BoundInterval] = []
    var hasWords = false
    for inline in prose.inlines {
      switch inline {
      case .number(let number): numbers.append(number)
      case .interval(let interval): intervals.append(interval)
      case .text(let text): hasWords = hasWords || text.contains { $0 != " " && $0 != "†" }
      default: hasWords = true
      }
    }
    guard !hasWords, numbers.count < 2, intervals.count < 2 else { return count(text, isRight) ?? .words(text) }
    let interval = intervals.first
    guard let number = numbers.first else {
      return interval.map { .interval(text: text, low: $0.low, high: $0.high) } ?? count(text, isRight) ?? .words(text)
    }
    return .number(
      Number(value: number.value, text: text, id: number.id, low: interval?.low, high: interval?.high))
  }

  /// Words that are one whole number, such as "6,258".
  private static func count(_ text: String, _ isRight: Bool) -> Cell? {
    guard isRight, text.wholeMatch(of: /−?(\d{1,3}(,\d{3})+|\d+)/) != nil, let value = printed(text) else { return nil }
    return .number(Number(value: value, text: text))
  }

  /// A share of 1 is printed in percent.
  static func scale(of number: BoundNumber) -> Double { number.isShare ? 100 : number.isInThousandths ? 1000 : 1 }

  /// A number as `NumberText` prints it: `−1,234.5%`, `2.1 × 10⁻⁵`.
  static func printed(_ text: String) -> Double? {
    var plain = text.replacing("\u{2212}", with: "-").replacing(",", with: "").replacing("%", with: "")
    if let power = plain.firstMatch(of: /\ × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/) {
      let digits = Dictionary(uniqueKeysWithValues: zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
      plain.replaceSubrange(power.range, with: "e" + String(power.1.compactMap { digits[$0] }))
    }
    return Double(plain)
  }

  // MARK: CSV

  /// RFC 4180: numbers in full. A column of numbers with intervals is three, `Change`, `Change, low`, `Change, high`; one
  /// of intervals alone is two.
  var csv: String {
    var columns = table.groups.isEmpty ? [] : [DataTable.Column("Group", isNumeric: false)]
    var rows = table.rows.indices.map { index in
      table.groups.isEmpty ? [] : [DataTable.Cell.text(table.groups[index])]
    }
    for (index, column) in table.columns.enumerated() {
      let own = cells.map { $0[index] }
      let parts = Self.parts(own)
      columns +=
        parts.isEmpty
        ? [DataTable.Column(column.title, isNumeric: false)]
        : parts.map { DataTable.Column($0 == .value ? column.title : "\(column.title), \($0.rawValue)") }
      for row in rows.indices {
        rows[row] +=
          parts.isEmpty ? [Self.exported(own[row], table.rows[row][index])] : parts.map { $0.exported(own[row]) }
      }
    }
    return DataTable(columns: columns, rows: rows).csv
  }

  private enum Part: String {
    case value, low, high

    func exported(_ cell: Cell) -> DataTable.Cell {
      let value: Double? =
        switch (self, cell) {
        case (.value, .number(let number)): number.value
        case (.low, .number(let number)): number.low
        case (.high, .number(let number)): number.high
        case (.low, .interval(_, let low, _)): low
        case (.high, .interval(_, _, let high)): high
        default: nil
        }
      if case .number(let number) = cell, number.id == nil, self == .value { return .count(Int(number.value)) }
      return value.map { .number($0, shown: "") } ?? .none
    }
  }

  /// The parts of a column of numbers; none where words stand among them.
  private static func parts(_ cells: [Cell]) -> [Part] {
    var (hasNumber, hasInterval) = (false, false)
    for cell in cells {
      switch cell {
      case .number(let number):
        hasNumber = true
        hasInterval = hasInterval || number.low != nil
      case .interval: hasInterval = true
      case .words(let words) where words != "not measured": return []
      case .words, .none: break
      }
    }
    return (hasNumber ? [.value] : []) + (hasInterval ? [.low, .high] : [])
  }

  /// Among words: a number alone in full, one with its interval as printed.
  private static func exported(_ cell: Cell, _ prose: Prose) -> DataTable.Cell {
    switch cell {
    case .number(let number) where number.low == nil && number.id == nil: .count(Int(number.value))
    case .number(let number) where number.low == nil: .number(number.value, shown: number.text)
    case .none: .none
    default: .text(prose.plain)
    }
  }

  // MARK: JSON

  /// One object with keys in alphabetical order, readable by line. Words are strings, what is not defined is null.
  func json() throws -> String {
    let columns = table.columns.enumerated().map { index, column in
      JSON.Column(
        title: column.title, alignment: column.alignment == .right ? "right" : "left", unit: unit(ofColumn: index))
    }
    let rows = cells.enumerated().map { index, row in
      JSON.Row(group: table.groups.isEmpty ? nil : table.groups[index], cells: row)
    }
    let json = JSON(
      key: table.key, label: table.label, caption: table.caption.plain, remarks: table.remarks?.plain, columns: columns,
      rows: rows)
    return String(decoding: try json.sortedJSON(), as: UTF8.self)
  }

  private struct JSON: Encodable {
    struct Column: Encodable {
      var title: String
      var alignment: String
      var unit: String?
    }
    struct Row: Encodable {
      var group: String?
      var cells: [Cell]
    }
    var key: String
    var label: String?
    var caption: String
    var remarks: String?
    var columns: [Column]
    var rows: [Row]
  }

  /// The unit of the values, where all numbers of the column are of one: a metric's own, or percent for changes in percent.
  func unit(ofColumn index: Int) -> String? {
    var units: Set<String> = []
    for row in cells {
      guard case .number(let number) = row[index] else { continue }
      guard let id = number.id else { return nil }
      let parts = id.split(separator: "/").map(String.init)
      guard let metric = Metric.all.first(where: { parts.contains($0.id) }) else { return nil }
      units.insert(parts.last == "percent" ? "%" : metric.unit)
    }
    return units.count == 1 ? units.first : nil
  }
}

extension TableData.Cell: Encodable {
  private enum Key: String, CodingKey { case value, text, id, low, high }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .number(let number):
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(number.value, forKey: .value)
      try container.encode(number.text, forKey: .text)
      try container.encodeIfPresent(number.id, forKey: .id)
      try container.encodeIfPresent(number.low, forKey: .low)
      try container.encodeIfPresent(number.high, forKey: .high)
    case .interval(let text, let low, let high):
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(text, forKey: .text)
      try container.encode(low, forKey: .low)
      try container.encode(high, forKey: .high)
    case .words(let text):
      var container = encoder.singleValueContainer()
      try container.encode(text)
    case .none:
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    }
  }
}
