import Foundation

/// A run that is being measured: a folder of finished blocks, which a crash at any moment leaves whole.
///
///     let run = try RunInProgress(folder: parts, description: description, columns: columns, fingerprint: fingerprint)
///     for index in run.finishedBlocks..<blockCount { try run.append(try measure(block: index)) }
///     try run.assemble(to: "out/study/model.h5", description: finished)
///     try run.removeParts()
///
/// An instance owns its folder: a second one on the same folder, in this process or another, is refused while it lives.
public final class RunInProgress {
  /// What a run file's folder of parts, and the file itself while it is put together, are called after its name.
  public static let partsEnding = ".parts"
  public static let temporaryEnding = DurableFile.temporaryPath(for: "")

  public let folder: String
  public let columns: [ColumnDefinition]
  public let fingerprint: String
  /// The description that the folder holds: of the first call when this one resumes, with what `update` changed since.
  public private(set) var description: RunDescription
  /// So many blocks, from the first on, are on the disk, whole.
  public private(set) var finishedBlocks: Int
  /// 0, but in a shard.
  public let firstBlock: Int
  /// Seconds spent on the finished blocks, summed over interruptions, as `append` was told.
  public private(set) var elapsedSeconds: Double
  /// What was found unfit and removed on resuming, a sentence each; the blocks named are measured again.
  public let discarded: [String]
  /// True when the folder already held finished blocks.
  public var isResumed: Bool { resumedBlocks > 0 }

  private let parts: RunParts
  private let resumedBlocks: Int
  private let runColumns: [RunColumn]
  private var counts: RowCounts
  private let lock: FolderLock
  private let shard: RunShard?

  /// Starts a run in `folder`, or resumes the one that is there.
  ///
  /// - Parameters:
  ///   - fingerprint: SHA-256, or any text, of all that decides the measured numbers: a folder whose fingerprint
  ///     differs is refused.
  ///   - columns: what every block brings, for each condition it applies to.
  ///   - shard: what of the run is measured here; nil for all of it.
  ///   - before: rows of the run before the shard's first block.
  /// - Throws: `RunFileError.otherStudy`, `.otherColumns`, `.inUse`, `.badDefinition`, `.impossible`, `.fileSystem`.
  public init(
    folder: String, description: RunDescription, columns: [ColumnDefinition], fingerprint: String,
    shard: RunShard? = nil, before: RowCounts = RowCounts()
  ) throws {
    try RunLayout.check(columns, conditions: description.measuredConditions)
    // What could not be read in the end is not begun.
    try DescriptionCheck(path: folder, description: description).check()
    let parts = RunParts(folder: folder)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw RunFileError.fileSystem(path: folder, action: "make the folder", reason: error.localizedDescription)
    }
    lock = try FolderLock(path: parts.lockPath, folder: folder)
    self.parts = parts
    self.folder = folder
    self.columns = columns
    self.fingerprint = fingerprint
    runColumns = RunLayout.columns(columns, conditions: description.measuredConditions)
    firstBlock = shard?.blocks.lowerBound ?? 0
    self.shard = shard

