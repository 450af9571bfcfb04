import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("The same content gives the same bytes")
struct DeterminismTests {
  private let folder = TemporaryFolder()

  @Test("Two writings, seconds apart and with other memory contents, agree in every byte")
  func sameBytes() throws {
    var run = FabricatedRun()
    run.chunkCount = 16
    try run.write(to: folder.file("one.h5"))
    // HDF5 stamps whole seconds.
    Thread.sleep(forTimeInterval: 1.1)
    // Fill freed memory, so that padding copied from it would show.
    for size in [64, 512, 4096, 65536] {
      let dirty = (0..<200).map { _ in [UInt8](repeating: 0xA5, count: size) }
      withExtendedLifetime(dirty) {}
    }
    try run.write(to: folder.file("two.h5"))
    #expect(try bytes(of: folder.file("one.h5")) == bytes(of: folder.file("two.h5")))
  }

  @Test("Time, machine and memory change the file but not its content hash")
  func volatileProvenance() throws {
    var run = FabricatedRun()
    run.chunkCount = 8
    let inProgress = try run.writeParts(to: folder.file("parts"))
    try inProgress.assemble(to: folder.file("one.h5"), description: run.description)
    var later = run.description
    later.provenance.cpu = "Another CPU"
    later.provenance.threads = 64
    later.provenance.operatingSystem = "Another"
    later.provenance.startTime = "2030-01-01T00:00:00Z"
    later.provenance.finishTime = nil
    later.provenance.elapsedSeconds = 1
    later.provenance.peakAnonymousBytes = nil
    try inProgress.assemble(to: folder.file("two.h5"), description: later)
    let (one, two) = (try RunReader(folder.file("one.h5")), try RunReader(folder.file("two.h5")))
    #expect(try bytes(of: one.path) != bytes(of: two.path))
    #expect(one.contentSHA256 == two.contentSHA256)
    #expect(two.description == later)
    later.seed = 2
    try inProgress.assemble(to: folder.file("three.h5"), description: later)
    #expect(try RunReader(folder.file("three.h5")).contentSHA256 != one.contentSHA256)
  }
}
