/// How far a sweep has come.
public struct SweepProgress: Sendable {
  /// From 0.
  public var block: Int
  public var blockCount: Int
  /// Tokens whose work is done, the current block's counted by its share: of all the work, that of reruns and branches included, so
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
    let works = sweep.blocks.map(sweep.work(inBlock:))
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
    done += amount / Double(work.total)
    report(
      SweepProgress(
        block: block - sweep.blocks.lowerBound, blockCount: sweep.blocks.count,
        tokensDone: (before + min(done, 1) * size) * Double(sweep.tokenCount),
        tokenCount: sweep.tokenCount))
  }
}

extension Sweep {
  fileprivate var work: PassWork {
    PassWork(configuration, layers: layersToRun, head: points.contains(.logits))
  }

  /// A block's tokens, those of reruns and branches counted by what they cost.
  fileprivate func work(inBlock block: Int) -> Double {
    let branches = Double(branchedTokens(inBlock: block) * experiments.reduce(0) { $0 + $1.branches.count })
    return Double(tokens(inBlock: block) + rerunTokens(inBlock: block))
      + branches * work.relativeCost(afterLayer: plan.layer)
  }
}
