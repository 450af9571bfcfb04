import Digests
import Foundation

/// A file as a manifest lists it.
public struct ListedFile: Sendable, Equatable {
  /// Inside the folder, with slashes.
  public var path: String
  public var byteCount: Int
  /// In lower-case hexadecimal, as `sha256sum` prints it.
  public var sha256: String
}

extension ListedFile {
  init(path: String, bytes: [UInt8]) {
    self.init(path: path, byteCount: bytes.count, sha256: FileDigest.hex(SHA256.hash(data: bytes)))
  }

  /// The file as it lies on the disk.
  /// - Throws: `ReportError.file`.
  init(path: String, in folder: URL) throws {
    let url = folder.appendingPathComponent(path)
    let data = try FileDigest.data(url)
    self.init(path: path, byteCount: data.count, sha256: FileDigest.hex(SHA256.hash(data: data)))
  }
}

enum FileDigest {
  /// A file's bytes, mapped where that can be.
  static func data(_ url: URL) throws -> Data {
    do { return try Data(contentsOf: url, options: .mappedIfSafe) } catch {
      throw ReportError.file(path: url.path, reason: "cannot be read (\(error.localizedDescription)).")
    }
  }

  static func hex(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Of all files of a folder together: the digest of what `sha256sum` prints for their paths in it, sorted.
  static func folder(_ folder: URL) throws -> String {
    let lines = try FolderListing.files(in: folder).map { path in
      "\(try ListedFile(path: path, in: folder).sha256)  \(path)\n"
    }
    return hex(SHA256.hash(data: Data(lines.joined().utf8)))
  }
}

/// What lies in a folder.
enum FolderListing {
  /// Paths of all files inside the folder, in order of their UTF-8 bytes, whatever the file system's. Hidden ones (a name
  /// that begins with a dot) and what is in hidden folders are left out; links to folders are not followed.
  static func files(in folder: URL) throws -> [String] {
    var isFolder: ObjCBool = false
    let root = folder.resolvingSymlinksInPath()
    guard FileManager.default.fileExists(atPath: root.path, isDirectory: &isFolder), isFolder.boolValue,
      let paths = FileManager.default.enumerator(atPath: root.path)
    else { throw ReportError.file(path: folder.path, reason: "is no folder.") }
    var files: [String] = []
    for case let path as String in paths {
      if (path as NSString).lastPathComponent.hasPrefix(".") {
        paths.skipDescendants()
        continue
      }
      if paths.fileAttributes?[.type] as? FileAttributeType != .typeDirectory { files.append(path) }
    }
    return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The path of something inside a folder; nil for what lies elsewhere. Links on the way are followed, one at its end is not.
  static func path(of url: URL, in folder: URL) -> String? {
    let place = url.standardizedFileURL
    let full =
      place.deletingLastPathComponent().resolvingSymlinksInPath().appendingPathComponent(place.lastPathComponent).path
    let root = folder.resolvingSymlinksInPath().path
    let start = root.hasSuffix("/") ? root : root + "/"
    return full.hasPrefix(start) ? String(full.dropFirst(start.count)) : nil
  }
}
