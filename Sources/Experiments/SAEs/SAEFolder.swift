import Foundation

/// What an SAE's folder says about itself: which library wrote it, its dimensions and its switches.
struct SAEFolder {
  let format: SparseAutoencoderWeights.Format
  let configurationPath: String
  let weightsPath: String
  var architecture = SAEArchitecture.jumpReLU
  /// Dimensions where the configuration states them; else the weights decide.
  var dIn: Int?
  var dSAE: Int?
  /// topk, abstopk
  var k = 100
  var rescalesByDecoderNorm = false
  var subtractsDecoderBias = false
  var normalization = SAENormalization.none
  var hookName: String?

  init(path: String) throws {
    func inside(_ name: String) -> String { (path.hasSuffix("/") ? path : path + "/") + name }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: inside(name)) }
    guard FileManager.default.fileExists(atPath: path) else { throw FileError.missing(path: path) }
    if exists("cfg.json") {
      let file = try SAELensConfiguration(path: inside("cfg.json"))
      self.init(format: .saeLens, configurationPath: file.path, weightsPath: inside("sae_weights.safetensors"))
      try read(file)
    } else if exists("params.safetensors") {
      self.init(
        format: .gemmaScope2, configurationPath: inside("config.json"), weightsPath: inside("params.safetensors"))
      try readGemmaScope(folder: path, isDescribed: exists("config.json"))
    } else {
      throw SAEError.notAnSAE(path: path)
    }
  }

  private init(format: SparseAutoencoderWeights.Format, configurationPath: String, weightsPath: String) {
    self.format = format
    self.configurationPath = configurationPath
    self.weightsPath = weightsPath
  }

  private mutating func read(_ file: SAELensConfiguration) throws {
    architecture = try file.architecture()
    normalization = try file.normalization()
    try file.checkShape()
    dIn = try file.require("d_in")
    dSAE = try file.require("d_sae")
    k = try file.k()
    rescalesByDecoderNorm = file.bool("rescale_acts_by_decoder_norm") ?? false
    subtractsDecoderBias = file.bool("apply_b_dec_to_input") ?? true
    hookName = file.hookName
  }

  // MARK: Gemma Scope 2

  /// Source: the repositories google/gemma-scope-2-*; sae-lens 6.54, gemma_3_sae_huggingface_loader. Some folders come
  /// without config.json; then their path in the repository says where they were trained.
  private mutating func readGemmaScope(folder: String, isDescribed: Bool) throws {
    guard isDescribed else {
      let place = GemmaScopePlace(folder: folder)
      if let site = place.site, ["transcoder", "clt", "crosscoder"].contains(where: site.hasPrefix) {
        throw SAEError.unsupported(path: folder, key: "the folder's kind", value: site, supported: "resid_post")
      }
      hookName = place.hookName
      return
    }
    let configuration = try JSONValue.file(configurationPath)
    let expected: [(key: String, value: JSONValue)] = [
      ("architecture", .text("jump_relu")), ("type", .text("sae")), ("affine_connection", .bool(false)),
    ]
    for (key, value) in expected {
      if let found = configuration[key], found != value {
        throw SAEError.unsupported(path: configurationPath, key: key, value: found.summary, supported: value.summary)
      }
    }
    dSAE = configuration["width"]?.integer
    hookName = configuration["hf_hook_point_in"]?.string
  }
}

/// Where a Gemma Scope 2 SAE was trained, from its path: …/resid_post/layer_17_width_16k_l0_medium.
struct GemmaScopePlace {
  /// resid_post, mlp_out_all, transcoder …; nil where the path does not say.
  var site: String?
  /// In Gemma Scope's spelling; nil where the path does not say.
  var hookName: String?

  init(folder: String) {
    let parts = URL(fileURLWithPath: folder).standardizedFileURL.pathComponents.suffix(2)
    guard parts.count == 2, let name = parts.last, name.hasPrefix("layer_"), let parent = parts.first,
      let layer = Int(name.dropFirst("layer_".count).prefix { $0.isNumber })
    else { return }
    let places = [
      ("resid_post", "output"), ("attn_out", "self_attn.o_proj.input"),
      ("mlp_out", "post_feedforward_layernorm.output"), ("transcoder", nil), ("clt", nil), ("crosscoder", nil),
    ]
    guard let (_, place) = places.first(where: { parent.hasPrefix($0.0) }) else { return }
    site = parent
    hookName = place.map { "model.layers.\(layer).\($0)" }
  }
}

extension JSONValue {
  /// Parses a whole file.
  /// - Throws: `FileError`, `SAEError.invalidJSON`.
  static func file(_ path: String) throws -> JSONValue {
    try MappedFile(path: path).withBytes { bytes in
      do { return try parse(bytes) } catch let error as JSONError {
        throw SAEError.invalidJSON(path: path, error)
      }
    }
  }
}
