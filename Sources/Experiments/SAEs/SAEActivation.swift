/// What makes feature activations a of pre-activations p = in · W_enc: the kind of SAE, with the vectors [F] it needs.
///
/// Source: sae-lens 6.54, saes/{standard,jumprelu,topk,abstopk,gated}_sae.py.
public enum SAEActivation: Sendable {
  /// z = p + bias; a = max(z, 0).
  case standard(bias: [Float])
  /// z = p + bias; a = z where z > threshold and z > 0, else 0.
  case jumpReLU(bias: [Float], threshold: [Float])
  /// z = p + bias; a = max(z, 0) of the k largest z.
  case topK(bias: [Float], TopK)
  /// z = p + bias; a = z of the k largest |z|: features that fire in both directions.
  case absTopK(bias: [Float], TopK)
  /// a = max(p·exp(r) + magnitudeBias, 0) where p + gateBias > 0, else 0.
  case gated(gateBias: [Float], magnitudeBias: [Float], logScale: [Float])

  public struct TopK: Sendable {
    /// Most features that a token may activate.
    public let count: Int
    /// z counts, and a is given, in units of the decoder row's length: z·‖W_dec row‖; decoding divides by it again.
    public let rescalesByDecoderNorm: Bool
  }

  public var architecture: SAEArchitecture {
    switch self {
    case .standard: .standard
    case .jumpReLU: .jumpReLU
    case .topK: .topK
    case .absTopK: .absTopK
    case .gated: .gated
    }
  }
}

/// What an SAE does to a token's vector before it encodes, undone after decoding.
///
/// Source: sae-lens 6.54, SAE._setup_activation_normalization.
public enum SAENormalization: String, Sendable {
  case none
  /// x·√D ∕ ‖x‖
  case constantNorm = "constant_norm_rescale"
  /// (x − mean) ∕ (s + 10⁻⁵), s the standard deviation with D − 1; undone as x̂·s + mean.
  case layerNorm = "layer_norm"
}
