import CHDF5

/// Dimension scales: named axes, as h5py, netCDF and xarray know them.
extension HDF5File {
  /// Makes a one-dimensional data set a dimension scale, so that h5py and xarray show `name` as its axis.
  func makeScale(_ object: String, named name: String) throws(HDF5Error) {
    let dataset = try open(object)
    guard H5DSset_scale(dataset.id, name) >= 0 else {
      throw .current("make a dimension scale of", file: path, object: object)
    }
  }

  func attachScale(_ scale: String, to object: String, axis: Int) throws(HDF5Error) {
    let dataset = try open(object)
    let opened = try open(scale)
    guard H5DSattach_scale(dataset.id, opened.id, UInt32(axis)) >= 0 else {
      throw .current("attach the dimension scale \(scale) to", file: path, object: object)
    }
  }

  /// Names of the scales attached to some axes of a data set, one each; "" where there is none.
  func scaleNames(of object: String, axes: Range<Int>) throws(HDF5Error) -> [String] {
    let dataset = try open(object)
    var names: [String] = []
    for axis in axes {
      var name = [CChar](repeating: 0, count: 256)
      let found = withUnsafeMutablePointer(to: &name) { pointer in
        H5DSiterate_scales(
          dataset.id, UInt32(axis), nil,
          { _, _, scale, context in
            guard let context else { return 0 }
            return context.assumingMemoryBound(to: [CChar].self).pointee.withUnsafeMutableBufferPointer {
              // One scale is enough: anything but zero ends the iteration.
              H5DSget_scale_name(scale, $0.baseAddress, $0.count - 1) >= 0 ? 1 : 0
            }
          }, pointer)
      }
      guard found >= 0 else { throw .current("read the dimension scales of", file: path, object: object) }
      names.append(String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    return names
  }
}
