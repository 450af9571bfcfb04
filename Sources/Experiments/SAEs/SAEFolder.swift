import Foundation

/// What an SAE's folder says about itself: which library wrote it, its dimensions and its switches.
struct SAEFolder {
  let format: JumpReLUWeights.Format
  let weightsPath: String
  let tensorNames: TensorNames
  /// Dimensions where the configuration states them; else the weights decide.
  let dIn: Int?
  let dSAE: Int?
  let applyDecoderBiasToInput: Bool
  let hookName: String?

  struct TensorNames {
    let encoder: String
    let encoderBias: String
    let threshold: String
    let decoder: String
    let decoderBias: String
  }

  init(path: String) throws {
    func inside(_ name: String) -> String { (path.hasSuffix("/") ? path : path + "/") + name }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FileError.missing(path: path)
    }
    if FileManager.default.fileExists(atPath: inside("cfg.json")) {
      try self.init(saeLens: inside("cfg.json"), weightsPath: inside("sae_weights.safetensors"))
    } else if FileManager.default.fileExists(atPath: inside("params.safetensors")) {
      try self.init(gemmaScope: inside("config.json"), weightsPath: inside("params.safetensors"))
    } else {
      throw SAEError.notAnSAE(path: path)
    }
  }

  // MARK: SAELens

  /// Source: sae-lens 6.54, loading/pretrained_sae_loaders.py; files before version 6 have other defaults and no
  /// `metadata`.
  private init(saeLens path: String, weightsPath: String) throws {
    let configuration = try Self.parse(path)
    func string(_ key: String) -> String? { configuration[key]?.string }

    let architecture = string("architecture") ?? "standard"
    guard architecture == "jumprelu" else {
      throw SAEError.unsupported(
        path: path, key: "architecture", value: "\"\(architecture)\"", supported: "\"jumprelu\"")
    }
    // Old files say true for expected_average_only_in, which a finished SAE has folded into its weights.
    let harmless: [JSONValue] = [.string("none"), .string("expected_average_only_in"), .bool(true), .bool(false)]
    if let mode = configuration["normalize_activations"], !harmless.contains(mode) {
      throw SAEError.unsupported(
        path: path, key: "normalize_activations", value: mode.summary,
        supported: "none, expected_average_only_in (fold others with SAELens before saving)")
    }
    if let mode = configuration["reshape_activations"], mode != .string("none") {
      throw SAEError.unsupported(path: path, key: "reshape_activations", value: mode.summary, supported: "none")
    }
    if configuration["finetuning_scaling_factor"] == .bool(true) {
      throw SAEError.unsupported(path: path, key: "finetuning_scaling_factor", value: "true", supported: "false")
    }
    guard let dIn = configuration["d_in"]?.integer else { throw SAEError.missingKey(path: path, key: "d_in") }
    guard let dSAE = configuration["d_sae"]?.integer else { throw SAEError.missingKey(path: path, key: "d_sae") }
    self.dIn = dIn
    self.dSAE = dSAE
    format = .saeLens
    self.weightsPath = weightsPath
    tensorNames = TensorNames(
      encoder: "W_enc", encoderBias: "b_enc", threshold: "threshold", decoder: "W_dec", decoderBias: "b_dec")
    applyDecoderBiasToInput = configuration["apply_b_dec_to_input"]?.bool ?? true
    hookName = configuration["metadata"]?["hook_name"]?.string ?? string("hook_name") ?? string("hook_point")
  }

  // MARK: Gemma Scope 2

  /// Source: the repositories google/gemma-scope-2-*; sae-lens 6.54, gemma_3_sae_huggingface_loader. Some folders come
  /// without config.json; then only the weights' shapes are known.
  private init(gemmaScope path: String, weightsPath: String) throws {
    format = .gemmaScope2
    self.weightsPath = weightsPath
    tensorNames = TensorNames(
      encoder: "w_enc", encoderBias: "b_enc", threshold: "threshold", decoder: "w_dec", decoderBias: "b_dec")
    applyDecoderBiasToInput = false
    dIn = nil
    guard FileManager.default.fileExists(atPath: path) else {
      dSAE = nil
      hookName = nil
      return
    }
    let configuration = try Self.parse(path)
    let expected: [(key: String, value: JSONValue)] = [
      ("architecture", .string("jump_relu")), ("type", .string("sae")), ("affine_connection", .bool(false)),
    ]
    for (key, value) in expected {
      if let found = configuration[key], found != value {
        throw SAEError.unsupported(path: path, key: key, value: found.summary, supported: value.summary)
      }
    }
    dSAE = configuration["width"]?.integer
    hookName = configuration["hf_hook_point_in"]?.string
  }

  private static func parse(_ path: String) throws -> JSONValue {
    let file = try MappedFile(path: path)
    return try file.withBytes { bytes in
      do { return try JSONValue.parse(bytes) } catch let error as JSONError {
        throw SAEError.invalidJSON(path: path, error)
      }
    }
  }
}
