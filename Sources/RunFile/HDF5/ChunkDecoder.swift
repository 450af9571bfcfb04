import Codecs

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Undoes shuffle, deflate and Fletcher32 of one chunk after another: one thread's working memory.
final class ChunkDecoder {
  /// What can be the matter with a chunk.
  enum Damage: String, Sendable {
    case unreadable = "it cannot be read from the file"
    case checksum = "its Fletcher32 checksum does not fit"
    case deflate = "its deflated data are damaged, or of another length"
    case length = "it is of another length than its shape says"
  }

  private let inflater: ZlibInflater
  private let elementBytes: Int
  private let filters: StoredChunks.Filters
  private var stored: [UInt8] = []
  private var plain: [UInt8]

  /// - Parameters:
  ///   - plainBytes: bytes of a whole chunk's values.
  ///   - elementBytes: bytes of one value.
  init?(plainBytes: Int, elementBytes: Int, filters: StoredChunks.Filters) {
    guard let inflater = ZlibInflater() else { return nil }
    self.inflater = inflater
    self.elementBytes = elementBytes
    self.filters = filters
    plain = [UInt8](repeating: 0, count: plainBytes)
  }

  /// Fills `rows` with the first values of a chunk; says what is the matter with one that is not as it should be.
  func decode(
    from descriptor: Int32, at offset: UInt64, byteCount: Int, into rows: UnsafeMutableRawBufferPointer
  ) -> Damage? {
    if stored.count < byteCount { stored = [UInt8](repeating: 0, count: byteCount + byteCount / 2) }
    return stored.withUnsafeMutableBytes { stored in
      let stored = UnsafeMutableRawBufferPointer(rebasing: stored[..<byteCount])
      guard read(stored, from: descriptor, at: offset) else { return .unreadable }
      var body = UnsafeRawBufferPointer(stored)
      if filters.hasChecksum {
        guard let checked = Fletcher32.checked(body) else { return .checksum }
        body = checked
      }
      return plain.withUnsafeMutableBytes { plain in
        if filters.isDeflated {
          guard inflater.inflate(body, into: plain) else { return .deflate }
          body = UnsafeRawBufferPointer(plain)
        }
        guard body.count == plain.count else { return .length }
        if filters.isShuffled {
          unshuffle(body, into: rows)
        } else {
          rows.copyMemory(from: .init(rebasing: body[..<rows.count]))
        }
        return nil
      }
    }
  }

  private func read(_ target: UnsafeMutableRawBufferPointer, from descriptor: Int32, at offset: UInt64) -> Bool {
    var done = 0
    while done < target.count {
      let count = pread(descriptor, target.baseAddress! + done, target.count - done, off_t(offset) + off_t(done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  /// The values' first bytes lie together, then their second bytes, and so on; puts each value's bytes together.
  private func unshuffle(_ shuffled: UnsafeRawBufferPointer, into rows: UnsafeMutableRawBufferPointer) {
    let values = shuffled.count / elementBytes
    guard let from = shuffled.bindMemory(to: UInt8.self).baseAddress, let to = rows.baseAddress else { return }
    switch elementBytes {
    case 4:
      for index in 0..<rows.count / 4 {
        var value: UInt32 = 0
        for byte in 0..<4 { value |= UInt32(from[byte &* values &+ index]) &<< UInt32(8 &* byte) }
        to.storeBytes(of: value, toByteOffset: 4 &* index, as: UInt32.self)
      }
    case 8:
      for index in 0..<rows.count / 8 {
        var value: UInt64 = 0
        for byte in 0..<8 { value |= UInt64(from[byte &* values &+ index]) &<< UInt64(8 &* byte) }
        to.storeBytes(of: value, toByteOffset: 8 &* index, as: UInt64.self)
      }
    default:
      // One byte each: HDF5's shuffle leaves such values as they are.
      to.copyMemory(from: from, byteCount: rows.count)
    }
  }
}

/// Fletcher's checksum as HDF5 computes it (H5checksum.c, `H5_checksum_fletcher32`): over 16-bit big-endian words, an odd
/// last byte counting as a word's upper half.
enum Fletcher32 {
  /// What stands before the checksum at the end; nil where that does not fit.
  static func checked(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    let checksumBytes = 4
    guard bytes.count > checksumBytes else { return nil }
    let body = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - checksumBytes)])
    let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: body.count, as: UInt32.self))
    return checksum(of: body) == stored ? body : nil
  }

  static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    var (first, second): (UInt32, UInt32) = (0, 0)
    func fold(_ sum: UInt32) -> UInt32 { (sum & 0xffff) &+ sum &>> 16 }
    var offset = 0
    let whole = bytes.count / 2 * 2
    while offset < whole {
      // As many words as cannot overflow the sums.
      let end = min(offset + 720, whole)
      while offset < end {
        first &+= UInt32(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
        second &+= first
        offset &+= 2
      }
      (first, second) = (fold(first), fold(second))
    }
    if bytes.count % 2 == 1, let last = bytes.last {
      first &+= UInt32(last) &<< 8
      second &+= first
      (first, second) = (fold(first), fold(second))
    }
    (first, second) = (fold(first), fold(second))
    return second &<< 16 | first
  }
}
