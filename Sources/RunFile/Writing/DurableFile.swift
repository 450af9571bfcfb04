import Foundation
import Synchronization

/// Files that appear whole or not at all: written aside, synced to the disk, renamed.
enum DurableFile {
  /// What a file is called while it is being written, in the same folder as its final place.
  static func temporaryPath(for path: String) -> String { path + ".partial" }

  /// Told of every moment between two changes of the disk, so that a test can look at what a crash then would leave: by a
  /// part of the paths concerned.
  static let observers = Mutex<[String: @Sendable (_ passed: String) -> Void]>([:])

  static func moment(_ passed: String) {
    for (path, tell) in observers.withLock(\.self) where passed.contains(path) { tell(passed) }
  }

  /// Lets `write` fill a file beside `path`, syncs it and renames it to `path`. An error leaves `path` as it was.
  static func replace(_ path: String, _ write: (_ temporary: String) throws -> Void) throws {
    let temporary = temporaryPath(for: path)
    do {
      try write(temporary)
      moment("wrote \(temporary)")
      try sync(temporary)
      guard rename(temporary, path) == 0 else {
        throw RunFileError.fileSystem(path: path, action: "put the finished file in place", reason: lastReason())
      }
      moment("renamed \(path)")
      try sync((path as NSString).deletingLastPathComponent)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  static func write(_ bytes: Data, to path: String) throws {
    try replace(path) { temporary in
      guard let file = fopen(temporary, "wb") else {
        throw RunFileError.fileSystem(path: temporary, action: "write", reason: lastReason())
      }
      let isWritten = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) } == bytes.count
      let reason = lastReason()
      guard fclose(file) == 0, isWritten else {
        throw RunFileError.fileSystem(path: temporary, action: "write", reason: isWritten ? lastReason() : reason)
      }
    }
  }

  /// Removes a file; one that is gone already is no error.
  static func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw RunFileError.fileSystem(path: path, action: "remove", reason: lastReason())
    }
    moment("removed \(path)")
  }

  /// Waits until a file's content, or a folder's list of names, is on the disk.
  private static func sync(_ path: String) throws {
    let descriptor = open(path.isEmpty ? "." : path, O_RDONLY)
    guard descriptor >= 0 else {
      throw RunFileError.fileSystem(path: path, action: "open", reason: lastReason())
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw RunFileError.fileSystem(path: path, action: "write", reason: lastReason())
    }
  }

  static func lastReason() -> String { String(cString: strerror(errno)) }
}
