import Kernels

/// A decoder layer's weights as the checkpoint has them, rounded to bf16: read once, then given to each condition.
struct LayerTensors: Sendable {
  var query, key, value, output, gate, up, down: BF16Weights
  /// 1 + w of each norm.
  var gains: LayerGains

  init(_ checkpoint: Gemma3Checkpoint, layer: Int) throws {
    func matrix(_ part: Gemma3LayerTensor) throws -> BF16Weights { try BF16Weights(checkpoint, .layer(layer, part)) }
    func gain(_ part: Gemma3LayerTensor) throws -> AlignedBuffer<Float> {
      Self.gain(try checkpoint.tensor(.layer(layer, part)).bf16)
    }
    query = try matrix(.qProj)
    key = try matrix(.kProj)
    value = try matrix(.vProj)
    output = try matrix(.oProj)
    gate = try matrix(.gateProj)
    up = try matrix(.upProj)
    down = try matrix(.downProj)
    gains = .init(
      input: try gain(.inputNorm), query: try gain(.qNorm), key: try gain(.kNorm),
      postAttention: try gain(.postAttentionNorm), preFeedforward: try gain(.preFeedforwardNorm),
      postFeedforward: try gain(.postFeedforwardNorm))
  }

  /// 1 + w in float32: what RMSNorm multiplies with.
  static func gain(_ w: [UInt16]) -> AlignedBuffer<Float> {
    AlignedBuffer(w.map { 1 + BF16.float($0) })
  }
}
