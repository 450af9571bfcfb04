import Foundation

/// The folder of a run in progress: a description, and one file per finished block.
///
///     <folder>/run-in-progress.json     fingerprint, columns, description
///     <folder>/block-000000.h5          immutable once it has this name
///     <folder>/block-000001.h5
struct RunParts: Sendable {
  static let descriptionName = "run-in-progress.json"
  static let lockName = ".lock"

  var folder: String

  /// What `run-in-progress.json` holds.
  struct Header: Codable, Equatable, Sendable {
    var schemaVersion: Int
    var fingerprint: String
    var columns: [ColumnDefinition]
    var description: RunDescription
    /// The part of a run that is measured here; nil for a whole run.
    var shard: RunShard?
  }

  /// What the ids of a shard's tokens say, for the run file that it becomes part of.
  var vocabularyPath: String { folder + "/vocabulary.json" }

  func path(block: Int) -> String {
    let digits = String(block)
    return folder + "/block-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".h5"
  }

  var headerPath: String { folder + "/" + Self.descriptionName }
  var lockPath: String { folder + "/" + Self.lockName }

  /// Nil when the folder holds no run in progress.
  func readHeader() throws -> Header? {
    guard FileManager.default.fileExists(atPath: headerPath) else { return nil }
    do {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: headerPath))
      let header = try JSONDecoder().decode(Header.self, from: bytes)
      guard header.schemaVersion <= RunSchema.newestVersion else {
        throw RunFileError.newerSchema(path: headerPath, version: header.schemaVersion)
      }
      return header
    } catch let error as RunFileError {
      throw error
    } catch {
      throw RunFileError.damagedDescription(path: headerPath, reason: "\(error)")
    }
  }

  func writeHeader(_ header: Header) throws {
    try DurableFile.write(try header.sortedJSON(), to: headerPath)
  }

  /// Numbers of the blocks that have a file, ascending, with or without gaps.
  func storedBlocks() throws -> [Int] {
    try names().compactMap { name in
      guard name.hasPrefix("block-"), name.hasSuffix(".h5") else { return nil }
      return Int(name.dropFirst("block-".count).dropLast(".h5".count))
    }.sorted()
  }

  func names() throws -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
      throw RunFileError.fileSystem(path: folder, action: "list", reason: error.localizedDescription)
    }
  }

  /// Removes all that a run in progress puts into the folder, and the folder, unless others' files lie in it.
  func remove() throws {
    let names = try names().filter { $0.hasSuffix(DurableFile.temporaryPath(for: "")) }
    for path in try storedBlocks().map(path(block:)) + names.map({ folder + "/" + $0 }) + [headerPath, lockPath] {
      try DurableFile.remove(path)
    }
    // Fails, rightly, when something else lies in the folder.
    rmdir(folder)
    DurableFile.moment("removed \(folder)")
  }
}
