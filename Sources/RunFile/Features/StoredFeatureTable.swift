/// A table by feature in a run file: `/measurements/<condition>/features/<name>`, its shares as attributes of the group.
/// Call inside `HDF5Library.locked`.
enum StoredFeatureTable {
  private static func group(_ pair: RunDescription.FeaturePair) -> String {
    "\(RunSchema.measurements)/\(pair.condition)/\(pair.group)"
  }

  /// Rounds floating-point numbers to so many significant bits, where that is asked for.
  static func write(
    _ table: FeatureTable, _ pair: RunDescription.FeaturePair, significantBits: Int?, to file: borrowing HDF5File
  ) throws {
    let group = group(pair)
    if !file.exists(group) { try file.createGroup(group) }
    for column in FeatureTable.columns {
      let path = "\(group)/\(column.name)"
      var values = column.read(table)
      let type = values.type
      if let bits = significantBits { values.withMutableBytes { BitRound.round($0, type, bits: bits) } }
      let shape = [table.featureCount]
      let dataset = try file.createDataset(path, type: values.type, shape: shape)
      try values.withBytes { bytes in
        try file.writeRows(
          of: dataset, path, type: values.type, shape: shape, firstRow: 0, rows: shape[0], bytes: bytes)
      }
      try file.setAttribute("unit", of: path, to: .text(column.unit))
      try file.setAttribute("long_name", of: path, to: .text(column.meaning))
      try file.setAttribute("axis", of: path, to: .text(RunSchema.featureAxis))
      try file.setAttribute("definition", of: path, to: .text("feature_\(column.name)@1"))
      try file.attachScale("/" + RunSchema.featureAxis, to: path, axis: 0)
      if let bits = significantBits, values.type == .float32 || values.type == .float64 {
        try file.setAttribute("significant_bits", of: path, to: .integer(Int64(bits)))
      }
    }
    try writeFlips(table, group, to: file)
    for (name, value) in shiftShares(table) where value != nil {
      try file.setAttribute(name, of: group, to: .real(value ?? .nan))
    }
    let shares = table.shares
    for (name, value) in [
      ("tokens", shares.tokens), ("judged_features", shares.judged), ("groups", shares.groups),
      ("fewest_tokens", FeatureTable.Shares.fewestTokens),
    ] {
      try file.setAttribute(name, of: group, to: .integer(Int64(value)))
    }
    for (name, number) in names(of: shares) {
      try file.setAttribute(name, of: group, to: .real(number.value))
      try file.setAttribute("\(name)_error", of: group, to: .real(number.error))
    }
  }

  private static func shiftShares(_ table: FeatureTable) -> [(String, Double?)] {
    [("mean_shift_share", table.meanShare), ("first_direction_share", table.firstDirectionShare)]
  }

  // MARK: Groups

  /// Sums by group of documents, from which other groups, and other jackknives, can be made.
  static func write(
    _ totals: FeatureTotals, _ pair: RunDescription.FeaturePair, to file: borrowing HDF5File
  ) throws {
    let groups = FeatureSums.groupCount
    let columns: [(name: String, unit: String, meaning: String, shape: [Int], values: ColumnValues)] = [
      (
        "group_tokens", "tokens", "Ordinary tokens of each group of documents", [groups],
        .int32(totals.tokens.map { Int32($0) })
      ),
      (
        "group_counts", "tokens", "Tokens with the feature active under the reference, the condition, and both",
        [groups, totals.featureCount, FeatureSums.countWidth], .int32(totals.counts)
      ),
      (
        "group_sums", "activation, activation²", "Σa, Σb, Σa², Σb², Σab, Σ(b − a)²",
        [groups, totals.featureCount, FeatureSums.sumWidth], .float64(totals.sums)
      ),
    ]
    for column in columns {
      let path = "\(group(pair))/\(column.name)"
      let dataset = try file.createDataset(path, type: column.values.type, shape: column.shape)
      try column.values.withBytes { bytes in
        try file.writeRows(
          of: dataset, path, type: column.values.type, shape: column.shape, firstRow: 0, rows: groups, bytes: bytes)
      }
      try file.setAttribute("unit", of: path, to: .text(column.unit))
      try file.setAttribute("long_name", of: path, to: .text(column.meaning))
      try file.setAttribute("axis", of: path, to: .text(RunSchema.groupAxis))
      try file.setAttribute("definition", of: path, to: .text("feature_\(column.name)@1"))
      try file.attachScale("/" + RunSchema.groupAxis, to: path, axis: 0)
      if column.shape.count > 1 { try file.attachScale("/" + RunSchema.featureAxis, to: path, axis: 1) }
    }
  }

