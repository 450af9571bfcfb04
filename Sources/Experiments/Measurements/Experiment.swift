import Measures
import RunFile

/// Where in the shared forward pass an experiment looks.
public struct ObservationPoints: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  /// The residual stream after the study's layer, in all conditions.
  public static let residual = ObservationPoints(rawValue: 1)
  /// Statistics of the next-token logits, in all conditions.
  public static let logits = ObservationPoints(rawValue: 2)
}

/// One question that a study asks of the pass: what it looks at, and which columns it leaves in the run file.
///
/// An experiment sees one chunk at a time, all conditions together, and returns the chunk's values for its columns.
/// It keeps no state, so chunks may be measured in any order and on any thread. Adding one takes this file, its measure's
/// and its section's, and a place in one list each: docs/experiments.md.
public protocol Experiment: Sendable {
  /// What it leaves in the run file, and what is computed from that.
  var measure: Measure { get }
  var observes: ObservationPoints { get }
  func measure(residual: ResidualObservation, _ workspace: Workspace) throws -> [ColumnSlice]
  func measure(logits: LogitObservation) throws -> [ColumnSlice]
  /// ‖W_dec‖ by feature, where it sums by feature; nil for all others.
  var decoderNorms: [Float]? { get }
  /// The pairs of conditions that it has such sums of.
  func featurePairs(of conditions: [RunDescription.Condition]) -> [RunDescription.FeaturePair]

  /// Names of its branches of every condition: each changes the stream after the study's layer, and the rest of the model
  /// runs on that. Some batches have them; what they do to predictions comes with the observed logits.
  var branches: [String] { get }
  /// Writes what a branch goes on with.
  /// - Parameters:
  ///   - branch: among `branches`.
  ///   - out: per condition, [T, D], to be filled.
  func replace(
    _ streams: BranchedStreams, inBranch branch: Int, by out: [UnsafeMutablePointer<Float>], _ workspace: Workspace
  ) throws
}

extension Experiment {
  public var decoderNorms: [Float]? { nil }
  public func featurePairs(of conditions: [RunDescription.Condition]) -> [RunDescription.FeaturePair] { [] }

  /// Study key, and the name of its group in the run file.
  public var name: String { measure.experiment }
  public var branches: [String] { [] }

  public func replace(
    _ streams: BranchedStreams, inBranch branch: Int, by out: [UnsafeMutablePointer<Float>], _ workspace: Workspace
  ) throws {}

  public func measure(residual: ResidualObservation, _ workspace: Workspace) throws -> [ColumnSlice] { [] }
  public func measure(logits: LogitObservation) throws -> [ColumnSlice] { [] }
}

/// One chunk's values of one column in one condition.
public struct ColumnSlice: Sendable {
  /// Index into the study's conditions; 0 is the baseline.
  public var condition: Int
  public var column: Column
  public var values: ColumnValues

  public init(condition: Int, column: Column, values: ColumnValues) {
    self.condition = condition
    self.column = column
    self.values = values
  }
}

/// A chunk of tokens with what is known of them before any measurement.
public struct ChunkContext: Sendable {
  public var ids: [Int32]
  /// Of the chunk, in the run.
  public var index = 0
  /// Documents' parts of the chunk, in order, as ranges of rows.
  public var segments: [Range<Int>]
  /// The document of each, by its row in the corpus.
  public var documents: [Int32] = []
  /// `StratumFlags` per token; without `.massive` until the residual stream has been seen.
  public var strata: [UInt8]
  /// Whether a token is BOS, EOS or padding.
  public var isSpecial: [Bool]
  /// ‖x‖ above which a token is massive, in every condition; not known until the residual stream has been seen.
  public var massiveNorm = Double.infinity
}

/// The residual stream of a chunk, [T, D] float32 per condition.
public struct ResidualObservation {
  public let chunk: ChunkContext
  /// D
  public let dModel: Int
  let references: [Int?]
  let rows: [UnsafePointer<Float>]
  /// By condition.
  let names: [String]
  /// What experiments share.
  let shared = Shared()

  /// Made once for a chunk, by whoever asks first: an observation belongs to one thread.
  final class Shared {
    fileprivate var encoded: [SparseAutoencoder.Encoded]?
    /// Sums by feature, for the run file: by the name of the pair.
    var features: [String: FeatureSums] = [:]
  }

