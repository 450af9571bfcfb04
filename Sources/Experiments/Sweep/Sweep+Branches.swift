import Kernels

/// What is found in the run's first batch, and all later ones are measured by.
struct FirstBatch {
  /// Median of ‖x‖ in the baseline.
  var medianNorm: Double?
  /// Mean of x by condition, [conditions][D]; nil without branches.
  var means: [[Float]]?
}

/// Branches: the conditions' streams with changed values, and the rest of the model on them.
extension Sweep {
  /// Gives the branches of a chunk the values that they go on with.
  func startBranches(
    _ chunk: Int, from origin: Int, _ residual: ResidualObservation, _ means: [[Float]], _ workspace: Workspace
  ) throws {
    let streams = BranchedStreams(residual, conditionCount: studyCount, means: means)
    let width = stream.chunkLength * residual.dModel
    let out = workspace.scratch(.branches, Float.self, count: studyCount * width)
    let places = (0..<studyCount).map { out + $0 * width }
    for (experiment, branches) in experiments.map(\.branches).enumerated() {
      for index in branches.indices {
        try experiments[experiment].replace(streams, inBranch: index, by: places, workspace)
        for lane in lanes where lane.branch?.experiment == experiment && lane.branch?.index == index {
          guard let condition = lane.reference else { continue }
          workspace.timed(.residual, condition: lane.place) {
            lane.model.start(rows(chunk..<chunk + 1, of: lane, from: origin), from: places[condition])
          }
        }
      }
    }
  }

  /// Mean of each condition's stream over the first batch, which the chunks begin with, special tokens left out; zeros
  /// where there are no others. Sums in Double, in order of tokens.
  func means(_ chunks: Range<Int>) throws -> [[Float]] {
    let first = stream.chunks(ofBatches: 0..<1)
    let d = configuration.dModel
    let rows = first.flatMap { stream.context($0).isSpecial }.enumerated().filter { !$0.element }.map(\.offset)
    return try mapTasks(studyCount, threads: plan.threads) { place in
      try workspaces.with(.residual, condition: place) { _ in
        let x = stream(of: lanes[place], first, from: chunks.lowerBound)
        var sum = [Double](repeating: 0, count: d)
        for row in rows { for i in 0..<d { sum[i] += Double(x[row * d + i]) } }
        return sum.map { Float($0 / Double(max(1, rows.count))) }
      }
    }
  }

  /// The same for a run that goes on after its first block: that batch goes through the layers once more.
  func firstMeans() throws -> [[Float]] {
    let chunks = stream.chunks(ofBatches: 0..<1)
    try runFirst(chunks, lanes[..<studyCount].map(\.self))
    return try means(chunks)
  }

  /// Takes lanes through the layers up to the study's.
  func runFirst(_ chunks: Range<Int>, _ lanes: [Lane]) throws {
    try embed(chunks, into: lanes)
    for layer in 0...plan.layer {
      for source in Set(lanes.map(\.source)).sorted() {
        let tensors = try LayerTensors(checkpoints[source], layer: layer)
        for lane in lanes where lane.source == source {
          let holds = lane.model.holds(layer: layer)
          try lane.model.prepare(layer: layer, tensors, threads: plan.threads, workspaces)
          try apply(layer, chunks, [lane])
          if !holds, !plan.keepsWeights { lane.model.release(layer: layer) }
        }
      }
    }
  }
}
