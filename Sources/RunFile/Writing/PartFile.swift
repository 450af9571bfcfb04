/// One finished block as a file: the same groups and data sets as a run file, for this block's rows alone.
enum PartFile {
  /// Writes a block. Call inside `HDF5Library.locked`.
  static func write(
    _ block: RunBlock, chunks: ChunkTable, columns: [RunColumn], fingerprint: String, elapsedSeconds: Double,
    counts: RowCounts, to path: String
  ) throws {
    let file = try HDF5File(creating: path)
    try file.setAttribute("schema_name", of: "/", to: .text(RunSchema.partName))
    try file.setAttribute("schema_version", of: "/", to: .integer(Int64(RunSchema.version)))
    try file.setAttribute("fingerprint", of: "/", to: .text(fingerprint))
    try file.setAttribute("block", of: "/", to: .integer(Int64(block.index)))
    try file.setAttribute("elapsed_seconds", of: "/", to: .real(elapsedSeconds))
    for group in RunTables.groups { try file.createGroup(group.path) }
    try RunLayout.createMeasurementGroups(in: file, columns)
    let tables = RunTables.columns(reruns: !block.rerun.isEmpty)
    for (column, values) in zip(tables, RunTables.values(block, chunks: chunks)) {
      try write(values, column, rows: counts[column.axis], to: file)
    }
    for column in columns {
      guard let values = block.columns[column.key] else { continue }
      try write(values, column.stored, rows: counts[column.stored.axis], to: file)
    }
    try FeaturePart.write(block.features, to: file)
    try file.flush()
  }

  private static func write(
    _ values: ColumnValues, _ column: StoredColumn, rows: Int, to file: borrowing HDF5File
  ) throws {
    let shape = [rows] + column.rowShape
    let dataset = try file.createDataset(column.path, type: column.type, shape: shape)
    try values.withBytes { bytes in
      try file.writeRows(
        of: dataset, column.path, type: column.type, shape: shape, firstRow: 0, rows: rows, bytes: bytes)
    }
  }

  /// What a part says of itself.
  struct Summary {
    var fingerprint: String
    var block: Int
    var elapsedSeconds: Double
    var counts: RowCounts
  }

  /// Reads a part's summary. With `checkingData`, reads every data set too, so that damage anywhere is an error.
  /// Call inside `HDF5Library.locked`.
  static func summary(of path: String, columns: [RunColumn], checkingData: Bool) throws -> Summary {
    try GlobalHeap.check(path)
    let file = try HDF5File(reading: path)
    guard try file.attribute("schema_name", of: "/")?.text == RunSchema.partName,
      let fingerprint = try file.attribute("fingerprint", of: "/")?.text,
      let block = try file.attribute("block", of: "/")?.integer,
      let elapsedSeconds = try file.attribute("elapsed_seconds", of: "/")?.real
    else { throw RunFileError.foreign(path: path) }
    var counts = RowCounts()
    counts.tokens = try file.describe("/tokens/id").shape[0]
    counts.segments = try file.describe("/segments/chunk").shape[0]
    counts.chunks = try file.describe("/chunks/batch").shape[0]
    counts.batches = try file.describe("/batches/first_chunk").shape[0]
    for column in RunTables.columns(reruns: file.exists(RunTables.rerun.path)) + columns.map(\.stored) {
      let shape = checkingData ? try file.readValues(column.path).shape : try file.describe(column.path).shape
      guard shape == [counts[column.axis]] + column.rowShape else {
        throw RunFileError.unequalRows(
          path: path, object: column.path, rows: shape.first ?? 0, expected: counts[column.axis])
      }
    }
    if checkingData { try FeaturePart.check(file) }
    return Summary(fingerprint: fingerprint, block: Int(block), elapsedSeconds: elapsedSeconds, counts: counts)
  }
}
