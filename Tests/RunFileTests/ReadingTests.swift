import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("Files that are no run file")
struct ReadingErrorTests {
  private let folder = TemporaryFolder()
  private var run: FabricatedRun {
    var run = FabricatedRun()
    run.chunkCount = 8
    run.chunkLength = 16
    return run
  }
  private var path: String { folder.file("run.h5") }

  private func message() -> String {
    do {
      _ = try RunReader(path)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test("A missing file")
  func missing() {
    #expect(message() == "\(path): no such file.\nGive the path of a run file, e.g. out/<study>/<model>.h5.")
  }

  @Test("A folder")
  func isFolder() {
    #expect(throws: RunFileError.isFolder(path: folder.path)) { try RunReader(folder.path) }
  }

  @Test("A text file")
  func textFile() throws {
    try put(Data("title: a study\n".utf8), at: path)
    #expect(
      message().hasPrefix("\(path): not a run file: run files are HDF5, this one begins with \"title: a study\"."))
  }

  @Test("An empty file")
  func emptyFile() throws {
    try put(Data(), at: path)
    #expect(message().contains("begins with nothing: it is empty"))
  }

  @Test("A binary file of another kind")
  func binaryFile() throws {
    try put(Data([0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0, 9]), at: path)
    #expect(message().contains("begins with the bytes 47 47 55 46 3 0 0 0"))
  }

  @Test("A table's column that holds another type is an error, not an empty column")
  func otherType() throws {
    try run.write(to: path)
    _ = try Python.run(
      """
      import sys, h5py
      with h5py.File(sys.argv[1], 'r+') as f:
          ids = f['tokens/id'][:].astype('f4')
          del f['tokens/id']
          f['tokens/id'] = ids
      """, [path])
    let error = #expect(throws: RunFileError.self) {
      try RunReader(path, verifyingContent: false, checkingBytes: false)
    }
    #expect(error == .otherType(path: path, object: "/tokens/id", type: "float32 numbers", expected: "int32"))
  }

  @Test("A truncated run file", arguments: [0.1, 0.5, 0.999])
  func truncated(share: Double) throws {
    try run.write(to: path)
    let whole = try bytes(of: path)
    try put(whole.prefix(Int(Double(whole.count) * share)), at: path)
    #expect(message().contains("only the beginning of a run file"), "\(message())")
    #expect(message().contains("copy it again from where it is whole"))
  }

  @Test("An HDF5 file of somebody else's")
  func foreign() throws {
    _ = try Python.run(
      "import sys, h5py\nwith h5py.File(sys.argv[1], 'w') as f: f['x'] = [1, 2, 3]", [path])
    #expect(throws: RunFileError.foreign(path: path)) { try RunReader(path) }
  }

  @Test("A run file of a newer clearbox")
  func newer() throws {
    try run.write(to: path)
    _ = try Python.run(
      "import sys, h5py\nwith h5py.File(sys.argv[1], 'a') as f: f.attrs.modify('schema_version', 4)", [path])
    #expect(throws: RunFileError.newerSchema(path: path, version: 4)) { try RunReader(path) }
    #expect(message().contains("reads up to schema 3.\nUse a newer clearbox."))
  }

  @Test("A part of a run in progress")
  func part() throws {
    try run.writeParts(to: folder.file("parts"), blocks: 1)
    let part = folder.file("parts/block-000000.h5")
    #expect(throws: RunFileError.isPart(path: part)) { try RunReader(part) }
  }

  @Test("A description that is no JSON")
  func damagedDescription() throws {
    try run.write(to: path)
    _ = try Python.run(
      "import sys, h5py\nwith h5py.File(sys.argv[1], 'a') as f: f.attrs['description'] = '{'", [path])
    #expect(message().contains("the description of the run cannot be read"))
  }

  @Test("A measurement that is not there is answered with those that are")
  func noSuchColumn() throws {
    var run = run
    run.experiments = ["accuracy"]
    try run.write(to: path)
    let reader = try RunReader(path)
    let error = #expect(throws: RunFileError.self) {
      try reader.values(ColumnKey(condition: "int8", experiment: "sae", name: "dot"))
    }
    #expect(error?.description.contains("has no measurement /measurements/int8/sae/dot") == true)
    #expect(error?.description.contains("/measurements/int8/accuracy/nll") == true)
  }
}

@Suite("Damage")
struct CorruptionTests {
  private let folder = TemporaryFolder()

  @Test("A flipped byte in the data is an error that names the data set")
  func flippedByte() throws {
    var run = FabricatedRun()
    run.chunkCount = 8
    let path = folder.file("run.h5")
    try run.write(to: path)
    let name = "/measurements/nf4/accuracy/nll"
    var file = try bytes(of: path)
    file[try chunkOffset(of: name, in: path) + 100] ^= 1
    try put(file, at: path)
    #expect(throws: RunFileError.bytesChanged(path: path)) { try RunReader(path) }
    let opening = #expect(throws: HDF5Error.self) { try RunReader(path, checkingBytes: false) }
    let reader = try RunReader(path, verifyingContent: false, checkingBytes: false)
    let key = ColumnKey(condition: "nf4", experiment: "accuracy", name: "nll")
    let error = #expect(throws: HDF5Error.self) { try reader.values(key) }
    #expect(error == opening)
    #expect(error?.isChecksumFailure == true)
    #expect(error?.object == name)
    #expect(error?.description.hasPrefix("\(path): \(name): cannot read: ") == true)
    #expect(error?.description.contains("The stored data are damaged") == true)
    #expect(throws: HDF5Error.self) { try reader.verify() }
    // The rest can still be read.
    #expect(try reader.doubles(ColumnKey(condition: "int8", experiment: "accuracy", name: "nll")).count == 512)
  }

  @Test("A flipped byte anywhere is found by opening, reading or verifying")
  func flippedByteAnywhere() throws {
    var run = FabricatedRun()
    run.chunkCount = 4
    run.chunkLength = 8
    run.experiments = ["accuracy"]
    let path = folder.file("run.h5")
    try run.write(to: path)
    let whole = try bytes(of: path)
    let hash = try RunReader(path).verify()
    for offset in stride(from: 8, to: whole.count, by: 97) {
      var file = whole
      file[offset] ^= 0x10
      try put(file, at: path)
      #expect(throws: (any Error).self, "byte \(offset)") { try RunReader(path) }
    }
    // Who opens a file to change it breaks the seal, and no file is refused for having none.
    try put(whole.dropLast(48), at: path)
    #expect(try RunReader(path).verify() == hash)
  }

  @Test("An edited number passes the checksums, and verify finds it")
  func editedNumber() throws {
    var run = FabricatedRun()
    run.chunkCount = 8
    let path = folder.file("run.h5")
    try run.write(to: path)
    let stored = try RunReader(path).verify()
    _ = try Python.run(
      "import sys, h5py\nwith h5py.File(sys.argv[1], 'a') as f: f['measurements/nf4/accuracy/nll'][3] = 1.0", [path])
    let error = #expect(throws: RunFileError.self) { try RunReader(path) }
    #expect(throws: RunFileError.self) { try RunReader(path, verifyingContent: false, checkingBytes: false).verify() }
    guard case .contentChanged(path, stored, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
