/// The weights of a Gemma 3 text model by role. Checkpoint spellings live here and nowhere else.
public enum Gemma3Tensor: Hashable, Sendable {
  /// [V, D]; also the language-model head, which is tied to it.
  case embedding
  /// [D]
  case finalNorm
  case layer(Int, Gemma3LayerTensor)

  /// All tensors of a model with so many layers: embedding, layers in order, final norm.
  public static func all(layerCount: Int) -> [Gemma3Tensor] {
    [.embedding]
      + (0..<layerCount).flatMap { layer in Gemma3LayerTensor.allCases.map { .layer(layer, $0) } }
      + [.finalNorm]
  }

  public var isNorm: Bool {
    switch self {
    case .embedding: false
    case .finalNorm: true
    case .layer(_, let tensor): tensor.isNorm
    }
  }

  /// True for the weights a quantizer replaces: the seven linear layers of a block.
  public var isLinear: Bool {
    switch self {
    case .embedding, .finalNorm: false
    case .layer(_, let tensor): !tensor.isNorm
    }
  }

  /// Row-major shape: linear weights are [out, in], norms [width].
  public func shape(_ configuration: Gemma3Configuration) -> [Int] {
    switch self {
    case .embedding: [configuration.vocabularySize, configuration.dModel]
    case .finalNorm: [configuration.dModel]
    case .layer(_, let tensor): tensor.shape(configuration)
    }
  }

  /// Name in a GGUF file.
  var ggufName: String {
    switch self {
    case .embedding: "token_embd.weight"
    case .finalNorm: "output_norm.weight"
    case .layer(let index, let tensor): "blk.\(index).\(tensor.ggufName).weight"
    }
  }

  /// Name in a Hugging Face checkpoint, after its prefix: see `huggingFacePrefixes`.
  public var huggingFaceName: String {
    switch self {
    case .embedding: "embed_tokens.weight"
    case .finalNorm: "norm.weight"
    case .layer(let index, let tensor): "layers.\(index).\(tensor.huggingFaceName).weight"
    }
  }

  /// What stands before the names: text-only models; multimodal ones, as published and as save_pretrained writes them
  /// (transformers 4.50 to 5.23); multimodal ones under the module names of transformers 4.52 and later; a bare text model.
  static let huggingFacePrefixes = [
    "model.", "language_model.model.", "model.language_model.", "model.language_model.model.", "",
  ]

  /// Names of a head, where one is stored although it is tied.
  static let ggufHead = "output.weight"
  static let huggingFaceHeads = [
    "lm_head.weight", "language_model.lm_head.weight", "model.lm_head.weight", "model.language_model.lm_head.weight",
  ]
}

/// The weights inside one decoder layer.
public enum Gemma3LayerTensor: String, CaseIterable, Hashable, Sendable, Codable {
  /// RMSNorm before attention, [D]
  case inputNorm
  /// [H·d, D]
  case qProj
  /// [K·d, D]
  case kProj
  /// [K·d, D]
  case vProj
  /// RMSNorm of each query head, [d]
  case qNorm
  /// RMSNorm of each key head, [d]
  case kNorm
  /// [D, H·d]
  case oProj
  /// RMSNorm of attention's output, [D]
  case postAttentionNorm
  /// RMSNorm before the feed-forward layer, [D]
  case preFeedforwardNorm
  /// [intermediate, D]
  case gateProj
  /// [intermediate, D]
  case upProj
  /// [D, intermediate]
  case downProj
  /// RMSNorm of the feed-forward layer's output, [D]
  case postFeedforwardNorm

  public var isNorm: Bool {
    switch self {
    case .inputNorm, .qNorm, .kNorm, .postAttentionNorm, .preFeedforwardNorm, .postFeedforwardNorm: true
    case .qProj, .kProj, .vProj, .oProj, .gateProj, .upProj, .downProj: false
    }
  }

  func shape(_ c: Gemma3Configuration) -> [Int] {
    switch self {
    case .inputNorm, .postAttentionNorm, .preFeedforwardNorm, .postFeedforwardNorm: [c.dModel]
    case .qNorm, .kNorm: [c.headDim]
    case .qProj: [c.headCount * c.headDim, c.dModel]
    case .kProj, .vProj: [c.keyValueHeadCount * c.headDim, c.dModel]
    case .oProj: [c.dModel, c.headCount * c.headDim]
    case .gateProj, .upProj: [c.intermediateSize, c.dModel]
    case .downProj: [c.dModel, c.intermediateSize]
    }
  }

  fileprivate var ggufName: String {
    switch self {
    case .inputNorm: "attn_norm"
    case .qProj: "attn_q"
    case .kProj: "attn_k"
    case .vProj: "attn_v"
    case .qNorm: "attn_q_norm"
    case .kNorm: "attn_k_norm"
    case .oProj: "attn_output"
    case .postAttentionNorm: "post_attention_norm"
    case .preFeedforwardNorm: "ffn_norm"
    case .gateProj: "ffn_gate"
    case .upProj: "ffn_up"
    case .downProj: "ffn_down"
    case .postFeedforwardNorm: "post_ffw_norm"
    }
  }

  fileprivate var huggingFaceName: String {
    switch self {
    case .inputNorm: "input_layernorm"
    case .qProj: "self_attn.q_proj"
    case .kProj: "self_attn.k_proj"
    case .vProj: "self_attn.v_proj"
    case .qNorm: "self_attn.q_norm"
    case .kNorm: "self_attn.k_norm"
    case .oProj: "self_attn.o_proj"
    case .postAttentionNorm: "post_attention_layernorm"
    case .preFeedforwardNorm: "pre_feedforward_layernorm"
    case .gateProj: "mlp.gate_proj"
    case .upProj: "mlp.up_proj"
    case .downProj: "mlp.down_proj"
    case .postFeedforwardNorm: "post_feedforward_layernorm"
    }
  }
}
