/// Kinds of SAE that are read, in SAELens' spelling, which run files record.
public enum SAEArchitecture: String, CaseIterable, Sendable {
  case standard
  case jumpReLU = "jumprelu"
  case topK = "topk"
  case absTopK = "abstopk"
  case gated

  /// Tensors of the weights file, in SAELens' spelling.
  var tensors: [String] {
    let shared = ["W_enc", "W_dec", "b_dec"]
    return switch self {
    case .standard, .topK, .absTopK: shared + ["b_enc"]
    case .jumpReLU: shared + ["b_enc", "threshold"]
    case .gated: shared + ["b_gate", "b_mag", "r_mag"]
    }
  }

  static var readable: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// Why an architecture that SAELens knows cannot be measured; nil for one that it does not know.
  static func refusal(of name: String) -> String? {
    switch name {
    case "transcoder", "skip_transcoder", "jumprelu_transcoder", "jumprelu_skip_transcoder":
      "A transcoder predicts another place of the model, not its own input, so there is no reconstruction to measure"
    case "temporal":
      "It encodes a token with its predecessors, while reconstruction is measured token by token"
    case "matching_pursuit":
      "It encodes by repeated search through the dictionary, which clearbox cannot do"
    case "batchtopk", "matryoshka_batchtopk", "matryoshka":
      "It exists in training alone; save it with SAELens' save_inference_model, which makes it jumprelu"
    default: nil
    }
  }
}
