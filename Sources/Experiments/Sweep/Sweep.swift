import Kernels
import RunFile

/// The shared forward pass: blocks of chunks go through the model layer by layer, in all conditions side by side, while
/// experiments look on.
///
/// A block runs through one layer in every condition before the next layer's weights are touched, so each weight is
/// read once per block, and baseline and compressed activations meet in memory.
struct Sweep: Sendable {
  struct Plan: Sendable {
    /// The residual stream is read after this decoder layer.
    var layer: Int
    var firstPositions: Int
    var massiveMultiple: Double
    /// Batches that go through the model together; more keep more cores busy and read weights less often.
    var batchesPerBlock: Int
    var threads: Int
    var kernels: KernelChoice
    /// Keep each condition's weights from block to block; otherwise they are made anew, for models beyond memory.
    var keepsWeights: Bool
    /// Nil where nothing is measured again.
    var reruns: Reruns?
    /// Batches that branches of the conditions go on with; nil where no experiment has any.
    var branches: BatchShare?
  }

  /// Every condition once more, in another order of summation.
  struct Reruns: Sendable {
    var batches: BatchShare
    var reordering: Reordering
  }

  struct Condition: Sendable {
    var name: String
    var method: any CompressionMethod
    /// Name of an earlier condition that this one is compared with; nil for the baseline.
    var reference: String?
    /// Which of the sweep's checkpoints it takes the model from; the first is the study's.
    var source = 0
  }

  /// What blocks took, from the first to the last.
  struct Times: Sendable {
    var wallSeconds: Double
    /// Of the whole process.
    var processorSeconds: Double
  }

  /// The study's model first, then those of conditions with a checkpoint of their own; one configuration for all.
  let checkpoints: [Gemma3Checkpoint]
  let stream: TokenStream
  /// The study's conditions, reruns after those that they repeat, and branches after both.
  var lanes: [Lane]
  /// How many of them are the study's conditions.
  let studyCount: Int
  let experiments: [any Experiment]
  /// Fixed, but that an estimate leaves out reruns and branches, as it does of the lanes.
  var plan: Plan
  /// The blocks that are measured here; nil for all.
  var share: Range<Int>?
  /// Of each checkpoint.
  let heads: [HeadWeights]
  let finalGains: [AlignedBuffer<Float>]
  let workspaces: WorkspacePool
  let points: ObservationPoints

  var configuration: Gemma3Configuration { checkpoints[0].configuration }
  /// Names of the study's conditions, and of reruns after them.
  var conditions: [String] { lanes.filter { $0.branch == nil }.map(\.name) }
  /// Of the whole run.
  var blockCount: Int { (stream.batchCount + plan.batchesPerBlock - 1) / plan.batchesPerBlock }
  var blocks: Range<Int> { share ?? 0..<blockCount }
  /// In those blocks.
  var tokenCount: Int { tokens(from: blocks.lowerBound) }

  /// - Parameters:
  ///   - conditions: the first is the baseline.
  ///   - bos: id of the token before each document.
  ///   - specials: ids of EOS and padding.
  init(
    _ checkpoints: [Gemma3Checkpoint], corpus: PackedCorpus, bos: Int32, specials: Set<Int32> = [],
    conditions: [Condition], experiments: [any Experiment], plan: Plan
  ) throws {
    try self.init(
      checkpoints,
      stream: TokenStream(corpus, bos: bos, specials: specials, firstPositions: plan.firstPositions),
      conditions: conditions, experiments: experiments, plan: plan)
  }

  init(
    _ checkpoints: [Gemma3Checkpoint], stream: TokenStream, conditions: [Condition], experiments: [any Experiment],
    plan: Plan
  ) throws {
    if let condition = conditions.first(where: { $0.method.calibration != nil }) {
      throw StudyRunError.needsCalibration(condition.name)
    }
    self.checkpoints = checkpoints
    self.experiments = experiments
    self.plan = plan
    workspaces = WorkspacePool(plan.kernels)
    self.stream = stream
    let configuration = checkpoints[0].configuration
    studyCount = conditions.count
    lanes = Self.lanes(conditions, experiments, plan, configuration, chunkLength: stream.chunkLength)
    points = experiments.reduce(into: []) { $0.formUnion($1.observes) }
    heads = checkpoints.enumerated().map { [lanes] source, checkpoint in
      let isBF16 = lanes.filter { $0.source == source }.map(\.model.method.linears.isBF16)
      return HeadWeights(
        checkpoint, keeps: plan.keepsWeights, bf16: isBF16.contains(true), f32: isBF16.contains(false), plan.kernels)
    }
    finalGains = try checkpoints.map { LayerTensors.gain(try $0.tensor(.finalNorm).bf16) }
  }

