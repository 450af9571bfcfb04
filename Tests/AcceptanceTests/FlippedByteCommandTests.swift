import FabricatedRuns
import Foundation
import Testing

/// Run files without a seal, as another program leaves them, of which one bit is another: HDF5 has to look at them.
@Suite("Flipped bytes of files that HDF5 must look at")
struct FlippedByteCommandTests {
  private static let count = ProcessInfo.processInfo.environment["CLEARBOX_THOROUGH"] == nil ? 100 : 2200

  /// What is printed all the same is what the whole file says, number for number. A fault inside libhdf5 ends the command
  /// without a word; docs/reliability.md counts them.
  @Test("None changes a number, or lets one go missing")
  func unsealed() throws {
    let folder = TemporaryFolder()
    let path = folder.file("run.h5")
    var run = FabricatedRun()
    (run.chunkCount, run.chunkLength, run.batchSize, run.replicates) = (6, 32, 2, 50)
    try run.write(to: path)
    let whole = try bytes(of: path).dropLast(48)
    try put(whole, at: path)
    let expected = try Command.run(["export", path, "--format", "numbers"])
    try #require(expected.status == 0 && expected.output.count > 1000)
    var (refused, printed, faults) = (0, 0, 0)
    for index in 0..<Self.count {
      // Spread over the file, with the bit changing on the way.
      let offset = whole.startIndex + (index * whole.count + whole.count / 2) / Self.count
      var flipped = whole
      flipped[offset] ^= 1 << UInt8(index % 8)
      try put(flipped, at: path)
      let found = try Command.run(["export", path, "--format", "numbers"])
      switch found.status {
      case 0:
        printed += 1
        #expect(found.output == expected.output, "byte \(offset), bit \(index % 8)")
      case 2: refused += 1
      default: faults += 1
      }
    }
    // In what differs from day to day, and in bytes that say nothing.
    #expect(printed < Self.count / 4 && refused > Self.count / 2, "\(printed) printed, \(refused) refused")
    #expect(faults <= Self.count / 50, "\(faults) faults of libhdf5")
    print("flipped bytes: \(refused) refused, \(printed) printed what the whole file says, \(faults) faults of libhdf5")
  }
}
