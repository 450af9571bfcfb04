import Foundation
import Kernels
import RunFile

/// One model of a study, measured from its files to its run file.
public struct ModelRun {
  /// What the study says of this run, resolved to paths and values.
  public struct Plan: Sendable {
    public var title: String
    public var study: String
    public var studyText: String
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
    public var conditions: [Condition]
    public var headline: Int
    public var snapshots: [Int]
    /// By experiment, where it is not the headline's.
    public var counts: [String: Int]
    /// Where the stream ends at the latest.
    public var tokenLimit: Int?
    public var firstPositions: Int
    public var massiveMultiple: Double
    public var bootstrap: RunDescription.Bootstrap
    public var seed: UInt64
    /// What was fetched from the Hub, with its commits.
    public var fetched: [RunDescription.Fetched]

    public struct Condition: Sendable {
      public var name: String
      public var label: String
      public var compression: Compression
    }
  }

  /// What the command tells while a run goes on.
  public enum Event: Sendable {
    case opened(checkpoint: String, parameters: Int)
    /// `sha256` is that of the token ids.
    case packed(tokens: Int, chunks: Int, documents: Int, sha256: String)
    case resumed(block: Int, of: Int, discarded: [String])
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

  /// Weights of all conditions together that may stay in memory from block to block.
  static let residentWeightBytes = 1 << 30
  /// Enough chunks for every core, at most this many batches.
  private static let batchesPerBlock = 4

  private let plan: Plan
  private let threads: Int
  private let commit: String
  private let begun: ContinuousClock.Instant
  /// Seconds that a window of the profile's product timing lasts: see `ProductPeak`.
  var productWindow = 0.1

  /// - Parameters:
  ///   - commit: which the program was built from.
  ///   - begun: when the work on this model began, for the profile's time to the first block.
  public init(_ plan: Plan, threads: Int, commit: String, begun: ContinuousClock.Instant = .now) {
    self.plan = plan
    self.threads = threads
    self.commit = commit
    self.begun = begun
  }

  /// Measures what is not measured yet and writes the run file.
  ///
  /// Finished blocks live in `<file>.parts` until the run file is complete: an interrupted run resumes there.
  ///
  /// - Parameters:
  ///   - file: path of the run file; replaced only by a complete one.
  ///   - profiles: keep in the run file where the time went, and measure for it how fast products are at best.
  public func measure(
    to file: String, profiles: Bool = false, _ tell: @escaping (Event) -> Void
  ) throws {
    let memory = MemoryPeak()
    defer { _ = memory.stop() }
    let checkpoint = try Gemma3Checkpoint(path: plan.checkpoint)
    let digest = InBackground { checkpoint.sha256() }
    tell(.opened(checkpoint: checkpoint.path, parameters: checkpoint.parameterCount))
    let configuration = checkpoint.configuration
    guard 0..<configuration.layerCount ~= plan.layer else {
      throw StudyRunError.impossibleLayer(plan.layer, layers: configuration.layerCount, model: plan.model)
    }
    let sae = try plan.experiments.contains("sae") ? plan.sae.map { try SparseAutoencoderWeights(path: $0) } : nil
    try sae?.check(fits: configuration, layer: plan.layer)
    let experiments = try ExperimentCatalog.make(plan.experiments, sae: sae)
    let tokenizer = try Tokenizer(for: checkpoint)
    let corpus = try Corpus(paths: plan.corpus, textField: plan.textField, sourceField: plan.sourceField)
    guard corpus.sources.count <= 256 else { throw StudyRunError.tooManySources(corpus.sources.count) }
    let stabilizes = plan.experiments.contains("stabilization")
    let target = ([plan.headline] + plan.counts.values + (stabilizes ? plan.snapshots : [])).max() ?? plan.headline
    let packed = try PackedCorpus(
      corpus, tokenizer: tokenizer, order: plan.order, style: plan.packing, chunkLength: plan.chunkLength,
      batchSize: plan.batchSize, target: target, limit: plan.tokenLimit)
    if let stranger = packed.ids.first(where: { $0 < 0 || $0 >= configuration.vocabularySize }) {
      throw StudyRunError.unknownToken(stranger, vocabulary: configuration.vocabularySize)
    }
    tell(
      .packed(
        tokens: packed.tokenCount, chunks: packed.chunkCount, documents: Set(packed.rows).count, sha256: packed.sha256))

    var description = try describe(checkpoint, digest.value, sae, tokenizer, corpus, packed)
    let columns = experiments.flatMap(\.columns)
    if let stored = try? RunReader(file), !stored.isPartial,
      try Self.fingerprint(stored.description) == Self.fingerprint(description)
    {
      return tell(.alreadyMeasured(file: file, description: stored.description))
    }
    let run = try RunInProgress(
      folder: file + ".parts", description: description, columns: columns, fingerprint: Self.fingerprint(description))
    // A resumed run keeps the time of its first start.
    description.provenance.startTime = run.description.provenance.startTime
    let sweep = try Sweep(
      checkpoint, corpus: packed, bos: tokenizer.bos,
      conditions: plan.conditions.map { .init(name: $0.name, compression: $0.compression) },
      experiments: experiments,
      plan: .init(
        layer: plan.layer, firstPositions: plan.firstPositions, massiveMultiple: plan.massiveMultiple,
        batchesPerBlock: Self.batchesPerBlock, threads: threads, keepsWeights: keepsWeights(checkpoint)))
    if run.isResumed {
      tell(.resumed(block: run.finishedBlocks, of: sweep.blockCount, discarded: run.discarded))
    }
    tell(.estimated(try sweep.estimate(from: run.finishedBlocks)))

    let clock = ContinuousClock()
    let (before, firstBlock) = (run.elapsedSeconds, run.finishedBlocks)
    let start = clock.now
    var blockStart = start
    try sweep.run(from: firstBlock, scale: run.description.strata.medianNorm) { progress in
      tell(.progress(progress, elapsedSeconds: (clock.now - start) / .seconds(1)))
    } finished: { block in
      // Before the block that decides it: whatever holds a block holds the scale of its massive tokens.
      if run.description.strata.medianNorm != sweep.medianNorm {
        var known = run.description
        known.strata.medianNorm = sweep.medianNorm
        try run.update(known)
      }
      try run.append(block, elapsedSeconds: (clock.now - blockStart) / .seconds(1))
      blockStart = clock.now
    }
    description.strata.medianNorm = run.description.strata.medianNorm
    description.provenance.finishTime = Surroundings.timestamp()
    description.provenance.elapsedSeconds = run.elapsedSeconds
    let peak = memory.stop()
    description.provenance.peakAnonymousBytes = peak
    let seconds = before + (clock.now - start) / .seconds(1)
    if profiles, firstBlock < sweep.blockCount {
      let times = sweep.workspaces.times
      tell(.timingProducts(shapes: times.shapesToTime.count))
      description.provenance.profile = times.profile(
        conditions: plan.conditions.map(\.name), tokens: sweep.tokens(from: firstBlock), threads: threads,
        wallSeconds: sweep.wallSeconds, processorSeconds: sweep.processorSeconds,
        startSeconds: (start - begun) / .seconds(1),
        best: try times.timedShapes(threads: threads, window: productWindow))
      tell(.profiled(description))
    }
    try run.assemble(to: file, description: description)
    try run.removeParts()
    tell(.finished(file: file, seconds: seconds, peakAnonymousBytes: peak))
  }

