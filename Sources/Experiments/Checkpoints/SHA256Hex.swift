import Codecs
import Digests

/// SHA-256 digests as lower-case hexadecimal text, the form `sha256sum` prints.
enum SHA256Hex {
  /// Digest of a whole file, read through its mapping in order.
  static func digest(of file: MappedFile) -> String {
    file.withBytes { bytes in
      var hasher = SHA256()
      for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
        // The next piece comes from the disk while this one is hashed.
        file.prefetch(min(start + pieceBytes, bytes.count)..<min(start + 2 * pieceBytes, bytes.count))
        let piece = bytes[start..<min(start + pieceBytes, bytes.count)]
        hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece))
      }
      return hasher.finalize().hexadecimal
    }
  }

  /// Of one file its digest; of several the digest of what `sha256sum` prints for them, in this order.
  static func digest(of files: [MappedFile]) -> String {
    let digests = mapTasks(files.count) { digest(of: files[$0]) }
    return digests.count == 1
      ? digests[0] : digest(of: zip(digests, files).map { "\($0)  \($1.name)\n" }.joined())
  }

  static func digest(of text: String) -> String {
    SHA256.hash(data: Array(text.utf8)).hexadecimal
  }

  static func digest(of bytes: UnsafeRawBufferPointer) -> String {
    var hasher = SHA256()
    hasher.update(bufferPointer: bytes)
    return hasher.finalize().hexadecimal
  }

  /// Small enough that a file larger than memory never has to be resident at once.
  private static let pieceBytes = 1 << 24
}
