import Analysis
import Dispatch
import Foundation
import RunFile
import Synchronization

/// Runs found in folders, oldest first, each with its headline and what changed since the one before of the same model.
struct RunLog {
  struct Entry {
    var reader: RunReader
    /// Where it lies; several for copies of one run.
    var paths: [String]
    /// Nil where the run's numbers cannot be computed; `problem` says why.
    var headline: RunHeadline?
    var problem: String?
    /// Place in the log of the run before it of the same model; nil for the first.
    var previous: Int?
    var changes: [Change]

    var description: RunDescription { reader.description }
    /// Start of the measurement, ISO 8601; nil where it was not recorded.
    var date: String? { RunLog.date(reader) }
  }

  /// What two runs were given, or made with, that is not the same.
  struct Change: Encodable {
    var kind: String
    var name: String
    var before: String?
    var now: String?
  }

  private(set) var entries: [Entry] = []
  /// Files that look like runs and are none, with the reason.
  private(set) var skipped: [(path: String, reason: String)] = []

  /// - Parameter paths: folders, searched through and through, and run files.
  /// - Throws: `RunFileError.missing` for a path where nothing is.
  init(_ paths: [String]) throws {
    var readers: [(path: String, reader: RunReader)] = []
    for path in try paths.flatMap({ try Self.candidates($0) }) {
      do { readers.append((path, try Render.open(path))) } catch { skipped.append((path, "\(error)")) }
    }
    var places: [String: Int] = [:]
    var found: [Entry] = []
    for (path, reader) in readers {
      // Copies say the same of themselves: content and time.
      let key = (reader.contentSHA256 ?? path) + " " + reader.description.provenance.startTime
      if let index = places[key] {
        if !found[index].paths.contains(path) { found[index].paths.append(path) }
        continue
      }
      places[key] = found.count
      found.append(Entry(reader: reader, paths: [path], headline: nil, problem: nil, previous: nil, changes: []))
    }
    entries = found.sorted { ($0.date ?? "", $0.paths[0]) < ($1.date ?? "", $1.paths[0]) }
    var last: [String: Int] = [:]
    for index in entries.indices {
      let model = entries[index].description.model.name
      if let previous = last[model] {
        entries[index].previous = previous
        entries[index].changes = Self.changes(entries[previous].description, entries[index].description)
      }
      last[model] = index
    }
  }

  /// Computes all headlines, on all cores.
  mutating func computeHeadlines() {
    let readers = entries.map(\.reader)
    let results = Mutex<[Int: Result<RunHeadline, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: readers.count) { index in
      let result = Result { try RunHeadline(of: readers[index]) }
      results.withLock { $0[index] = result }
    }
    for (index, result) in results.withLock({ $0 }) {
      switch result {
      case .success(let headline): entries[index].headline = headline
      case .failure(let error): entries[index].problem = "\(error)"
      }
    }
  }

  private static func date(_ reader: RunReader) -> String? {
    let text = reader.description.provenance.startTime
    return text.prefix(4).allSatisfy(\.isNumber) && text.count >= 10 ? text : nil
  }

  /// What the two were given or made with, and how many tokens each measured, which `--tokens` sets past the study file.
  private static func changes(_ a: RunDescription, _ b: RunDescription) -> [Change] {
    let tokens = (String(a.budget.headline), String(b.budget.headline))
    let own = Change(kind: "study", name: "tokens, as measured", before: tokens.0, now: tokens.1)
    return (tokens.0 == tokens.1 ? [] : [own])
      + Cause.differences(a, b).map { Change(kind: $0.kind.rawValue, name: $0.name, before: $0.a, now: $0.b) }
  }

  /// The run files, and the folders of runs in progress, at or below a path, in order of their names.
  private static func candidates(_ path: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw RunFileError.missing(path: path)
    }
    let isParts = { FileManager.default.fileExists(atPath: $0 + "/run-in-progress.json") }
    guard isFolder.boolValue, !isParts(path) else { return [path] }
    let root = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
    guard let names = FileManager.default.enumerator(atPath: root) else { return [] }
    var found: [String] = []
    for case let name as String in names {
      let full = root + "/" + name
      if (name as NSString).lastPathComponent.hasPrefix(".") {
        names.skipDescendants()
      } else if names.fileAttributes?[.type] as? FileAttributeType == .typeDirectory {
        if isParts(full) {
          found.append(full)
          names.skipDescendants()
        }
      } else if name.hasSuffix(".h5") {
        found.append(full)
      }
    }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
