import Foundation

/// Text for people: results on standard output, progress and errors on standard error, each written at once.
enum Terminal {
  static func say(_ line: String = "") { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
  static func write(error text: String) { FileHandle.standardError.write(Data(text.utf8)) }
  static var isLive: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }
}
