/// So many chunks are summed up before such sums are added, in order: a sum over the study has the same bits whatever the
/// size of blocks, the number of threads, and the machines that chunks were spread over.
///
/// What the pass computes today is per token, segment or chunk, and depends on none of them. An experiment that sums over
/// chunks sums by these units; a block is a whole number of them, so that no unit is ever cut.
enum ReductionUnit {
  static let chunkCount = 16

  /// The fewest batches, at least so many, that make up whole units.
  static func batches(ofChunks batchSize: Int, atLeast count: Int) -> Int {
    var (a, b) = (batchSize, chunkCount)
    while b > 0 { (a, b) = (b, a % b) }
    let step = chunkCount / a
    return (count + step - 1) / step * step
  }
}
