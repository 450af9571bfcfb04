extension Gemma3Configuration {
  /// What transformers' Gemma3TextConfig gives a key that a `config.json` leaves out, as the published 4B, 12B and 27B
  /// ones do. Source: transformers 5.23, models/gemma3/configuration_gemma3.py; the same in 4.50 to 4.57.
  enum HuggingFaceDefault {
    static let hiddenSize = 2304
    static let intermediateSize = 9216
    static let layerCount = 26
    static let headCount = 8
    static let keyValueHeadCount = 4
    static let headDim = 256
    static let vocabularySize = 262_208
    static let slidingWindow = 4096
    static let slidingWindowPattern = 6
    static let queryPreAttentionScalar = 256.0
    static let rmsNormEpsilon = 1e-6
    static let maxPositions = 131_072
    static let ropeBaseGlobal = 1_000_000.0
    static let ropeBaseLocal = 10_000.0
  }

  /// Reads the configuration from a `config.json`, in the spellings of transformers 4 and 5, text-only
  /// (`gemma3_text`) or multimodal (`gemma3`, whose `text_config` is read).
  ///
  /// Source: transformers 5.23, models/gemma3/configuration_gemma3.py.
  init(huggingFace root: JSONValue, path: String) throws {
    let type = try Self.modelType(root, path: path)
    let isMultimodal = type == "gemma3"
    if isMultimodal, root["text_config"] == nil { throw CheckpointError.missingKey(path: path, key: "text_config") }
    var fields = ConfigurationFields(
      object: isMultimodal ? root["text_config"] ?? .null : root, path: path,
      section: isMultimodal ? "text_config." : "")
    guard fields.object.object != nil else {
      throw CheckpointError.invalidValue(
        path: path, key: "text_config", value: fields.object.summary, needed: "an object")
    }
    try Self.refuseOthers(root, fields)

    name = root["_name_or_path"]?.string.map { $0.split(separator: "/").last.map(String.init) ?? "" } ?? ""
    architecture = type
    dModel = try fields.integer("hidden_size", or: HuggingFaceDefault.hiddenSize)
    layerCount = try fields.integer("num_hidden_layers", or: HuggingFaceDefault.layerCount)
    headCount = try fields.integer("num_attention_heads", or: HuggingFaceDefault.headCount)
    keyValueHeadCount = try fields.integer("num_key_value_heads", or: HuggingFaceDefault.keyValueHeadCount)
    headDim = try fields.integer("head_dim", or: HuggingFaceDefault.headDim)
    intermediateSize = try fields.integer("intermediate_size", or: HuggingFaceDefault.intermediateSize)
    vocabularySize = try fields.integer("vocab_size", or: HuggingFaceDefault.vocabularySize)
    slidingWindow = try fields.integer("sliding_window", or: HuggingFaceDefault.slidingWindow)
    queryPreAttentionScalar = try fields.number(
      "query_pre_attn_scalar", or: HuggingFaceDefault.queryPreAttentionScalar)
    rmsNormEpsilon = try fields.number("rms_norm_eps", or: HuggingFaceDefault.rmsNormEpsilon)
    maxPositions = try fields.integer("max_position_embeddings", or: HuggingFaceDefault.maxPositions)

    let rope = try GemmaRope(&fields)
    ropeBaseGlobal = rope.baseGlobal
    ropeBaseLocal = rope.baseLocal
    ropeScalingFactorGlobal = rope.scalingFactorGlobal
    isGlobal = try Self.layerKinds(&fields, layerCount: layerCount)
    assumed = fields.assumed
    try validate(path: path)
  }

  /// "gemma3_text" or "gemma3"; by the class's name where no model_type is stated.
  private static func modelType(_ root: JSONValue, path: String) throws -> String {
    let classes = ["Gemma3ForCausalLM", "Gemma3TextModel", "Gemma3ForConditionalGeneration", "Gemma3Model"]
    let stated = root["architectures"]?.array?.compactMap(\.string) ?? []
    let known = stated.first(where: classes.contains)
    if let type = root["model_type"], type.string == nil {
      throw CheckpointError.invalidValue(
        path: path, key: "model_type", value: type.summary, needed: "gemma3_text or gemma3")
    }
    guard
      let type = root["model_type"]?.string ?? known.map({ _ in root["text_config"] == nil ? "gemma3_text" : "gemma3" })
    else {
      throw stated.first.map { CheckpointError.unknownArchitecture(path: path, name: $0) }
        ?? CheckpointError.missingKey(path: path, key: "model_type")
    }
    guard type == "gemma3" || type == "gemma3_text" else {
      throw CheckpointError.unknownArchitecture(path: path, name: type)
    }
    if let other = stated.first, known == nil { throw CheckpointError.unknownArchitecture(path: path, name: other) }
    return type
  }

  /// What would change the numbers and is not computed: quantized weights, and features that Gemma 3 does not have.
  private static func refuseOthers(_ root: JSONValue, _ fields: ConfigurationFields) throws {
    let (text, path, section) = (fields.object, fields.path, fields.section)
    for key in QuantizationNote.keys {
      for (value, prefix) in [(root[key], ""), (text[key], section)] {
        guard let value else { continue }
        try QuantizationNote.check(QuantizationFields(value, section: prefix + key, path: path), name: key)
      }
    }
    for key in ["attn_logit_softcapping", "final_logit_softcapping"] {
      if let value = text[key] {
        throw CheckpointError.unsupportedFeature(path: path, key: section + key, value: value.summary)
      }
    }
    if let value = text["attention_bias"], value != .bool(false) {
      throw CheckpointError.unsupportedFeature(path: path, key: section + "attention_bias", value: value.summary)
    }
    if let value = text["use_bidirectional_attention"], value != .bool(false) {
      throw CheckpointError.unknownArchitecture(path: path, name: CheckpointError.bidirectional)
    }
    for (value, prefix) in [(root["tie_word_embeddings"], ""), (text["tie_word_embeddings"], section)] {
      if let value, value.bool == nil {
        throw CheckpointError.invalidValue(
          path: path, key: prefix + "tie_word_embeddings", value: value.summary, needed: "true or false")
      }
    }
    for key in ["hidden_activation", "hidden_act"] {
      if let value = text[key], value != .text("gelu_pytorch_tanh") {
        throw CheckpointError.unsupportedFeature(path: path, key: section + key, value: value.summary)
      }
    }
  }

  /// Per layer, global or not: `layer_types`, else every `sliding_window_pattern`-th.
  private static func layerKinds(_ fields: inout ConfigurationFields, layerCount: Int) throws -> [Bool] {
    if let types = fields.object["layer_types"] {
      guard let types = types.array else { throw fields.invalid("layer_types", types, needed: "an array") }
      return try types.map { type in
        switch type.string {
        case "full_attention": return true
        case "sliding_attention": return false
        default: throw fields.invalid("layer_types", type, needed: "full_attention or sliding_attention")
        }
      }
    }
    // transformers does not read the key with the underscore, which it writes beside layer_types: it takes 6.
    let unread = "_sliding_window_pattern"
    let usual = HuggingFaceDefault.slidingWindowPattern
    if fields.object["sliding_window_pattern"] == nil, let value = fields.object[unread] {
      guard value.integer == usual else {
        throw fields.invalid(
          unread, value, needed: "\(usual), or layer_types, without which transformers takes \(usual),")
      }
      return globalLayers(count: min(layerCount, mostLayers), pattern: usual)
    }
    let pattern = try fields.integer("sliding_window_pattern", or: usual)
    guard pattern > 0, 0...mostLayers ~= layerCount else {
      throw fields.invalid("sliding_window_pattern", .integer(pattern), needed: "a positive number")
    }
    return globalLayers(count: layerCount, pattern: pattern)
  }
}

