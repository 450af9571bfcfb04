import CHDF5

extension HDF5File {
  /// Strength of deflate: at 4 the float64 sums of a run shrink as much as at 9, at three times the speed.
  private static let deflateLevel: UInt32 = 4

  /// An aimed size of one stored chunk: large enough to compress, small enough to read a few rows cheaply.
  private static let chunkBytes = 256 * 1024

  /// Rows per stored chunk: a function of the data set's shape alone, so that equal content gives equal bytes.
  static func chunkRows(shape: [Int], type: ColumnDefinition.ElementType) -> Int {
    let rowBytes = max(1, shape.dropFirst().reduce(type.byteCount, *))
    return max(1, min(shape[0], chunkBytes / rowBytes))
  }

  /// Creates an empty data set of `shape` ([rows] + row shape), in chunks of whole rows: shuffle, deflate, Fletcher32.
  func createDataset(
    _ object: String, type: ColumnDefinition.ElementType, shape: [Int]
  ) throws(HDF5Error) -> HDF5Handle {
    let creation = try HDF5Handle.propertyList(chdf5_H5P_DATASET_CREATE(), file: path)
    let chunk = [Self.chunkRows(shape: shape, type: type)] + shape.dropFirst()
    guard H5Pset_obj_track_times(creation.id, false) >= 0,
      H5Pset_chunk(creation.id, Int32(chunk.count), chunk.map { hsize_t($0) }) >= 0,
      H5Pset_shuffle(creation.id) >= 0,
      H5Pset_deflate(creation.id, Self.deflateLevel) >= 0,
      // Last, so that the checksum covers the compressed bytes and is looked at before they are inflated.
      H5Pset_fletcher32(creation.id) >= 0
    else { throw .current("create", file: path, object: object) }
    let space = try HDF5Handle.dataspace(shape, file: path, object: object)
    return try HDF5Handle(
      H5Dcreate2(handle.id, object, type.fileType, space.id, chdf5_H5P_DEFAULT(), creation.id, chdf5_H5P_DEFAULT()),
      closing: H5Dclose, orThrow: .current("create", file: path, object: object))
  }

  /// Writes whole rows, starting at `firstRow`, into a data set made by `createDataset`.
  ///
  /// - Parameter bytes: rows after one another in the machine's byte order.
  func writeRows(
    of dataset: borrowing HDF5Handle, _ object: String, type: ColumnDefinition.ElementType, shape: [Int], firstRow: Int,
    rows: Int, bytes: UnsafeRawBufferPointer
  ) throws(HDF5Error) {
    precondition(bytes.count == shape.dropFirst().reduce(rows * type.byteCount, *), "bytes must fill the rows")
    guard rows > 0, let base = bytes.baseAddress else { return }
    let start = [hsize_t(firstRow)] + shape.dropFirst().map { _ in 0 }
    let count = [hsize_t(rows)] + shape.dropFirst().map { hsize_t($0) }
    let inFile = try HDF5Handle.dataspace(shape, file: path, object: object)
    let inMemory = try HDF5Handle.dataspace([rows] + shape.dropFirst(), file: path, object: object)
    guard H5Sselect_hyperslab(inFile.id, H5S_SELECT_SET, start, nil, count, nil) >= 0,
      H5Dwrite(dataset.id, type.memoryType, inMemory.id, inFile.id, chdf5_H5P_DEFAULT(), base) >= 0
    else {
      throw .current("write", file: path, object: object, advice: "Check that the disk has room.")
    }
  }

  /// Element type and shape of a data set; the type is nil where it is none that clearbox writes as numbers.
  func describe(_ object: String) throws(HDF5Error) -> (type: ColumnDefinition.ElementType?, shape: [Int]) {
    let dataset = try open(object)
    return try describe(dataset, object)
  }

  private func describe(
    _ dataset: borrowing HDF5Handle, _ object: String
  ) throws(HDF5Error) -> (type: ColumnDefinition.ElementType?, shape: [Int]) {
    let type = try HDF5Handle(
      H5Dget_type(dataset.id), closing: H5Tclose, orThrow: .current("read", file: path, object: object))
    let space = try HDF5Handle(
      H5Dget_space(dataset.id), closing: H5Sclose, orThrow: .current("read", file: path, object: object))
    let rank = H5Sget_simple_extent_ndims(space.id)
    guard rank >= 0 else { throw .current("read", file: path, object: object) }
    var dimensions = [hsize_t](repeating: 0, count: Int(rank))
    guard H5Sget_simple_extent_dims(space.id, &dimensions, nil) >= 0 else {
      throw .current("read", file: path, object: object)
    }
    let types: [ColumnDefinition.ElementType] = [.uint8, .int32, .float32, .float64]
    return (types.first { H5Tequal(type.id, $0.fileType) > 0 }, dimensions.map { Int(clamping: $0) })
  }

