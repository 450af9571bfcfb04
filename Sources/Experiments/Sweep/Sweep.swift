import Foundation
import Kernels
import RunFile
import Synchronization

/// The shared forward pass: blocks of chunks go through the model layer by layer, in all conditions side by side, while
/// experiments look on.
///
/// A block runs through one layer in every condition before the next layer's weights are touched, so each weight is
/// read once per block, and baseline and compressed activations meet in memory.
public final class Sweep: @unchecked Sendable {
  public struct Plan: Sendable {
    /// The residual stream is read after this decoder layer.
    public var layer: Int
    public var firstPositions: Int
    public var massiveMultiple: Double
    /// Batches that go through the model together; more keep more cores busy and read weights less often.
    public var batchesPerBlock: Int
    public var threads: Int
    /// Keep each condition's weights from block to block; otherwise they are made anew, for models beyond memory.
    public var keepsWeights: Bool

    public init(
      layer: Int, firstPositions: Int, massiveMultiple: Double, batchesPerBlock: Int, threads: Int,
      keepsWeights: Bool
    ) {
      self.layer = layer
      self.firstPositions = firstPositions
      self.massiveMultiple = massiveMultiple
      self.batchesPerBlock = batchesPerBlock
      self.threads = threads
      self.keepsWeights = keepsWeights
    }
  }

  public struct Condition: Sendable {
    public var name: String
    public var compression: Compression
    public init(name: String, compression: Compression) {
      self.name = name
      self.compression = compression
    }
  }

  let checkpoint: Gemma3Checkpoint
  let stream: TokenStream
  private let conditions: [Condition]
  let experiments: [any Experiment]
  let plan: Plan
  let models: [any ConditionModel]
  let head: HeadWeights
  private let finalGain: AlignedBuffer<Float>
  let workspaces = WorkspacePool()
  /// Of the last `run`; processor time is the whole process's.
  private(set) var (wallSeconds, processorSeconds) = (0.0, 0.0)
  let points: ObservationPoints

  /// Median residual norm of the first batch in the baseline: the scale against which tokens are massive.
  public private(set) var medianNorm: Double?

  public var blockCount: Int { (stream.batchCount + plan.batchesPerBlock - 1) / plan.batchesPerBlock }
  public var tokenCount: Int { stream.ids.count }

  /// - Parameters:
  ///   - conditions: the first is the baseline.
  ///   - bos: id of the token before each document.
  public convenience init(
    _ checkpoint: Gemma3Checkpoint, corpus: PackedCorpus, bos: Int32, conditions: [Condition],
    experiments: [any Experiment], plan: Plan
  ) throws {
    try self.init(
      checkpoint, stream: TokenStream(corpus, bos: bos, firstPositions: plan.firstPositions), conditions: conditions,
      experiments: experiments, plan: plan)
  }

  init(
    _ checkpoint: Gemma3Checkpoint, stream: TokenStream, conditions: [Condition], experiments: [any Experiment],
    plan: Plan
  ) throws {
    self.checkpoint = checkpoint
    self.conditions = conditions
    self.experiments = experiments
    self.plan = plan
    self.stream = stream
    let configuration = checkpoint.configuration
    models = conditions.enumerated().map {
      conditionModel($0, $1.compression, configuration, chunkLength: stream.chunkLength)
    }
    points = experiments.reduce(into: []) { $0.formUnion($1.observes) }
    head = HeadWeights(
      checkpoint, keeps: plan.keepsWeights,
      bf16: models.contains { $0.compression.isBF16 }, f32: models.contains { !$0.compression.isBF16 })
    finalGain = LayerTensors.gain(try checkpoint.tensor(.finalNorm).bf16)
  }

  /// Tokens in the blocks from `firstBlock` on.
  func tokens(from firstBlock: Int) -> Int { (firstBlock..<max(firstBlock, blockCount)).reduce(0) { $0 + tokens(inBlock: $1) } }