  /// Measures all blocks from `firstBlock` on.
  ///
  /// - Parameters:
  ///   - known: the median norm that an earlier run found in the first batch; needed beyond the first block.
  ///   - finished: receives each block in order, with the median residual norm of the first batch in the baseline: the
  ///     scale against which tokens are massive; nil where no experiment reads the residual stream.
  @discardableResult
  func run(
    from firstBlock: Int = 0, medianNorm known: Double? = nil, progress: @escaping (SweepProgress) -> Void = { _ in },
    finished: (RunBlock, _ medianNorm: Double?) throws -> Void
  ) throws -> Times {
    precondition(
      firstBlock == 0 || known != nil || !points.contains(.residual),
      "later blocks are measured by the first one's scale")
    let clock = ContinuousClock()
    let start = clock.now
    let processor = Surroundings.processorSeconds
    workspaces.resetTimes()
    var scale = FirstBatch(medianNorm: known)
    if firstBlock > 0, plan.branches != nil { scale.means = try firstMeans() }
    for block in firstBlock..<max(firstBlock, blocks.upperBound) {
      var meter = ProgressMeter(self, block: block, report: progress)
      let measured = try measure(block, &scale, &meter)
      try workspaces.with(.writing) { _ in try finished(measured, scale.medianNorm) }
    }
    return Times(
      wallSeconds: (clock.now - start) / .seconds(1), processorSeconds: Surroundings.processorSeconds - processor)
  }

  /// One block, start to end.
  private func measure(_ block: Int, _ scale: inout FirstBatch, _ meter: inout ProgressMeter) throws -> RunBlock {
    let batches = batches(inBlock: block)
    let chunks = stream.chunks(ofBatches: batches)
    let record = BlockRecord(
      chunks.map(stream.context), experiments, conditions, dModel: configuration.dModel,
      reruns: studyCount..<conditions.count,
      chunks: chunks.map { .init(number: $0, isRerun: isRerun(chunk: $0), isBranched: isBranched(chunk: $0)) })
    try embed(chunks)
    for layer in 0..<layersToRun {
      try runLayer(layer, chunks)
      meter.advance(layerOf: chunks)
      if layer == plan.layer, points.contains(.residual) { try observeResidual(chunks, record, &scale) }
    }
    if points.contains(.logits) { try observeLogits(chunks, record, &meter) }
    return try workspaces.with(.metrics) { _ in
      let (tokens, segments, batchTable) = stream.tables(batches, strata: record.strata)
      return RunBlock(
        index: block, tokens: tokens, segments: segments, batches: batchTable, columns: try record.columns(),
        rerun: plan.reruns == nil ? [] : chunks.map { isRerun(chunk: $0) ? 1 : 0 },
        features: experiments.lazy.compactMap(\.decoderNorms).first.map {
          BlockFeatures(decoderNorms: $0, pairs: record.features)
        })
    }
  }

  func batches(inBlock block: Int) -> Range<Int> {
    let first = block * plan.batchesPerBlock
    return first..<min(first + plan.batchesPerBlock, stream.batchCount)
  }

  func tokens(inBlock block: Int) -> Int {
    stream.chunks(ofBatches: batches(inBlock: block)).count * stream.chunkLength
  }

  /// Of them, those that are measured again, and those that branches go on with.
  func rerunTokens(inBlock block: Int) -> Int {
    stream.chunks(ofBatches: batches(inBlock: block)).count(where: isRerun) * stream.chunkLength
  }

  func branchedTokens(inBlock block: Int) -> Int {
    stream.chunks(ofBatches: batches(inBlock: block)).count(where: isBranched) * stream.chunkLength
  }

  /// Tokens in the blocks from `firstBlock` on.
  func tokens(from firstBlock: Int) -> Int {
    (firstBlock..<max(firstBlock, blocks.upperBound)).reduce(0) { $0 + tokens(inBlock: $1) }
  }
}
