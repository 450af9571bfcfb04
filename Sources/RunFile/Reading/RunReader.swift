import Foundation

/// A run file, or the finished part of a run in progress, opened for reading. A value: safe to pass around; each call
/// opens and closes the file.
public struct RunReader: Sendable {
  /// The run file, or the folder of parts.
  public let path: String
  public let description: RunDescription
  /// True when the run had not finished.
  public let isPartial: Bool
  public let tokenCount: Int
  public let segmentCount: Int
  public let chunkCount: Int
  public let batchCount: Int
  /// What is measured, sorted: one entry per data set under `/measurements`.
  public let columns: [ColumnKey]
  /// SHA-256 of the logical content as the file states it; nil for a run in progress.
  public let contentSHA256: String?
  /// Values that were measured elsewhere; nil for a run with raw measurements. A summary run has no tokens.
  public let summary: [SummaryValue]?

  private let definitions: [ColumnKey: StoredColumn]
  /// Files that make up the run, in order: the run file alone, or the parts.
  private let files: [String]
  let counts: RowCounts
  /// Of the content as it was verified on opening; nil where it was not.
  private var digests: RunContentDigests?

  /// Opens a run file: the one door to it. What is opened is a tree of groups and data sets whose numbers lie in the file
  /// itself, whose indices and counts fit together, and whose content is what was written.
  ///
  /// - Parameter verifyingContent: reads everything and compares it with the content hash that the file states.
  /// - Parameter checkingBytes: false reads what can be read of a damaged file, and trusts the HDF5 library with it.
  /// - Throws: `RunFileError` when it is no readable run file of this or an older schema, or another one than was
  ///   written; `HDF5Error` when it is damaged.
  public init(_ path: String, verifyingContent: Bool = true, checkingBytes: Bool = true) throws {
    try FileShape.check(path)
    if checkingBytes { try FileSeal.check(path) }
    let opened = try HDF5Library.locked { try StoredRun(path) }
    self.path = path
    description = opened.description
    isPartial = opened.isPartial
    contentSHA256 = opened.contentSHA256
    summary = opened.summary
    files = [path]
    counts = opened.counts
    definitions = Dictionary(uniqueKeysWithValues: opened.columns.map { ($0.key, $0.stored) })
    columns = opened.columns.map(\.key).sorted()
    (tokenCount, segmentCount) = (counts.tokens, counts.segments)
    (chunkCount, batchCount) = (counts.chunks, counts.batches)
    guard (summary == nil) == (tokenCount > 0) else {
      throw RunFileError.impossible(
        path: path, object: "/token", reason: summary == nil ? "the run has no tokens" : "a summary run has no tokens")
    }
    if verifyingContent {
      let digests = try ContentHash.digests(of: path)
      if let damage = digests.errors.first { throw damage }
      try check(hash: digests.whole)
      self.digests = digests
    }
    try TableCheck(reader: self).check()
  }

  /// Opens the finished blocks of a run in progress, which may go on being measured meanwhile.
  ///
  /// - Throws: `RunFileError.noRunInProgress`, `.nothingMeasured`.
  public init(partsFolder folder: String) throws {
    let parts = RunParts(folder: folder)
    guard let header = try parts.readHeader() else { throw RunFileError.noRunInProgress(folder: folder) }
    let columns = RunLayout.columns(header.columns, conditions: header.description.measuredConditions)
    var files: [String] = []
    var counts = RowCounts()
    for block in try parts.storedBlocks() where block == files.count {
      let path = parts.path(block: block)
      let summary = try? HDF5Library.locked {
        try PartFile.summary(of: path, columns: columns, checkingData: false)
      }
      guard let summary, summary.fingerprint == header.fingerprint else { break }
      files.append(path)
      counts = counts + summary.counts
    }
    guard !files.isEmpty else { throw RunFileError.nothingMeasured(folder: folder) }
    path = folder
    description = header.description
    isPartial = true
    contentSHA256 = nil
    summary = nil
    self.files = files
    self.counts = counts
    definitions = Dictionary(uniqueKeysWithValues: columns.map { ($0.key, $0.stored) })
    self.columns = columns.map(\.key).sorted()
    (tokenCount, segmentCount) = (counts.tokens, counts.segments)
    (chunkCount, batchCount) = (counts.chunks, counts.batches)
    try DescriptionCheck(path: folder, description: description).check()
    try TableCheck(reader: self).check()
  }

