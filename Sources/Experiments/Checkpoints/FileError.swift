/// Why a file could not be opened at all.
public enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
  case missing(path: String)
  case notAFile(path: String, isFolder: Bool)
  case unreadable(path: String, reason: String)

  public var description: String {
    switch self {
    case .missing(let path):
      "\(path): no such file. Check the path; relative paths in a study start at the study file's folder."
    case .notAFile(let path, isFolder: true):
      "\(path): is a folder, a file is needed. Name the file inside it."
    case .notAFile(let path, isFolder: false):
      "\(path): is neither a regular file nor a folder. Name a regular file."
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)). Check its permissions."
    }
  }
}
