/// What lies under a file's name when the file itself never arrived. None of it can begin a file that is read here.
enum StandIn {
  private static let pointers = ["version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/"]
  private static let pages = ["<!doctype html", "<html"]
  /// Git LFS's pointers are shorter than this.
  private static let longestPointer = 1024

  /// - Parameter bytes: of the whole file.
  static func error(_ bytes: UnsafeRawBufferPointer, path: String) -> FileError? {
    guard let first = bytes.first, first == UInt8(ascii: "v") || first == UInt8(ascii: "<") || first <= 0x20 else {
      return nil
    }
    if bytes.count < longestPointer {
      let text = String(decoding: bytes, as: UTF8.self)
      if pointers.contains(where: text.hasPrefix) {
        let size = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("size ") }
        return .gitLFSPointer(path: path, bytes: size.map { String($0.dropFirst(5)) } ?? "unknown")
      }
    }
    let start = String(decoding: bytes.prefix(256), as: UTF8.self).drop(while: \.isWhitespace).lowercased()
    return pages.contains(where: start.hasPrefix) ? .webPage(path: path) : nil
  }
}
