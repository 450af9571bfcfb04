import Foundation

/// Shards of one run, put together into its run file: the content is that of a run that was never cut.
public struct RunMerge {
  /// As the merged run file will have it.
  public let description: RunDescription
  /// Of the shards; what decides the measured numbers.
  public let fingerprint: String
  public let blockCount: Int
  private let parts: [String]
  private let columns: [RunColumn]
  private let counts: RowCounts
  private let texts: [Int32: String]

  private struct Shard {
    let folder: String
    let parts: RunParts
    let header: RunParts.Header
    let shard: RunShard
  }

  /// Reads every data set of the shards' blocks, so that damage anywhere is an error.
  ///
  /// - Parameter folders: of all shards of the run, in any order.
  /// - Throws: `RunFileError.notMergeable` for shards that are missing, given twice, not finished, or of other runs.
  public init(_ folders: [String]) throws {
    let shards = try folders.map(Self.open).sorted { $0.shard.number < $1.shard.number }
    guard let first = shards.first else { throw RunFileError.notMergeable("none is given") }
    try Self.checkOrigin(shards, like: first)
    try Self.checkNumbers(shards, of: first.shard.count)
    fingerprint = first.header.fingerprint
    blockCount = first.shard.blockCount
    let columns = RunLayout.columns(first.header.columns, conditions: first.header.description.measuredConditions)
    var (parts, counts, texts, seconds) = ([String](), RowCounts(), [Int32: String](), 0.0)
    for shard in shards {
      for block in shard.shard.blocks {
        let path = shard.parts.path(block: block)
        guard FileManager.default.fileExists(atPath: path) else {
          throw RunFileError.notMergeable("\(shard.shard.name) is not finished (\(shard.folder)): run it again")
        }
        let summary = try HDF5Library.locked {
          try PartFile.summary(of: path, columns: columns, checkingData: true)
        }
        guard summary.fingerprint == fingerprint, summary.block == block else {
          throw RunFileError.notMergeable("\(path) belongs to another run")
        }
        parts.append(path)
        counts = counts + summary.counts
        seconds += summary.elapsedSeconds
      }
      texts.merge(try Self.vocabulary(shard)) { first, _ in first }
    }
    (self.columns, self.parts, self.counts, self.texts) = (columns, parts, counts, texts)
    // What belongs to the machines is told of the first, and summed up.
    var description = first.header.description
    let provenances = shards.map(\.header.description.provenance)
    description.provenance.startTime = provenances.map(\.startTime).min() ?? ""
    description.provenance.finishTime = provenances.compactMap(\.finishTime).max()
    description.provenance.peakAnonymousBytes = provenances.compactMap(\.peakAnonymousBytes).max()
    description.provenance.elapsedSeconds = seconds
    self.description = description
  }

  /// Writes the run file; what is at `path` is replaced, and only by a whole one. Shards stay.
  public func write(to path: String) throws {
    let assembly = RunFileAssembly(
      parts: parts, counts: counts, columns: columns, description: description, isComplete: true,
      text: { [texts] in texts[$0] ?? "" })
    try DurableFile.replace(path) { temporary in
      try HDF5Library.locked { try assembly.write(to: temporary) }
    }
  }

  // MARK: Checks

  private static func open(_ folder: String) throws -> Shard {
    let parts = RunParts(folder: folder)
    guard let header = try parts.readHeader() else {
      throw RunFileError.notMergeable("\(folder) holds no shard, which is a folder that 'clearbox run --shard' wrote")
    }
    guard let shard = header.shard else {
      throw RunFileError.notMergeable("\(folder) holds a run in progress that is no shard")
    }
    return Shard(folder: folder, parts: parts, header: header, shard: shard)
  }

  private static func checkOrigin(_ shards: [Shard], like first: Shard) throws {
    for shard in shards {
      let (header, other) = (shard.header, first.header)
      guard header.fingerprint == other.fingerprint, header.columns == other.columns,
        header.description.strata.medianNorm == other.description.strata.medianNorm,
        shard.shard.blockCount == first.shard.blockCount
      else {
        throw RunFileError.notMergeable(
          "\(shard.folder) measured something else than \(first.folder): another study, plan or program")
      }
      guard shard.shard.count == first.shard.count else {
        throw RunFileError.notMergeable(
          "\(shard.folder) is \(shard.shard.name), \(first.folder) is \(first.shard.name)")
      }
    }
  }

  private static func checkNumbers(_ shards: [Shard], of count: Int) throws {
    for (one, next) in zip(shards, shards.dropFirst()) where one.shard.number == next.shard.number {
      throw RunFileError.notMergeable("\(one.folder) and \(next.folder) are both \(one.shard.name)")
    }
    let missing = Set(1...count).subtracting(shards.map(\.shard.number)).sorted()
    guard missing.isEmpty else {
      throw RunFileError.notMergeable(
        "of \(count), \(missing.map(String.init).joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") missing")
    }
  }

  private static func vocabulary(_ shard: Shard) throws -> [Int32: String] {
    guard let data = FileManager.default.contents(atPath: shard.parts.vocabularyPath) else {
      throw RunFileError.notMergeable("\(shard.shard.name) is not finished (\(shard.folder)): run it again")
    }
    do {
      let named = try JSONDecoder().decode([String: String].self, from: data)
      return Dictionary(uniqueKeysWithValues: named.compactMap { id, text in Int32(id).map { ($0, text) } })
    } catch {
      throw RunFileError.damagedDescription(path: shard.parts.vocabularyPath, reason: "\(error)")
    }
  }
}