  /// The measurements with how they are stored.
  var storedColumns: [RunColumn] {
    columns.compactMap { key in definitions[key].map { RunColumn(key: key, stored: $0) } }
  }

  public func has(_ key: ColumnKey) -> Bool { definitions[key] != nil }

  /// What a column is, as the file says; nil when there is none of this key.
  public func definition(of key: ColumnKey) -> ColumnDefinition? {
    definitions[key].map { stored in
      ColumnDefinition(
        experiment: key.experiment, name: key.name, axis: stored.axis, type: stored.type,
        rowShape: stored.rowShape, rowAxes: stored.rowAxes, unit: stored.unit, meaning: stored.meaning,
        definition: stored.definition ?? "", appliesToBaseline: baselineHas(key),
        isOfBaseline: baselineHas(key) && othersLack(key))
    }
  }

  /// All of a column's values, rows after one another.
  ///
  /// - Throws: `RunFileError.noSuchColumn`; `HDF5Error` naming the data set when its checksum does not fit.
  public func values(_ key: ColumnKey) throws -> ColumnValues {
    guard let stored = definitions[key] else {
      throw RunFileError.noSuchColumn(path: path, key: key, available: columns)
    }
    return try values(stored)
  }

  /// All of a column's values as Double.
  public func doubles(_ key: ColumnKey) throws -> [Double] { try values(key).doubles }

  /// Hands out a float64 column some rows after another, in order, so that a large one is never in memory as a whole.
  ///
  /// - Parameter body: gets the first row and the values of the rows; they are valid for the call alone.
  /// - Throws: as `values`, and what `body` throws; `RunFileError.unequalRows` also for a column of another type.
  public func forEachRows(
    ofFloat64 key: ColumnKey, _ body: (_ firstRow: Int, UnsafeBufferPointer<Double>) throws -> Void
  ) throws {
    guard let stored = definitions[key] else {
      throw RunFileError.noSuchColumn(path: path, key: key, available: columns)
    }
    func wrongRows(_ rows: Int) -> RunFileError {
      .unequalRows(path: path, object: stored.path, rows: rows, expected: counts[stored.axis])
    }
    var firstRow = 0
    for file in files {
      let chunks = try HDF5Library.locked { try StoredChunks(of: stored.path, in: try HDF5File(reading: file)) }
      if let chunks {
        guard chunks.type == .float64, chunks.shape.dropFirst().elementsEqual(stored.rowShape),
          firstRow + chunks.shape[0] <= counts[stored.axis]
        else { throw wrongRows(firstRow + chunks.shape[0]) }
        try chunks.forEachBand(in: file) { try body(firstRow + $0, $1.assumingMemoryBound(to: Double.self)) }
        firstRow += chunks.shape[0]
        continue
      }
      let values = try HDF5Library.locked { try HDF5File(reading: file).readValues(stored.path).values }
      guard let doubles = values.float64s, doubles.count % max(1, stored.rowCount) == 0,
        firstRow + doubles.count / max(1, stored.rowCount) <= counts[stored.axis]
      else { throw wrongRows(firstRow + values.count / max(1, stored.rowCount)) }
      try doubles.withUnsafeBufferPointer { if !$0.isEmpty { try body(firstRow, $0) } }
      firstRow += doubles.count / max(1, stored.rowCount)
    }
    guard firstRow == counts[stored.axis] else { throw wrongRows(firstRow) }
  }

  // MARK: Tables

  public func tokens() throws -> TokenTable {
    var table = TokenTable()
    table.id = try int32s("/tokens/id")
    table.document = try int32s("/tokens/document")
    table.source = try uint8s("/tokens/source")
    table.position = try int32s("/tokens/position")
    table.chunk = try int32s("/tokens/chunk")
    table.segment = try int32s("/tokens/segment")
    table.stratum = try uint8s("/tokens/stratum")
    return table
  }

  public func segments() throws -> SegmentTable {
    var table = SegmentTable()
    table.chunk = try int32s("/segments/chunk")
    table.document = try int32s("/segments/document")
    table.source = try uint8s("/segments/source")
    table.firstToken = try int32s("/segments/first_token")
    table.tokenCount = try int32s("/segments/token_count")
    return table
  }

  public func chunks() throws -> ChunkTable {
    var table = ChunkTable()
    table.batch = try int32s("/chunks/batch")
    table.firstToken = try int32s("/chunks/first_token")
    table.tokenCount = try int32s("/chunks/token_count")
    if description.reruns != nil { table.rerun = try uint8s(RunTables.rerun.path) }
    return table
  }

