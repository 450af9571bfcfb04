import Kernels

/// Causal grouped-query attention within chunks.
///
/// Scores and softmax are float32, the probabilities are rounded before they weigh the values, and the division by
/// their sum comes last: the order of transformers' default attention (sdpa) on the CPU.
struct Attention<A: Arithmetic>: Sendable {
  let headCount: Int
  let keyValueHeadCount: Int
  let headDim: Int
  /// query_pre_attn_scalar^(−½)
  let scale: Float
  /// Visible tokens, the token itself counted; nil in global layers.
  let window: Int?

  /// Width of a row of projections: queries, keys, values side by side.
  var projectionWidth: Int { (headCount + 2 * keyValueHeadCount) * headDim }

  /// Query rows that share one product: few enough that a causal mask wastes little.
  private static var queryTile: Int { 128 }

  /// - Parameters:
  ///   - projections: [length, projectionWidth], normalised and rotated.
  ///   - context: [length, headCount · headDim].
  func apply(
    _ projections: UnsafePointer<A.Element>, length: Int, into context: UnsafeMutablePointer<A.Element>,
    _ workspace: Workspace
  ) throws {
    let stride = projectionWidth
    let contextStride = headCount * headDim
    let tile = Self.queryTile
    let scores = workspace.scratch(.scores, Float.self, count: tile * length)
    let probabilities = workspace.scratch(.probabilities, A.Element.self, count: tile * length)
    let attended = workspace.scratch(.attended, Float.self, count: tile * headDim)
    let sums = UnsafeMutablePointer<Float>.allocate(capacity: tile)
    defer { sums.deallocate() }
    let headsPerGroup = headCount / keyValueHeadCount
    for group in 0..<keyValueHeadCount {
      // The group's heads share keys and values, and their tiles do.
      let keys = workspace.multiplier.share(
        Strided(projections + (headCount + group) * headDim, stride: stride), rows: length, columns: headDim,
        isTransposed: false
      ) { workspace.scratch(.keys, count: $0) }
      let values = workspace.multiplier.share(
        Strided(projections + (headCount + keyValueHeadCount + group) * headDim, stride: stride), rows: headDim,
        columns: length, isTransposed: true
      ) { workspace.scratch(.values, count: $0) }
      for head in group * headsPerGroup..<(group + 1) * headsPerGroup {
        let queries = projections + head * headDim
        for start in Swift.stride(from: 0, to: length, by: tile) {
          let rows = min(tile, length - start)
          let end = start + rows
          // The first key that any row of the tile sees, rounded down so that few shapes occur.
          let first = window.map { max(0, start - $0 + 1) / tile * tile } ?? 0
          let width = end - first
          try workspace.product(of: A.Element.self, rows: rows, n: width, k: headDim) {
            try workspace.multiplier.multiply(
              Strided(queries + start * stride, stride: stride), rows: rows, by: keys, rows: first..<end,
              columns: 0..<headDim, into: scores, stride: width)
          }
          workspace.timed(part: .softmax) {
            for row in 0..<rows {
              let position = start + row
              let visible = window.map { max(0, position - $0 + 1) } ?? 0
              sums[row] = A.softmaxRow(
                scores + row * width, scale: scale, first: visible - first, end: position + 1 - first, width: width,
                into: probabilities + row * width)
            }
          }
          try workspace.product(of: A.Element.self, rows: rows, n: headDim, k: width) {
            try workspace.multiplier.multiply(
              Strided(UnsafePointer(probabilities), stride: width), rows: rows, by: values, rows: 0..<headDim,
              columns: first..<end, into: attended, stride: headDim)
          }
          for row in 0..<rows {
            A.scaleRow(
              attended + row * headDim, by: 1 / sums[row], count: headDim,
              into: context + (start + row) * contextStride + head * headDim)
          }
        }
      }
    }
  }
}