  /// Measures all blocks from `firstBlock` on. `finished` receives each block in order.
  ///
  /// - Parameter scale: the median norm that an earlier run found in the first batch; needed beyond the first block.
  public func run(
    from firstBlock: Int = 0, scale: Double? = nil, progress: @escaping (SweepProgress) -> Void = { _ in },
    finished: (RunBlock) throws -> Void
  ) throws {
    precondition(
      firstBlock == 0 || scale != nil || !points.contains(.residual), "a later block is measured by the first one's scale")
    medianNorm = scale
    let clock = ContinuousClock()
    let start = clock.now
    let processor = Surroundings.processorSeconds
    workspaces.resetTimes()
    defer {
      wallSeconds = (clock.now - start) / .seconds(1)
      processorSeconds = Surroundings.processorSeconds - processor
    }
    for block in firstBlock..<max(firstBlock, blockCount) {
      let first = block * plan.batchesPerBlock
      let batches = first..<min(first + plan.batchesPerBlock, stream.batchCount)
      var meter = ProgressMeter(self, block: block, report: progress)
      let measured = try measure(block, batches, &meter)
      try workspaces.with(.writing) { _ in try finished(measured) }
    }
  }

  /// One block, start to end.
  private func measure(_ block: Int, _ batches: Range<Int>, _ meter: inout ProgressMeter) throws -> RunBlock {
    let chunks = stream.chunks(ofBatches: batches)
    let record = BlockRecord(chunks.map(stream.context), experiments, conditions.map(\.name))
    try embed(chunks)
    for layer in 0..<layersToRun {
      try runLayer(layer, chunks, models)
      meter.advance(layerOf: chunks)
      if layer == plan.layer, points.contains(.residual) { try observeResidual(chunks, record) }
    }
    if points.contains(.logits) { try observeLogits(chunks, record, &meter) }
    return try workspaces.with(.metrics) { _ in
      let (tokens, segments, batchTable) = stream.tables(batches, strata: record.strata)
      return RunBlock(
        index: block, tokens: tokens, segments: segments, batches: batchTable, columns: try record.columns())
    }
  }

  // MARK: Forward pass

  /// Layers from the first that any experiment needs.
  var layersToRun: Int { points.contains(.logits) ? checkpoint.configuration.layerCount : plan.layer + 1 }

  func rows(_ chunks: Range<Int>, from origin: Int) -> Range<Int> {
    (chunks.lowerBound - origin) * stream.chunkLength..<(chunks.upperBound - origin) * stream.chunkLength
  }

  func embed(_ chunks: Range<Int>) throws {
    let range = rows(chunks, from: 0)
    let embedded = try workspaces.with(.residual) { _ in
      var embedded = [UInt16](repeating: 0, count: range.count * checkpoint.configuration.dModel)
      try checkpoint.gatherEmbeddings(Array(stream.ids[range]), into: &embedded)
      return embedded
    }
    try forEachTask(models.count, threads: plan.threads) { index in
      try workspaces.with(.residual, condition: index) { _ in models[index].embed(embedded) }
    }
  }

  /// Runs a layer in the given models, with weights that are kept, or made for it and freed.
  private func runLayer(_ layer: Int, _ chunks: Range<Int>, _ models: [any ConditionModel]) throws {
    if models.allSatisfy({ $0.holds(layer: layer) }) { return try apply(layer, chunks, models) }
    let tensors = try workspaces.with(.weights) { _ in
      let tensors = try LayerTensors(checkpoint, layer: layer)
      if layer + 1 < layersToRun { try checkpoint.prefetch(layer: layer + 1) }
      return tensors
    }
    if plan.keepsWeights {
      for model in models { try model.prepare(layer: layer, tensors, threads: plan.threads, workspaces) }
      return try apply(layer, chunks, models)
    }
    // One condition's weights at a time are in memory.
    for model in models {
      try model.prepare(layer: layer, tensors, threads: plan.threads, workspaces)
      try apply(layer, chunks, [model])
      model.release(layer: layer)
    }
  }

