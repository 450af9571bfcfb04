/// The forward pass of a block.
extension Sweep {
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

  /// Runs a layer, with weights that are kept, or made for it and freed.
  func runLayer(_ layer: Int, _ chunks: Range<Int>) throws {
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
      for model in models where model.method.couplesBatch == coupled {
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
}
