import Foundation

/// A folder of templates on disk.
public enum TemplateFolder {
  /// Templates, style sheets and scripts by their paths inside the folder.
  /// - Throws: `TemplateError.unreadable` where there is no such folder.
  static func files(in folder: URL) throws -> [String: URL] {
    let root = folder.resolvingSymlinksInPath()
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: root.path, isDirectory: &isFolder), isFolder.boolValue,
      let paths = FileManager.default.enumerator(atPath: root.path)
    else { throw TemplateError.unreadable(path: folder.path, reason: "no such folder") }
    var files: [String: URL] = [:]
    for case let path as String in paths where [".mustache", ".css", ".js"].contains(where: path.hasSuffix) {
      files[path] = root.appendingPathComponent(path)
    }
    return files
  }

  /// Copies every template, style sheet and script.
  ///
  /// - Returns: their paths inside the folder, sorted.
  /// - Throws: `TemplateError.wouldOverwrite` before anything is written, unless `overwriting`; `ReportError.file`.
  public static func copy(_ source: URL, to folder: URL, overwriting: Bool) throws -> [String] {
    let files = try files(in: source).sorted { $0.key < $1.key }
    let there = files.map(\.key).filter {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
    guard overwriting || there.isEmpty else { throw TemplateError.wouldOverwrite(folder: folder.path, files: there) }
    for (path, url) in files {
      guard let bytes = try? Data(contentsOf: url) else {
        throw TemplateError.unreadable(path: url.path, reason: "cannot be read")
      }
      try OutputFile.save(Array(bytes), at: folder.appendingPathComponent(path))
    }
    return files.map(\.key)
  }
}
