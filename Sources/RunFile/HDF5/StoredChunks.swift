import CHDF5
import Codecs
import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a data set's chunks lie in its file, for a data set stored as `HDF5File.createDataset` stores it.
///
/// The HDF5 library reads one chunk after another on one thread. Here chunks are read, checked and inflated on all cores;
/// only their places are asked of the library. A data set stored otherwise, and whatever goes wrong, is left to the library,
/// which says what is the matter.
struct StoredChunks: Sendable {
  let type: ColumnDefinition.ElementType
  let shape: [Int]
  /// Rows of a chunk; the last one is stored in full, its further rows without meaning.
  private let chunkRows: Int
  let chunks: [Chunk]

  struct Chunk: Sendable {
    var offset: UInt64
    var byteCount: Int
  }

  private var rowBytes: Int { shape.dropFirst().reduce(type.byteCount, *) }

  /// The values, read from the file; nil when a chunk is not what it should be.
  func values(in path: String) -> ColumnValues? {
    withFile(path) { descriptor in
      ColumnValues(type: type, count: shape.reduce(1, *)) { target in
        decode(chunks.indices, from: descriptor, into: target)
      }
    } ?? nil
  }

  /// Hands out the values of some rows after another, in order: rows beyond memory's caches are never held together.
  ///
  /// - Parameter body: gets the first row and the bytes of the rows, in the machine's byte order.
  /// - Returns: how many rows were handed out; fewer than there are when a chunk is not what it should be.
  func forEachBand(in path: String, _ body: (_ firstRow: Int, UnsafeRawBufferPointer) throws -> Void) rethrows -> Int {
    try withFile(path) { descriptor in
      let total = shape[0] * rowBytes
      let band = UnsafeMutableRawBufferPointer.allocate(
        byteCount: min(total, Self.chunksPerBand * chunkRows * rowBytes), alignment: 64)
      defer { band.deallocate() }
      for first in stride(from: 0, to: chunks.count, by: Self.chunksPerBand) {
        let start = first * chunkRows * rowBytes
        let rows = UnsafeMutableRawBufferPointer(rebasing: band[..<min(band.count, total - start)])
        guard decode(first..<min(first + Self.chunksPerBand, chunks.count), from: descriptor, into: rows) else {
          return first * chunkRows
        }
        try body(first * chunkRows, UnsafeRawBufferPointer(rows))
      }
      return shape[0]
    } ?? 0
  }

  /// About 8 MB.
  private static let chunksPerBand = 32

  private func withFile<Result>(_ path: String, _ body: (Int32) throws -> Result) rethrows -> Result? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return try body(descriptor)
  }

  /// Decodes chunks that follow one another; false when one is not what it should be.
  private func decode(
    _ range: Range<Int>, from descriptor: Int32, into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    // Each chunk fills rows of its own.
    nonisolated(unsafe) let target = target
    let next = Atomic<Int>(range.lowerBound)
    let failed = Atomic<Bool>(false)
    let lanes = min(range.count, ProcessInfo.processInfo.activeProcessorCount)
    DispatchQueue.concurrentPerform(iterations: lanes) { _ in
      guard let decoder = ChunkDecoder(plainBytes: chunkRows * rowBytes, elementBytes: type.byteCount) else {
        failed.store(true, ordering: .relaxed)
        return
      }
      while !failed.load(ordering: .relaxed) {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < range.upperBound else { return }
        let start = (index - range.lowerBound) * chunkRows * rowBytes
        let rows = UnsafeMutableRawBufferPointer(
          rebasing: target[start..<min(start + chunkRows * rowBytes, target.count)])
        guard
          decoder.decode(from: descriptor, at: chunks[index].offset, byteCount: chunks[index].byteCount, into: rows)
        else { return failed.store(true, ordering: .relaxed) }
      }
    }
    return !failed.load(ordering: .relaxed)
  }
}