  public func batches() throws -> BatchTable {
    var table = BatchTable()
    table.firstChunk = try int32s("/batches/first_chunk")
    table.chunkCount = try int32s("/batches/chunk_count")
    return table
  }

  /// What the ids of the run's tokens say: each one's text, a byte token's as `<0x0A>`. Nil where the file lacks that:
  /// older ones, and runs in progress.
  public func vocabulary() throws -> [Int32: String]? {
    guard files == [path] else { return nil }
    return try HDF5Library.locked { try VocabularyTable.read(from: HDF5File(reading: path)) }
  }

  /// Features of a condition, or of a control, against the reference; nil where the run has no such table, and in a run in
  /// progress, whose sums are not closed yet.
  public func featureTable(_ pair: RunDescription.FeaturePair) throws -> FeatureTable? {
    guard files == [path], let features = description.sae?.featureCount,
      description.featurePairs?.contains(pair) == true
    else { return nil }
    return try HDF5Library.locked {
      try StoredFeatureTable.read(
        pair, featureCount: features, tokenCount: tokenCount, from: HDF5File(reading: path))
    }
  }

  // MARK: Verifying

  /// Reads everything, unless it was when the file was opened, and compares it with the content hash that the file states.
  ///
  /// - Returns: the hash.
  /// - Throws: `RunFileError.contentChanged`, `.noContentHash`; `HDF5Error` naming a damaged data set.
  @discardableResult
  public func verify() throws -> String {
    let digests = try contentDigests()
    if let damage = digests.errors.first { throw damage }
    return try check(hash: digests.whole)
  }

  /// The content's hashes, as a whole and object by object; nothing is compared.
  ///
  /// - Throws: `RunFileError.noContentHash` for a run in progress; `HDF5Error` for a file that cannot be opened.
  public func contentDigests() throws -> RunContentDigests {
    guard files == [path] else { throw RunFileError.noContentHash(path: path) }
    return try digests ?? ContentHash.digests(of: path)
  }

  @discardableResult
  private func check(hash: String?) throws -> String {
    guard let contentSHA256 else { throw RunFileError.noContentHash(path: path) }
    guard let hash, hash == contentSHA256 else {
      throw RunFileError.contentChanged(path: path, stored: contentSHA256, computed: hash ?? "none")
    }
    return hash
  }

  // MARK: Values of any data set

  private func baselineHas(_ key: ColumnKey) -> Bool {
    description.conditions.contains { $0.isBaseline && has(key, in: $0) }
  }

  /// False where there are no others.
  private func othersLack(_ key: ColumnKey) -> Bool {
    let others = description.conditions.filter { !$0.isBaseline }
    return !others.isEmpty && !others.contains { has(key, in: $0) }
  }

  private func has(_ key: ColumnKey, in condition: RunDescription.Condition) -> Bool {
    has(ColumnKey(condition: condition.name, experiment: key.experiment, name: key.name))
  }

  private func values(_ column: StoredColumn) throws -> ColumnValues {
    let lists = try files.map { path in
      let chunks = try HDF5Library.locked { try StoredChunks(of: column.path, in: try HDF5File(reading: path)) }
      if let chunks { return try chunks.values(in: path) }
      return try HDF5Library.locked {
        let file = try HDF5File(reading: path)
        return try file.readValues(column.path).values
      }
    }
    if let other = lists.first(where: { $0.type != column.type }) {
      throw RunFileError.otherType(
        path: path, object: column.path, type: "\(other.type.rawValue) numbers", expected: column.type.rawValue)
    }
    let expected = counts[column.axis] * column.rowCount
    guard let values = lists.count == 1 ? lists[0] : ColumnValues.joined(lists), values.count == expected else {
      throw RunFileError.unequalRows(
        path: path, object: column.path, rows: lists.reduce(0) { $0 + $1.count } / max(1, column.rowCount),
        expected: counts[column.axis])
    }
    return values
  }

  private func tableValues<Element>(_ path: String, _ elements: (ColumnValues) -> [Element]?) throws -> [Element] {
    guard let column = RunTables.columns(reruns: true).first(where: { $0.path == path }),
      let values = elements(try values(column))
    else { preconditionFailure("\(path) is no column of a table, or one of another type") }
    return values
  }

  private func int32s(_ path: String) throws -> [Int32] { try tableValues(path, \.int32s) }
  private func uint8s(_ path: String) throws -> [UInt8] { try tableValues(path, \.uint8s) }
}
