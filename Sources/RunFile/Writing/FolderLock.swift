import Foundation

/// Holds a folder for one writer, by the operating system's advisory lock: it ends with the process, however that ends.
public final class FolderLock {
  private let descriptor: Int32

  /// Of a run in progress, by a file in its folder.
  init(path: String, folder: String) throws {
    descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw RunFileError.fileSystem(path: path, action: "make the lock file", reason: DurableFile.lastReason())
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw RunFileError.inUse(folder: folder)
    }
  }

  /// Of a folder that a report is written into, which is made if it is not there. It leaves no file behind.
  ///
  /// - Parameter patience: how many seconds to wait for another who holds it.
  /// - Throws: `RunFileError.beingWritten`, `.fileSystem`. Where the file system knows no locks there is none.
  public init(report folder: String, patience: Double = 0) throws {
    do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
      throw RunFileError.fileSystem(path: folder, action: "make the folder", reason: error.localizedDescription)
    }
    descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw RunFileError.fileSystem(path: folder, action: "open", reason: DurableFile.lastReason())
    }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(patience)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
      guard clock.now < end else {
        close(descriptor)
        throw RunFileError.beingWritten(folder: folder)
      }
      usleep(100_000)
    }
  }

  deinit { close(descriptor) }
}