  // MARK: Flips

  private static let flipColumns:
    [(name: String, meaning: String, place: WritableKeyPath<FlipTable, [Int32]> & Sendable)] = [
      ("margin_fires_reference", "Firings under the reference, by margin above the threshold", \.firesReference),
      ("margin_lost", "Of margin_fires_reference, those that do not fire under the condition", \.lost),
      ("margin_fires_condition", "Firings under the condition, by margin above the threshold", \.firesCondition),
      ("margin_new", "Of margin_fires_condition, those that do not fire under the reference", \.new),
    ]
  private static let flipError = "margin_flip_share_error"

  private static func writeFlips(
    _ table: FeatureTable, _ group: String, to file: borrowing HDF5File
  ) throws {
    guard let flips = table.flips else { return }
    let columns =
      flipColumns.map { ($0.name, $0.meaning, "features × tokens", ColumnValues.int32(flips[keyPath: $0.place])) }
      + [
        (
          flipError, "Standard error of (lost + new) ∕ (fires_reference + fires_condition), by the grouped jackknife",
          "1", .float32(flips.shareError)
        )
      ]
    for (name, meaning, unit, values) in columns {
      let (path, shape) = ("\(group)/\(name)", [FlipCounts.edges.count])
      let dataset = try file.createDataset(path, type: values.type, shape: shape)
      try values.withBytes { bytes in
        try file.writeRows(
          of: dataset, path, type: values.type, shape: shape, firstRow: 0, rows: shape[0], bytes: bytes)
      }
      try file.setAttribute("unit", of: path, to: .text(unit))
      try file.setAttribute("long_name", of: path, to: .text(meaning))
      try file.setAttribute("axis", of: path, to: .text(RunSchema.marginAxis))
      try file.setAttribute("definition", of: path, to: .text("feature_\(name)@1"))
      try file.attachScale("/" + RunSchema.marginAxis, to: path, axis: 0)
    }
  }

  /// Nil where the file has none.
  private static func readFlips(_ group: String, from file: borrowing HDF5File) throws -> FlipTable? {
    guard file.exists("\(group)/\(flipColumns[0].name)") else { return nil }
    var flips = FlipTable()
    func impossible(_ name: String) -> RunFileError {
      .impossible(
        path: file.path, object: "\(group)/\(name)",
        reason: "\(FlipCounts.edges.count) bins of counts that fit one another are needed")
    }
    for column in flipColumns {
      guard let values = try file.readValues("\(group)/\(column.name)").values.int32s,
        values.count == FlipCounts.edges.count, values.allSatisfy({ $0 >= 0 })
      else { throw impossible(column.name) }
      flips[keyPath: column.place] = values
    }
    for bin in FlipCounts.edges.indices {
      guard flips.lost[bin] <= flips.firesReference[bin], flips.new[bin] <= flips.firesCondition[bin] else {
        throw impossible(flipColumns[1].name)
      }
    }
    guard let errors = try file.readValues("\(group)/\(flipError)").values.float32s,
      errors.count == FlipCounts.edges.count
    else { throw impossible(flipError) }
    flips.shareError = errors
    return flips
  }