/// Rotary embedding of both kinds of layers: `rope_parameters` by layer type (transformers 5), or `rope_theta`,
/// `rope_local_base_freq` and `rope_scaling`, which belongs to global layers alone (transformers 4). Where both are there, each
/// flat key fills in what `rope_parameters` leaves out.
private struct GemmaRope {
  let baseGlobal: Double
  let baseLocal: Double
  let scalingFactorGlobal: Double

  init(_ fields: inout ConfigurationFields) throws {
    let nested = try fields.inner("rope_parameters")
    let global = try nested?.inner("full_attention")
    let local = try nested?.inner("sliding_attention")
    if let nested, global == nil, local == nil, nested.object.object?.isEmpty == false {
      throw fields.invalid(
        "rope_parameters", nested.object, needed: "an object with the keys full_attention and sliding_attention")
    }
    baseGlobal =
      try global?.number("rope_theta")
      ?? fields.number("rope_theta", or: Gemma3Configuration.HuggingFaceDefault.ropeBaseGlobal)
    baseLocal =
      try local?.number("rope_theta")
      ?? fields.number("rope_local_base_freq", or: Gemma3Configuration.HuggingFaceDefault.ropeBaseLocal)
    // transformers 5 lets rope_scaling overrule rope_parameters.
    scalingFactorGlobal = try Self.factor(fields.inner("rope_scaling") ?? global)
    guard try Self.factor(local) == 1 else {
      throw CheckpointError.unsupportedFeature(
        path: fields.path, key: fields.section + "rope_parameters.sliding_attention", value: "scaled")
    }
  }

