extension HDF5Error {
  /// Why the library could not do something, as far as its words tell.
  enum Cause: CaseIterable {
    /// Another program has the file open for writing, or for reading where we would write.
    case heldElsewhere
    /// A program that had it open for writing ended without closing it; what it says of itself is a flag, not the data.
    case leftOpen
    /// A file system without locks.
    case noLocks
    case forbidden
    case noSpace
    /// The disk, or the network on the way to it.
    case device
    case noMemory
    case checksum
    /// Of a filter that this library was built without.
    case missingFilter
    case cutShort
    case noHDF5
    case unknown
  }

  var kind: Cause {
    // What the system said comes with its number; the rest are sentences of HDF5 1.10 and 1.12.
    func says(_ texts: String...) -> Bool {
      frames.contains { frame in texts.contains { frame.message.contains($0) } }
    }
    if says("already open for write", "consistency flags") { return .leftOpen }
    if says("unable to lock file") {
      return says("errno = 11,", "errno = 35,") ? .heldElsewhere : .noLocks
    }
    if says("errno = 11,") { return .heldElsewhere }
    if says("errno = 13,", "errno = 1,", "errno = 30,") { return .forbidden }
    if says("errno = 28,", "errno = 122,", "errno = 27,") { return .noSpace }
    if says("errno = 5,", "errno = 116,", "errno = 121,") { return .device }
    if says("errno = 12,", "memory allocation failed") { return .noMemory }
    if isChecksumFailure { return .checksum }
    if says("required filter") { return .missingFilter }
    if says("truncated file", "eof = ") { return .cutShort }
    if says("file signature not found") { return .noHDF5 }
    return .unknown
  }

  /// What to do about it; nothing that would make anybody throw a good measurement away.
  static func advice(for cause: Cause, _ file: String) -> String {
    switch cause {
    case .heldElsewhere:
      "Another program has the file open: close it there (end the notebook's kernel), and try again. Nothing is wrong with the data."
    case .leftOpen:
      "A program that had the file open for writing ended without closing it; the data may well be whole. Clear its mark with 'h5clear -s \(file)' (from the HDF5 tools); then 'clearbox verify' says whether all is there."
    case .noLocks:
      "The file system has no locks. Set HDF5_USE_FILE_LOCKING=FALSE, and let no other program write to the file meanwhile."
    case .forbidden: "Check the permissions of the file and its folder."
    case .noSpace: "Make room on the disk, or in your quota, and give the command again."
    case .device: "The disk or the network reports an error: copy the file to another place, and read it there."
    case .noMemory: "Close other programs, or raise the memory limit, and try again."
    case .checksum: "The stored data are damaged: restore the file from a copy, or measure again."
    case .missingFilter:
      "The data are compressed by a method that this HDF5 lacks: write the file again with h5repack -f GZIP=1, where it can be read."
    case .cutShort: "A copy or download was cut short: copy it again."
    case .noHDF5: "Give a run file, which is HDF5."
    case .unknown:
      "If 'h5dump -H \(file)' fails too, the file is damaged: copy it again from where it comes. If not, please report this message."
    }
  }
}
