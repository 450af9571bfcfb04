import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

/// The run that `tools/golden/analysis.py` computed the expected findings of: a headline shorter than the run, a short
/// last batch, snapshots on both sides of the headline.
enum GoldenRun {
  static var run: FabricatedRun {
    var run = FabricatedRun()
    run.seed = 20
    run.chunkCount = 46
    run.headline = 39 * 64
    run.snapshots = [300, 1200, 46 * 64]
    run.errorDrift = 0.2
    run.documentLength = 25
    run.rerunBatches = 10
    run.experiments.append("splice")
    run.branchedBatches = 5
    run.replicates = 400
    return run
  }

  static func url(_ name: String) throws -> URL {
    try #require(Bundle.module.url(forResource: "Goldens/" + name, withExtension: nil))
  }
}

@Suite("Writing the golden run")
struct GoldenRunTests {
  static let path = ProcessInfo.processInfo.environment["CLEARBOX_GOLDEN_RUN"]

  /// Not a check of its own: hands the script its input.
  @Test("A run file is written where CLEARBOX_GOLDEN_RUN says", .enabled(if: path != nil))
  func writesRun() throws {
    try GoldenRun.run.write(to: try #require(Self.path))
  }
}
