extension Gemma3Configuration {
  /// What a GGUF file does not store because every Gemma 3 has it: llama.cpp sets the same numbers when it
  /// loads the architecture "gemma3" (src/llama-model.cpp: n_swa_pattern 6, rope_freq_base_train_swa 10000).
  enum GGUFConstant {
    static let architecture = "gemma3"
    static let slidingWindowPattern = 6
    static let localRopeBase = 10_000.0
    /// The 27B model, known by its depth, scales attention by √(D ∕ H) and not by √d.
    static let layersOf27B = 62
  }

  /// Reads the configuration from the metadata of a GGUF file.
  init(gguf file: GGUFFile) throws {
    let path = file.path
    func require(_ key: String) throws -> GGUFValue {
      guard let value = file.metadata[key] else { throw CheckpointError.missingKey(path: path, key: key) }
      return value
    }
    func integer(_ key: String) throws -> Int {
      let value = try require(key)
      guard let number = value.integer else {
        throw CheckpointError.invalidValue(path: path, key: key, value: value.summary, needed: "an integer")
      }
      return number
    }
    func number(_ key: String) throws -> Double {
      let value = try require(key)
      guard let number = value.number else {
        throw CheckpointError.invalidValue(path: path, key: key, value: value.summary, needed: "a number")
      }
      return number
    }

    let architecture = try require("general.architecture")
    guard architecture.string == GGUFConstant.architecture else {
      throw CheckpointError.unknownArchitecture(path: path, name: architecture.string ?? architecture.summary)
    }
    let prefix = GGUFConstant.architecture + "."
    for key in ["attn_logit_softcapping", "final_logit_softcapping"] {
      if let value = file.metadata[prefix + key], value.number != 0 {
        throw CheckpointError.unsupportedFeature(path: path, key: prefix + key, value: value.summary)
      }
    }

    name = file.metadata["general.name"]?.string ?? ""
    self.architecture = GGUFConstant.architecture
    dModel = try integer(prefix + "embedding_length")
    layerCount = try integer(prefix + "block_count")
    headCount = try integer(prefix + "attention.head_count")
    keyValueHeadCount = try integer(prefix + "attention.head_count_kv")
    headDim = try integer(prefix + "attention.key_length")
    let valueLength = try integer(prefix + "attention.value_length")
    guard valueLength == headDim else {
      throw CheckpointError.invalidValue(
        path: path, key: prefix + "attention.value_length", value: "\(valueLength)",
        needed: "the same as attention.key_length (\(headDim))")
    }
    intermediateSize = try integer(prefix + "feed_forward_length")
    slidingWindow = try integer(prefix + "attention.sliding_window")
    rmsNormEpsilon = try number(prefix + "attention.layer_norm_rms_epsilon")
    ropeBaseGlobal = try number(prefix + "rope.freq_base")
    ropeBaseLocal =
      try file.metadata[prefix + "rope.freq_base_swa"] == nil
      ? GGUFConstant.localRopeBase : number(prefix + "rope.freq_base_swa")
    maxPositions = try integer(prefix + "context_length")

    ropeScalingFactorGlobal = 1
    if let type = file.metadata[prefix + "rope.scaling.type"], type.string != "none" {
      guard type.string == "linear" else {
        throw CheckpointError.unsupportedFeature(path: path, key: prefix + "rope.scaling.type", value: type.summary)
      }
      ropeScalingFactorGlobal = try number(prefix + "rope.scaling.factor")
    }
    let pattern =
      try file.metadata[prefix + "attention.sliding_window_pattern"] == nil
      ? GGUFConstant.slidingWindowPattern : integer(prefix + "attention.sliding_window_pattern")
    guard pattern > 0, 0...Self.mostLayers ~= layerCount, headCount > 0 else {
      throw CheckpointError.invalidValue(
        path: path, key: prefix + "block_count", value: "\(layerCount)", needed: "a plausible model")
    }
    isGlobal = Self.globalLayers(count: layerCount, pattern: pattern)
    queryPreAttentionScalar =
      layerCount == GGUFConstant.layersOf27B
      ? Double(dModel / headCount) : Double(headDim)

    // The file need not repeat the vocabulary's size: the embedding has it.
    guard let embedding = file.tensor(Gemma3Tensor.embedding.ggufName) else {
      throw CheckpointError.missingTensor(path: path, tensor: Gemma3Tensor.embedding.ggufName)
    }
    vocabularySize = embedding.rows
    try validate(path: path)
  }
}
