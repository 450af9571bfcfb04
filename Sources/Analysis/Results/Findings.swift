import Measures
import RunFile

/// What a run says: every number of the report, computed from the run file's raw measurements alone.
public struct Findings: Sendable, Equatable {
  public var description: RunDescription
  /// What they were computed from.
  public var measures: [Measure]
  /// True when the run had not finished: the report says so in its first line.
  public var isPartial: Bool
  /// What the headline's numbers stand on.
  public var measured: Counts
  /// By experiment, for those with a count of their own.
  public var ownCounts: [String: Counts]
  /// Sorted by metric, then condition in the study's order, then stratum.
  public var findings: [Finding]
  /// FVU at growing token counts; empty unless the study asked for stabilization.
  public var snapshots: [Snapshot]
  /// Cross-entropy per text source; empty unless the study measured accuracy.
  /// Metrics of predictions by text source, entropy, position and script; empty unless the study measured accuracy.
  public var buckets: [BucketFinding]
  /// How tokens and variance spread over the four cells, in the baseline; empty without an SAE experiment.
  public var cells: [CellShare]
  public var verdicts: [Verdict]
  /// Of each compared condition; empty where the run file does not have what is massive under it.
  public var massiveTokens: [MassiveTokens] = []
  /// Texts of the ids that became massive or ceased to be; empty where the run file has no vocabulary.
  public var flippedTexts: [Int: String] = [:]
  /// Of each compared condition and of its rerun; empty without the noise floor's columns.
  public var noiseRatios: [NoiseRatios] = []
  /// Of each compared condition, of noise of its size, and of reruns; empty where features were not compared.
  public var features: [FeatureFindings] = []
  /// What was resampled.
  public var unit = ResamplingUnit.document
  /// The version of docs/protocol.md that its strata follow: 1 where the run file lacks what the second needs.
  public var protocolVersion = StudyProtocol.version
  /// Whether a token is massive by the two conditions that are compared; by the baseline alone in older runs.
  public var decidesByPairs: Bool { protocolVersion >= 2 }

  public struct Counts: Sendable, Equatable {
    public var tokens: Int
    /// Tokens whose prediction of the next was scored, in the baseline; 0 when accuracy was not measured.
    public var predictions: Int
    public var chunks: Int
    public var batches: Int
    /// Distinct documents touched.
    public var documents: Int
    /// Chunks in the last batch, where that is fewer than the batch size; nil when all are full.
    public var shortBatch: Int?

    public init(tokens: Int, predictions: Int, chunks: Int, batches: Int, documents: Int, shortBatch: Int? = nil) {
      self.tokens = tokens
      self.predictions = predictions
      self.chunks = chunks
      self.batches = batches
      self.documents = documents
      self.shortBatch = shortBatch
    }
  }

  public init(
    description: RunDescription, measures: [Measure] = .all, isPartial: Bool, measured: Counts,
    ownCounts: [String: Counts] = [:], findings: [Finding], snapshots: [Snapshot], buckets: [BucketFinding],
    cells: [CellShare], verdicts: [Verdict]
  ) {
    self.description = description
    self.measures = measures
    self.isPartial = isPartial
    self.measured = measured
    self.ownCounts = ownCounts
    self.findings = findings
    self.snapshots = snapshots
    self.buckets = buckets
    self.cells = cells
    self.verdicts = verdicts
  }

  /// Cross-entropy by text source.
  public var sources: [BucketFinding] { buckets.filter { $0.bucket.kind == .source && $0.metric == .crossEntropy } }

  /// The finding of a metric, or nil where it was not measured.
  public func finding(_ metric: Metric, condition: String, stratum: Stratum = .all) -> Finding? {
    findings.first { $0.metric.id == metric.id && $0.condition == condition && $0.stratum == stratum }
  }

  /// What was resampled, under the experiment that stands on fewest; 0 where nothing was.
  public var fewestUnits: Int {
    let counts = description.experiments.map(measured(by:)) + [measured]
    return counts.map { unit == .document ? $0.documents : $0.chunks }.min() ?? 0
  }

  /// What an experiment's numbers stand on.
  public func measured(by experiment: String) -> Counts { ownCounts[experiment] ?? measured }

  public var baseline: RunDescription.Condition? { description.conditions.first { $0.isBaseline } }
  /// The condition that one is compared with; the baseline with itself.
  public func reference(of condition: String) -> RunDescription.Condition? {
    description.conditions.first { $0.name == condition }.flatMap { description.reference(of: $0) } ?? baseline
  }
  public var compressed: [RunDescription.Condition] { description.conditions.filter { !$0.isBaseline } }
}

