import Foundation
import Kernels

/// What a sweep will take, before it starts.
public struct SweepEstimate: Sendable, Equatable {
  /// Blocks that are still to be measured.
  public var blocks: Int
  /// Tokens in a full block.
  public var tokensPerBlock: Int
  /// Time for those blocks on this machine as it is now, reruns and branches included.
  public var seconds: Double
  /// Batches in them that are measured again, and the time that this takes.
  public var rerunBatches = 0
  public var rerunSeconds = 0.0
  /// Batches in them that branches go on with, how many branches each condition has, and the time that they take.
  public var branchedBatches = 0
  public var branches = 0
  public var branchSeconds = 0.0
  /// Bytes of weights that a block reads from the checkpoint's files.
  public var weightBytesPerBlock: Int
  /// Weights stay in memory: only the first block reads them.
  public var keepsWeights: Bool
}

extension Sweep {
  /// Measures one layer, one tile of the head and each experiment on a chunk per thread, and multiplies.
  ///
  /// A few per mille of the whole run; what it leaves behind are weights that the run needs anyway. A rerun of a chunk is
  /// taken to cost what the chunk costs, a branch its part after the study's layer.
  ///
  /// - Parameter firstBlock: blocks before it are finished already.
  public func estimate(from firstBlock: Int) throws -> SweepEstimate {
    let end = self.blocks.upperBound
    let blocks = max(0, end - firstBlock)
    let chunks = 0..<min(plan.threads, stream.chunks(ofBatches: 0..<stream.batchCount).count)
    let lastBatch = min(end * plan.batchesPerBlock, stream.batchCount)
    let allBatches = min(firstBlock * plan.batchesPerBlock, lastBatch)..<lastBatch
    let allChunks = stream.chunks(ofBatches: allBatches)
    var estimate = SweepEstimate(
      blocks: blocks, tokensPerBlock: plan.batchesPerBlock * stream.batchSize * stream.chunkLength, seconds: 0,
      weightBytesPerBlock: try checkpoints.reduce(0) {
        $0 + (try $1.weightBytes(layers: layersToRun, head: points.contains(.logits)))
      },
      keepsWeights: plan.keepsWeights)
    if blocks == 0 { return estimate }
    let clock = ContinuousClock()
    func seconds(_ body: () throws -> Void) rethrows -> Double { try clock.measure(body) / .seconds(1) }
    /// How many times those chunks' work the rest is.
    let times = Double(allChunks.count) / Double(chunks.count)
    let preparations = Double(plan.keepsWeights ? 1 : blocks)
    let own = ofConditions
    let makesKernels = plan.kernels != KernelChoice(.portable)

    try own.embed(chunks)
    var (preparing, applying) = (0.0, 0.0)
    let tensors = try checkpoints.map { try LayerTensors($0, layer: 0) }
    let lanes = own.lanes[..<studyCount]
    for lane in lanes {
      let tensors = tensors[lane.source]
      preparing += try seconds { try lane.model.prepare(layer: 0, tensors, threads: plan.threads, workspaces) }
      // Once before the clock runs, where the first use of a shape makes its kernel.
      if makesKernels { try own.apply(0, 0..<1, [lane], together: 1) }
      applying += try seconds { try own.apply(0, chunks, [lane], together: 1) }
      if !plan.keepsWeights { lane.model.release(layer: 0) }
    }
    var each = Double(layersToRun) * times * applying
    var afterLayer = Double(layersToRun - plan.layer - 1) * times * applying
    estimate.seconds += Double(layersToRun) * preparations * preparing
    if points.contains(.logits) {
      let states = own.headStates(chunks)
      var tile: [HeadTile]?
      // In the run each thread packs tiles of its own.
      let packing = try seconds { tile = try headTile(0) }
      if let tile {
        if makesKernels { try add([tile], to: Array(states.prefix(1))) }
        let adding = try seconds { try add([tile], to: states) }
        estimate.seconds += Double(headTileCount) * preparations * packing / Double(plan.threads)
        each += Double(headTileCount) * times * adding
        afterLayer += Double(headTileCount) * times * adding
      }
    }
    var replacing = 0.0
    if points.contains(.residual) {
      each += times * (try seconds { try own.observeOnce(chunks) })
      if plan.branches != nil { replacing = try seconds { try own.replaceOnce(chunks) } }
    }
    estimate.seconds += each
    if let reruns = plan.reruns?.batches {
      let again = (firstBlock..<end).count { reruns.count(in: batches(inBlock: $0)) > 0 }
      estimate.rerunBatches = reruns.count(in: allBatches)
      estimate.rerunSeconds =
        each * Double(allChunks.count(where: isRerun)) / Double(allChunks.count)
        + Double(layersToRun * (plan.keepsWeights ? min(again, 1) : again)) * preparing
      estimate.seconds += estimate.rerunSeconds
    }
    if let branches = plan.branches {
      estimate.branchedBatches = branches.count(in: allBatches)
      estimate.branches = experiments.reduce(0) { $0 + $1.branches.count }
      estimate.branchSeconds =
        (afterLayer * Double(estimate.branches) + times * replacing)
        * Double(allChunks.count(where: isBranched)) / Double(allChunks.count)
      estimate.seconds += estimate.branchSeconds
    }
    return estimate
  }
}

extension Sweep {
  /// The study's own conditions alone.
  private var ofConditions: Sweep {
    var sweep = self
    (sweep.lanes, sweep.plan.reruns) = (Array(lanes[..<studyCount]), nil)
    return sweep
  }

  private func observeOnce(_ chunks: Range<Int>) throws {
    try forEachTask(chunks.count, threads: plan.threads) { index in
      try workspaces.with { workspace in
        let observation = residualObservation(index, from: 0, stream.context(index), workspace)
        for experiment in experiments where experiment.observes.contains(.residual) {
          _ = try experiment.measure(residual: observation, workspace)
        }
      }
    }
  }

  /// What branches go on with, made and dropped.
  private func replaceOnce(_ chunks: Range<Int>) throws {
    let means = [[Float]](
      repeating: [Float](repeating: 0, count: configuration.dModel), count: studyCount)
    try forEachTask(chunks.count, threads: plan.threads) { index in
      try workspaces.with { workspace in
        let observation = residualObservation(index, from: 0, stream.context(index), workspace)
        try startBranches(index, from: 0, observation, means, workspace)
      }
    }
  }
}

extension Gemma3Checkpoint {
  /// Bytes in the files of the first layers' weights, the head's counted if it is used.
  func weightBytes(layers: Int, head: Bool) throws -> Int {
    let parts = Gemma3Tensor.all(layerCount: layers).filter { $0 != .embedding }
    let embedding = head ? try storedTensor(.embedding).storedBytes : 0
    return try parts.reduce(embedding) { $0 + (try storedTensor($1).storedBytes) }
  }

  /// Asks the system to bring a layer's weights in.
  func prefetch(layer: Int) throws {
    for part in Gemma3LayerTensor.allCases { try storedTensor(.layer(layer, part)).prefetch() }
  }
}
