import Codecs
import Digests
import Foundation

/// A download under way: `<digest>.incomplete` beside the blobs, and the digest of what it holds so far.
final class PartialFile {
  let path: String
  /// Bytes on disk, all of them in the digest.
  private(set) var count = 0
  private let file: HubFile
  private let descriptor: Int32
  private var digest: RunningDigest

  /// More came than the file has.
  struct TooLong: Error {}

  /// Opens what an earlier process left, or a new file. What is there is read once, for the digest.
  init(_ path: String, of file: HubFile) throws {
    self.path = path
    self.file = file
    digest = RunningDigest(file)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw LocalFile.failure(path, "be written") }
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { piece.deallocate() }
    while true {
      let got = read(descriptor, piece.baseAddress, piece.count)
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw LocalFile.failure(path, "be read") }
      guard got > 0 else { break }
      digest.update(UnsafeRawBufferPointer(rebasing: piece[..<got]))
      count += got
    }
    if count > file.size { try restart() }
  }

  deinit { close(descriptor) }

  var isComplete: Bool { count == file.size }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    guard count + bytes.count <= file.size else { throw TooLong() }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written >= 0 else { throw LocalFile.failure(path, "be written") }
      rest = rest.dropFirst(written)
    }
    digest.update(bytes)
    count += bytes.count
  }

  /// Forgets everything.
  func restart() throws {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw LocalFile.failure(path, "be emptied")
    }
    digest = RunningDigest(file)
    count = 0
  }

  /// The digest of what is there, in the form in which the Hub states it.
  func finish() throws -> String {
    guard fsync(descriptor) == 0 else { throw LocalFile.failure(path, "be written") }
    return digest.text
  }
}

/// The digest of a file that comes in pieces.
enum RunningDigest {
  case sha256(SHA256)
  case gitBlob(SHA1)

  init(_ file: HubFile) {
    switch file.digest {
    case .sha256: self = .sha256(SHA256())
    case .gitBlob:
      var hasher = SHA1()
      hasher.update(data: Array("blob \(file.size)\0".utf8))
      self = .gitBlob(hasher)
    }
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .sha256(var hasher):
      hasher.update(bufferPointer: bytes)
      self = .sha256(hasher)
    case .gitBlob(var hasher):
      hasher.update(bufferPointer: bytes)
      self = .gitBlob(hasher)
    }
  }

  /// Of a file that is there, in the form in which the Hub states it.
  static func text(of path: String, _ file: HubFile) throws -> String {
    guard let stream = fopen(path, "r") else { throw LocalFile.failure(path, "be read") }
    defer { fclose(stream) }
    var digest = RunningDigest(file)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { piece.deallocate() }
    while true {
      let got = fread(piece.baseAddress, 1, piece.count, stream)
      guard got > 0 else { break }
      digest.update(UnsafeRawBufferPointer(rebasing: piece[..<got]))
    }
    guard ferror(stream) == 0 else { throw LocalFile.failure(path, "be read") }
    return digest.text
  }

  var text: String {
    switch self {
    case .sha256(let hasher): hasher.finalize().hexadecimal
    case .gitBlob(let hasher): hasher.finalize().hexadecimal
    }
  }
}
