import Measures
import RunFile

/// Conditions by how many bits they spend on a compressed weight, and the smallest that each declared margin still admits.
public struct CompressionCurve: Sendable, Equatable {
  /// Fewer sizes than this are no curve.
  public static let fewest = 5

  public struct Point: Sendable, Equatable {
    public var condition: RunDescription.Condition
    public var family: String
    public var bits: Double { condition.bitsPerCompressedParameter }
  }

  /// From the smallest up.
  public let points: [Point]
  /// Those on whose grid more than a tenth of the baseline's weights lie already: what they cost says nothing of them.
  public let leftOut: [RunDescription.Condition]

  /// Nil with fewer than five conditions that compress the baseline: controls are left out.
  public init?(_ findings: Findings) {
    guard let baseline = findings.baseline else { return nil }
    let all = findings.compressed.filter {
      $0.reference == nil && $0.bitsPerCompressedParameter < baseline.bitsPerCompressedParameter
    }
    leftOut = all.filter(Self.liesOnItsGrid)
    points = all.filter { !Self.liesOnItsGrid($0) }.map { condition in
      // What others made follows no rule of one family.
      Point(condition: condition, family: condition.checkpoint == nil ? Self.family(condition.kind) : condition.name)
    }.sorted { ($0.bits, $0.condition.name) < ($1.bits, $1.condition.name) }
    guard points.count >= Self.fewest else { return nil }
  }

  /// More of the baseline's weights than this on a condition's grid, and what it costs says nothing of it.
  public static let mostOnGrid = 0.1

  private static func liesOnItsGrid(_ condition: RunDescription.Condition) -> Bool {
    max(condition.onGridShare ?? 0, condition.storedAlikeShare ?? 0) > mostOnGrid
  }

  public var families: [String] { Set(points.map(\.family)).sorted() }

  /// llama.cpp's types are one family; else a method is its own.
  static func family(_ kind: String) -> String { kind.wholeMatch(of: /i?q\d.*/) == nil ? kind : "GGUF" }

  /// A declared margin, and what it admits.
  public struct Choice: Sendable, Equatable {
    public var metric: Metric
    public var stratum: Stratum
    /// The smallest whose whole interval lies within the margin, or on its better side.
    public var smallest: Point?
    /// Smaller ones of which more tokens could show that they are.
    public var open: [Point]
  }

  /// The primary measures that a choice is made by, in their order.
  public static let measures: [(question: Verdict.Question, metric: Metric, stratum: Stratum)] = [
    (.crossEntropyChange, .crossEntropy, .all), (.disagreement, .disagreementExcess, .all),
    (.errorOrdinaryChange, .mse, .ordinary), (.fvuOrdinaryChange, .fvu, .ordinary),
    (.featuresChanged, .featuresChangedExcess, .all),
  ]

  /// One for each measure with a verdict on some condition.
  public func choices(_ findings: Findings) -> [Choice] {
    Self.measures.compactMap { question, metric, stratum in
      let judged = points.compactMap { point in
        findings.verdict(question, condition: point.condition.name).flatMap { outcome in
          outcome == .notMeasured ? nil : (point: point, outcome: outcome)
        }
      }
      guard !judged.isEmpty else { return nil }
      let smallest = judged.first { Self.isWithin($0.outcome, metric) }?.point
      let open = judged.prefix { $0.point != smallest }.filter { $0.outcome.isUndecided }.map(\.point)
      return Choice(metric: metric, stratum: stratum, smallest: smallest, open: open)
    }
  }

  private static func isWithin(_ outcome: Verdict.Outcome, _ metric: Metric) -> Bool {
    switch outcome {
    case .negligible, .identical: true
    case .smallFall, .largeFall: metric.direction == .lowerIsBetter
    case .smallRise, .largeRise: metric.direction == .higherIsBetter
    default: false
    }
  }
}
