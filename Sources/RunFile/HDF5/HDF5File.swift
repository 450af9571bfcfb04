import CHDF5

/// An open HDF5 file. All objects in it are named by absolute path. Use inside `HDF5Library.locked` only.
struct HDF5File: ~Copyable {
  let path: String
  let handle: HDF5Handle

  /// Opens an existing file for reading. A writer's lock is respected where the file system knows locks.
  init(reading path: String) throws(HDF5Error) {
    self.path = path
    let access = try HDF5Handle.propertyList(chdf5_H5P_FILE_ACCESS(), file: path)
    guard H5Pset_file_locking(access.id, true, true) >= 0 else { throw .current("open", file: path) }
    handle = try HDF5Handle(
      H5Fopen(path, chdf5_H5F_ACC_RDONLY(), access.id), closing: H5Fclose,
      orThrow: .current("open", file: path))
  }

  /// Opens an existing file to add to it.
  init(extending path: String) throws(HDF5Error) {
    self.path = path
    let access = try Self.fileAccess(path)
    handle = try HDF5Handle(
      H5Fopen(path, chdf5_H5F_ACC_RDWR(), access.id), closing: H5Fclose,
      orThrow: .current("open", file: path))
  }

  /// Creates a file whose bytes depend on its content alone: no times, format bounds pinned to HDF5 1.10.
  init(creating path: String) throws(HDF5Error) {
    self.path = path
    let creation = try HDF5Handle.propertyList(chdf5_H5P_FILE_CREATE(), file: path)
    // The root group is an object too: without this its creation time is stored.
    guard H5Pset_obj_track_times(creation.id, false) >= 0,
      H5Pset_link_creation_order(creation.id, Self.creationOrder) >= 0
    else { throw .current("create", file: path) }
    let access = try Self.fileAccess(path)
    handle = try HDF5Handle(
      H5Fcreate(path, chdf5_H5F_ACC_TRUNC(), creation.id, access.id), closing: H5Fclose,
      orThrow: .current("create", file: path, advice: "Check that the folder exists and can be written to."))
  }

  /// Links keep their order of creation, so that a browser lists conditions as the study does.
  private static let creationOrder = UInt32(H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED)

  /// 1.10's format has checksums on nearly all of its metadata, the index of stored chunks included, which 1.8's has
  /// not; every later library reads it. No lock of HDF5's own: a child process that inherited the descriptor would hold
  /// it beyond the file's closing. Writers are kept apart by the lock of their folder.
  private static func fileAccess(_ path: String) throws(HDF5Error) -> HDF5Handle {
    let access = try HDF5Handle.propertyList(chdf5_H5P_FILE_ACCESS(), file: path)
    guard H5Pset_libver_bounds(access.id, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0,
      H5Pset_file_locking(access.id, false, true) >= 0
    else {
      throw .current("create", file: path)
    }
    return access
  }

  /// Hands all that was written to the operating system, so that a full disk is an error here and not later.
  func flush() throws(HDF5Error) {
    guard H5Fflush(handle.id, H5F_SCOPE_GLOBAL) >= 0 else {
      throw .current("write", file: path, advice: "Check that the disk has room.")
    }
  }

  func createGroup(_ object: String) throws(HDF5Error) {
    let creation = try HDF5Handle.propertyList(chdf5_H5P_GROUP_CREATE(), file: path)
    guard H5Pset_obj_track_times(creation.id, false) >= 0,
      H5Pset_link_creation_order(creation.id, Self.creationOrder) >= 0
    else { throw .current("create the group", file: path, object: object) }
    _ = try HDF5Handle(
      H5Gcreate2(handle.id, object, chdf5_H5P_DEFAULT(), creation.id, chdf5_H5P_DEFAULT()), closing: H5Gclose,
      orThrow: .current("create the group", file: path, object: object))
  }

  func exists(_ object: String) -> Bool {
    // `H5Lexists` wants every step of the path to exist.
    var prefix = ""
    for step in object.split(separator: "/") {
      prefix += "/" + step
      if H5Lexists(handle.id, prefix, chdf5_H5P_DEFAULT()) <= 0 { return false }
    }
    return true
  }

  /// Opens any object by path.
  func open(_ object: String) throws(HDF5Error) -> HDF5Handle {
    try HDF5Handle(
      H5Oopen(handle.id, object, chdf5_H5P_DEFAULT()), closing: H5Oclose,
      orThrow: .current("open", file: path, object: object))
  }
}
