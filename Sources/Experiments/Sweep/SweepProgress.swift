/// How far a sweep has come.
public struct SweepProgress: Sendable {
  /// From 0.
  public var block: Int
  public var blockCount: Int
  /// Tokens whose work is done, the current block's counted by its share.
  public var tokensDone: Double
  public var tokenCount: Int
}

/// Counts the work of a block while it goes on.
struct ProgressMeter {
  private let sweep: Sweep
  private let block: Int
  private let report: (SweepProgress) -> Void
  private let before: Int
  private let size: Int
  private var done = 0.0

  init(_ sweep: Sweep, block: Int, report: @escaping (SweepProgress) -> Void) {
    self.sweep = sweep
    self.block = block
    self.report = report
    before = (0..<block).reduce(0) { $0 + sweep.tokens(inBlock: $1) }
    size = sweep.tokens(inBlock: block)
  }

  mutating func advance(layerOf chunks: Range<Int>) { advance(Double(sweep.work.layer)) }
  mutating func advance(vocabulary width: Int, of chunks: Range<Int>) {
    advance(Double(sweep.work.vocabularyRow * width))
  }

  private mutating func advance(_ amount: Double) {
    let work = sweep.work
    done += amount / Double(work.layer * work.layers + work.vocabularyRow * work.vocabulary)
    report(
      SweepProgress(
        block: block, blockCount: sweep.blockCount, tokensDone: Double(before) + min(done, 1) * Double(size),
        tokenCount: sweep.tokenCount))
  }
}

extension Sweep {
  /// Multiply-adds per token of the pass, for progress alone.
  fileprivate var work: (layer: Int, layers: Int, vocabularyRow: Int, vocabulary: Int) {
    let c = checkpoint.configuration
    let attention = (2 * c.headCount + 2 * c.keyValueHeadCount) * c.headDim
    let layer = c.dModel * (attention + 3 * c.intermediateSize)
    return (layer, layersToRun, c.dModel, points.contains(.logits) ? c.vocabularySize : 0)
  }
}
