import ArgumentParser
import Foundation

/// Where the templates, fonts and published numbers are: the folder of clearbox's sources.
enum Resources {
  /// `CLEARBOX_HOME`, else the nearest folder above the program, or above the working directory, that has all of them.
  static func home() throws -> URL {
    if let path = ProcessInfo.processInfo.environment["CLEARBOX_HOME"] {
      let folder = URL(fileURLWithPath: path)
      guard isHome(folder) else {
        throw ValidationError(
          "CLEARBOX_HOME=\(path) has not all of templates/, assets/fonts/ and assets/references/. Set it to clearbox's source folder."
        )
      }
      return folder
    }
    let program = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    let working = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    for start in [program, working].compactMap({ $0 }) {
      var folder = start.standardizedFileURL
      while true {
        if isHome(folder) { return folder }
        let above = folder.deletingLastPathComponent()
        if above.path == folder.path { break }
        folder = above
      }
    }
    throw ValidationError(
      "clearbox's templates and fonts are not found. Run it from its source folder, or set CLEARBOX_HOME to that folder."
    )
  }

  /// The study file that is meant: `gemma-3-270m` alone is the shipped studies/gemma-3-270m.yaml, unless a file has that
  /// very name.
  static func study(_ name: String) throws -> String {
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: name, isDirectory: &isFolder)
    if isThere && !isFolder.boolValue || name.contains("/") || name.hasSuffix(".yaml") { return name }
    let shipped = try home().appendingPathComponent("studies/\(name).yaml").path
    return FileManager.default.fileExists(atPath: shipped) ? shipped : name
  }

  private static func isHome(_ folder: URL) -> Bool {
    ["templates/html", "assets/fonts", "assets/references"].allSatisfy {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
  }
}