  /// True when the packed weights of all conditions, and the head's, fit the budget.
  private func keepsWeights(_ checkpoint: Gemma3Checkpoint) -> Bool {
    let linear = Self.linearParameters(checkpoint.configuration)
    let bytes = plan.conditions.reduce(0) { $0 + $1.compression.residentBytes(parameters: linear) }
    let head = checkpoint.configuration.vocabularySize * checkpoint.configuration.dModel * 2
    return bytes + head <= Self.residentWeightBytes
  }

  private static func linearParameters(_ c: Gemma3Configuration) -> Int {
    Gemma3Tensor.all(layerCount: c.layerCount).filter(\.isLinear).reduce(0) { $0 + $1.shape(c).reduce(1, *) }
  }

  /// SHA-256 of what decides the measured numbers and what the run file says of them; the machine and the study's
  /// comments are left out.
  static func fingerprint(_ description: RunDescription) throws -> String {
    var decisive = description
    decisive.studyText = ""
    decisive.strata.medianNorm = nil
    decisive.provenance.startTime = ""
    decisive.provenance.finishTime = nil
    decisive.provenance.elapsedSeconds = nil
    decisive.provenance.peakAnonymousBytes = nil
    decisive.provenance.profile = nil
    decisive.provenance.threads = 0
    // The program's own digest is among the libraries: a commit that does not change it changes no number.
    decisive.provenance.commit = ""
    decisive.provenance.cpu = ""
    decisive.provenance.operatingSystem = ""
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return SHA256Hex.digest(of: String(decoding: try encoder.encode(decisive), as: UTF8.self))
  }
}

extension ModelRun {
  private func describe(
    _ checkpoint: Gemma3Checkpoint, _ checkpointSHA256: String, _ sae: SparseAutoencoderWeights?,
    _ tokenizer: Tokenizer, _ corpus: Corpus, _ packed: PackedCorpus
  ) throws -> RunDescription {
    let configuration = checkpoint.configuration
    let summary = checkpoint.summary
    let linear = Self.linearParameters(configuration)
    let order =
      switch plan.order {
      case .file: "as in the file"
      case .shuffled(let seed, let buffer): "shuffled as numpy does, seed \(seed), buffer \(buffer)"
      }
    let corpusFiles = plan.corpus.map { URL(fileURLWithPath: $0).lastPathComponent }
    return RunDescription(
      title: plan.title, study: plan.study, studyText: plan.studyText,
      model: .init(
        name: plan.model, architecture: configuration.architecture, layer: plan.layer,
        layerCount: configuration.layerCount, dModel: configuration.dModel,
        vocabularySize: configuration.vocabularySize, parameterCount: summary.parameterCount,
        compressibleParameterCount: linear, storage: summary.storage, isDequantized: summary.isQuantized,
        checkpointFiles: checkpoint.fileNames, checkpointSHA256: checkpointSHA256,
        tokenizerSHA256: tokenizer.sha256, assumed: configuration.assumed.isEmpty ? nil : configuration.assumed),
      sae: sae.map {
        .init(
          name: $0.name, format: $0.format.rawValue, architecture: $0.activation.architecture.rawValue,
          featureCount: $0.featureCount, sha256: $0.sha256)
      },
      corpus: .init(
        name: corpusFiles.count == 1 ? corpusFiles[0] : "\(corpusFiles[0]) and \(corpusFiles.count - 1) more",
        files: corpusFiles, sha256: corpus.sha256, sources: corpus.sources,
        documentCount: corpus.documents.count { !$0.utf8.isEmpty }, order: order, packing: plan.packing.rawValue,
        chunkLength: plan.chunkLength, batchSize: plan.batchSize, tokenStreamSHA256: packed.sha256),
      conditions: plan.conditions.enumerated().map { index, condition in
        Self.conditionDescription(
          condition, isBaseline: index == 0, configuration, summary.parameterCount, linear)
      },
      experiments: plan.experiments, budget: .init(
        headline: plan.headline, snapshots: plan.snapshots,
        counts: plan.counts.sorted { $0.key < $1.key }.map { .init(experiment: $0.key, tokens: $0.value) }),
      strata: .init(firstPositions: plan.firstPositions, massiveMultiple: plan.massiveMultiple),
      bootstrap: plan.bootstrap, seed: plan.seed, fetched: plan.fetched.isEmpty ? nil : plan.fetched,
      provenance: .init(
        clearboxVersion: Surroundings.version, commit: commit, cpu: Surroundings.cpu,
        threads: threads, kernels: Backend.summary, libraries: Backend.libraries + [Surroundings.program],
        operatingSystem: Surroundings.operatingSystem, startTime: Surroundings.timestamp()))
  }

