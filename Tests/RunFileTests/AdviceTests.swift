import FabricatedRuns
import Foundation
import Testing

@testable import RunFile

/// Advice follows the cause: nobody is told to measure again because a notebook has the file open.
@Suite("What to do about a run file that cannot be opened")
struct AdviceTests {
  private let folder = TemporaryFolder()

  private func run() throws -> String {
    let path = folder.file("run.h5")
    try FabricatedRun().write(to: path)
    return path
  }

  private func reading(_ path: String) -> String {
    do {
      _ = try RunReader(path)
      return "read"
    } catch { return "\(error)" }
  }

  @Test("A file that another program holds")
  func held() throws {
    let path = try run()
    let descriptor = open(path, O_RDWR)
    try #require(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    let text = reading(path)
    #expect(text.contains("Another program has the file open: close it there"), "\(text)")
    #expect(!text.contains("damaged") && !text.contains("measure again"))
    close(descriptor)
    #expect(reading(path) == "read")
  }

  @Test("A file that a killed program left open")
  func leftOpen() throws {
    let path = try run()
    // As a notebook whose kernel is killed: the mark is on the disk, the data are whole.
    _ = try Python.run(
      """
      import h5py, os, sys
      pid = os.fork()
      if pid == 0:
          file = h5py.File(sys.argv[1], "r+")
          file.flush()
          os._exit(9)
      os.waitpid(pid, 0)
      """, [path])
    let text = reading(path)
    #expect(text.contains("h5clear -s") && text.contains("clearbox verify"), "\(text)")
    #expect(!text.contains("damaged") && !text.contains("measure again"))
  }

  @Test(
    "What the system answers leads to advice about that, and about nothing else",
    arguments: [
      ("No space left on device", "Make room on the disk"), ("Disk quota exceeded", "in your quota"),
      ("File too large", "ulimit -f"), ("Permission denied", "permissions"), ("Read-only file system", "another disk"),
      ("Input/output error", "another place"), ("Too many open files", "ulimit -n"),
      ("Is a directory", "Check the path, its permissions and the room on the disk."),
    ])
  func system(reason: String, advice: String) {
    let error = RunFileError.fileSystem(path: "out/run.h5", action: "write", reason: reason)
    let lines = "\(error)".split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == "out/run.h5: cannot write: \(reason).")
    #expect(lines[1].contains(advice), "\(error)")
  }

  @Test("Nobody is told to measure again for what measuring again would not mend")
  func notMeasuredAgain() {
    let errors: [RunFileError] = [
      .impossible(path: "a.h5", object: "/tokens/id", reason: "row 3 is -1"),
      .damagedDescription(path: "a.h5", reason: "no key seed"),
      .unequalRows(path: "a.h5", object: "/tokens/id", rows: 3, expected: 4),
      .otherType(path: "a.h5", object: "/tokens/id", type: "texts", expected: "int32"),
      .truncated(path: "a.h5", byteCount: 100, cause: "it ends early"),
    ]
    for error in errors {
      #expect(!"\(error)".contains("measure again") && "\(error)".contains("again from where it"), "\(error)")
    }
  }

  @Test(
    "Words of the library and numbers of the system are told apart",
    arguments: [
      (
        "unable to lock file, errno = 11, error message = 'Resource temporarily unavailable'",
        HDF5Error.Cause.heldElsewhere
      ),
      ("unable to lock file, errno = 37, error message = 'No locks available'", .noLocks),
      ("unable to lock file, errno = 38, error message = 'Function not implemented'", .noLocks),
      ("file is already open for write (may use <h5clear file> to clear file consistency flags)", .leftOpen),
      ("unable to open file: name = 'x', errno = 13, error message = 'Permission denied', flags = 0", .forbidden),
      ("file write failed: time = x, errno = 28, error message = 'No space left on device'", .noSpace),
      ("file read failed: time = x, errno = 5, error message = 'Input/output error'", .device),
      ("data error detected by Fletcher32 checksum", .checksum),
      ("required filter 'zstd' is not registered", .missingFilter),
      ("truncated file: eof = 96, sblock->base_addr = 0, stored_eof = 2048", .cutShort),
      ("file signature not found", .noHDF5), ("wrong B-tree signature", .unknown),
    ])
  func kinds(message: String, cause: HDF5Error.Cause) {
    let error = HDF5Error(
      action: "open", file: "run.h5", object: nil, advice: "",
      frames: [.init(function: "H5F", major: "File", minor: "x", message: message)])
    #expect(error.kind == cause)
    let advice = HDF5Error.advice(for: cause, "run.h5")
    #expect(advice.hasSuffix(".") && (cause == .checksum || !advice.contains("measure again")))
  }
}
