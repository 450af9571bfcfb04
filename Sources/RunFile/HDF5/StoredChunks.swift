import CHDF5
import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a data set's chunks lie in its file.
///
/// The HDF5 library reads one chunk after another on one thread, and inflates a damaged one without end. Here chunks are
/// read, checked and inflated on all cores, into what they must fill; only their places are asked of the library.
struct StoredChunks: Sendable {
  let type: ColumnDefinition.ElementType
  let shape: [Int]
  let chunks: [Chunk]
  private let object: String
  private let chunkShape: [Int]
  private let filters: Filters

  struct Chunk: Sendable {
    var offset: UInt64
    var byteCount: Int
    /// Of its first value.
    var place: [Int]
  }

  /// How chunks are stored. Whatever there is of these is applied in this order.
  struct Filters: Sendable {
    var isShuffled, isDeflated, hasChecksum: Bool
  }

  private var rowBytes: Int { shape.dropFirst().reduce(type.byteCount, *) }
  private var chunkBytes: Int { chunkShape.reduce(type.byteCount, *) }
  /// Chunks follow one another as rows do; the last one is stored in full, its further rows without meaning.
  private var holdWholeRows: Bool { chunkShape.dropFirst().elementsEqual(shape.dropFirst()) }

  /// The values, read from the file.
  ///
  /// - Throws: `HDF5Error` when a chunk is not what it should be.
  func values(in path: String) throws -> ColumnValues {
    try withFile(path) { descriptor in
      var damage: (chunk: Int, ChunkDecoder.Damage)?
      let values = ColumnValues(type: type, count: shape.reduce(1, *)) { target in
        damage =
          holdWholeRows
          ? decode(chunks.indices, from: descriptor, into: target) : decodeBoxes(from: descriptor, into: target)
        return damage == nil
      }
      guard let values else { throw error(damage, path) }
      return values
    }
  }

  /// Hands out the values of some rows after another, in order: rows beyond memory's caches are never held together.
  ///
  /// - Parameter body: gets the first row and the bytes of the rows, in the machine's byte order.
  /// - Throws: `HDF5Error` when a chunk is not what it should be; what `body` throws.
  func forEachBand(in path: String, _ body: (_ firstRow: Int, UnsafeRawBufferPointer) throws -> Void) throws {
    guard holdWholeRows else { return try values(in: path).withBytes { try body(0, $0) } }
    let chunkRows = chunkShape[0]
    try withFile(path) { descriptor in
      let total = shape[0] * rowBytes
      let band = UnsafeMutableRawBufferPointer.allocate(
        byteCount: min(total, Self.chunksPerBand * chunkRows * rowBytes), alignment: 64)
      defer { band.deallocate() }
      for first in stride(from: 0, to: chunks.count, by: Self.chunksPerBand) {
        let start = first * chunkRows * rowBytes
        let rows = UnsafeMutableRawBufferPointer(rebasing: band[..<min(band.count, total - start)])
        let range = first..<min(first + Self.chunksPerBand, chunks.count)
        if let damage = decode(range, from: descriptor, into: rows) { throw error(damage, path) }
        try body(first * chunkRows, UnsafeRawBufferPointer(rows))
      }
    }
  }

  /// About 8 MB.
  private static let chunksPerBand = 32

  private func withFile<Result>(_ path: String, _ body: (Int32) throws -> Result) throws -> Result {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw error((0, .unreadable), path) }
    defer { close(descriptor) }
    return try body(descriptor)
  }

  private func error(_ damage: (chunk: Int, kind: ChunkDecoder.Damage)?, _ path: String) -> HDF5Error {
    .damaged(
      object, of: path, action: "read",
      "stored chunk \((damage?.chunk ?? 0) + 1) of \(chunks.count): \(damage?.kind.rawValue ?? "there is no memory")")
  }

  /// Decodes chunks that follow one another; says which is not what it should be.
  private func decode(
    _ range: Range<Int>, from descriptor: Int32, into target: UnsafeMutableRawBufferPointer
  ) -> (chunk: Int, ChunkDecoder.Damage)? {
    // Each chunk fills rows of its own.
    nonisolated(unsafe) let target = target
    return onAllCores(range) { decoder, index in
      let start = (index - range.lowerBound) * chunkBytes
      let rows = UnsafeMutableRawBufferPointer(rebasing: target[start..<min(start + chunkBytes, target.count)])
      return decoder.decode(
        from: descriptor, at: chunks[index].offset, byteCount: chunks[index].byteCount, into: rows)
    }
  }

  /// Decodes all chunks, which are boxes of any shape, and puts each one's lines where they belong.
  private func decodeBoxes(
    from descriptor: Int32, into target: UnsafeMutableRawBufferPointer
  ) -> (chunk: Int, ChunkDecoder.Damage)? {
    nonisolated(unsafe) let target = target
    return onAllCores(chunks.indices) { decoder, index in
      let box = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 64)
      defer { box.deallocate() }
      let chunk = chunks[index]
      if let damage = decoder.decode(from: descriptor, at: chunk.offset, byteCount: chunk.byteCount, into: box) {
        return damage
      }
      copy(UnsafeRawBufferPointer(box), at: chunk.place, into: target)
      return nil
    }
  }

  private func copy(_ box: UnsafeRawBufferPointer, at place: [Int], into target: UnsafeMutableRawBufferPointer) {
    let last = shape.count - 1
    let line = min(chunkShape[last], shape[last] - place[last]) * type.byteCount
    for index in 0..<chunkShape.dropLast().reduce(1, *) {
      var (rest, from, to, isInside) = (index, 0, place[last], true)
      var (boxStride, stride) = (chunkShape[last], shape[last])
      for axis in (0..<last).reversed() {
        let step = rest % chunkShape[axis]
        rest /= chunkShape[axis]
        isInside = isInside && place[axis] + step < shape[axis]
        from += step * boxStride
        to += (place[axis] + step) * stride
        boxStride *= chunkShape[axis]
        stride *= shape[axis]
      }
      guard isInside else { continue }
      let start = to * type.byteCount
      UnsafeMutableRawBufferPointer(rebasing: target[start..<start + line])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: box[(from * type.byteCount)...].prefix(line)))
    }
  }

  private func onAllCores(
    _ range: Range<Int>, _ decode: (ChunkDecoder, _ index: Int) -> ChunkDecoder.Damage?
  ) -> (chunk: Int, ChunkDecoder.Damage)? {
    let next = Atomic<Int>(range.lowerBound)
    let first = Mutex<(chunk: Int, ChunkDecoder.Damage)?>(nil)
    let failed = Atomic<Bool>(false)
    let lanes = min(range.count, ProcessInfo.processInfo.activeProcessorCount)
    withoutActuallyEscaping(decode) { decode in
      nonisolated(unsafe) let decode = decode
      DispatchQueue.concurrentPerform(iterations: lanes) { _ in
        let decoder = ChunkDecoder(plainBytes: chunkBytes, elementBytes: type.byteCount, filters: filters)
        while !failed.load(ordering: .relaxed) {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < range.upperBound else { return }
          guard let damage = decoder.map({ decode($0, index) }) ?? .unreadable else { continue }
          failed.store(true, ordering: .relaxed)
          first.withLock { if index < $0?.chunk ?? Int.max { $0 = (index, damage) } }
        }
      }
    }
    return first.withLock { $0 }
  }
}

