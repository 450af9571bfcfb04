import Foundation
import Kernels
import RunFile

/// What the head says of each token of a chunk, in one condition.
struct LogitSummary: Sendable {
  /// −log p(next token), nats.
  var negativeLogLikelihood: [Float]
  /// KL(reference ‖ condition) in nats; empty for the baseline.
  var divergence: [Float]
  /// Entropy of the next token's distribution in nats; empty but for the baseline.
  var entropy: [Float]
  /// Most probable next token; the lowest id among equals.
  var argmax: [Int32]
}

/// The tied language-model head: logits = x·Eᵀ over tiles of the vocabulary, all conditions side by side, so that a
/// [tokens, vocabulary] matrix never exists.
struct LanguageModelHead: Sendable {
  static let tileWidth = 2048

  /// Running statistics of one chunk.
  struct ChunkState: Sendable {
    /// The lanes that measure the chunk, the baseline's first, each with the chunk's rows in its stream.
    let streams: [(lane: Lane, rows: Range<Int>)]
    /// Next token per row; −1 where no prediction is scored, as at the chunk's last position, which has none.
    let targets: [Int32]
    let states: [AlignedBuffer<LogitState>]
    let divergences: [AlignedBuffer<Double>]
    /// Index of the stream that each is compared with, an earlier one; nil for the baseline's.
    let references: [Int?]
    /// Where a condition's exponentials are kept: those that others are compared with have a place of their own, the rest
    /// share the last one.
    let places: [Int]

    /// - Parameters:
    ///   - streams: what a lane is compared with among them.
    ///   - targets: one per token of the chunk.
    init(_ streams: [(lane: Lane, rows: Range<Int>)], targets: [Int32]) {
      self.streams = streams
      self.targets = targets
      let references = streams.map { stream in
        stream.lane.reference.flatMap { place in streams.firstIndex { $0.lane.place == place } }
      }
      self.references = references
      states = references.map { _ in AlignedBuffer(Array(repeating: .empty, count: targets.count)) }
      divergences = references.map { _ in AlignedBuffer(Array(repeating: 0, count: targets.count)) }
      let compared = Set(references.compactMap(\.self)).sorted()
      places = references.indices.map { compared.firstIndex(of: $0) ?? compared.count }
    }
  }

  /// Rows whose logits, in all conditions, are made before they are summed up: they stay in cache until then.
  private static let rowTile = 192

  /// Adds one tile of the vocabulary to a chunk.
  ///
  /// - Parameter tiles: the tile as each checkpoint has it.
  static func add(_ tiles: [HeadTile], to chunk: ChunkState, _ workspace: Workspace) throws {
    let tile = tiles[0]
    for start in stride(from: 0, to: chunk.targets.count, by: rowTile) {
      let count = min(rowTile, chunk.targets.count - start)
      let room = count * tile.width * MemoryLayout<Float>.size
      let memory = UnsafeMutableRawPointer(workspace.scratch(.logits, UInt8.self, count: chunk.streams.count * room))
      let logits = try chunk.streams.enumerated().map { index, stream in
        let first = stream.rows.lowerBound + start
        return try workspace.timed(.head, condition: stream.lane.place) {
          try stream.lane.model.logits(
            first..<first + count, tile: tiles[stream.lane.source], into: memory + index * room, workspace)
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
    let places = chunk.places.map { $0 * width }
    let exponentials = workspace.scratch(.exponentials, Float.self, count: ((places.max() ?? 0) + width))
    // What a row's sums so far are worth once its maximum has risen.
    var factors = [Float](repeating: 1, count: logits.count)
    for row in rows {
      let place = (row - rows.lowerBound) * width
      for condition in logits.indices {
        factors[condition] = logits[condition].add(
          place, width, firstID, chunk.targets[row], to: chunk.states[condition].pointer + row,
          exponentials + places[condition])
        guard let reference = chunk.references[condition] else { continue }
        let divergence = logits[reference].divergence(
          from: logits[condition], place, width, exponentials + places[reference], workspace)
        chunk.divergences[condition][row] =
          chunk.divergences[condition][row] * Double(factors[reference]) + divergence
      }
    }
  }

  /// Closes a chunk: log-sum-exp and divergence in Double, `Float.missing` where there is no next token.
  static func summaries(of chunk: ChunkState) -> [LogitSummary] {
    chunk.states.indices.map { condition in
      let state = chunk.states[condition]
      var summary = LogitSummary(negativeLogLikelihood: [], divergence: [], entropy: [], argmax: [])
      for row in chunk.targets.indices {
        let s = state[row]
        let hasTarget = chunk.targets[row] >= 0
        let logZ = Double(s.maximum) + log(s.sum)
        summary.negativeLogLikelihood.append(hasTarget ? Float(logZ - Double(s.target)) : .missing)
        summary.argmax.append(s.argmax)
        guard let reference = chunk.references[condition] else {
          // log Z − Σ p·l, both less the maximum; rounding alone can take it below zero.
          summary.entropy.append(hasTarget ? Float(max(log(s.sum) - s.weighted / s.sum, 0)) : .missing)
          continue
        }
        let r = chunk.states[reference][row]
        let referenceLogZ = Double(r.maximum) + log(r.sum)
        // Σ p(lr − lc) − log Zr + log Zc; rounding alone can take it below zero.
        let divergence = chunk.divergences[condition][row] / r.sum - referenceLogZ + logZ
        summary.divergence.append(hasTarget ? Float(max(divergence, 0)) : .missing)
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

  /// `self` is the reference.
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

  private func widened(_ place: Int, _ count: Int, _ slot: Workspace.Slot, _ workspace: Workspace) -> UnsafePointer<
    Float
  > {
    switch self {
    case .f32(let x): return x + place
    case .bf16(let x):
      let out = workspace.scratch(slot, Float.self, count: count)
      BF16.floats(x + place, count: count, into: out)
      return UnsafePointer(out)
    }
  }
}