  /// Applies a prepared layer: tasks are batches where the condition couples them, else chunks.
  ///
  /// - Parameter together: chunks that a coupling condition takes as one; nil is a batch.
  func apply(_ layer: Int, _ chunks: Range<Int>, _ models: [any ConditionModel], together: Int? = nil) throws {
    let batch = together ?? stream.batchSize
    // Largest first, so that no thread is left with a long task at the end.
    var tasks: [(model: any ConditionModel, rows: Range<Int>)] = []
    for coupled in [true, false] {
      for model in models where model.compression.couplesBatch == coupled {
        for start in stride(from: chunks.lowerBound, to: chunks.upperBound, by: coupled ? batch : 1) {
          let end = coupled ? min(start + batch, chunks.upperBound) : start + 1
          tasks.append((model, rows(start..<end, from: chunks.lowerBound)))
        }
      }
    }
    try forEachTask(tasks.count, threads: plan.threads) { [tasks] index in
      let task = tasks[index]
      try workspaces.with(condition: task.model.condition) {
        try task.model.run(layer: layer, rows: task.rows, chunkLength: stream.chunkLength, $0)
      }
    }
  }

  // MARK: Observations

  /// Sets `medianNorm` from the first batch, once.
  private func decideScale(_ chunks: Range<Int>) throws {
    if medianNorm != nil { return }
    let first = stream.chunks(ofBatches: 0..<1)
    let norms = try workspaces.with(.residual) { _ in baselineNorms(rows(first, from: chunks.lowerBound)).sorted() }
    medianNorm = (norms[(norms.count - 1) / 2] + norms[norms.count / 2]) / 2
  }

  private func baselineNorms(_ rows: Range<Int>) -> [Double] {
    let d = checkpoint.configuration.dModel
    let x = AlignedBuffer<Float>(count: rows.count * d)
    models[0].residual(rows, into: x.pointer)
    return (0..<rows.count).map { row in
      SparseCode.compare(x.pointer + row * d, x.pointer + row * d, width: d).squaredNorm.squareRoot()
    }
  }

  private func observeResidual(_ chunks: Range<Int>, _ record: BlockRecord) throws {
    try decideScale(chunks)
    let limit = plan.massiveMultiple * (medianNorm ?? .infinity)
    let watching = experiments.indices.filter { experiments[$0].observes.contains(.residual) }
    try forEachTask(chunks.count, threads: plan.threads) { index in
      let rows = self.rows(chunks.lowerBound + index..<chunks.lowerBound + index + 1, from: chunks.lowerBound)
      try workspaces.with(.metrics) { workspace in
        let norms = workspace.timed(.residual) { baselineNorms(rows) }
        for (row, norm) in norms.enumerated() where norm > limit { record.markMassive(chunk: index, row: row) }
        let observation = residualObservation(rows, record.context(index), workspace)
        for experiment in watching {
          record.add(try experiments[experiment].measure(residual: observation, workspace), experiment, chunk: index)
        }
      }
    }
  }

  /// The residual streams of some rows, widened to float32 in the workspace.
  func residualObservation(_ rows: Range<Int>, _ context: ChunkContext, _ workspace: Workspace) -> ResidualObservation {
    let d = checkpoint.configuration.dModel
    let all = workspace.scratch(.residual, Float.self, count: models.count * rows.count * d)
    let streams = models.indices.map { all + $0 * rows.count * d }
    for (model, stream) in zip(models, streams) {
      workspace.timed(.residual, condition: model.condition) { model.residual(rows, into: stream) }
    }
    return ResidualObservation(chunk: context, dModel: d, rows: streams.map { UnsafePointer($0) })
  }

  private func observeLogits(_ chunks: Range<Int>, _ record: BlockRecord, _ meter: inout ProgressMeter) throws {
    let states = headStates(chunks)
    try forEachTask(states.count, threads: plan.threads) { index in
      for model in models {
        try workspaces.with(.norms, condition: model.condition) { _ in
          model.finish(states[index].rows, gain: finalGain)
        }
      }
    }
    for first in stride(from: 0, to: head.tileCount, by: Self.headTilesTogether) {
      let tiles = try headTiles(first..<min(first + Self.headTilesTogether, head.tileCount))
      try add(tiles, to: states)
      meter.advance(vocabulary: tiles.reduce(0) { $0 + $1.width }, of: chunks)
    }
    let watching = experiments.indices.filter { experiments[$0].observes.contains(.logits) }
    try forEachTask(states.count, threads: plan.threads) { index in
      try workspaces.with(.metrics) { workspace in
        let summaries = workspace.timed(.headSums) { LanguageModelHead.summaries(of: states[index]) }
        let observation = LogitObservation(chunk: record.context(index), summaries: summaries)
        for experiment in watching {
          record.add(try experiments[experiment].measure(logits: observation), experiment, chunk: index)
        }
      }
    }
  }

