import Digests
import Foundation

/// A file of the cache, compared with its digest once: another program may have left it cut off or changed.
struct CheckedBlob {
  private let path: String
  private let file: HubFile
  private let record: String

  /// - Parameter path: of the blob, or of a link to it.
  init(_ path: String, _ file: HubFile, _ cache: HubCache, _ repository: HubRepository) {
    (self.path, self.file) = (path, file)
    record = cache.check(file.digest, of: repository)
  }

  /// False where the content has another digest.
  func isWhole() throws -> Bool {
    guard let state else { return false }
    if (try? String(contentsOfFile: record, encoding: .utf8)) == state { return true }
    guard try RunningDigest.text(of: path, file) == file.digest.text else { return false }
    try LocalFile.write(state, to: record)
    return true
  }

  /// Size, inode and time of the last change: a file that has all three was not touched since.
  private var state: String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return "\(status.st_size) \(status.st_ino) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)\n"
  }
}
