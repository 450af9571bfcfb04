import Measures
import RunFile

/// Two runs or studies set against each other: what differs in what was done, and in what came out.
public struct RunComparison: Sendable, Equatable {
  public var options: Options
  public var models: [Model]
  public var modelsOnlyInA: [String]
  public var modelsOnlyInB: [String]
  /// How many hypotheses Holm's correction counts.
  public var familySize: Int

  /// What a comparison is made with.
  public struct Options: Sendable, Equatable {
    /// Nil: documents where both runs know them, else chunks.
    public var unit: ResamplingUnit?
    public var level = 0.95
    public var replicates = 2000
    public var seed: UInt64 = 0
    /// Conditions of A and B that are compared though their names differ.
    public var matches: [Match] = []
    public var measures: [Measure] = .all
    /// Patterns of the metrics to compare; empty for all.
    public var metrics: [MetricPattern] = []
    /// The last that fits holds.
    public var margins: [MarginRule] = []

    public struct Match: Sendable, Equatable, Codable {
      public var a: String
      public var b: String
      public init(a: String, b: String) { (self.a, self.b) = (a, b) }
    }

    public init() {}

    func margin(_ metric: Metric, _ stratum: Stratum, _ quantity: MetricDifference.Quantity) -> EquivalenceMargin {
      margins.last { $0.metric.matches(metric, stratum, quantity) }?.margin ?? .usual(metric, quantity)
    }
  }

  /// One model in both.
  public struct Model: Sendable, Equatable {
    public var model: String
    public var causes: [Cause]
    /// Conditions that both have, by their names in A.
    public var conditions: [String]
    public var samples: [Sample]
    public var differences: [MetricDifference]
    public var conditionsOnlyInA: [String]
    public var conditionsOnlyInB: [String]
    /// What a reader must know, in sentences.
    public var notes: [String]
    /// True when the two files are the same, byte for byte; then nothing is listed.
    public var isSameFile: Bool
    /// Which runs A and B are: two.
    public var runs: [RunIdentity] = []
  }

  /// What an experiment's numbers stand on.
  public struct Sample: Sendable, Equatable, Codable {
    public var experiments: [String]
    /// True where it is what reruns measured again.
    public var isOfReruns: Bool
    /// True where it is what branches went on with; nil elsewhere.
    public var isOfBranches: Bool?
    public var tokensA: Int
    public var tokensB: Int
    /// Tokens that are compared with nothing, because the other run does not hold them.
    public var leftOutA: Int
    public var leftOutB: Int
    public var unit: ResamplingUnit
    public var clustersA: Int
    public var clustersB: Int
    /// The same tokens in the same context: clusters are resampled together.
    public var isPaired: Bool
  }

  public var differences: [MetricDifference] { models.flatMap(\.differences) }

  /// Nothing differs in any number.
  public var isIdentical: Bool {
    modelsOnlyInA.isEmpty && modelsOnlyInB.isEmpty && !models.isEmpty
      && models.allSatisfy { model in
        model.conditionsOnlyInA.isEmpty && model.conditionsOnlyInB.isEmpty
          && (model.isSameFile
            || (!model.differences.isEmpty && model.differences.allSatisfy { $0.verdict == .identical }))
      }
  }

  /// No number of one can be set against a number of the other.
  public var isComparable: Bool {
    models.contains { $0.isSameFile || $0.differences.contains { $0.verdict != .notComparable } }
  }
}
