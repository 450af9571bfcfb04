import Digests
import Foundation

/// SHA-256 of a run file's bytes, after the end of what HDF5 knows of: damage is found before the library sees it.
///
///     "clearbox-sealed\n" · the digest of every byte before
///
/// HDF5 looks at no byte beyond its end of file, and cuts them off when somebody opens the file to change it. A file without
/// a seal is one that was changed, repacked, or written by an older clearbox: nothing can be said of its bytes.
enum FileSeal {
  private static let mark = Array("clearbox-sealed\n".utf8)
  private static let byteCount = mark.count + 32

  /// Seals a file that HDF5 has closed.
  static func append(to path: String) throws {
    do {
      let url = URL(fileURLWithPath: path)
      let digest = SHA256.hash(data: try Data(contentsOf: url, options: .alwaysMapped))
      let file = try FileHandle(forWritingTo: url)
      defer { try? file.close() }
      try file.seekToEnd()
      try file.write(contentsOf: Data(mark + digest))
    } catch {
      throw RunFileError.fileSystem(path: path, action: "write", reason: error.localizedDescription)
    }
  }

  /// Throws `RunFileError.bytesChanged` where there is a seal and it does not fit.
  static func check(_ path: String) throws {
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) } catch {
      throw RunFileError.fileSystem(path: path, action: "read", reason: error.localizedDescription)
    }
    // Who has it open for writing says so in the file's head, and breaks the seal by that: HDF5 will say it.
    guard let end = endOfHDF5(bytes), bytes.count - end == byteCount, bytes[11] == 0 else { return }
    let seal = mark + SHA256.hash(data: bytes.prefix(end))
    guard bytes.suffix(byteCount).elementsEqual(seal) else { throw RunFileError.bytesChanged(path: path) }
  }

  /// The end of file that a superblock of version 2 or 3 states (HDF5 file format specification, II.A).
  private static func endOfHDF5(_ bytes: Data) -> Int? {
    guard bytes.count > byteCount, (2...3).contains(bytes[8]), bytes[9] == 8 else { return nil }
    return bytes.withUnsafeBytes {
      Int(exactly: UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 28, as: UInt64.self)))
    }
  }
}