extension StoredChunks {
  /// Nil for a data set without numbers of a run file's types, or without chunks. Call inside `HDF5Library.locked`.
  ///
  /// - Parameter textBytes: of one text, in a data set of texts; its bytes are then a last axis.
  /// - Throws: `HDF5Error` when chunks are missing, or lie outside the file.
  init?(of object: String, in file: borrowing HDF5File, textBytes: Int? = nil) throws {
    let path = file.path
    func failed() -> HDF5Error { .current("read", file: path, object: object) }
    let dataset = try file.open(object)
    let (known, stored) = try file.describe(object)
    let creation = try HDF5Handle(H5Dget_create_plist(dataset.id), closing: H5Pclose, orThrow: failed())
    guard 1.littleEndian == 1, let type = textBytes == nil ? known : .uint8, !stored.isEmpty,
      stored.allSatisfy({ $0 > 0 }), H5Pget_layout(creation.id) == H5D_CHUNKED,
      let filters = Filters(Self.filters(of: creation.id))
    else { return nil }
    var lengths = [hsize_t](repeating: 0, count: stored.count)
    guard H5Pget_chunk(creation.id, Int32(stored.count), &lengths) == Int32(stored.count),
      lengths.allSatisfy({ $0 > 0 && $0 < hsize_t(Int32.max) }), textBytes == nil || !filters.isShuffled
    else { throw failed() }
    let axes = stored.indices
    let (shape, chunkShape) = (
      stored + [textBytes].compactMap(\.self), lengths.map { Int($0) } + [textBytes].compactMap(\.self)
    )
    let fileBytes = UInt64(FileShape.byteCount(path))
    let counts = zip(shape, chunkShape).map { ($0 + $1 - 1) / $1 }
    var chunks: [Chunk] = []
    for index in 0..<counts.reduce(1, *) {
      var (rest, place) = (index, [Int](repeating: 0, count: shape.count))
      for axis in shape.indices.reversed() {
        place[axis] = rest % counts[axis] * chunkShape[axis]
        rest /= counts[axis]
      }
      var (mask, offset, byteCount): (UInt32, haddr_t, hsize_t) = (0, 0, 0)
      guard H5Dget_chunk_info_by_coord(dataset.id, axes.map { hsize_t(place[$0]) }, &mask, &offset, &byteCount) >= 0
      else { throw failed() }
      guard byteCount > 0, mask == 0, UInt64(byteCount) <= fileBytes,
        UInt64(offset) <= fileBytes - UInt64(byteCount)
      else {
        throw HDF5Error.damaged(
          object, of: path, action: "read",
          "stored chunk \(index + 1) of \(counts.reduce(1, *)) is missing, or said to lie outside the file")
      }
      chunks.append(Chunk(offset: UInt64(offset), byteCount: Int(byteCount), place: place))
    }
    self.type = type
    self.shape = shape
    self.chunks = chunks
    self.object = object
    self.chunkShape = chunkShape
    self.filters = filters
  }

  /// In the order in which they are applied.
  static func filters(of creation: hid_t) -> [H5Z_filter_t] {
    (0..<UInt32(max(0, H5Pget_nfilters(creation)))).map { index in
      var (flags, count, information): (UInt32, Int, UInt32) = (0, 0, 0)
      return H5Pget_filter2(creation, index, &flags, &count, nil, 0, nil, &information)
    }
  }
}

extension StoredChunks.Filters {
  /// Nil for another filter, or another order.
  init?(_ filters: [H5Z_filter_t]) {
    self.init(
      isShuffled: filters.contains(H5Z_FILTER_SHUFFLE), isDeflated: filters.contains(H5Z_FILTER_DEFLATE),
      hasChecksum: filters.contains(H5Z_FILTER_FLETCHER32))
    let own = [
      isShuffled ? H5Z_FILTER_SHUFFLE : nil, isDeflated ? H5Z_FILTER_DEFLATE : nil,
      hasChecksum ? H5Z_FILTER_FLETCHER32 : nil,
    ]
    guard filters == own.compactMap(\.self) else { return nil }
  }
}
