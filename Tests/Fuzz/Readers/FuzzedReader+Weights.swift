import Experiments

extension FuzzedReader {
  static func gguf(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let path = try scratch.put(bytes, "model.gguf")
    let file = try GGUFFile(path: path)
    do { exercise(try Tokenizer(gguf: file)) } catch { _ = "\(error)" }
    try exercise(Gemma3Checkpoint(path: path))
  }

  static func safetensors(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let file = try SafetensorsFile(path: scratch.put(bytes, "alone.safetensors"))
    for tensor in file.tensors { _ = try file.tensor(tensor.name) }
  }

  /// A folder: where the input begins as JSON does, what precedes its first zero is the configuration.
  static func checkpointFolder(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let (text, rest) = bytes.parts
    let isConfigured = bytes.first == UInt8(ascii: "{")
    _ = try scratch.put(isConfigured ? Array(text) : Array(configuration.utf8), "model/config.json")
    _ = try scratch.put(isConfigured ? Array(rest ?? text) : Array(bytes), "model/model.safetensors")
    try exercise(Gemma3Checkpoint(path: scratch.path + "/model"))
  }

  private static let configuration = """
    {"model_type": "gemma3_text", "vocab_size": 8, "hidden_size": 4, "intermediate_size": 4, "num_hidden_layers": 1,
    "num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 4, "max_position_embeddings": 16,
    "sliding_window": 4, "query_pre_attn_scalar": 4}
    """

  private static func exercise(_ checkpoint: Gemma3Checkpoint) throws {
    _ = (checkpoint.summary, checkpoint.sha256())
    for tensor in Gemma3Tensor.all(layerCount: checkpoint.configuration.layerCount) {
      _ = try checkpoint.tensor(tensor)
    }
  }

  /// The configuration, and after its first zero the weights.
  static func sae(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let (text, rest) = bytes.parts
    _ = try scratch.put(text, "sae/cfg.json")
    _ = try scratch.put(rest ?? text, "sae/sae_weights.safetensors")
    _ = try SparseAutoencoderWeights(path: scratch.path + "/sae")
  }

  /// `tokenizer.json`, and after its first zero a text to encode.
  static func tokenizer(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let (json, text) = bytes.parts
    exercise(try Tokenizer(json: scratch.put(json, "tokenizer.json")), text: text.map(Array.init))
  }

  private static func exercise(_ tokenizer: Tokenizer, text: [UInt8]? = nil) {
    let ids = tokenizer.encode(utf8: text ?? Array("a b\n  <bos>é\u{2581}the 1".utf8), addBOS: true)
    _ = tokenizer.decode(ids)
    for id in ids.prefix(64) { _ = tokenizer.text(of: id) }
  }
}