  /// All values of a data set of numbers.
  func readValues(_ object: String) throws -> (values: ColumnValues, shape: [Int]) {
    if let chunks = try StoredChunks(of: object, in: self) { return (try chunks.values(in: path), chunks.shape) }
    return try readByLibrary(object)
  }

  /// Likewise, by the HDF5 library: for what has no chunks.
  func readByLibrary(_ object: String) throws(HDF5Error) -> (values: ColumnValues, shape: [Int]) {
    let dataset = try open(object)
    let (type, shape) = try describe(dataset, object)
    guard let type else {
      throw HDF5Error(
        action: "read", file: path, object: object,
        advice: "The file was not written by clearbox, or was changed since.",
        frames: [
          .init(
            function: "H5Dget_type", major: "Data type", minor: "Wrong type",
            message: "it holds no numbers of a known type")
        ])
    }
    var values = ColumnValues(type: type, count: shape.reduce(1, *))
    let status = values.withMutableBytes { buffer -> herr_t in
      guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
      return H5Dread(dataset.id, type.memoryType, chdf5_H5S_ALL(), chdf5_H5S_ALL(), chdf5_H5P_DEFAULT(), base)
    }
    guard status >= 0 else { throw .current("read", file: path, object: object) }
    return (values, shape)
  }

  /// A data set of texts: a scalar when `isScalar`, else a list. Of equal length, because texts of varying length live in
  /// a heap that has no checksum. Small, so neither chunked nor compressed unless `isCompressed`, which is for lists.
  func writeTexts(
    _ texts: [String], isScalar: Bool, isCompressed: Bool = false, to object: String
  ) throws(HDF5Error) {
    let creation = try HDF5Handle.propertyList(chdf5_H5P_DATASET_CREATE(), file: path)
    let byteCount = max(1, texts.map(\.utf8.count).max() ?? 0)
    let rows = hsize_t(max(1, min(texts.count, Self.chunkBytes / byteCount)))
    guard H5Pset_obj_track_times(creation.id, false) >= 0,
      !isCompressed
        || H5Pset_chunk(creation.id, 1, [rows]) >= 0 && H5Pset_deflate(creation.id, Self.deflateLevel) >= 0
          && H5Pset_fletcher32(creation.id) >= 0
    else { throw .current("create", file: path, object: object) }
    let type = try HDF5Handle.stringType(byteCount: byteCount, file: path, object: object)
    let space = try HDF5Handle.dataspace(isScalar ? [] : [texts.count], file: path, object: object)
    let dataset = try HDF5Handle(
      H5Dcreate2(handle.id, object, type.id, space.id, chdf5_H5P_DEFAULT(), creation.id, chdf5_H5P_DEFAULT()),
      closing: H5Dclose, orThrow: .current("create", file: path, object: object))
    guard !texts.isEmpty else { return }
    let bytes = texts.flatMap { Array($0.utf8) + [UInt8](repeating: 0, count: byteCount - $0.utf8.count) }
    guard H5Dwrite(dataset.id, type.id, chdf5_H5S_ALL(), chdf5_H5S_ALL(), chdf5_H5P_DEFAULT(), bytes) >= 0 else {
      throw .current("write", file: path, object: object)
    }
  }

  /// The texts of a data set written by `writeTexts`; nil when it holds something else.
  func readTexts(_ object: String) throws -> (texts: [String], isScalar: Bool)? {
    let dataset = try open(object)
    let stored = try HDF5Handle(
      H5Dget_type(dataset.id), closing: H5Tclose, orThrow: HDF5Error.current("read", file: path, object: object))
    guard H5Tget_class(stored.id) == H5T_STRING, H5Tis_variable_str(stored.id) == 0 else { return nil }
    let byteCount = H5Tget_size(stored.id)
    let space = try HDF5Handle(
      H5Dget_space(dataset.id), closing: H5Sclose, orThrow: .current("read", file: path, object: object))
    let count = Int(H5Sget_simple_extent_npoints(space.id))
    var bytes: [UInt8]
    if let chunks = try StoredChunks(of: object, in: self, textBytes: byteCount) {
      bytes = try chunks.values(in: path).uint8s ?? []
    } else {
      let type = try HDF5Handle.stringType(byteCount: byteCount, file: path, object: object)
      bytes = [UInt8](repeating: 0, count: count * byteCount)
      guard
        bytes.isEmpty
          || H5Dread(dataset.id, type.id, chdf5_H5S_ALL(), chdf5_H5S_ALL(), chdf5_H5P_DEFAULT(), &bytes) >= 0
      else { throw HDF5Error.current("read", file: path, object: object) }
    }
    let texts = (0..<count).map { index in
      String(decoding: bytes[(index * byteCount)...].prefix(byteCount).prefix { $0 != 0 }, as: UTF8.self)
    }
    return (texts, H5Sget_simple_extent_type(space.id) == H5S_SCALAR)
  }
}
