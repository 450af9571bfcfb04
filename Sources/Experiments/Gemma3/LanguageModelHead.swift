import Foundation
import Kernels
import Synchronization

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
    let tilesAdded = Atomic<Int>(0)

    init(rows: Range<Int>, targets: [Int32], conditions: Int) {
      self.rows = rows
      self.targets = targets
      states = (0..<conditions).map { _ in AlignedBuffer(Array(repeating: .empty, count: rows.count)) }
      divergences = (0..<conditions).map { _ in AlignedBuffer(Array(repeating: 0, count: rows.count)) }
    }
  }

  /// Rows whose logits, in all conditions, are made before they are summed up: they stay in cache until then.
  private static let rowTile = 192

  /// Adds one tile of the vocabulary to a chunk. The first model is the baseline.
  static func add(_ tile: HeadTile, to chunk: ChunkState, _ models: [any ConditionModel], _ workspace: Workspace) throws {
    for start in stride(from: 0, to: chunk.rows.count, by: rowTile) {
      let count = min(rowTile, chunk.rows.count - start)
      let rows = chunk.rows.lowerBound + start..<chunk.rows.lowerBound + start + count
      let room = count * tile.width * MemoryLayout<Float>.size
      let memory = UnsafeMutableRawPointer(workspace.scratch(.logits, UInt8.self, count: models.count * room))
      let logits = try models.enumerated().map { index, model in
        try workspace.timed(.head, condition: model.condition) {
          try model.logits(rows, tile: tile, into: memory + index * room, workspace)
        }
      }
      workspace.timed(.headSums) { addRows(start..<start + count, of: logits, tile, to: chunk, workspace) }
    }
  }

  /// - Parameter logits: of the given rows of the chunk, per condition.
  private static func addRows(
    _ rows: Range<Int>, of logits: [LogitTile], _ tile: HeadTile, to chunk: ChunkState, _ workspace: Workspace
  ) {
    let (width, firstID) = (tile.width, Int32(tile.firstID))
    let exponentials = workspace.scratch(.exponentials, Float.self, count: 2 * width)
    for row in rows {
      let place = (row - rows.lowerBound) * width
      let factor = logits[0].add(
        place, width, firstID, chunk.targets[row], to: chunk.states[0].pointer + row, exponentials)
      for condition in logits.indices.dropFirst() {
        _ = logits[condition].add(
          place, width, firstID, chunk.targets[row], to: chunk.states[condition].pointer + row, exponentials + width)
        let divergence = logits[0].divergence(from: logits[condition], place, width, exponentials, workspace)
        chunk.divergences[condition][row] = chunk.divergences[condition][row] * Double(factor) + divergence
      }
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

/// One row, `width` logits from `place` on.
extension LogitTile {
  fileprivate func add(
    _ place: Int, _ width: Int, _ firstID: Int32, _ target: Int32, to state: UnsafeMutablePointer<LogitState>,
    _ exponentials: UnsafeMutablePointer<Float>
  ) -> Float {
    switch self {
    case .bf16(let x):
      BF16.addLogits(x + place, width: width, firstID: firstID, target: target, to: state, exponentials: exponentials)
    case .f32(let x):
      F32.addLogits(x + place, width: width, firstID: firstID, target: target, to: state, exponentials: exponentials)
    }
  }

  /// `self` is the baseline.
  fileprivate func divergence(
    from condition: LogitTile, _ place: Int, _ width: Int, _ exponentials: UnsafePointer<Float>, _ workspace: Workspace
  ) -> Double {
    if case (.bf16(let b), .bf16(let c)) = (self, condition) {
      return BF16.divergence(baseline: b + place, condition: c + place, exponentials: exponentials, width: width)
    }
    // Different precisions meet in float32, which holds both exactly.
    return F32.divergence(
      baseline: widened(place, width, .wideBaseline, workspace),
      condition: condition.widened(place, width, .wideLogits, workspace), exponentials: exponentials, width: width)
  }

  private func widened(_ place: Int, _ count: Int, _ slot: Workspace.Slot, _ workspace: Workspace) -> UnsafePointer<Float> {
    switch self {
    case .f32(let x): return x + place
    case .bf16(let x):
      let out = workspace.scratch(slot, Float.self, count: count)
      BF16.floats(x + place, count: count, into: out)
      return UnsafePointer(out)
    }
  }
}
