import Foundation
import Kernels

/// What the head says of each token of a chunk, in one condition.
struct LogitSummary: Sendable {
  /// −log p(next token), nats.
  var negativeLogLikelihood: [Float]
  /// KL(baseline ‖ condition) in nats; empty for the baseline.
  var divergence: [Float]
  /// Most probable next token; the lowest id among equals.
  var argmax: [Int32]
}

/// The tied language-model head: logits = x·Eᵀ over tiles of the vocabulary, all conditions side by side, so that a
/// [tokens, vocabulary] matrix never exists.
struct LanguageModelHead: Sendable {
  static let tileWidth = 2048

  /// Running statistics of one chunk.
  final class ChunkState: @unchecked Sendable {
    let rows: Range<Int>
    /// Next token per row; −1 where no prediction is scored, as at the chunk's last position, which has none.
    let targets: [Int32]
    let states: [AlignedBuffer<LogitState>]
    let divergences: [AlignedBuffer<Double>]
    let previousMaximum: AlignedBuffer<Float>

    init(rows: Range<Int>, targets: [Int32], conditions: Int) {
      self.rows = rows
      self.targets = targets
      states = (0..<conditions).map { _ in AlignedBuffer(Array(repeating: .empty, count: rows.count)) }
      divergences = (0..<conditions).map { _ in AlignedBuffer(Array(repeating: 0, count: rows.count)) }
      previousMaximum = AlignedBuffer(count: rows.count)
    }
  }

  /// Adds one tile of the vocabulary to a chunk. The first model is the baseline.
  static func add(_ tile: HeadTile, to chunk: ChunkState, _ models: [any ConditionModel], _ workspace: Workspace) throws {
    let count = chunk.rows.count
    let first = Int32(tile.firstID)
    for row in 0..<count { chunk.previousMaximum[row] = chunk.states[0][row].maximum }
    let baseline = try logits(of: models[0], tile, chunk, into: .baselineLogits, workspace)
    workspace.timed(.headSums, condition: 0) { accumulate(baseline, tile, first, chunk, 0) }
    for index in models.indices.dropFirst() {
      let logits = try logits(of: models[index], tile, chunk, into: .logits, workspace)
      workspace.timed(.headSums, condition: index) {
        accumulate(logits, tile, first, chunk, index)
        let (state, divergence) = (chunk.states[0].pointer, chunk.divergences[index].pointer)
        switch (baseline, logits) {
        case (.bf16(let b), .bf16(let c)):
          BF16.addDivergence(
            baseline: b, condition: c, rows: count, width: tile.width,
            previousMaximum: chunk.previousMaximum.pointer, baselineState: state, to: divergence)
        default:
          // Different precisions meet in float32, which holds both exactly.
          F32.addDivergence(
            baseline: widened(baseline, count * tile.width, .wideBaseline, workspace),
            condition: widened(logits, count * tile.width, .wideLogits, workspace), rows: count, width: tile.width,
            previousMaximum: chunk.previousMaximum.pointer, baselineState: state, to: divergence)
        }
      }
    }
  }

  private static func logits(
    of model: any ConditionModel, _ tile: HeadTile, _ chunk: ChunkState, into slot: Workspace.Slot,
    _ workspace: Workspace
  ) throws -> LogitTile {
    try workspace.timed(.head, condition: model.condition) {
      try model.logits(chunk.rows, tile: tile, into: slot, workspace)
    }
  }

  private static func accumulate(
    _ logits: LogitTile, _ tile: HeadTile, _ first: Int32, _ chunk: ChunkState, _ condition: Int
  ) {
    let state = chunk.states[condition].pointer
    switch logits {
    case .bf16(let x):
      BF16.addLogits(x, rows: chunk.rows.count, width: tile.width, firstID: first, targets: chunk.targets, to: state)
    case .f32(let x):
      F32.addLogits(x, rows: chunk.rows.count, width: tile.width, firstID: first, targets: chunk.targets, to: state)
    }
  }

  private static func widened(
    _ logits: LogitTile, _ count: Int, _ slot: Workspace.Slot, _ workspace: Workspace
  ) -> UnsafePointer<Float> {
    switch logits {
    case .f32(let x): return x
    case .bf16(let x):
      let out = workspace.scratch(slot, Float.self, count: count)
      BF16.floats(x, count: count, into: out)
      return UnsafePointer(out)
    }
  }

  /// Closes a chunk: log-sum-exp and divergence in Double, NaN where there is no next token.
  static func summaries(of chunk: ChunkState) -> [LogitSummary] {
    let baseline = chunk.states[0]
    return chunk.states.indices.map { condition in
      let state = chunk.states[condition]
      var summary = LogitSummary(negativeLogLikelihood: [], divergence: [], argmax: [])
      for row in 0..<chunk.rows.count {
        let s = state[row]
        let hasTarget = chunk.targets[row] >= 0
        let logZ = Double(s.maximum) + log(s.sum)
        summary.negativeLogLikelihood.append(hasTarget ? Float(logZ - Double(s.target)) : .nan)
        summary.argmax.append(s.argmax)
        if condition == 0 { continue }
        let b = baseline[row]
        let baselineLogZ = Double(b.maximum) + log(b.sum)
        // Σ p(lb − lc) − log Zb + log Zc; rounding alone can take it below zero.
        let divergence = chunk.divergences[condition][row] / b.sum - baselineLogZ + logZ
        summary.divergence.append(hasTarget ? Float(max(divergence, 0)) : .nan)
      }
      return summary
    }
  }
}