extension StoredChunks {
  /// Nil for a data set that is stored in another way. Call inside `HDF5Library.locked`.
  init?(of object: String, in file: borrowing HDF5File) {
    guard 1.littleEndian == 1, let (known, shape) = try? file.describe(object), let known, !shape.isEmpty,
      shape.allSatisfy({ $0 > 0 }), let dataset = try? file.open(object),
      let stored = try? HDF5Handle(
        H5Dget_type(dataset.id), closing: H5Tclose, orThrow: .current("read", file: file.path, object: object)),
      H5Tequal(stored.id, known.fileType) > 0,
      let creation = try? HDF5Handle(
        H5Dget_create_plist(dataset.id), closing: H5Pclose, orThrow: .current("read", file: file.path, object: object)),
      H5Pget_layout(creation.id) == H5D_CHUNKED, Self.filters(of: creation.id) == Self.ownFilters
    else { return nil }
    var lengths = [hsize_t](repeating: 0, count: shape.count)
    guard H5Pget_chunk(creation.id, Int32(shape.count), &lengths) == Int32(shape.count),
      zip(lengths.dropFirst(), shape.dropFirst()).allSatisfy({ $0 == hsize_t($1) }), lengths[0] > 0,
      lengths[0] <= hsize_t(shape[0])
    else { return nil }
    let rows = Int(lengths[0])
    var chunks: [Chunk] = []
    var place = [hsize_t](repeating: 0, count: shape.count)
    for first in stride(from: 0, to: shape[0], by: rows) {
      place[0] = hsize_t(first)
      var mask: UInt32 = 0
      var (offset, byteCount): (haddr_t, hsize_t) = (0, 0)
      guard H5Dget_chunk_info_by_coord(dataset.id, place, &mask, &offset, &byteCount) >= 0, byteCount > 0,
        // Addresses of a damaged file may be anything.
        offset < UInt64(Int64.max) / 2,
        byteCount < 1 << 31, mask == 0  // no filter was skipped
      else { return nil }
      chunks.append(Chunk(offset: UInt64(offset), byteCount: Int(byteCount)))
    }
    (type, self.shape, chunkRows, self.chunks) = (known, shape, rows, chunks)
  }

  /// In the order in which they were applied.
  private static let ownFilters = [H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE, H5Z_FILTER_FLETCHER32]

  private static func filters(of creation: hid_t) -> [H5Z_filter_t] {
    (0..<UInt32(max(0, H5Pget_nfilters(creation)))).map { index in
      var (flags, count, information): (UInt32, Int, UInt32) = (0, 0, 0)
      return H5Pget_filter2(creation, index, &flags, &count, nil, 0, nil, &information)
    }
  }
}

/// Undoes shuffle, deflate and Fletcher32 of one chunk after another: one thread's working memory.
private final class ChunkDecoder {
  private let inflater: ZlibInflater
  private let elementBytes: Int
  private var stored: [UInt8] = []
  private var plain: [UInt8]

  /// - Parameters:
  ///   - plainBytes: bytes of a whole chunk's values.
  ///   - elementBytes: bytes of one value.
  init?(plainBytes: Int, elementBytes: Int) {
    guard let inflater = ZlibInflater() else { return nil }
    self.inflater = inflater
    self.elementBytes = elementBytes
    plain = [UInt8](repeating: 0, count: plainBytes)
  }

  /// Fills `rows` with the first values of a chunk; false when it cannot be read or its checksum does not fit.
  func decode(
    from descriptor: Int32, at offset: UInt64, byteCount: Int, into rows: UnsafeMutableRawBufferPointer
  ) -> Bool {
    if stored.count < byteCount { stored = [UInt8](repeating: 0, count: byteCount + byteCount / 2) }
    return stored.withUnsafeMutableBytes { stored in
      let stored = UnsafeMutableRawBufferPointer(rebasing: stored[..<byteCount])
      guard read(stored, from: descriptor, at: offset) else { return false }
      let checksumBytes = 4
      guard byteCount > checksumBytes else { return false }
      let body = UnsafeRawBufferPointer(rebasing: stored[..<(byteCount - checksumBytes)])
      let checksum = UInt32(littleEndian: stored.loadUnaligned(fromByteOffset: body.count, as: UInt32.self))
      guard Fletcher32.checksum(of: body) == checksum else { return false }
      return plain.withUnsafeMutableBytes { plain in
        guard inflater.inflate(body, into: plain) else { return false }
        unshuffle(UnsafeRawBufferPointer(plain), into: rows)
        return true
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
