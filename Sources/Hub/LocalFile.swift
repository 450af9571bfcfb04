import Foundation

/// The few things that the cache does with files.
enum LocalFile {
  /// Bytes of a regular file, symbolic links followed; nil where there is none.
  static func size(of path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Refuses a place that a symbolic link leads out of the cache.
  /// - Parameter path: may not exist yet; what of its folders does is looked at.
  static func check(_ path: String, isInside folder: String) throws {
    var parent = (path as NSString).deletingLastPathComponent
    while !FileManager.default.fileExists(atPath: parent), parent.count > folder.count {
      parent = (parent as NSString).deletingLastPathComponent
    }
    let (inside, root) = (real(parent), real(folder))
    guard let inside, let root else { return }
    guard inside == root || inside.hasPrefix(root == "/" ? root : root + "/") else {
      throw HubError.local(
        path: path, action: "be written", reason: "a symbolic link leads out of the cache, to \(inside)")
    }
  }

  private static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw HubError.local(path: path, action: "be made", reason: error.localizedDescription)
    }
  }

  static func makeFolder(for file: String) throws { try makeFolder((file as NSString).deletingLastPathComponent) }

  static func move(_ from: String, to path: String) throws {
    guard rename(from, path) == 0 else { throw failure(path, "be written") }
  }

  static func remove(_ path: String) { unlink(path) }

  /// Writes a small file whole or not at all.
  static func write(_ text: String, to path: String) throws {
    try makeFolder(for: path)
    let draft = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    guard FileManager.default.createFile(atPath: draft, contents: Data(text.utf8)) else {
      throw failure(draft, "be written")
    }
    try move(draft, to: path)
  }

  /// A symbolic link at `path` to `target`, both absolute, written as the relative way from one to the other.
  /// What was at `path` is replaced, unless it leads to `target` already.
  static func link(_ path: String, to target: String) throws {
    try makeFolder(for: path)
    let from = path.split(separator: "/").dropLast()
    let to = target.split(separator: "/")
    let shared = zip(from, to).prefix { $0 == $1 }.count
    let way = (Array(repeating: "..", count: from.count - shared) + to[shared...]).joined(separator: "/")
    if let present = try? FileManager.default.destinationOfSymbolicLink(atPath: path), present == way { return }
    // Another process may make the same link between the two calls.
    for _ in 0..<3 {
      if symlink(way, path) == 0 { return }
      guard errno == EEXIST else { break }
      if let present = try? FileManager.default.destinationOfSymbolicLink(atPath: path), present == way { return }
      guard unlink(path) == 0 || errno == ENOENT else { break }
    }
    throw failure(path, "be linked")
  }

  static func freeBytes(in folder: String) -> Int? {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }

  static func failure(_ path: String, _ action: String) -> HubError {
    .local(path: path, action: action, reason: String(cString: strerror(errno)))
  }
}

/// An exclusive lock on a file, held until this goes: the very lock that huggingface_hub takes (`flock`).
///
/// On file systems without such locks there is none; a blob still comes into place whole or not at all.
final class FileLock {
  private let descriptor: Int32

  /// - Parameter wait: called again and again while another process holds the lock; should take its time.
  init(_ path: String, wait: () -> Void) throws {
    try LocalFile.makeFolder(for: path)
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o664)
      guard descriptor >= 0 else { throw LocalFile.failure(path, "be locked") }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        // The file may have been deleted by the one who held the lock: then it protects nothing.
        var (held, named) = (stat(), stat())
        if fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino {
          self.descriptor = descriptor
          return
        }
        close(descriptor)
        continue
      }
      let code = errno
      if code != EWOULDBLOCK && code != EINTR {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
      wait()
    }
  }

  deinit { close(descriptor) }
}