  // MARK: Whole

  /// What no run leaves, in words; nil where there is nothing of it.
  private static func problem(_ table: FeatureTable, tokenCount: Int) -> String? {
    let shares = table.shares
    guard shares.tokens <= tokenCount, shares.groups <= FeatureSums.groupCount else {
      return
        "it tells of \(shares.tokens) tokens in \(shares.groups) groups; the run has \(tokenCount), in \(FeatureSums.groupCount) at most"
    }
    for counts in [table.countReference, table.countCondition, table.countBoth] {
      if let place = counts.firstIndex(where: { $0 < 0 || Int($0) > shares.tokens }) {
        return "feature \(place) is active on \(counts[place]) of \(shares.tokens) tokens"
      }
    }
    for correlations in [table.correlation, table.correlationActive] {
      if let place = correlations.firstIndex(where: { abs($0) > 1.01 }) {
        return "the correlation of feature \(place) is \(correlations[place])"
      }
    }
    if let share = [table.meanShare, table.firstDirectionShare].compactMap(\.self).first(where: { !(0...1.01 ~= $0) }) {
      return "a share of the shift is \(share)"
    }
    return nil
  }

  private static func names(of shares: FeatureTable.Shares) -> [(String, FeatureTable.Shares.Number)] {
    let cuts = FeatureTable.Shares.cuts
    return zip(cuts, shares.kept).map { ("kept_\($0)", $1) } + [("median_r", shares.median)]
      + zip(cuts, shares.keptActive).map { ("kept_active_\($0)", $1) } + [("median_r_active", shares.medianActive)]
  }

  /// - Throws: `RunFileError` for a table that is not whole.
  static func read(
    _ pair: RunDescription.FeaturePair, featureCount: Int, tokenCount: Int, from file: borrowing HDF5File
  ) throws -> FeatureTable {
    let group = group(pair)
    var table = FeatureTable()
    for column in FeatureTable.columns {
      let path = "\(group)/\(column.name)"
      let values = try file.readValues(path).values
      guard values.count == featureCount else {
        throw RunFileError.unequalRows(path: file.path, object: path, rows: values.count, expected: featureCount)
      }
      guard column.write(&table, values) else {
        throw RunFileError.otherType(
          path: file.path, object: path, type: "\(values.type.rawValue) numbers",
          expected: column.read(table).type.rawValue)
      }
    }
    var numbers: [String: Double] = [:]
    for name in try file.attributeNames(of: group) {
      switch try file.attribute(name, of: group) {
      case .integer(let value)?: numbers[name] = Double(value)
      case .real(let value)?: numbers[name] = value
      default: break
      }
    }
    func number(_ name: String) throws -> Double {
      guard let value = numbers[name] else {
        throw RunFileError.impossible(path: file.path, object: group, reason: "it lacks the attribute \(name)")
      }
      return value
    }
    func both(_ name: String) throws -> FeatureTable.Shares.Number {
      .init(value: try number(name), error: try number("\(name)_error"))
    }
    func count(_ name: String) throws -> Int { Int(clamping: Int64(max(0, min(try number(name), 1e15)))) }
    table.shares.tokens = try count("tokens")
    table.shares.judged = try count("judged_features")
    table.shares.groups = try count("groups")
    table.shares.kept = try FeatureTable.Shares.cuts.map { try both("kept_\($0)") }
    table.shares.keptActive = try FeatureTable.Shares.cuts.map { try both("kept_active_\($0)") }
    table.shares.median = try both("median_r")
    table.shares.medianActive = try both("median_r_active")
    table.flips = try readFlips(group, from: file)
    table.meanShare = numbers["mean_shift_share"]
    table.firstDirectionShare = numbers["first_direction_share"]
    if let reason = problem(table, tokenCount: tokenCount) {
      throw RunFileError.impossible(path: file.path, object: group, reason: reason)
    }
    return table
  }
}
