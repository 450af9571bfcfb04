import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@testable import Analysis

/// What findings say of single tokens, against the metrics that count the same tokens.
@Suite("Findings of single tokens")
struct TokenFindingsTests {
  private func findings() throws -> Findings {
    let folder = TemporaryFolder()
    try FabricatedRun().write(to: folder.file("run.h5"))
    return try Findings(of: RunReader(folder.file("run.h5")))
  }

  @Test("As many tokens are gained and lost as the metrics count, each on its side of the threshold")
  func massive() throws {
    let findings = try findings()
    #expect(findings.massiveTokens.map(\.condition) == findings.compressed.map(\.name))
    for condition in findings.massiveTokens {
      for (metric, kind) in [(Metric.massiveGained, MassiveTokens.Kind.gained), (.massiveLost, .lost)] {
        let count = condition.tokens.count { $0.kind == kind }
        #expect(findings.finding(metric, condition: condition.condition)?.estimate.value == Double(count))
      }
      #expect(
        condition.flippedIDs.map(\.count).reduce(0, +) == condition.tokens.count { $0.kind != .kept })
    }
  }

  @Test("Ratios count every token once, and those beyond 1 as the metric does")
  func ratios() throws {
    let findings = try findings()
    for ratios in findings.noiseRatios where !ratios.isRerun {
      #expect(ratios.tokenCount == findings.measured.tokens)
      let beyond = (0..<NoiseRatios.binCount).filter { NoiseRatios.ratio(bin: $0, at: 0.5) > 1 }
        .map { ratios.counts[$0] }.reduce(0, +)
      let share = try #require(findings.finding(.movedFarther, condition: ratios.condition)).estimate.value
      #expect(abs(Double(beyond) / Double(ratios.tokenCount) - share) < 1e-9)
    }
    #expect(findings.noiseRatios.contains { !$0.isRerun })
  }
}
