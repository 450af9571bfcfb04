import CHDF5

/// Holds what data sets claim against the file's own length, before anything is read: a small file must not fill memory.
struct StorageCheck {
  let fileBytes: Int
  private var stored = 0
  private var plain = 0
  private var searches = 0.0

  init(fileBytes: Int) { self.fileBytes = fileBytes }

  /// Deflate's utmost: 258 bytes from 2 bits.
  static let mostOfDeflate = 1032
  /// What all data sets may hold together: so many times the file's length, and 64 MB. Runs of clearbox hold 3 to 10 times.
  static let mostOfFile = 100
  static let smallFile = 1 << 26
  private static let mostAxes = 8
  private static let largestElement = 1 << 24
  private static let largestChunk = 1 << 22
  /// Finding the places of n chunks takes the library n² steps, some 4 ns each.
  private static let mostSearches = 2e9

  mutating func add(_ dataset: borrowing HDF5Handle, _ object: String, of file: borrowing HDF5File) throws {
    let path = file.path
    func refused(_ reason: String) -> RunFileError { .refusedObject(path: path, object: object, reason: reason) }
    func failed() -> HDF5Error { .current("read", file: path, object: object) }
    let space = try HDF5Handle(H5Dget_space(dataset.id), closing: H5Sclose, orThrow: failed())
    let type = try HDF5Handle(H5Dget_type(dataset.id), closing: H5Tclose, orThrow: failed())
    let creation = try HDF5Handle(H5Dget_create_plist(dataset.id), closing: H5Pclose, orThrow: failed())
    guard H5Sget_simple_extent_type(space.id) != H5S_NULL else { throw refused("it has no values") }
    let rank = Int(H5Sget_simple_extent_ndims(space.id))
    guard rank >= 0 else { throw failed() }
    guard rank <= Self.mostAxes else { throw refused("it has \(rank) axes") }
    var lengths = [hsize_t](repeating: 0, count: rank)
    guard H5Sget_simple_extent_dims(space.id, &lengths, nil) >= 0 else { throw failed() }
    let element = H5Tget_size(type.id)
    guard element > 0, element <= Self.largestElement else { throw refused("a value takes \(element) bytes") }
    let shown = lengths.map(String.init).joined(separator: " × ")
    guard let bytes = Self.product(lengths, element) else { throw refused("its shape \(shown) is beyond all files") }
    let own = Int(clamping: H5Dget_storage_size(dataset.id))
    guard own <= fileBytes - stored else {
      throw refused("its values are said to take \(own) bytes, more than the file has left for them")
    }
    guard H5Pget_external_count(creation.id) == 0 else { throw refused("its values lie in another file") }
    switch H5Pget_layout(creation.id) {
    case H5D_COMPACT, H5D_CONTIGUOUS:
      guard bytes <= own else { throw refused("its shape is \(shown), and \(own) bytes are stored of it") }
    case H5D_CHUNKED:
      try checkFilters(creation.id, refused)
      var chunk = [hsize_t](repeating: 0, count: rank)
      guard H5Pget_chunk(creation.id, Int32(rank), &chunk) == Int32(rank) else { throw failed() }
      guard let chunkBytes = Self.product(chunk, element), chunkBytes <= max(bytes, Self.largestChunk) else {
        throw refused("its chunks are larger than itself")
      }
      guard bytes / Self.mostOfDeflate <= own else {
        throw refused("its shape is \(shown), and \(own) bytes are stored of it: they cannot hold so much")
      }
      searches += zip(lengths, chunk).reduce(1.0) { $0 * (Double($1.0) / Double($1.1)).rounded(.up) }.squared
      guard searches <= Self.mostSearches else { throw refused("it is cut into too many chunks") }
    default: throw refused("its values lie in other data sets, or files")
    }
    (stored, plain) = (stored + own, plain + bytes)
  }

  func checkTotals(of path: String) throws {
    guard plain <= fileBytes * Self.mostOfFile + Self.smallFile else {
      throw RunFileError.refusedObject(
        path: path, object: "/",
        reason: "its data sets would take \(plain) bytes in memory, over \(Self.mostOfFile) times the file's length")
    }
  }

  /// Shuffle, deflate and Fletcher32 each at most once: deflate twice over is a million to one.
  private func checkFilters(_ creation: hid_t, _ refused: (String) -> RunFileError) throws {
    let filters = StoredChunks.filters(of: creation)
    let known = [H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE, H5Z_FILTER_FLETCHER32]
    if let other = filters.first(where: { !known.contains($0) }) {
      throw refused("it is stored by HDF5's filter \(other); shuffle, deflate and Fletcher32 can be read")
    }
    guard StoredChunks.Filters(filters) != nil else {
      throw refused("its filters are applied in another order than shuffle, deflate, Fletcher32, or twice")
    }
  }

  /// Nil beyond what a file can hold.
  private static func product(_ lengths: [hsize_t], _ element: Int) -> Int? {
    var product = element
    for length in lengths {
      let (next, overflows) = product.multipliedReportingOverflow(by: Int(clamping: length))
      if overflows || next > 1 << 50 { return nil }
      product = next
    }
    return product
  }
}

extension Double {
  fileprivate var squared: Double { self * self }
}