  func headStates(_ chunks: Range<Int>) -> [LanguageModelHead.ChunkState] {
    chunks.map { chunk in
      LanguageModelHead.ChunkState(
        rows: rows(chunk..<chunk + 1, from: chunks.lowerBound), targets: stream.targets(chunk),
        conditions: models.count)
    }
  }

  /// Tiles of the vocabulary between which no thread waits for the others.
  private static let headTilesTogether = 8

  private func headTiles(_ range: Range<Int>) throws -> [HeadTile] {
    let made = Mutex<[Int: HeadTile]>([:])
    try forEachTask(range.count, threads: plan.threads) { index in
      let tile = try workspaces.with(.weights) { _ in try head.tile(range.lowerBound + index) }
      made.withLock { $0[index] = tile }
    }
    return made.withLock { made in range.indices.compactMap { made[$0 - range.lowerBound] } }
  }

  /// Adds tiles of the vocabulary to chunks. Tasks start tile by tile; one that is ahead of its chunk's last tile waits for
  /// it, so that sums have one order.
  func add(_ tiles: [HeadTile], to states: [LanguageModelHead.ChunkState]) throws {
    let before = states.map { $0.tilesAdded.load(ordering: .acquiring) }
    try forEachTask(tiles.count * states.count, threads: plan.threads) { task in
      let (tile, chunk) = task.quotientAndRemainder(dividingBy: states.count)
      let state = states[chunk]
      while state.tilesAdded.load(ordering: .acquiring) < before[chunk] + tile { usleep(50) }
      defer { state.tilesAdded.add(1, ordering: .releasing) }
      try workspaces.with { try LanguageModelHead.add(tiles[tile], to: state, models, $0) }
    }
  }

  // MARK: Progress

  /// Multiply-adds per token of the pass, for progress alone.
  fileprivate var work: (layer: Int, layers: Int, vocabularyRow: Int, vocabulary: Int) {
    let c = checkpoint.configuration
    let attention = (2 * c.headCount + 2 * c.keyValueHeadCount) * c.headDim
    let layer = c.dModel * (attention + 3 * c.intermediateSize)
    return (layer, layersToRun, c.dModel, points.contains(.logits) ? c.vocabularySize : 0)
  }

  fileprivate func tokens(inBlock block: Int) -> Int {
    let first = block * plan.batchesPerBlock
    let end = min(first + plan.batchesPerBlock, stream.batchCount)
    return stream.chunks(ofBatches: first..<end).count * stream.chunkLength
  }
}

/// How far a sweep has come.
public struct SweepProgress: Sendable {
  /// From 0.
  public var block: Int
  public var blockCount: Int
  /// Tokens whose work is done, the current block's counted by its share.
  public var tokensDone: Double
  public var tokenCount: Int
}

private struct ProgressMeter {
  private let sweep: Sweep
  private let block: Int
  private let report: (SweepProgress) -> Void
  private let before: Int
  private let size: Int
  private var done = 0.0

  init(_ sweep: Sweep, block: Int, report: @escaping (SweepProgress) -> Void) {
    self.sweep = sweep
    self.block = block
    self.report = report
    before = (0..<block).reduce(0) { $0 + sweep.tokens(inBlock: $1) }
    size = sweep.tokens(inBlock: block)
  }

  mutating func advance(layerOf chunks: Range<Int>) { advance(Double(sweep.work.layer)) }
  mutating func advance(vocabulary width: Int, of chunks: Range<Int>) {
    advance(Double(sweep.work.vocabularyRow * width))
  }

  private mutating func advance(_ amount: Double) {
    let work = sweep.work
    done += amount / Double(work.layer * work.layers + work.vocabularyRow * work.vocabulary)
    report(
      SweepProgress(
        block: block, blockCount: sweep.blockCount, tokensDone: Double(before) + min(done, 1) * Double(size),
        tokenCount: sweep.tokenCount))
  }
}
