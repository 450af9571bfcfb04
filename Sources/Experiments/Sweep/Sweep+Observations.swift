import Kernels
import RunFile
import Synchronization

/// What experiments are shown of a block.
extension Sweep {
  // MARK: Residual stream

  func observeResidual(_ chunks: Range<Int>, _ record: BlockRecord, _ medianNorm: inout Double?) throws {
    let norm = try medianNorm ?? self.medianNorm(chunks)
    medianNorm = norm
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
      }
    }
  }

  /// Of the stream's first batch, which the chunks begin with.
  func medianNorm(_ chunks: Range<Int>) throws -> Double {
    let first = stream.chunks(ofBatches: 0..<1)
    let norms = try workspaces.with(.residual) { _ in baselineNorms(first, from: chunks.lowerBound).sorted() }
    return (norms[(norms.count - 1) / 2] + norms[norms.count / 2]) / 2
  }

  private func baselineNorms(_ chunks: Range<Int>, from origin: Int) -> [Double] {
    let d = checkpoint.configuration.dModel
    let rows = rows(chunks, of: models[0], from: origin)
    let x = AlignedBuffer<Float>(count: rows.count * d)
    models[0].residual(rows, into: x.pointer)
    return (0..<rows.count).map { row in
      SparseCode.compare(x.pointer + row * d, x.pointer + row * d, width: d).squaredNorm.squareRoot()
    }
  }

  /// A chunk's residual streams, widened to float32 in the workspace.
  func residualObservation(
    _ chunk: Int, from origin: Int, _ context: ChunkContext, _ workspace: Workspace
  ) -> ResidualObservation {
    let models = models(ofChunk: chunk)
    let width = stream.chunkLength * checkpoint.configuration.dModel
    let all = workspace.scratch(.residual, Float.self, count: models.count * width)
    let streams = models.indices.map { all + $0 * width }
    for (model, stream) in zip(models, streams) {
      workspace.timed(.residual, condition: model.condition) {
        model.residual(rows(chunk..<chunk + 1, of: model, from: origin), into: stream)
      }
    }
    return ResidualObservation(
      chunk: context, dModel: checkpoint.configuration.dModel, references: references,
      rows: streams.map { UnsafePointer($0) }, names: conditions)
  }

  // MARK: Logits

  func observeLogits(_ chunks: Range<Int>, _ record: BlockRecord, _ meter: inout ProgressMeter) throws {
    let states = headStates(chunks)
    try forEachTask(states.count, threads: plan.threads) { index in
      for (model, rows) in states[index].streams {
        try workspaces.with(.norms, condition: model.condition) { _ in model.finish(rows, gain: finalGain) }
      }
    }
    for first in stride(from: 0, to: head.tileCount, by: Self.headTilesTogether) {
      let end = min(first + Self.headTilesTogether, head.tileCount)
      let tiles = try mapTasks(end - first, threads: plan.threads) { index in
        try workspaces.with(.weights) { _ in try head.tile(first + index) }
      }
      try add(tiles, to: states)
      meter.advance(vocabulary: tiles.reduce(0) { $0 + $1.width }, of: chunks)
    }
    let watching = experiments.indices.filter { experiments[$0].observes.contains(.logits) }
    try forEachTask(states.count, threads: plan.threads) { index in
      try workspaces.with(.metrics) { workspace in
        let summaries = workspace.timed(.headSums) { LanguageModelHead.summaries(of: states[index]) }
        let observation = LogitObservation(chunk: record.context(index), references: references, summaries: summaries)
        for experiment in watching {
          try record.add(try experiments[experiment].measure(logits: observation), experiment, chunk: index)
        }
      }
    }
  }

  /// Tiles of the vocabulary between which no thread waits for the others.
  private static let headTilesTogether = 8

  func headStates(_ chunks: Range<Int>) -> [LanguageModelHead.ChunkState] {
    chunks.map { chunk in
      LanguageModelHead.ChunkState(
        models(ofChunk: chunk).map { ($0, rows(chunk..<chunk + 1, of: $0, from: chunks.lowerBound)) },
        targets: stream.targets(chunk), references: references)
    }
  }

  /// Adds tiles of the vocabulary to chunks, each chunk's in their order, so that sums have one order.
  ///
  /// Chunks take turns, so that threads share a tile while it is near. A thread that finds no chunk waiting is done: those
  /// that are left each have a thread that goes on with them.
  func add(_ tiles: [HeadTile], to states: [LanguageModelHead.ChunkState]) throws {
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
