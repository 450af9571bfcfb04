import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

/// Files without a seal, which HDF5 has to look at, are tried by the command: `FlippedByteCommandTests`.
@Suite("Flipped bytes")
struct FlippedByteTests {
  /// All of them in `make test-all`.
  private static let count = ProcessInfo.processInfo.environment["CLEARBOX_THOROUGH"] == nil ? 200 : 2200

  @Test("None goes unnoticed where a file is opened")
  func sealed() throws {
    try flip { offset in Issue.record("byte \(offset) goes unnoticed") }
  }

  private func written(to folder: TemporaryFolder) throws -> Findings {
    var run = FabricatedRun()
    (run.chunkCount, run.chunkLength, run.batchSize, run.replicates) = (6, 32, 2, 50)
    try run.write(to: folder.file("run.h5"))
    return try Findings(of: RunReader(folder.file("run.h5")))
  }

  /// Flips a bit of a run file again and again, and says which are opened all the same.
  private func flip(_ unnoticed: (_ offset: Int) -> Void) throws {
    let folder = TemporaryFolder()
    let path = folder.file("run.h5")
    _ = try written(to: folder)
    let whole = try bytes(of: path)
    var random = SplitMix(state: 1)
    for _ in 0..<Self.count {
      let (offset, bit) = (Int(random.next() % UInt64(whole.count)), UInt8(random.next() % 8))
      var flipped = whole
      flipped[offset] ^= 1 << bit
      try put(flipped, at: path)
      if (try? RunReader(path)) != nil { unnoticed(offset) }
    }
  }
}

/// Vigna's splitmix64.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
