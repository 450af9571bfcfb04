extension Gemma3Configuration {
  /// Reads the configuration from a `config.json`, in the spellings of transformers 4 and 5, text-only
  /// (`gemma3_text`) or multimodal (`gemma3`, whose `text_config` is read).
  ///
  /// Source: transformers 5.23, models/gemma3/configuration_gemma3.py.
  init(huggingFace root: JSONValue, path: String) throws {
    guard let type = root["model_type"]?.string else { throw CheckpointError.missingKey(path: path, key: "model_type") }
    let text: JSONValue
    let section: String
    switch type {
    case "gemma3_text":
      (text, section) = (root, "")
    case "gemma3":
      guard let inner = root["text_config"] else { throw CheckpointError.missingKey(path: path, key: "text_config") }
      (text, section) = (inner, "text_config.")
    default:
      throw CheckpointError.unknownArchitecture(path: path, name: type)
    }
    let fields = Fields(object: text, path: path, section: section)

    name = root["_name_or_path"]?.string.map { $0.split(separator: "/").last.map(String.init) ?? "" } ?? ""
    architecture = type
    dModel = try fields.integer("hidden_size")
    layerCount = try fields.integer("num_hidden_layers")
    headCount = try fields.integer("num_attention_heads")
    keyValueHeadCount = try fields.integer("num_key_value_heads")
    headDim = try fields.integer("head_dim")
    intermediateSize = try fields.integer("intermediate_size")
    vocabularySize = try fields.integer("vocab_size")
    slidingWindow = try fields.integer("sliding_window")
    queryPreAttentionScalar = try fields.number("query_pre_attn_scalar")
    rmsNormEpsilon = try fields.number("rms_norm_eps")
    maxPositions = try fields.integer("max_position_embeddings")

    for key in ["attn_logit_softcapping", "final_logit_softcapping"] {
      if let value = text[key] {
        throw CheckpointError.unsupportedFeature(path: path, key: section + key, value: value.summary)
      }
    }
    for key in ["attention_bias", "use_bidirectional_attention"] {
      if let value = text[key], value != .bool(false) {
        throw CheckpointError.unsupportedFeature(path: path, key: section + key, value: value.summary)
      }
    }
    if let value = text["tie_word_embeddings"] ?? root["tie_word_embeddings"], value != .bool(true) {
      throw CheckpointError.unsupportedFeature(path: path, key: section + "tie_word_embeddings", value: value.summary)
    }
    if let value = text["hidden_activation"] ?? text["hidden_act"], value != .string("gelu_pytorch_tanh") {
      throw CheckpointError.unsupportedFeature(path: path, key: section + "hidden_activation", value: value.summary)
    }

    let rope = try Rope(fields)
    ropeBaseGlobal = rope.baseGlobal
    ropeBaseLocal = rope.baseLocal
    ropeScalingFactorGlobal = rope.scalingFactorGlobal
    isGlobal = try Self.layerKinds(fields, layerCount: layerCount)
    try validate(path: path)
  }

  private static func layerKinds(_ fields: Fields, layerCount: Int) throws -> [Bool] {
    if let types = fields.object["layer_types"] {
      var kinds: [Bool] = []
      for type in types.array ?? [] {
        switch type.string {
        case "full_attention": kinds.append(true)
        case "sliding_attention": kinds.append(false)
        default: throw fields.invalid("layer_types", type, needed: "full_attention or sliding_attention")
        }
      }
      return kinds
    }
    let key = fields.object["sliding_window_pattern"] == nil ? "_sliding_window_pattern" : "sliding_window_pattern"
    guard fields.object[key] != nil else {
      throw CheckpointError.missingKey(
        path: fields.path, key: fields.section + "layer_types (or sliding_window_pattern)")
    }
    let pattern = try fields.integer(key)
    guard pattern > 0, 0...mostLayers ~= layerCount else {
      throw fields.invalid(key, .integer(pattern), needed: "a positive number")
    }
    return globalLayers(count: layerCount, pattern: pattern)
  }

  /// Rotary embedding: `rope_parameters` by layer type (transformers 5) or four flat keys (transformers 4).
  private struct Rope {
    let baseGlobal: Double
    let baseLocal: Double
    let scalingFactorGlobal: Double

    init(_ fields: Fields) throws {
      if fields.object["rope_parameters"] != nil {
        let parameters = try fields.inner("rope_parameters")
        let global = try parameters.inner("full_attention")
        let local = try parameters.inner("sliding_attention")
        baseGlobal = try global.number("rope_theta")
        baseLocal = try local.number("rope_theta")
        scalingFactorGlobal = try Self.scaling(global)
        guard try Self.scaling(local) == 1 else {
          throw CheckpointError.unsupportedFeature(
            path: fields.path, key: local.section + "rope_type", value: local.object["rope_type"]?.summary ?? "scaled")
        }
      } else {
        baseGlobal = try fields.number("rope_theta")
        baseLocal = try fields.number("rope_local_base_freq")
        scalingFactorGlobal =
          fields.object["rope_scaling"] == nil
          ? 1 : try Self.scaling(try fields.inner("rope_scaling"))
      }
    }

    private static func scaling(_ fields: Fields) throws -> Double {
      let key = fields.object["rope_type"] == nil && fields.object["type"] != nil ? "type" : "rope_type"
      switch fields.object[key]?.string {
      case "default": return 1
      case "linear": return try fields.number("factor")
      case nil: throw CheckpointError.missingKey(path: fields.path, key: fields.section + key)
      case .some(let other):
        throw CheckpointError.unsupportedFeature(path: fields.path, key: fields.section + key, value: other)
      }
    }
  }

  /// Keys of one JSON object, with the path to name in errors.
  private struct Fields {
    let object: JSONValue
    let path: String
    let section: String

    func integer(_ key: String) throws -> Int {
      let value = try require(key)
      guard let number = value.integer else { throw invalid(key, value, needed: "an integer") }
      return number
    }

    func number(_ key: String) throws -> Double {
      let value = try require(key)
      guard let number = value.number else { throw invalid(key, value, needed: "a number") }
      return number
    }

    func inner(_ key: String) throws -> Fields {
      let value = try require(key)
      guard value.object != nil else { throw invalid(key, value, needed: "an object") }
      return Fields(object: value, path: path, section: section + key + ".")
    }

    func invalid(_ key: String, _ value: JSONValue, needed: String) -> CheckpointError {
      .invalidValue(path: path, key: section + key, value: value.summary, needed: needed)
    }

    private func require(_ key: String) throws -> JSONValue {
      guard let value = object[key] else { throw CheckpointError.missingKey(path: path, key: section + key) }
      return value
    }
  }
}
