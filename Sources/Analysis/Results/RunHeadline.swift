import Measures
import RunFile

/// The two numbers that a run is told by, per condition: cross-entropy, and the FVU in the article's form, over all tokens,
/// with their changes against the baseline. The same numbers as in `Findings`, digit for digit, at a fraction of its cost:
/// for lists of many runs.
public struct RunHeadline: Sendable, Equatable {
  /// Tokens that the headline stands on.
  public var tokens: Int
  /// Metric by metric, then condition by condition; what was not measured is absent.
  public var findings: [Finding]

  public static let metrics: [Metric] = [.crossEntropy, .fvuArticle]

  /// - Throws: as `Findings.init(of:)`.
  public init(of reader: RunReader) throws {
    guard reader.summary == nil else {
      let all = try Findings(of: reader)
      tokens = all.measured.tokens
      findings = all.findings.filter { $0.stratum == .all && Self.metrics.contains($0.metric) }
      return
    }
    let computation = try FindingsComputation(reader, Self.metrics, strata: [.all], inBuckets: false)
    tokens = computation.run.extent.tokenCount(ofChunks: computation.headlineChunks)
    findings = computation.findings([.all])
  }
}
