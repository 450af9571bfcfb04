import Foundation

/// A rendered file on its way to disk.
public enum OutputFile {
  /// Writes a file, and the folders above it, replacing an earlier one in one step. It is not forced to the disk: what is
  /// lost with the power is rendered again.
  ///
  /// - Throws: `ReportError.file` with the system's reason.
  public static func save(_ bytes: [UInt8], at url: URL) throws {
    func failed(_ reason: String) -> ReportError {
      ReportError.file(
        path: url.path, reason: "cannot be written (\(reason)). Is the folder writable and the disk not full?")
    }
    let folder = url.deletingLastPathComponent()
    let part = temporary(url)
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
      throw failed(error.localizedDescription)
    }
    guard let file = fopen(part.path, "wb") else { throw failed(String(cString: strerror(errno))) }
    // The first failure's reason: what comes after it may succeed, or fail for another.
    var failure = fwrite(bytes, 1, bytes.count, file) == bytes.count ? 0 : errno
    if fclose(file) != 0, failure == 0 { failure = errno }
    if failure == 0, rename(part.path, url.path) != 0 { failure = errno }
    guard failure == 0 else {
      let reason = String(cString: strerror(failure))
      unlink(part.path)
      throw failed(reason)
    }
  }

  /// What a file is called while this process writes it: hidden, beside its final place.
  static func temporary(_ url: URL) -> URL {
    url.deletingLastPathComponent()
      .appendingPathComponent(".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)")
  }

  /// Removes what processes left that were stopped while they wrote these files. For who holds the folder's lock.
  static func clearAway(halvesOf paths: [String], in folder: URL) {
    let known = Set(paths)
    for place in Set(paths.map { ($0 as NSString).deletingLastPathComponent }) {
      let own = folder.appendingPathComponent(place)
      for name in (try? FileManager.default.contentsOfDirectory(atPath: own.path)) ?? [] {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 2, parts[0].isEmpty, Int(parts[parts.count - 1]) != nil,
          known.contains(
            (place as NSString).appendingPathComponent(parts[1..<(parts.count - 1)].joined(separator: ".")))
        else { continue }
        try? FileManager.default.removeItem(at: own.appendingPathComponent(name))
      }
    }
  }
}
