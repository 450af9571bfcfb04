import RunFile

/// A model on its way through the sweep, and what it measures there.
struct Lane: Sendable {
  let model: any ConditionModel
  /// "int8", "int8-rerun"; of a branch "int8-splice-sae".
  let name: String
  /// The batches that it measures; nil for all.
  var share: BatchShare?
  /// Place of the lane that its predictions are compared with, an earlier one; nil for the baseline.
  var reference: Int?
  /// Which of the sweep's checkpoints it takes its model from.
  var source = 0
  /// Whose stream it changes after the study's layer to go on with it; nil for one that starts with the embedding.
  var branch: Branch?

  /// One of an experiment's branches of the condition that is the lane's reference.
  struct Branch: Sendable {
    var experiment: Int
    /// Among those of the experiment.
    var index: Int
  }

  var place: Int { model.condition }

  func measures(batch: Int) -> Bool { share?.contains(batch) ?? true }
}

extension Sweep {
  /// The study's conditions, their reruns, and the branches of the former.
  static func lanes(
    _ conditions: [Condition], _ experiments: [any Experiment], _ plan: Plan, _ configuration: Gemma3Configuration,
    chunkLength: Int
  ) -> [Lane] {
    var lanes = conditions.enumerated().map { index, condition in
      let place = condition.reference.map { name in conditions.firstIndex { $0.name == name } } ?? 0
      precondition(index == 0 || place.map { $0 < index } ?? true, "a condition is compared with an earlier one")
      return Lane(
        model: conditionModel(index, condition.method, configuration, chunkLength: chunkLength), name: condition.name,
        reference: index == 0 ? nil : place, source: condition.source)
    }
    if let reruns = plan.reruns {
      lanes += conditions.enumerated().map { index, condition in
        Lane(
          model: conditionModel(
            conditions.count + index, condition.method, configuration, chunkLength: chunkLength, reruns.reordering),
          name: RunDescription.Condition.rerunName(of: condition.name), share: reruns.batches, reference: index,
          source: condition.source)
      }
    }
    if let share = plan.branches {
      for (experiment, branches) in experiments.map(\.branches).enumerated() {
        for (index, branch) in branches.enumerated() {
          for own in lanes[..<conditions.count] {
            lanes.append(
              Lane(
                model: own.model.branch(lanes.count), name: "\(own.name)-\(experiments[experiment].name)-\(branch)",
                share: share, reference: own.place, source: own.source,
                branch: .init(experiment: experiment, index: index)))
          }
        }
      }
    }
    return lanes
  }

  func measures(_ lane: Lane, _ chunk: Int) -> Bool { lane.measures(batch: chunk / stream.batchSize) }

  /// Those that measure any of some chunks.
  func lanes(of chunks: Range<Int>) -> [Lane] { lanes.filter { lane in chunks.contains { measures(lane, $0) } } }

  /// Those that go through a layer with any of some chunks: branches begin after the study's layer.
  func lanes(of chunks: Range<Int>, in layer: Int) -> [Lane] {
    lanes(of: chunks).filter { $0.branch == nil || layer > plan.layer }
  }

  /// True for a chunk of a batch that is measured again.
  func isRerun(chunk: Int) -> Bool { plan.reruns?.batches.contains(chunk / stream.batchSize) ?? false }

  /// True for a chunk of a batch that branches go on with.
  func isBranched(chunk: Int) -> Bool { plan.branches?.contains(chunk / stream.batchSize) ?? false }

  /// The rows of some chunks in the stream of a lane, whose block begins with the chunk `origin`: a stream holds the
  /// chunks that its lane measures, one after another.
  func rows(_ chunks: Range<Int>, of lane: Lane, from origin: Int) -> Range<Int> {
    let before =
      lane.share == nil
      ? chunks.lowerBound - origin : (origin..<chunks.lowerBound).count { measures(lane, $0) }
    return before * stream.chunkLength..<(before + chunks.count) * stream.chunkLength
  }
}