/// One metric of one condition over one stratum, with its paired change against the baseline.
public struct Finding: Sendable, Equatable {
  public var metric: Metric
  public var condition: String
  public var stratum: Stratum
  public var estimate: Estimate
  /// Condition minus its reference, resampled together; nil for the baseline and for metrics which are comparisons
  /// already (KL, agreement, perturbation, noise-floor ratios).
  public var change: Estimate?
  /// The change in percent of the reference's value; nil as above.
  public var percentChange: Estimate?
  /// The reference's value over the same tokens; nil as above, and where it was not computed.
  public var reference: Estimate?

  /// What a verdict judges.
  public var judged: Estimate? {
    switch metric.judgedQuantity {
    case .value: estimate
    case .change: change
    case .percent: percentChange
    case .reference: reference
    }
  }

  public init(
    metric: Metric, condition: String, stratum: Stratum, estimate: Estimate, change: Estimate? = nil,
    percentChange: Estimate? = nil
  ) {
    self.metric = metric
    self.condition = condition
    self.stratum = stratum
    self.estimate = estimate
    self.change = change
    self.percentChange = percentChange
  }
}

/// FVU of one condition over the first tokens of the run.
public struct Snapshot: Sendable, Equatable {
  public var condition: String
  /// Tokens that the study asked for.
  public var requestedTokens: Int
  /// Tokens at the first batch boundary at or after them, or all that there were.
  public var tokens: Int
  public var metric: Metric
  public var stratum: Stratum
  public var estimate: Estimate
  /// Against the reference, in the metric's unit and in percent; nil for the baseline.
  public var change: Estimate?
  public var percentChange: Estimate?

  public init(
    condition: String, requestedTokens: Int, tokens: Int, metric: Metric, stratum: Stratum, estimate: Estimate
  ) {
    self.condition = condition
    self.requestedTokens = requestedTokens
    self.tokens = tokens
    self.metric = metric
    self.stratum = stratum
    self.estimate = estimate
  }
}

/// A metric of one condition over the predictions of one bucket.
public struct BucketFinding: Sendable, Equatable {
  public var bucket: Bucket
  public var metric: Metric
  public var condition: String
  public var estimate: Estimate
  /// Condition minus reference, and in percent of it; nil for the baseline, and for comparisons.
  public var change: Estimate?
  public var percentChange: Estimate?

  public init(
    bucket: Bucket, metric: Metric, condition: String, estimate: Estimate, change: Estimate? = nil,
    percentChange: Estimate? = nil
  ) {
    self.bucket = bucket
    self.metric = metric
    self.condition = condition
    self.estimate = estimate
    self.change = change
    self.percentChange = percentChange
  }
}

/// One of the four disjoint cells of tokens, as shares of the baseline's totals (each column sums to 1).
public struct CellShare: Sendable, Equatable {
  public enum Cell: Int, Sendable, CaseIterable {
    case ordinary = 0
    case first, massive, firstAndMassive
  }
  /// What a cell has a share of.
  public enum Whole: String, Sendable, CaseIterable {
    case tokens
    /// Σ‖x‖².
    case energy
    /// The textbook FVU's, Σ‖x − x̄‖².
    case denominator
    /// FVU's, Σ‖x − x̂‖².
    case numerator
  }
  public var cell: Cell
  public var tokens: Int
  public var tokenShare: Double
  /// Share of Σ‖x‖².
  public var energyShare: Double
  /// Share of the textbook FVU's denominator Σ‖x − x̄‖², x̄ over all tokens.
  public var varianceShare: Double
  /// Share of the FVU's numerator Σ‖x − x̂‖².
  public var errorShare: Double

  public init(
    cell: Cell, tokens: Int, tokenShare: Double, energyShare: Double, varianceShare: Double, errorShare: Double
  ) {
    self.cell = cell
    self.tokens = tokens
    self.tokenShare = tokenShare
    self.energyShare = energyShare
    self.varianceShare = varianceShare
    self.errorShare = errorShare
  }

  public func share(of whole: Whole) -> Double {
    switch whole {
    case .tokens: tokenShare
    case .energy: energyShare
    case .denominator: varianceShare
    case .numerator: errorShare
    }
  }
}
