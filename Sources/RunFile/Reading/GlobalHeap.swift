import Foundation

/// Checks the one structure of an HDF5 file that no checksum guards and that crashes the library when it is damaged:
/// the global heap, where attributes keep their texts and dimension scales their links.
///
/// A collection, as the HDF5 file format specification (III.E, "Global Heap") lays it out:
///
///     "GCOL" · version 1 · 3 zeros · size of the collection (8 bytes)
///     objects: index (2) · reference count (2) · 4 zeros · size (8) · data, filled up to a multiple of 8
///     the free space, if any, as an object with index 0 whose size counts its own head
///
/// A collection whose objects do not fill it exactly, or whose indices repeat, is damaged.
enum GlobalHeap {
  private static let head: [UInt8] = Array("GCOL".utf8) + [1, 0, 0, 0]
  private static let headLength = 16
  private static let objectHeadLength = 16

  /// Throws `HDF5Error` when a collection in the file is damaged.
  static func check(_ path: String) throws {
    let file: Data
    do { file = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) } catch {
      throw RunFileError.fileSystem(path: path, action: "read", reason: error.localizedDescription)
    }
    try file.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      var offset = 0
      while offset + headLength <= bytes.count,
        let found = memchr(base + offset, Int32(head[0]), bytes.count - headLength - offset + 1)
      {
        let start = UnsafeRawPointer(found) - base
        offset = start + 1
        guard memcmp(found, head, head.count) == 0 else { continue }
        guard let end = endOfIntactCollection(in: bytes, at: start) else {
          throw HDF5Error(
            action: "read the texts", file: path,
            advice: "The stored data are damaged: restore the file from a copy, or measure again.",
            frames: [
              .init(
                function: "GlobalHeap.check", major: "Heap", minor: "Damaged",
                message: "the global heap collection at byte \(start) is damaged")
            ])
        }
        offset = end
      }
    }
  }

  /// Where a collection ends; nil when it is not put together as it must be.
  private static func endOfIntactCollection(in bytes: UnsafeRawBufferPointer, at start: Int) -> Int? {
    func number(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    func short(_ offset: Int) -> Int {
      Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    }
    let size = number(start + 8)
    guard size >= UInt64(headLength), size <= UInt64(bytes.count - start) else { return nil }
    let end = start + Int(size)
    var indices: Set<Int> = []
    var offset = start + headLength
    while offset < end {
      // Less than an object's head may be left over unused.
      if end - offset < objectHeadLength { break }
      let (index, length) = (short(offset), number(offset + 8))
      guard length <= size, short(offset + 4) == 0, short(offset + 6) == 0 else { return nil }
      if index == 0 {
        guard offset + Int(length) == end else { return nil }
        offset = end
      } else {
        guard indices.insert(index).inserted else { return nil }
        offset += objectHeadLength + (Int(length) + 7) / 8 * 8
      }
    }
    // Objects are only ever added, so that indices count from 1 without gaps.
    guard offset <= end, indices.max() ?? 0 == indices.count else { return nil }
    return end
  }
}
