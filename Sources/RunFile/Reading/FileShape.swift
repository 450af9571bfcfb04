import Foundation

/// Looks at a file from outside, before the HDF5 library does, to answer the usual mistakes in plain words.
enum FileShape {
  /// The first bytes of every HDF5 file without a user block.
  private static let magic: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  static func check(_ path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw RunFileError.missing(path: path)
    }
    if isFolder.boolValue { throw RunFileError.isFolder(path: path) }
    // Opening a pipe would wait for a writer.
    guard
      (try? FileManager.default.attributesOfItem(atPath: resolved(path))[.type] as? FileAttributeType) == .typeRegular
    else { throw RunFileError.notRegular(path: path) }
    let beginning: [UInt8]
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      beginning = Array(try file.read(upToCount: 16) ?? Data())
    } catch {
      throw RunFileError.fileSystem(path: path, action: "read", reason: error.localizedDescription)
    }
    guard beginning.starts(with: magic) else {
      throw RunFileError.notHDF5(path: path, beginning: shown(beginning))
    }
  }

  static func byteCount(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: resolved(path))[.size] as? Int) ?? 0
  }

  private static func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

  /// Bytes as text in quotes where they are printable, else in hexadecimal.
  private static func shown(_ bytes: [UInt8]) -> String {
    if bytes.isEmpty { return "nothing: it is empty" }
    let isText = bytes.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    if isText {
      let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
      return "\"" + String(decoding: line, as: UTF8.self) + "\""
    }
    return "the bytes " + bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: " ")
  }
}
