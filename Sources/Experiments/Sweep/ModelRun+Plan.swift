import Kernels
import RunFile

extension ModelRun {
  /// What the study says of this run, resolved to paths and values.
  public struct Plan: Sendable {
    public var title: String
    public var study: String
    public var studyText: String
    /// The study with its defaults filled in.
    public var studyKeys: [RunDescription.Parameter]
    public var model: String
    public var checkpoint: String
    public var layer: Int
    public var sae: String?
    /// Its files, in order.
    public var corpus: [String]
    public var textField: String
    public var sourceField: String?
    public var order: CorpusOrder
    public var packing: PackingStyle
    public var chunkLength: Int
    public var batchSize: Int
    public var experiments: [String]
    /// The baseline comes first.
    public var conditions: [Study.Condition]
    /// Paths of the checkpoints of conditions that have one of their own, by name.
    public var conditionCheckpoints: [String: String] = [:]
    public var headline: Int
    public var snapshots: [Int]
    /// By experiment, where it is not the headline's.
    public var counts: [String: Int]
    /// Where the stream ends at the latest.
    public var tokenLimit: Int?
    public var firstPositions: Int
    public var massiveMultiple: Double
    public var reruns: Study.Reruns
    public var splice = Study.Splice()
    public var keepsFeatureGroups = false
    public var bootstrap: RunDescription.Bootstrap
    public var seed: UInt64
    /// What was fetched from the Hub, with its commits.
    public var fetched: [RunDescription.Fetched]
  }

  /// News of a run that goes on.
  public enum Event: Sendable {
    /// Products are timed, at most `KernelSelection.calibrationLimit` seconds: this CPU is met for the first time.
    case calibrating
    /// What multiplies, and why.
    case chose(KernelChoice, KernelSelection.Reason)
    case opened(checkpoint: String, parameters: Int)
    /// The checkpoint of some conditions, and how it stores its weights.
    case openedOther(conditions: [String], checkpoint: String, storage: String)
    /// `sha256` is that of the token ids.
    case packed(tokens: Int, chunks: Int, documents: Int, sha256: String)
    case resumed(block: Int, of: Int, discarded: [String])
    /// Whether weights stay in memory.
    case budgeted(WeightBudget)
    /// What is left to measure will take so long.
    case estimated(SweepEstimate)
    /// Everything is measured; now so many shapes of products are timed at their best.
    case timingProducts(shapes: Int)
    case progress(SweepProgress, elapsedSeconds: Double)
    /// Where the time went, when that was asked for and there was something to measure.
    case profiled(RunDescription)
    /// The run file is there, complete, of this very plan.
    case alreadyMeasured(file: String, description: RunDescription)
    case finished(file: String, seconds: Double, peakAnonymousBytes: Int?)
  }
}