  private static func conditionDescription(
    _ condition: Plan.Condition, isBaseline: Bool, _ configuration: Gemma3Configuration, _ parameters: Int,
    _ linear: Int
  ) -> RunDescription.Condition {
    let shapes = Gemma3Tensor.all(layerCount: configuration.layerCount).filter(\.isLinear).map { $0.shape(configuration) }
    let bits = shapes.reduce(0.0) { $0 + condition.compression.bits(rows: $1[0], columns: $1[1]) }
    let rest = Double(parameters - linear) * condition.compression.plainBits
    return RunDescription.Condition(
      name: condition.name, label: condition.label, kind: condition.compression.kind, isBaseline: isBaseline,
      parameters: condition.compression.parameters,
      effectiveBitsPerParameter: (bits + rest) / Double(parameters),
      bitsPerCompressedParameter: bits / Double(linear))
  }
}

extension CheckpointSummary {
  /// True when some weights are stored in a lossy block format.
  var isQuantized: Bool { types.contains { $0.element.blockLength > 1 } }

  /// "GGUF: Q5_0 ×90, Q8_0 ×19, F32 ×109", by number of tensors.
  var storage: String {
    format.rawValue + ": "
      + types.map { "\($0.element.rawValue) ×\($0.share.tensors)" }.joined(separator: ", ")
  }
}

extension Compression {
  /// Name of the method in run files.
  var kind: String {
    switch self {
    case .none(let precision): precision.rawValue
    case .int8: "int8"
    case .nf4: "nf4"
    }
  }

  var parameters: [RunDescription.Parameter] {
    switch self {
    case .none: []
    case .int8(let threshold, let epilogue):
      [.init(key: "epilogue", value: epilogue.rawValue), .init(key: "threshold", value: "\(threshold)")]
    case .nf4(let block, let double, let compute):
      [
        .init(key: "block", value: "\(block)"), .init(key: "compute", value: compute.rawValue),
        .init(key: "double_quantization", value: "\(double)"),
      ]
    }
  }

  /// Bytes that the packed weights of this condition hold in memory.
  func residentBytes(parameters: Int) -> Int {
    switch self {
    case .none(.bf16), .nf4(_, _, .bf16): 2 * parameters
    case .none(.f32), .nf4(_, _, .f32): 4 * parameters
    case .int8: 2 * parameters
    }
  }
}