  /// Positions are divided by this: 1, or the factor of linear scaling. The type may be spelled `type`, as in older files
  /// of other models: it is read here, though of Gemma 3's classes 4.57's stops at it and 5.23's overlooks it in `rope_scaling`.
  private static func factor(_ fields: ConfigurationFields?) throws -> Double {
    guard let fields else { return 1 }
    let key = fields.object["rope_type"] == nil && fields.object["type"] != nil ? "type" : "rope_type"
    switch fields.object[key]?.string {
    case "default": return 1
    case "linear":
      guard let factor = try fields.number("factor") else {
        throw CheckpointError.missingKey(path: fields.path, key: fields.section + "factor")
      }
      return factor
    case nil:
      guard fields.object["factor"] == nil else {
        throw CheckpointError.missingKey(path: fields.path, key: fields.section + key)
      }
      return 1
    case .some(let other):
      throw CheckpointError.unsupportedFeature(path: fields.path, key: fields.section + key, value: other)
    }
  }
}

/// Keys of one JSON object, with the path to name in errors, and a record of the defaults that were taken.
private struct ConfigurationFields {
  let object: JSONValue
  let path: String
  let section: String
  private(set) var assumed: [String] = []

  mutating func integer(_ key: String, or assumption: Int) throws -> Int {
    guard let value = try stated(key, needed: "an integer") else {
      assumed.append("\(section)\(key) = \(assumption)")
      return assumption
    }
    guard let number = value.integer else { throw invalid(key, value, needed: "an integer") }
    return number
  }

  mutating func number(_ key: String, or assumption: Double) throws -> Double {
    if let number = try number(key) { return number }
    assumed.append("\(section)\(key) = \(JSONValue.real(assumption).summary)")
    return assumption
  }

  /// A number, nil where the key is absent.
  func number(_ key: String) throws -> Double? {
    guard let value = try stated(key, needed: "a number") else { return nil }
    guard let number = value.number else { throw invalid(key, value, needed: "a number") }
    return number
  }

  /// An object, nil where the key is absent or null.
  func inner(_ key: String) throws -> ConfigurationFields? {
    guard let value = object[key] else { return nil }
    guard value.object != nil else { throw invalid(key, value, needed: "an object") }
    return ConfigurationFields(object: value, path: path, section: section + key + ".")
  }

  func invalid(_ key: String, _ value: JSONValue, needed: String) -> CheckpointError {
    .invalidValue(path: path, key: section + key, value: value.summary, needed: needed)
  }

  /// The value of a key, nil where it is absent. A null is no absence: transformers does not fill it in.
  private func stated(_ key: String, needed: String) throws -> JSONValue? {
    guard let value = object.object?[key] else { return nil }
    if value == .null { throw invalid(key, value, needed: needed) }
    return value
  }
}
