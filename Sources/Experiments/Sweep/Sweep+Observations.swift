import Kernels
import RunFile
import Synchronization

/// What experiments are shown of a block.
extension Sweep {
  // MARK: Residual stream

  func observeResidual(_ chunks: Range<Int>, _ record: BlockRecord, _ scale: inout FirstBatch) throws {
    let norm = try scale.medianNorm ?? self.medianNorm(chunks)
    scale.medianNorm = norm
    if plan.branches != nil, scale.means == nil { scale.means = try means(chunks) }
    let means = scale.means ?? []
    let limit = plan.massiveMultiple * norm
    let watching = experiments.indices.filter { experiments[$0].observes.contains(.residual) }
    try forEachTask(chunks.count, threads: plan.threads) { index in
      let chunk = chunks.lowerBound + index
      try workspaces.with(.metrics) { workspace in
        let norms = workspace.timed(.residual) { baselineNorms(chunk..<chunk + 1, from: chunks.lowerBound) }
        for (row, norm) in norms.enumerated() where norm > limit { record.markMassive(chunk: index, row: row) }
        var context = record.context(index)
        context.massiveNorm = limit
        let observation = residualObservation(chunk, from: chunks.lowerBound, context, workspace)
        for experiment in watching {
          try record.add(
            try experiments[experiment].measure(residual: observation, workspace), experiment, chunk: index)
        }
        record.add(observation.shared.features, chunk: index)
        if isBranched(chunk: chunk) {
          try startBranches(chunk, from: chunks.lowerBound, observation, means, workspace)
        }
      }
    }
  }

  private func baselineNorms(_ chunks: Range<Int>, from origin: Int) -> [Double] {
    let d = configuration.dModel
    let x = stream(of: lanes[0], chunks, from: origin)
    return (0..<chunks.count * stream.chunkLength).map { row in
      SparseCode.compare(x.pointer + row * d, x.pointer + row * d, width: d).squaredNorm.squareRoot()
    }
  }

  /// Of the stream's first batch, which the chunks begin with.
  func medianNorm(_ chunks: Range<Int>) throws -> Double {
    let first = stream.chunks(ofBatches: 0..<1)
    let norms = try workspaces.with(.residual) { _ in baselineNorms(first, from: chunks.lowerBound).sorted() }
    return (norms[(norms.count - 1) / 2] + norms[norms.count / 2]) / 2
  }

  /// A lane's stream over some chunks as float32, [rows, D].
  func stream(of lane: Lane, _ chunks: Range<Int>, from origin: Int) -> AlignedBuffer<Float> {
    let rows = rows(chunks, of: lane, from: origin)
    let x = AlignedBuffer<Float>(count: rows.count * configuration.dModel)
    lane.model.residual(rows, into: x.pointer)
    return x
  }

  /// A chunk's residual streams, widened to float32 in the workspace; without branches, which start from them.
  func residualObservation(
    _ chunk: Int, from origin: Int, _ context: ChunkContext, _ workspace: Workspace
  ) -> ResidualObservation {
    let lanes = lanes(of: chunk..<chunk + 1).filter { $0.branch == nil }
    let width = stream.chunkLength * configuration.dModel
    let all = workspace.scratch(.residual, Float.self, count: lanes.count * width)
    let streams = lanes.indices.map { all + $0 * width }
    for (lane, stream) in zip(lanes, streams) {
      workspace.timed(.residual, condition: lane.place) {
        lane.model.residual(rows(chunk..<chunk + 1, of: lane, from: origin), into: stream)
      }
    }
    return ResidualObservation(
      chunk: context, dModel: configuration.dModel, references: lanes.map(\.reference),
      rows: streams.map { UnsafePointer($0) }, names: conditions)
  }

  // MARK: Logits

  func observeLogits(_ chunks: Range<Int>, _ record: BlockRecord, _ meter: inout ProgressMeter) throws {
    let states = headStates(chunks)
    try forEachTask(states.count, threads: plan.threads) { index in
      for (lane, rows) in states[index].streams {
        try workspaces.with(.norms, condition: lane.place) { _ in
          lane.model.finish(rows, gain: finalGains[lane.source])
        }
      }
    }
    let together = max(1, Self.headTilesTogether / heads.count)
    for first in stride(from: 0, to: headTileCount, by: together) {
      let end = min(first + together, headTileCount)
      let tiles = try mapTasks(end - first, threads: plan.threads) { index in
        try workspaces.with(.weights) { _ in try headTile(first + index) }
      }
      try add(tiles, to: states)
      meter.advance(vocabulary: tiles.reduce(0) { $0 + $1[0].width }, of: chunks)
    }
    let watching = experiments.indices.filter { experiments[$0].observes.contains(.logits) }
    try forEachTask(states.count, threads: plan.threads) { index in
      try workspaces.with(.metrics) { workspace in
        let summaries = workspace.timed(.headSums) { LanguageModelHead.summaries(of: states[index]) }
        let lanes = states[index].streams.map(\.lane)
        for experiment in watching {
          let observation = LogitObservation(
            chunk: record.context(index), lanes: lanes, summaries: summaries, experiment: experiment)
          try record.add(try experiments[experiment].measure(logits: observation), experiment, chunk: index)
        }
      }
    }
  }

  /// Tiles of the vocabulary, those of all checkpoints counted, between which no thread waits for the others.
  private static let headTilesTogether = 8

  var headTileCount: Int { heads[0].tileCount }

  /// One tile of the vocabulary, as each checkpoint has it.
  func headTile(_ index: Int) throws -> [HeadTile] { try heads.map { try $0.tile(index) } }

  func headStates(_ chunks: Range<Int>) -> [LanguageModelHead.ChunkState] {
    chunks.map { chunk in
      LanguageModelHead.ChunkState(
        lanes(of: chunk..<chunk + 1).map { ($0, rows(chunk..<chunk + 1, of: $0, from: chunks.lowerBound)) },
        targets: stream.targets(chunk))
    }
  }

  /// Adds tiles of the vocabulary to chunks, each chunk's in their order, so that sums have one order.
  ///
  /// Chunks take turns, so that threads share a tile while it is near. A thread that finds no chunk waiting is done: those
  /// that are left each have a thread that goes on with them.
  func add(_ tiles: [[HeadTile]], to states: [LanguageModelHead.ChunkState]) throws {
    let waiting = Mutex(states.indices.map { (chunk: $0, tile: 0) })
    let lanes = min(plan.threads, states.count)
    try forEachTask(lanes, threads: lanes) { _ in
      while let next = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        try workspaces.with { try LanguageModelHead.add(tiles[next.tile], to: states[next.chunk], $0) }
        if next.tile + 1 < tiles.count { waiting.withLock { $0.append((next.chunk, next.tile + 1)) } }
      }
    }
  }
}