  /// The streams of all conditions as the study's autoencoder sees them.
  func encoded(by autoencoder: SparseAutoencoder, _ workspace: Workspace) throws -> [SparseAutoencoder.Encoded] {
    // Whoever asked before may not have needed the codes.
    if let known = shared.encoded, !autoencoder.keepsCodes || known.allSatisfy({ $0.codes.count == tokenCount }) {
      return known
    }
    let encoded = try autoencoder.encoded(rows, rows: tokenCount, workspace)
    shared.encoded = encoded
    return encoded
  }

  /// Whether a condition repeats the one that it is compared with.
  func isRerun(_ condition: Int) -> Bool {
    reference(of: condition).map { names[condition] == RunDescription.Condition.rerunName(of: names[$0]) } ?? false
  }

  public var tokenCount: Int { chunk.ids.count }
  public var conditionCount: Int { rows.count }
  /// Index of the condition that one is compared with; nil for the baseline.
  public func reference(of condition: Int) -> Int? { references[condition] }

  /// The stream of one condition, [T, D] row-major; valid while `measure` runs.
  public func stream(_ condition: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: rows[condition], count: tokenCount * dModel)
  }
}

/// What branches start from: a chunk's residual streams in the study's conditions, reruns left out.
public struct BranchedStreams {
  private let residual: ResidualObservation
  public let conditionCount: Int
  private let means: [[Float]]

  init(_ residual: ResidualObservation, conditionCount: Int, means: [[Float]]) {
    (self.residual, self.conditionCount, self.means) = (residual, conditionCount, means)
  }

  public var chunk: ChunkContext { residual.chunk }
  public var tokenCount: Int { residual.tokenCount }
  /// D
  public var dModel: Int { residual.dModel }
  /// The stream of one condition, [T, D]; valid while `replace` runs.
  public func stream(_ condition: Int) -> UnsafeBufferPointer<Float> { residual.stream(condition) }
  /// Mean of the condition's stream over the run's first batch, [D], special tokens left out.
  public func mean(_ condition: Int) -> [Float] { means[condition] }
}

/// What the head says of a chunk's tokens, per condition.
public struct LogitObservation: Sendable {
  public let chunk: ChunkContext
  private let references: [Int?]
  private let summaries: [LogitSummary]
  /// Of the experiment's branches, by branch and condition.
  private let branches: [[LogitSummary]]

  /// - Parameters:
  ///   - lanes: those that measured the chunk, each with its summary.
  ///   - experiment: the one whose branches are shown.
  init(chunk: ChunkContext, lanes: [Lane], summaries: [LogitSummary], experiment: Int) {
    self.chunk = chunk
    let conditions = lanes.indices.filter { lanes[$0].branch == nil }
    references = conditions.map { lanes[$0].reference }
    self.summaries = conditions.map { summaries[$0] }
    let own = lanes.indices.filter { lanes[$0].branch?.experiment == experiment }
    let count = own.compactMap { lanes[$0].branch?.index }.max().map { $0 + 1 } ?? 0
    branches = (0..<count).map { branch in own.filter { lanes[$0].branch?.index == branch }.map { summaries[$0] } }
  }

  public var conditionCount: Int { summaries.count }
  /// Index of the condition that one is compared with; nil for the baseline.
  public func reference(of condition: Int) -> Int? { references[condition] }
  /// −log p(next token) in nats; `Float.missing` where no prediction is scored, as at the chunk's last token.
  public func negativeLogLikelihood(_ condition: Int) -> [Float] { summaries[condition].negativeLogLikelihood }
  /// KL(reference ‖ condition) in nats; missing likewise; empty for the baseline.
  public func divergence(_ condition: Int) -> [Float] { summaries[condition].divergence }
  /// Entropy of the next token's distribution in nats; missing likewise; empty but for the baseline.
  public func entropy(_ condition: Int) -> [Float] { summaries[condition].entropy }
  /// The most probable next token, the lowest id among equals.
  public func argmax(_ condition: Int) -> [Int32] { summaries[condition].argmax }

  /// Branches that the experiment has of this chunk: all or none.
  public var branchCount: Int { branches.count }
  /// Conditions that have branches: the study's.
  public var branchedCount: Int { branches.first?.count ?? 0 }
  /// −log p(next token) in a branch of a condition, in nats; missing likewise.
  public func negativeLogLikelihood(_ condition: Int, inBranch branch: Int) -> [Float] {
    branches[branch][condition].negativeLogLikelihood
  }
  /// KL(condition ‖ branch) in nats; missing likewise.
  public func divergence(_ condition: Int, inBranch branch: Int) -> [Float] { branches[branch][condition].divergence }
}
