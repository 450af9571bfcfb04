import Foundation

/// A folder for input that readers take by path. It goes when the value does.
public final class Scratch {
  let path: String

  public init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("clearbox-fuzz-\(UUID().uuidString)")
    path = url.path
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, which replaces the last one of its name, and tells its path. Folders in the name are made.
  func put(_ bytes: some Collection<UInt8>, _ name: String) throws -> String {
    let file = path + "/" + name
    if !FileManager.default.createFile(atPath: file, contents: Data(bytes)) {
      try FileManager.default.createDirectory(
        atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: file))
    }
    return file
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// What stands before the first zero and after it; nil after it where there is none. Formats of texts have no zeros,
  /// so that one input can hold a text and the bytes of a second file.
  var parts: (text: Slice<Self>, rest: Slice<Self>?) {
    guard let zero = firstIndex(of: 0) else { return (self[...], nil) }
    return (self[..<zero], self[(zero + 1)...])
  }
}
