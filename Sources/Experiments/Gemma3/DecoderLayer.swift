import Kernels

/// 1 + w of each of a layer's norms, float32.
struct LayerGains: Sendable {
  var input, query, key, postAttention, preFeedforward, postFeedforward: AlignedBuffer<Float>
}

/// One decoder layer of Gemma 3 with its weights in one condition's form.
///
///     x += norm(attention(norm(x)));  x += norm(mlp(norm(x)))
///
/// Source: transformers, modeling_gemma3.py (Gemma3DecoderLayer).
struct DecoderLayer<A: Arithmetic>: Sendable {
  let gains: LayerGains
  /// Queries, keys and values in one product.
  let qkv: any Linear<A.Element>
  let output: any Linear<A.Element>
  /// Gate and up in one product.
  let gateUp: any Linear<A.Element>
  let down: any Linear<A.Element>
  let attention: Attention<A>
  let rotary: RotaryTable
  let epsilon: Float

  /// Runs chunks of `chunkLength` rows through the layer, in place. x: [rows, D].
  func apply(_ x: UnsafeMutablePointer<A.Element>, rows: Int, chunkLength: Int, _ workspace: Workspace) throws {
    let d = qkv.inputs
    let (headDim, heads, groups) = (attention.headDim, attention.headCount, attention.keyValueHeadCount)
    let projectionWidth = attention.projectionWidth
    let normed = workspace.scratch(.normed, A.Element.self, count: rows * d)
    let projections = workspace.scratch(
      .projections, A.Element.self, count: rows * max(projectionWidth, gateUp.outputs))
    let context = workspace.scratch(.context, A.Element.self, count: rows * output.inputs)
    let branch = workspace.scratch(.branch, A.Element.self, count: rows * d)

    workspace.timed(.norms) {
      A.rmsNorm(x, gain: gains.input.pointer, epsilon: epsilon, rows: rows, width: d, into: normed)
    }
    try workspace.timed(.queryKeyValue) { try qkv.apply(normed, rows: rows, into: projections, workspace) }
    for start in stride(from: 0, to: rows, by: chunkLength) {
      let length = min(chunkLength, rows - start)
      let chunk = projections + start * projectionWidth
      workspace.timed(.norms) {
        A.headNormRoPE(
          chunk, rows: length, stride: projectionWidth, heads: heads, headDim: headDim,
          gain: gains.query.pointer, epsilon: epsilon, cosine: rotary.cosine.pointer, sine: rotary.sine.pointer)
        A.headNormRoPE(
          chunk + heads * headDim, rows: length, stride: projectionWidth, heads: groups, headDim: headDim,
          gain: gains.key.pointer, epsilon: epsilon, cosine: rotary.cosine.pointer, sine: rotary.sine.pointer)
      }
      try workspace.timed(.attention) {
        try attention.apply(chunk, length: length, into: context + start * output.inputs, workspace)
      }
    }
    try workspace.timed(.output) { try output.apply(context, rows: rows, into: branch, workspace) }
    workspace.timed(.norms) {
      A.addRMSNorm(x, branch: branch, gain: gains.postAttention.pointer, epsilon: epsilon, rows: rows, width: d)
      A.rmsNorm(x, gain: gains.preFeedforward.pointer, epsilon: epsilon, rows: rows, width: d, into: normed)
    }

    let hidden = workspace.scratch(.hidden, A.Element.self, count: rows * down.inputs)
    try workspace.timed(.gateUp) { try gateUp.apply(normed, rows: rows, into: projections, workspace) }
    workspace.timed(.gelu) { A.geluMultiply(projections, rows: rows, width: down.inputs, into: hidden) }
    try workspace.timed(.down) { try down.apply(hidden, rows: rows, into: branch, workspace) }
    workspace.timed(.norms) {
      A.addRMSNorm(x, branch: branch, gain: gains.postFeedforward.pointer, epsilon: epsilon, rows: rows, width: d)
    }
  }
}
