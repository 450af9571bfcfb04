import FabricatedRuns
import Foundation
@testable import RunFile
import Testing

@Suite("Schema versions")
struct SchemaVersionTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("run.h5") }

  /// A small run, its description changed.
  private func write(_ change: (inout RunDescription) -> Void = { _ in }) throws {
    var run = FabricatedRun()
    run.chunkCount = 8
    run.chunkLength = 16
    var description = run.description
    change(&description)
    let parts = try RunInProgress(
      folder: path + ".parts", description: description, columns: run.columns, fingerprint: "fabricated")
    for block in run.blocks() { try parts.append(block) }
    try parts.assemble(to: path, description: description)
    try parts.removeParts()
  }

  private func attribute(_ name: String, of object: String) throws -> AttributeValue? {
    try HDF5Library.locked { try HDF5File(reading: path).attribute(name, of: object) }
  }

  @Test("A run states the oldest version that describes it")
  func oldest() throws {
    try write()
    #expect(try attribute("schema_version", of: "/") == .integer(1))
    #expect(try attribute("reference", of: "/conditions/nf4") == nil)
    try write { $0.studyKeys = [.init(key: "seed", value: "0")] }
    #expect(try attribute("schema_version", of: "/") == .integer(1))
    #expect(try RunReader(path).description.studyKeys == [.init(key: "seed", value: "0")])
  }

  @Test("A condition that is compared with another than the baseline is beyond readers of version 1")
  func reference() throws {
    try write { $0.conditions[2].reference = "int8" }
    #expect(try attribute("schema_version", of: "/") == .integer(3))
    #expect(try attribute("reference", of: "/conditions/nf4") == .text("int8"))
    let description = try RunReader(path).description
    #expect(description.conditions.map { description.reference(of: $0)?.name } == [nil, "bf16", "int8"])
  }

  @Test("A reference that is not there makes a damaged description, which is neither begun nor read")
  func missingReference() throws {
    #expect {
      try write { $0.conditions[2].reference = "int4" }
    } throws: {
      "\($0)".contains("nf4 is compared with int4, which is no condition before it")
    }
    try write { $0.conditions[2].reference = "int8" }
    _ = try Python.run(
      """
      import h5py, sys
      with h5py.File(sys.argv[1], 'r+') as run:
          text = run.attrs['description']
          assert text.count('"reference":"int8"') == 1
          run.attrs['description'] = text.replace('"reference":"int8"', '"reference":"int4"')
      """, [path])
    #expect {
      try RunReader(path, verifyingContent: false, checkingBytes: false)
    } throws: {
      "\($0)".contains("nf4 is compared with int4, which is no condition before it")
    }
  }

  @Test(
    "What has its place in the schema and cannot be read yet is refused", arguments: ["rerun_of", "branch_of", "cache"])
  func reserved(name: String) throws {
    try write()
    try HDF5Library.locked {
      try HDF5File(extending: path).setAttribute(name, of: "/conditions/int8", to: .text("bf16"))
    }
    #expect(throws: RunFileError.unknownContent(path: path, object: "/conditions/int8@\(name)")) { try RunReader(path) }
  }

  @Test("A newer version is refused with both numbers")
  func newer() {
    let message = RunFileError.newerSchema(path: "run.h5", version: 4).description
    #expect(message.contains("schema 4") && message.contains("up to schema 3"))
  }
}
