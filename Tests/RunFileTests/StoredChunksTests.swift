import FabricatedRuns
import Foundation
import Testing

@testable import RunFile

@Suite("Reading chunks on all cores")
struct StoredChunksTests {
  @Test("Every number of a run is what the HDF5 library reads")
  func sameAsLibrary() throws {
    var run = FabricatedRun()
    // Data sets of several stored chunks, the last one cut short.
    (run.chunkCount, run.chunkLength, run.dModel) = (90, 512, 40)
    run.documentLength = 60
    let folder = TemporaryFolder()
    let path = folder.file("run.h5")
    try run.write(to: path)
    let reader = try RunReader(path)
    for object in RunTables.columns.map(\.path) + reader.columns.map(StoredColumn.path) {
      let (chunks, expected) = try HDF5Library.locked {
        let file = try HDF5File(reading: path)
        return (try StoredChunks(of: object, in: file), try file.readByLibrary(object).values)
      }
      let read = try #require(try chunks?.values(in: path), "\(object)")
      // Bits, since NaN marks what is not scored.
      #expect(read.type == expected.type)
      #expect(read.withBytes { read in expected.withBytes { read.elementsEqual($0) } }, "\(object)")
    }
  }

  @Test("A data set that is stored otherwise is left to the library")
  func otherwise() throws {
    let folder = TemporaryFolder()
    let path = folder.file("run.h5")
    try FabricatedRun().write(to: path)
    try HDF5Library.locked {
      let file = try HDF5File(reading: path)
      #expect(try StoredChunks(of: "/chunks/batch", in: file) != nil)
      #expect(throws: HDF5Error.self) { try StoredChunks(of: "/no/such", in: file) }
    }
    let plain = folder.file("plain.h5")
    try HDF5Library.locked {
      let file = try HDF5File(creating: plain)
      try file.writeTexts(["a", "b"], isScalar: false, to: "/texts")
      #expect(try StoredChunks(of: "/texts", in: file) == nil)
    }
  }

  @Test("A chunk whose checksum does not fit is not decoded")
  func damaged() throws {
    let folder = TemporaryFolder()
    let path = folder.file("run.h5")
    try FabricatedRun().write(to: path)
    let object = "/measurements/bf16/sae/squared_error"
    let chunks = try #require(try HDF5Library.locked { try StoredChunks(of: object, in: try HDF5File(reading: path)) })
    _ = try chunks.values(in: path)
    let place = Int(chunks.chunks[0].offset) + chunks.chunks[0].byteCount / 2
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[place] ^= 0x10
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(throws: HDF5Error.self) { try chunks.values(in: path) }
    #expect(throws: HDF5Error.self) {
      try RunReader(path, verifyingContent: false, checkingBytes: false).values(
        ColumnKey(condition: "bf16", experiment: "sae", name: "squared_error"))
    }
    try bytes.prefix(place).write(to: URL(fileURLWithPath: path))
    #expect(throws: HDF5Error.self) { try chunks.values(in: path) }
  }

  @Test("Fletcher's checksum is HDF5's, for even and odd lengths")
  func checksum() {
    // H5_checksum_fletcher32 of HDF5 1.10.8 over 0, 7, 14, … modulo 256.
    for (count, expected) in Self.checksums {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0) }
      #expect(bytes.withUnsafeBytes { Fletcher32.checksum(of: $0) } == expected, "\(count) bytes")
    }
  }

  private static let checksums: [(Int, UInt32)] = [
    (1, 0), (2, 0x0007_0007), (719, 0xf831_99c8), (720, 0xf8da_9a71), (721, 0x434d_4a72), (4000, 0xeed4_39e2),
    (4001, 0x88b7_99e2),
  ]
}
