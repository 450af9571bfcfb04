/// SAELens' cfg.json, of version 6 and of the flat layout before it.
///
/// Source: sae-lens 6.54, loading/pretrained_sae_loaders.py: handle_config_defaulting, handle_pre_6_0_config.
struct SAELensConfiguration {
  let path: String
  private let tree: JSONValue

  init(path: String) throws {
    self.path = path
    tree = try JSONValue.file(path)
  }

  /// A file that does not name version 6 or later has old names and defaults, and lets `activation_fn` overrule
  /// `architecture`.
  private var isOld: Bool {
    guard let version = tree["sae_lens_version"]?.string ?? tree["metadata"]?["sae_lens_version"]?.string,
      let major = version.split(separator: ".").first.flatMap({ Int($0) })
    else { return true }
    return major < 6
  }

  func bool(_ key: String) -> Bool? { tree[key]?.bool }

  func require(_ key: String) throws -> Int {
    guard let value = tree[key]?.integer else { throw SAEError.missingKey(path: path, key: key) }
    return value
  }

  /// Old files carry k among the activation function's arguments.
  private var oldK: Int? { isOld ? tree["activation_fn_kwargs"]?["k"]?.integer : nil }

  private var oldActivation: String? {
    isOld ? tree["activation_fn"]?.string ?? tree["activation_fn_str"]?.string : nil
  }

  /// Of topk and abstopk; 100 where the file does not say, as in SAELens.
  func k() throws -> Int {
    if let oldK { return oldK }
    guard let value = tree["k"], value != .null else { return 100 }
    guard let k = value.integer else {
      throw SAEError.unsupported(path: path, key: "k", value: value.summary, supported: "a whole number")
    }
    return k
  }

  func architecture() throws -> SAEArchitecture {
    if oldActivation == "topk", oldK != nil { return .topK }
    guard let name = tree["architecture"]?.string ?? (isOld ? "standard" : nil) else {
      throw SAEError.missingKey(path: path, key: "architecture")
    }
    guard let architecture = SAEArchitecture(rawValue: name) else {
      throw SAEError.architecture(
        path: path, found: name, reason: SAEArchitecture.refusal(of: name), supported: SAEArchitecture.readable)
    }
    // Another function would be applied silently as ReLU.
    if let function = oldActivation, function != "relu", !(function == "topk" && architecture == .topK) {
      throw SAEError.unsupported(
        path: path, key: tree["activation_fn"] == nil ? "activation_fn_str" : "activation_fn", value: "\"\(function)\"",
        supported: "\"relu\", or \"topk\" with activation_fn_kwargs.k")
    }
    return architecture
  }

  /// `expected_average_only_in`, which very old files spell true, is identity at inference: the factor is part of the
  /// weights.
  func normalization() throws -> SAENormalization {
    switch tree["normalize_activations"] {
    case nil, .text("none"), .text("expected_average_only_in"): return .none
    case .bool(_) where isOld: return .none
    case .text(SAENormalization.constantNorm.rawValue): return .constantNorm
    case .text(SAENormalization.layerNorm.rawValue): return .layerNorm
    case .text("covariance_whitening"):
      throw SAEError.unsupported(
        path: path, key: "normalize_activations", value: "\"covariance_whitening\"",
        supported: "SAEs whose whitening is part of the weights: call SAELens' fold_activation_whitening and save again"
      )
    case .some(let other):
      throw SAEError.unsupported(
        path: path, key: "normalize_activations", value: other.summary,
        supported: "none, expected_average_only_in, constant_norm_rescale, layer_norm")
    }
  }

  /// Vectors are read as they are, never as attention heads side by side.
  func checkShape() throws {
    let stated = tree["reshape_activations"]
    let implied = isOld && stated == nil && hookName?.contains("hook_z") == true ? JSONValue.text("hook_z") : nil
    if let mode = stated ?? implied, mode != .text("none") {
      throw SAEError.unsupported(path: path, key: "reshape_activations", value: mode.summary, supported: "none")
    }
  }

  var hookName: String? {
    tree["metadata"]?["hook_name"]?.string ?? tree["hook_name"]?.string ?? tree["hook_point"]?.string
  }
}
