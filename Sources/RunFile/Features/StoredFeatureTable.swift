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
    if let reason = problem(table, tokenCount: tokenCount) {
      throw RunFileError.impossible(path: file.path, object: group, reason: reason)
    }
    return table
  }
}
