extension RunDescription.SAE {
  /// The architecture as the literature writes it, for a reader: "JumpReLU".
  public var architectureName: String {
    switch architecture {
    case "standard": "ReLU"
    case "jumprelu": "JumpReLU"
    case "topk": "TopK"
    case "abstopk": "AbsTopK"
    case "gated": "gated"
    default: architecture
    }
  }
}
