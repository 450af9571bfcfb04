/// The forward pass of a block.
extension Sweep {
  /// Layers from the first that any experiment needs.
  var layersToRun: Int { points.contains(.logits) ? checkpoint.configuration.layerCount : plan.layer + 1 }

  /// True for a chunk of a batch that is measured again.
  func isRerun(chunk: Int) -> Bool { plan.reruns?.batches.contains(chunk / stream.batchSize) ?? false }

  /// The models that measure a chunk: all of them, or all but the reruns, which come last.
  func models(ofChunk chunk: Int) -> [any ConditionModel] {
    isRerun(chunk: chunk) ? models : models.filter { !$0.isRerun }
  }

  /// The models that measure any of some chunks.
  func models(of chunks: Range<Int>) -> [any ConditionModel] {
    chunks.contains(where: isRerun) ? models : models.filter { !$0.isRerun }
  }

  /// The rows of some chunks in the stream of a model, whose block begins with the chunk `origin`: a rerun's stream holds
  /// the chunks that it measures, one after another.
  func rows(_ chunks: Range<Int>, of model: any ConditionModel, from origin: Int) -> Range<Int> {
    let before =
      model.isRerun ? (origin..<chunks.lowerBound).count(where: isRerun) : chunks.lowerBound - origin
    return before * stream.chunkLength..<(before + chunks.count) * stream.chunkLength
  }

  func embed(_ chunks: Range<Int>) throws { try embed(chunks, into: models(of: chunks)) }

  func embed(_ chunks: Range<Int>, into models: [any ConditionModel]) throws {
    let range = chunks.lowerBound * stream.chunkLength..<chunks.upperBound * stream.chunkLength
    let embedded = try workspaces.with(.residual) { _ in
      var embedded = [UInt16](repeating: 0, count: range.count * checkpoint.configuration.dModel)
      try checkpoint.gatherEmbeddings(Array(stream.ids[range]), into: &embedded)
      return embedded
    }
    let width = stream.chunkLength * checkpoint.configuration.dModel
    let again = chunks.filter(isRerun).flatMap {
      embedded[($0 - chunks.lowerBound) * width..<($0 - chunks.lowerBound + 1) * width]
    }
    try forEachTask(models.count, threads: plan.threads) { index in
      try workspaces.with(.residual, condition: index) { _ in
        models[index].embed(models[index].isRerun ? again : embedded)
      }
    }
  }

  /// Runs a layer, with weights that are kept, or made for it and freed.
  func runLayer(_ layer: Int, _ chunks: Range<Int>) throws {
    let models = models(of: chunks)
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
    var tasks: [(model: any ConditionModel, chunk: Int, rows: Range<Int>)] = []
    for coupled in [true, false] {
      for model in models where model.method.couplesBatch == coupled {
        for start in stride(from: chunks.lowerBound, to: chunks.upperBound, by: coupled ? batch : 1) {
          if model.isRerun, !isRerun(chunk: start) { continue }
          let end = coupled ? min(start + batch, chunks.upperBound) : start + 1
          tasks.append((model, start, rows(start..<end, of: model, from: chunks.lowerBound)))
        }
      }
    }
    let overflows = try mapTasks(tasks.count, threads: plan.threads) { [tasks] index in
      let task = tasks[index]
      return try workspaces.with(condition: task.model.condition) { workspace -> (condition: Int, chunk: Int)? in
        try task.model.run(layer: layer, rows: task.rows, chunkLength: stream.chunkLength, workspace)
        return task.model.firstNotFinite(task.rows).map {
          (task.model.condition, task.chunk + ($0 - task.rows.lowerBound) / stream.chunkLength)
        }
      }
    }
    if let first = overflows.compactMap(\.self).min(by: <) {
      throw NotFiniteError(place: .residual(layer: layer), condition: conditions[first.condition], chunk: first.chunk)
    }
  }
}
