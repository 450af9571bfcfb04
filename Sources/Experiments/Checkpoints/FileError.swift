import RunFile

/// Why a file could not be opened at all.
public enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
  case missing(path: String)
  case notAFile(path: String, isFolder: Bool)
  case unreadable(path: String, reason: String)
  /// What a repository that was cloned without git-lfs has in place of a large file.
  case gitLFSPointer(path: String, bytes: String)
  case webPage(path: String)

  public var description: String {
    switch self {
    case .missing(let path):
      "\(path): no such file. Check the path; relative paths in a study start at the study file's folder."
    case .notAFile(let path, isFolder: true):
      "\(path): is a folder, a file is needed. Name the file inside it."
    case .notAFile(let path, isFolder: false):
      "\(path): is neither a regular file nor a folder. Name a regular file."
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)). \(SystemAdvice.about(reason, otherwise: "See whether another program can read it."))"
    case .gitLFSPointer(let path, let bytes):
      "\(path): is a Git LFS pointer to a file of \(bytes) bytes, not that file. Run 'git lfs pull' in its folder, or get it again, e.g. with 'clearbox fetch'."
    case .webPage(let path):
      "\(path): is a web page (HTML). A server answered with a page instead of the file: open it in a browser to see why, and get the file again."
    }
  }
}
