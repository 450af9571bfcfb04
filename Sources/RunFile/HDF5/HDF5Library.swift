import CHDF5
import Foundation

/// The door to the HDF5 library: one thread at a time.
///
/// HDF5 keeps global tables of open identifiers. Its thread-safe builds guard them by one lock of their own, its other
/// builds and its high-level part (dimension scales) do not guard them at all. So all of RunFile takes this lock around
/// each whole operation: every use of a handle below happens inside `HDF5Library.locked`.
enum HDF5Library {
  private static let lock = NSRecursiveLock()

  /// Every file is closed where it was opened, so there is nothing left to do when the process ends: HDF5's own handler
  /// would try once more to write what a full disk has refused, and crash. Said before the library begins.
  private static let leavesExitAlone = H5dont_atexit()

  /// Runs `body` alone in the library, its own printing of errors muted (that setting is per thread).
  static func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    _ = leavesExitAlone
    // Fills in the globals behind the type and property-list constants; cheap when already done.
    _ = H5open()
    _ = H5Eset_auto2(chdf5_H5E_DEFAULT(), nil, nil)
    return try body()
  }
}

/// An open HDF5 identifier of any kind: made only from a valid id, closed exactly once.
struct HDF5Handle: ~Copyable {
  let id: hid_t
  private let closing: @convention(c) (hid_t) -> herr_t

  /// Takes over `id`, or throws the library's error when the call that made it failed.
  init(
    _ id: hid_t, closing: @escaping @convention(c) (hid_t) -> herr_t,
    orThrow error: @autoclosure () -> HDF5Error
  ) throws(HDF5Error) {
    guard id >= 0 else { throw error() }
    self.id = id
    self.closing = closing
  }

  deinit { _ = closing(id) }
}

extension HDF5Handle {
  static func dataspace(_ shape: [Int], file: String, object: String) throws(HDF5Error) -> HDF5Handle {
    let dimensions = shape.map { hsize_t($0) }
    return try HDF5Handle(
      shape.isEmpty
        ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), dimensions, nil),
      closing: H5Sclose, orThrow: .current("describe the shape \(shape) of", file: file, object: object))
  }

  /// Variable-length UTF-8: what h5py reads as `str`.
  static func stringType(file: String, object: String) throws(HDF5Error) -> HDF5Handle {
    let type = try HDF5Handle(
      H5Tcopy(chdf5_H5T_C_S1()), closing: H5Tclose,
      orThrow: .current("make the text type of", file: file, object: object))
    guard H5Tset_size(type.id, chdf5_H5T_VARIABLE()) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0 else {
      throw .current("make the text type of", file: file, object: object)
    }
    return type
  }

  /// UTF-8 of `byteCount` bytes, shorter texts filled up with zeros.
  static func stringType(byteCount: Int, file: String, object: String) throws(HDF5Error) -> HDF5Handle {
    let type = try HDF5Handle(
      H5Tcopy(chdf5_H5T_C_S1()), closing: H5Tclose,
      orThrow: .current("make the text type of", file: file, object: object))
    guard H5Tset_size(type.id, byteCount) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0,
      H5Tset_strpad(type.id, H5T_STR_NULLPAD) >= 0
    else { throw .current("make the text type of", file: file, object: object) }
    return type
  }

  static func propertyList(_ kind: hid_t, file: String) throws(HDF5Error) -> HDF5Handle {
    try HDF5Handle(H5Pcreate(kind), closing: H5Pclose, orThrow: .current("make a property list for", file: file))
  }
}

extension ColumnDefinition.ElementType {
  /// The type's id in the file: little-endian.
  var fileType: hid_t {
    switch self {
    case .uint8: chdf5_H5T_STD_U8LE()
    case .int32: chdf5_H5T_STD_I32LE()
    case .float32: chdf5_H5T_IEEE_F32LE()
    case .float64: chdf5_H5T_IEEE_F64LE()
    }
  }

  /// The type's id in memory.
  var memoryType: hid_t {
    switch self {
    case .uint8: chdf5_H5T_NATIVE_UINT8()
    case .int32: chdf5_H5T_NATIVE_INT32()
    case .float32: chdf5_H5T_NATIVE_FLOAT()
    case .float64: chdf5_H5T_NATIVE_DOUBLE()
    }
  }

  var byteCount: Int {
    switch self {
    case .uint8: 1
    case .int32, .float32: 4
    case .float64: 8
    }
  }
}
