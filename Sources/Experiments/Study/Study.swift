/// What is measured, on which model, with which text: a study as its YAML file defines it, defaults filled in.
///
/// The keys are documented in docs/study-file.md. A study is a plain value without machine paths: its `keys` go into the
/// run file. Paths are kept as written; `StudyFile.path(of:)` resolves them.
public struct Study: Sendable, Equatable {
  public var title: String
  public var models: [Model]
  public var corpus: Text
  public var packing: Packing
  /// Names of experiments, in the order the report follows. Which names exist is known to the sweep, not to the study.
  public var experiments: [String]
  /// The first one is the baseline.
  public var conditions: [Condition]
  public var tokens: TokenBudget
  public var strata: Strata
  public var reruns: Reruns
  public var splice = Splice()
  /// Whether the run file keeps sums by feature and group of documents.
  public var keepsFeatureGroups = false
  public var bootstrap: Bootstrap
  /// Seeds all that is drawn at random and has no seed of its own.
  public var seed: UInt64

  /// A checkpoint, the place in it to look at, and the SAE trained there.
  public struct Model: Sendable, Equatable {
    /// Names files and rows of tables.
    public var name: String
    /// GGUF file or Hugging Face folder, as written.
    public var checkpoint: String
    /// The residual stream after this decoder layer, counted from 0.
    public var layer: Int
    /// SAELens or Gemma Scope 2 folder, as written; nil for a study without.
    public var sae: String?
  }

  /// Where the text comes from.
  public struct Text: Sendable, Equatable {
    /// JSON Lines or Parquet files, as written; one, or the shards of a corpus in their order.
    public var paths: [String]
    /// Name of the field with the text.
    public var text: String
    /// Name of the field with the source's label; nil for a corpus without.
    public var source: String?
    public var order: CorpusOrder
  }

  public struct Packing: Sendable, Equatable {
    public var style: PackingStyle
    /// Tokens per chunk.
    public var length: Int
    /// Chunks per batch.
    public var batch: Int
  }

  public struct TokenBudget: Sendable, Equatable {
    /// Tokens the report's numbers rest on.
    public var headline: Int
    /// Token counts at which the measures are taken for the stabilization figure, rising.
    public var snapshots: [Int]
    /// Tokens that one experiment's numbers rest on, where they are not the headline's.
    public var counts: [String: Int] = [:]
    /// Tokens with whose chunk the stream ends at the latest, its last batch short; nil to run full batches.
    public var limit: Int?
  }

  /// Groups of tokens that are reported apart.
  public struct Strata: Sendable, Equatable {
    /// A token is massive when its residual norm is above this multiple of the median, both at the baseline.
    public var massive: Double
    /// Positions at a chunk's start that count as first.
    public var firstPositions: Int
  }

  /// What is measured again in another order of summation, to see how far arithmetic alone moves each measure.
  public struct Reruns: Sendable, Equatable {
    /// Tokens asked for, rounded up to whole batches; nil for all.
    public var tokens: Int?
    /// Never more than 15 % of the batches: where a study does not say how many, and where fewer tokens than its own run.
    public var isCapped: Bool
    /// Of the order of summation.
    public var seed: UInt64
  }

  /// On how many tokens the experiment `splice` goes on with changed streams.
  public struct Splice: Sendable, Equatable {
    /// Rounded up to whole batches; fewer where all branches together would cost more than the study's conditions.
    public var tokens = 50_000

    public init() {}
  }

  /// Intervals of differences.
  public struct Bootstrap: Sendable, Equatable {
    public var replicates: Int
    /// Share of replicates inside the interval: 0.95.
    public var level: Double
  }

  /// Runs on so many tokens instead: the headline becomes `count`, snapshots beyond it are dropped.
  public mutating func limit(tokens count: Int) {
    precondition(count > 0, "a study needs tokens")
    let wanted = ([tokens.headline] + tokens.snapshots + tokens.counts.values).max() ?? tokens.headline
    tokens.headline = count
    tokens.snapshots = tokens.snapshots.filter { $0 < count } + [count]
    tokens.counts = tokens.counts.mapValues { min($0, count) }
    tokens.limit = nil
    if reruns.tokens != nil, count < wanted { reruns.isCapped = true }
  }
}
