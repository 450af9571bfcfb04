/// The forward pass of a block.
extension Sweep {
  /// Layers from the first that any experiment needs.
  var layersToRun: Int { points.contains(.logits) ? configuration.layerCount : plan.layer + 1 }

  func embed(_ chunks: Range<Int>) throws { try embed(chunks, into: lanes(of: chunks)) }

  /// Starts a block; of branches, makes room for it.
  func embed(_ chunks: Range<Int>, into lanes: [Lane]) throws {
    let range = chunks.lowerBound * stream.chunkLength..<chunks.upperBound * stream.chunkLength
    for source in Set(lanes.map(\.source)).sorted() {
      let embedded = try workspaces.with(.residual) { _ in
        var embedded = [UInt16](repeating: 0, count: range.count * configuration.dModel)
        try checkpoints[source].gatherEmbeddings(Array(stream.ids[range]), into: &embedded)
        return embedded
      }
      try embed(chunks, embedded, into: lanes.filter { $0.source == source })
    }
  }

  /// - Parameter embedded: the embedding's rows of the chunks' tokens.
  private func embed(_ chunks: Range<Int>, _ embedded: [UInt16], into lanes: [Lane]) throws {
    let width = stream.chunkLength * configuration.dModel
    try forEachTask(lanes.count, threads: plan.threads) { index in
      let lane = lanes[index]
      try workspaces.with(.residual, condition: lane.place) { _ in
        if lane.branch != nil {
          lane.model.reserve(rows: chunks.count { measures(lane, $0) } * stream.chunkLength)
        } else if lane.share == nil {
          lane.model.embed(embedded)
        } else {
          let own = chunks.filter { measures(lane, $0) }.map { $0 - chunks.lowerBound }
          lane.model.embed(own.flatMap { embedded[$0 * width..<($0 + 1) * width] })
        }
      }
    }
  }

  /// Runs a layer, with weights that are kept, or made for it and freed.
  func runLayer(_ layer: Int, _ chunks: Range<Int>) throws {
    let lanes = lanes(of: chunks, in: layer)
    // One checkpoint's weights at a time are read.
    for source in Set(lanes.map(\.source)).sorted() {
      let own = lanes.filter { $0.source == source }
      if own.allSatisfy({ $0.model.holds(layer: layer) }) { continue }
      let tensors = try tensors(ofLayer: layer, source)
      for lane in own where plan.keepsWeights || lane.branch == nil {
        try lane.model.prepare(layer: layer, tensors, threads: plan.threads, workspaces)
        if plan.keepsWeights { continue }
        // One condition's made weights at a time are in memory, for it and its branches.
        try apply(layer, chunks, [lane] + lanes.filter { $0.branch != nil && $0.reference == lane.place })
        lane.model.release(layer: layer)
      }
    }
    if plan.keepsWeights { try apply(layer, chunks, lanes) }
  }

  private func tensors(ofLayer layer: Int, _ source: Int) throws -> LayerTensors {
    try workspaces.with(.weights) { _ in
      let tensors = try LayerTensors(checkpoints[source], layer: layer)
      if layer + 1 < layersToRun { try checkpoints[source].prefetch(layer: layer + 1) }
      return tensors
    }
  }

  /// Applies a prepared layer: tasks are batches where the condition couples them, else chunks.
  ///
  /// - Parameter together: chunks that a coupling condition takes as one; nil is a batch.
  func apply(_ layer: Int, _ chunks: Range<Int>, _ lanes: [Lane], together: Int? = nil) throws {
    let batch = together ?? stream.batchSize
    // Largest first, so that no thread is left with a long task at the end.
    var tasks: [(lane: Lane, chunk: Int, rows: Range<Int>)] = []
    for coupled in [true, false] {
      for lane in lanes where lane.model.method.couplesBatch == coupled {
        for start in stride(from: chunks.lowerBound, to: chunks.upperBound, by: coupled ? batch : 1)
        where measures(lane, start) {
          let end = coupled ? min(start + batch, chunks.upperBound) : start + 1
          tasks.append((lane, start, rows(start..<end, of: lane, from: chunks.lowerBound)))
        }
      }
    }
    let overflows = try mapTasks(tasks.count, threads: plan.threads) { [tasks] index in
      let task = tasks[index]
      let model = task.lane.model
      return try workspaces.with(condition: task.lane.place) { workspace -> (lane: Lane, chunk: Int)? in
        workspace.firstToken = task.chunk * stream.chunkLength
        try model.run(layer: layer, rows: task.rows, chunkLength: stream.chunkLength, workspace)
        return model.firstNotFinite(task.rows).map {
          (task.lane, task.chunk + ($0 - task.rows.lowerBound) / stream.chunkLength)
        }
      }
    }
    if let first = overflows.compactMap(\.self).min(by: { ($0.lane.place, $0.chunk) < ($1.lane.place, $1.chunk) }) {
      throw NotFiniteError(place: .residual(layer: layer), condition: first.lane.name, chunk: first.chunk)
    }
  }
}
