import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file mapped read-only into memory: pages come from disk when touched and count as page cache.
///
/// A class because the mapping has an identity and an end: tensors that view it keep it alive, and the last
/// one to go unmaps it. The bytes never change through this type; a file that another process truncates while
/// it is mapped ends the program with a bus error, as with every mapping.
public final class MappedFile: Sendable {
  /// As the user wrote it, for messages.
  public let path: String
  /// Length in bytes.
  public let count: Int

  private nonisolated(unsafe) let base: UnsafeRawPointer?

  /// Maps the file at `path`.
  /// - Throws: `FileError` when it is missing, a folder, not readable, or stands for another file.
  public init(path: String) throws {
    self.path = path
    // Opening a named pipe would otherwise wait for somebody to write into it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      throw code == ENOENT || code == ENOTDIR
        ? FileError.missing(path: path)
        : FileError.unreadable(path: path, reason: String(cString: strerror(code)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError.notAFile(path: path, isFolder: status.st_mode & S_IFMT == S_IFDIR)
    }
    count = Int(status.st_size)
    guard count > 0 else {  // mmap refuses a length of zero
      base = nil
      return
    }
    guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
    else { throw FileError.unreadable(path: path, reason: String(cString: strerror(errno))) }
    base = UnsafeRawPointer(address)
    if let error = StandIn.error(UnsafeRawBufferPointer(start: base, count: count), path: path) { throw error }
  }

  deinit {
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
  }

  /// The file's name without its folders.
  public var name: String { URL(fileURLWithPath: path).lastPathComponent }

  /// Asks the system to read a range of the file soon; returns at once.
  func prefetch(_ range: Range<Int>) {
    guard let base, !range.isEmpty else { return }
    // Whole pages: the range's first one starts before it.
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = range.lowerBound / page * page
    posix_madvise(UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, POSIX_MADV_WILLNEED)
  }

  /// Calls `body` with the whole file. The pointer must not escape.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) {
      try body(UnsafeRawBufferPointer(start: base, count: count))
    }
  }

  /// Calls `body` with the bytes in `range`. The pointer must not escape.
  /// - Precondition: `range` lies in 0 ..< count.
  public func withBytes<Result>(
    in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) is outside \(path)")
    return try withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}
