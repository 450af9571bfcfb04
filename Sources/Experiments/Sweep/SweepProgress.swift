/// How far a sweep has come.
public struct SweepProgress: Sendable {
  /// From 0.
  public var block: Int
  public var blockCount: Int
  /// Tokens whose work is done, the current block's counted by its share: of all the work, that of reruns included, so
  /// much is done.
  public var tokensDone: Double
  public var tokenCount: Int
}

/// Counts the work of a block while it goes on.
struct ProgressMeter {
  private let sweep: Sweep
  private let block: Int
  private let report: (SweepProgress) -> Void
  /// Shares of the run's work: of the blocks before this one, and of this one.
  private let before: Double
  private let size: Double
  private var done = 0.0

  init(_ sweep: Sweep, block: Int, report: @escaping (SweepProgress) -> Void) {
    self.sweep = sweep
    self.block = block
    self.report = report
    let works = sweep.blocks.map { Double(sweep.tokens(inBlock: $0) + sweep.rerunTokens(inBlock: $0)) }
    let total = works.reduce(0, +)
    before = works[..<(block - sweep.blocks.lowerBound)].reduce(0, +) / total
    size = works[block - sweep.blocks.lowerBound] / total
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
        block: block - sweep.blocks.lowerBound, blockCount: sweep.blocks.count,
        tokensDone: (before + min(done, 1) * size) * Double(sweep.tokenCount),
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
