/// A value that somebody else computed: what a summary run holds instead of raw measurements.
public struct SummaryValue: Sendable, Equatable {
  /// Id and version of what was computed, e.g. `fvu_article@1`.
  public var metric: String
  public var condition: String
  /// The tokens it speaks of, as the analysis names them: "all", "ordinary" …
  public var stratum: String
  /// Tokens that were asked for, for a value at one of several growing counts; nil for a headline value.
  public var requestedTokens: Int?
  /// Tokens that it stands on; nil where the source does not tell.
  public var tokens: Int?
  public var value: Double

  public init(
    metric: String, condition: String, stratum: String = "all", requestedTokens: Int? = nil, tokens: Int?, value: Double
  ) {
    self.metric = metric
    self.condition = condition
    self.stratum = stratum
    self.requestedTokens = requestedTokens
    self.tokens = tokens
    self.value = value
  }
}

/// `/summary`: one row per value. Call inside `HDF5Library.locked`.
enum SummaryTable {
  private static let group = RunSchema.summary
  private static let texts: [(name: String, field: @Sendable (SummaryValue) -> String, meaning: String)] = [
    ("metric", { $0.metric }, "Id and version of the metric"),
    ("condition", { $0.condition }, "Condition that it was computed for"),
    ("stratum", { $0.stratum }, "Tokens that it speaks of"),
  ]
  private static let counts: [(name: String, field: @Sendable (SummaryValue) -> Int?, meaning: String)] = [
    ("requested_tokens", { $0.requestedTokens }, "Tokens asked for, of a snapshot; 0 for a headline value"),
    ("tokens", { $0.tokens }, "Tokens that the value stands on; 0 where the source does not tell"),
  ]

  static func write(_ values: [SummaryValue], to file: borrowing HDF5File) throws {
    try file.createGroup(group)
    try file.setAttribute(
      "long_name", of: group, to: .text("Values computed elsewhere: this run has no raw measurements"))
    let scale = group + "/row"
    try write(
      .int32((0..<Int32(values.count)).map { $0 }), to: scale, unit: "1", meaning: "Index of the value, from 0",
      in: file)
    try file.makeScale(scale, named: "summary_row")
    for column in texts {
      let path = "\(group)/\(column.name)"
      try file.writeTexts(values.map(column.field), isScalar: false, to: path)
      try file.setAttribute("long_name", of: path, to: .text(column.meaning))
      try file.attachScale(scale, to: path, axis: 0)
    }
    for column in counts {
      let path = "\(group)/\(column.name)"
      try write(
        .int32(values.map { Int32(clamping: column.field($0) ?? 0) }), to: path, unit: "tokens",
        meaning: column.meaning,
        in: file)
      try file.attachScale(scale, to: path, axis: 0)
    }
    try write(
      .float64(values.map(\.value)), to: group + "/value", unit: "of the metric", meaning: "The value", in: file)
    try file.attachScale(scale, to: group + "/value", axis: 0)
  }

  private static func write(
    _ values: ColumnValues, to path: String, unit: String, meaning: String, in file: borrowing HDF5File
  ) throws {
    let shape = [values.count]
    let dataset = try file.createDataset(path, type: values.type, shape: shape)
    try values.withBytes {
      try file.writeRows(of: dataset, path, type: values.type, shape: shape, firstRow: 0, rows: values.count, bytes: $0)
    }
    try file.setAttribute("unit", of: path, to: .text(unit))
    try file.setAttribute("long_name", of: path, to: .text(meaning))
  }

  /// - Throws: `RunFileError.damagedSummary` when a column is missing, of another kind, or of another length.
  static func read(from file: borrowing HDF5File) throws -> [SummaryValue] {
    let path = file.path
    func damaged(_ reason: String) -> RunFileError { .damagedSummary(path: path, reason: reason) }
    for name in texts.map(\.name) + counts.map(\.name) + ["value"] where !file.exists("\(group)/\(name)") {
      throw damaged("\(name) is missing")
    }
    guard let values = try file.readValues(group + "/value").values.float64s else {
      throw damaged("value is not stored as float64")
    }
    var words: [[String]] = []
    for column in texts {
      guard let column = try file.readTexts("\(group)/\(column.name)"), column.texts.count == values.count else {
        throw damaged("\(column.name) is not \(values.count) texts of fixed length")
      }
      words.append(column.texts)
    }
    var numbers: [[Int32]] = []
    for column in counts {
      guard let column = try file.readValues("\(group)/\(column.name)").values.int32s, column.count == values.count
      else {
        throw damaged("\(column.name) is not \(values.count) numbers of int32")
      }
      numbers.append(column)
    }
    func count(_ number: Int32) -> Int? { number > 0 ? Int(number) : nil }
    return values.indices.map { row in
      SummaryValue(
        metric: words[0][row], condition: words[1][row], stratum: words[2][row],
        requestedTokens: count(numbers[0][row]),
        tokens: count(numbers[1][row]), value: values[row])
    }
  }
}
