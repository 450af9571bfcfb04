import Dispatch
import Measures
import RunFile

/// Sums of a column of vectors, [segments, 4, D], per chunk and stratum, as their inner products.
struct ChunkVectors {
  /// One per stratum.
  let grams: [ChunkGram]
  /// Over the headline's chunks, per cell: [4, D].
  let headlineCells: [Double]

  /// Nil when the column was not measured.
  init?(
    _ column: Column, of condition: RunDescription.Condition, in run: ChunkSums, strata: [Stratum], headline: Int
  ) throws {
    let (cells, width, chunkCount, segmentChunks) = (
      StratumFlags.cellCount, run.dModel, run.chunkCount, run.segmentChunks
    )
    precondition(segmentChunks.allSatisfy { 0..<chunkCount ~= Int($0) }, "segments lie in chunks")
    var totals = [Double](repeating: 0, count: cells * width)
    let size = chunkCount * width
    // [strata, chunks, D].
    var sums = [Double](repeating: 0, count: strata.count * size)
    let isMeasured = try RawColumns(reader: run.reader).forEachRows(column, of: condition.name, width: cells * width) {
      first, vectors in
      guard let source = vectors.baseAddress else { return }
      let segments = first..<first + vectors.count / (cells * width)
      precondition(segments.upperBound <= segmentChunks.count, "one vector sum per segment")
      if condition.isBaseline {
        for segment in segments where segmentChunks[segment] < headline {
          let from = source + (segment - first) * cells * width
          for index in 0..<(cells * width) { totals[index] += from[index] }
        }
      }
      sums.withUnsafeMutableBufferPointer { sums in
        guard let start = sums.baseAddress else { return }
        nonisolated(unsafe) let (source, target) = (source, start)  // safe: each stratum adds to its own sums only
        DispatchQueue.concurrentPerform(iterations: strata.count) { stratum in
          let members = strata[stratum].cells
          for segment in segments {
            let to = target + stratum * size + Int(segmentChunks[segment]) * width
            for cell in members {
              let from = source + ((segment - first) * cells + cell) * width
              for dimension in 0..<width { to[dimension] += from[dimension] }
            }
          }
        }
      }
    }
    guard isMeasured else { return nil }
    headlineCells = totals
    grams = strata.indices.map { position in
      let vectors = Array(sums[position * size..<(position + 1) * size])
      return ChunkGram(vectors: vectors, chunkCount: chunkCount, dimension: width)
    }
  }
}