    if let header = try parts.readHeader() {
      guard header.fingerprint == fingerprint else {
        throw RunFileError.otherStudy(folder: folder, stored: header.fingerprint, given: fingerprint)
      }
      guard runColumns == RunLayout.columns(header.columns, conditions: header.description.measuredConditions) else {
        throw RunFileError.otherColumns(folder: folder, difference: Self.difference(header.columns, columns))
      }
      guard header.shard == shard else {
        throw RunFileError.badShard(
          "\(folder) holds \(header.shard?.name ?? "a whole run"), not \(shard?.name ?? "a whole run")")
      }
      self.description = header.description
    } else {
      try parts.writeHeader(
        RunParts.Header(
          schemaVersion: RunSchema.version(of: description, isSummary: false), fingerprint: fingerprint,
          columns: columns, description: description, shard: shard))
      self.description = description
    }
    let found = try Self.resume(parts, fingerprint: fingerprint, columns: runColumns, first: firstBlock)
    finishedBlocks = found.blocks
    resumedBlocks = found.blocks
    counts = before + found.counts
    elapsedSeconds = found.elapsedSeconds
    discarded = found.discarded
  }

  /// Of the run that a folder holds, whether or not a block of it is finished; nil when it holds none.
  public static func description(in folder: String) throws -> RunDescription? {
    try RunParts(folder: folder).readHeader()?.description
  }

  /// Writes one block; when this returns, the block survives a crash.
  ///
  /// - Parameter elapsedSeconds: time spent measuring this block, for the run's total.
  /// - Throws: `RunFileError` naming the column or table that does not fit; `HDF5Error`; the folder stays as it was.
  public func append(_ block: RunBlock, elapsedSeconds: Double = 0) throws {
    guard block.index == firstBlock + finishedBlocks else {
      throw RunFileError.wrongBlock(index: block.index, expected: firstBlock + finishedBlocks)
    }
    let check = BlockCheck(block: block, before: counts, hasReruns: description.reruns != nil)
    let (added, chunks) = try check.checked(columns: runColumns)
    try DurableFile.replace(parts.path(block: block.index)) { temporary in
      try HDF5Library.locked {
        try PartFile.write(
          block, chunks: chunks, columns: runColumns, fingerprint: fingerprint, elapsedSeconds: elapsedSeconds,
          counts: added, to: temporary)
      }
    }
    counts = counts + added
    finishedBlocks += 1
    self.elapsedSeconds += elapsedSeconds
  }

  /// Stores a description that has come to know more: the median norm, once the first batch is measured. When this
  /// returns, it survives a crash.
  public func update(_ description: RunDescription) throws {
    guard RunLayout.columns(columns, conditions: description.measuredConditions) == runColumns else {
      throw RunFileError.otherColumns(folder: folder, difference: "the conditions changed")
    }
    try parts.writeHeader(
      RunParts.Header(
        schemaVersion: RunSchema.version(of: description, isSummary: false), fingerprint: fingerprint, columns: columns,
        description: description, shard: shard))
    self.description = description
  }

  /// Puts the finished blocks together into a run file, which replaces an older one at `path` only when it is whole.
  ///
  /// - Parameters:
  ///   - description: as it is known at the end: finish time, memory, token stream's hash.
  ///   - isComplete: false for a run that stopped early; its file says `status = partial`.
  ///   - text: what a token's id says, for the file's vocabulary.
  public func assemble(
    to path: String, description: RunDescription, isComplete: Bool = true, text: ((Int32) -> String)? = nil
  ) throws {
    precondition(shard == nil, "a shard is merged with the others")
    guard finishedBlocks > 0 else { throw RunFileError.nothingMeasured(folder: folder) }
    guard RunLayout.columns(columns, conditions: description.measuredConditions) == runColumns else {
      throw RunFileError.otherColumns(folder: folder, difference: "the conditions changed")
    }
    let assembly = RunFileAssembly(
      parts: (0..<finishedBlocks).map { parts.path(block: $0) }, counts: counts, columns: runColumns,
      description: description, isComplete: isComplete, text: text)
    try DurableFile.replace(path) { temporary in
      try HDF5Library.locked { try assembly.write(to: temporary) }
    }
  }

  /// Keeps what the ids of a finished shard's tokens say, for the run file that it becomes part of.
  public func saveVocabulary(_ texts: [Int32: String]) throws {
    let named = Dictionary(uniqueKeysWithValues: texts.map { (String($0), $1) })
    try DurableFile.write(try named.sortedJSON(), to: parts.vocabularyPath)
  }

  /// Removes the parts and their folder, once the assembled run file is in place. Leaves files of others alone.
  public func removeParts() throws {
    try parts.remove()
    finishedBlocks = 0
    counts = RowCounts()
  }

  /// Removes what a run left that was stopped after its run file was in place, and before its parts were gone.
  ///
  /// - Parameters:
  ///   - path: the run file.
  ///   - folder: where its parts were; one with another run's parts is left alone.
  ///   - fingerprint: of what the run file holds.
  public static func clearAway(after path: String, in folder: String, fingerprint: String) throws {
    let parts = RunParts(folder: folder)
    guard FileManager.default.fileExists(atPath: folder) else {
      return try DurableFile.remove(DurableFile.temporaryPath(for: path))
    }
    let lock = try FolderLock(path: parts.lockPath, folder: folder)
    defer { withExtendedLifetime(lock) {} }
    // Blocks go first and the header after them: without a header nothing is left of a run.
    let header = try parts.readHeader()
    guard try header.map({ $0.fingerprint == fingerprint }) ?? parts.storedBlocks().isEmpty else { return }
    try DurableFile.remove(DurableFile.temporaryPath(for: path))
    try parts.remove()
  }

  // MARK: Resuming

  private struct Found {
    var blocks = 0
    var counts = RowCounts()
    var elapsedSeconds = 0.0
    var discarded: [String] = []
  }

  /// Reads every part in order up to the first that is missing or unfit; what comes after is measured again.
  private static func resume(
    _ parts: RunParts, fingerprint: String, columns: [RunColumn], first: Int
  ) throws -> Found {
    var found = Found()
    for name in try parts.names() where name.hasSuffix(DurableFile.temporaryPath(for: "")) {
      found.discarded.append("\(name): was being written when the run stopped.")
      try DurableFile.remove(parts.folder + "/" + name)
    }
    var isBroken = false
    for block in try parts.storedBlocks() {
      let path = parts.path(block: block)
      if !isBroken, block == first + found.blocks {
        do {
          let summary = try HDF5Library.locked {
            try PartFile.summary(of: path, columns: columns, checkingData: true)
          }
          guard summary.fingerprint == fingerprint, summary.block == block else {
            throw RunFileError.otherStudy(folder: path, stored: summary.fingerprint, given: fingerprint)
          }
          found.blocks += 1
          found.counts = found.counts + summary.counts
          found.elapsedSeconds += summary.elapsedSeconds
          continue
        } catch let error as HDF5Error {
          found.discarded.append("block \(block): its part cannot be read (\(error.cause)).")
        } catch let error as RunFileError {
          found.discarded.append("block \(block): its part does not belong to this run (\(error)).")
        }
      } else {
        found.discarded.append("block \(block): follows a block that is missing or unfit.")
      }
      isBroken = true
      try DurableFile.remove(path)
    }
    return found
  }

  private static func difference(_ stored: [ColumnDefinition], _ given: [ColumnDefinition]) -> String {
    func names(_ columns: [ColumnDefinition]) -> Set<String> { Set(columns.map { "\($0.experiment)/\($0.name)" }) }
    let missing = names(stored).subtracting(names(given)).sorted()
    let added = names(given).subtracting(names(stored)).sorted()
    var sentences: [String] = []
    if !missing.isEmpty { sentences.append("it also measured " + missing.joined(separator: ", ")) }
    if !added.isEmpty { sentences.append("it did not measure " + added.joined(separator: ", ")) }
    return sentences.isEmpty ? "the same names, defined otherwise" : sentences.joined(separator: "; ")
  }
}
