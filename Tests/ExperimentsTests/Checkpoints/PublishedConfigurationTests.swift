import Foundation
import Testing

@testable import Experiments

/// What each config.json means is transformers' word: tools/golden/checkpoint_forms.py.
@Suite struct PublishedConfigurationTests {
  private func configuration(_ text: String) throws -> Gemma3Configuration {
    let tree = try Array(text.utf8).withUnsafeBytes { try JSONValue.parse($0) }
    return try Gemma3Configuration(huggingFace: tree, path: "config.json")
  }

  /// The config.json that published.json holds, and transformers' reading of it.
  private func published(_ size: String) throws -> (Gemma3Configuration, GoldenForms.Dimensions) {
    let bytes = try Goldens.bytes("forms/published.json")
    let tree = try bytes.withUnsafeBytes { try JSONValue.parse($0) }
    let entry = try #require(tree[size]?["config"])
    let golden = try JSONDecoder().decode([String: GoldenForms.Published].self, from: Data(bytes))
    return (
      try Gemma3Configuration(huggingFace: entry, path: "config.json"), try #require(golden[size]).resolved
    )
  }

  @Test(
    "the published sizes have the dimensions that transformers gives them",
    arguments: ["270m", "1b", "4b", "12b", "27b"])
  func sizes(size: String) throws {
    let (configuration, expected) = try published(size)
    #expect(GoldenForms.Dimensions(configuration) == expected)
  }

  @Test func `what a sparse config leaves out is listed, in a fixed order`() throws {
    #expect(
      try published("27b").0.assumed == [
        "text_config.vocab_size = 262208", "text_config.rms_norm_eps = 1e-06",
        "text_config.max_position_embeddings = 131072", "text_config.rope_theta = 1000000.0",
        "text_config.rope_local_base_freq = 10000.0", "text_config.sliding_window_pattern = 6",
      ])
    #expect(try published("4b").0.assumed.contains("text_config.head_dim = 256"))
    #expect(try published("1b").0.assumed == [])
    #expect(try published("270m").0.assumed == [])
    let bare = try configuration(#"{"model_type": "gemma3_text"}"#)
    #expect(bare.assumed.first == "hidden_size = 2304" && bare.assumed.count == 14)
  }

  @Test(
    "the class's name stands in for a missing model_type",
    arguments: [
      (#"{"architectures": ["Gemma3ForCausalLM"], "hidden_size": 640}"#, "gemma3_text"),
      (#"{"architectures": ["Gemma3TextModel"]}"#, "gemma3_text"),
      (#"{"architectures": ["Gemma3ForConditionalGeneration"], "text_config": {"hidden_size": 2560}}"#, "gemma3"),
      (#"{"architectures": ["Gemma3Model"], "text_config": {}}"#, "gemma3"),
    ])
  func architectures(text: String, type: String) throws {
    #expect(try configuration(text).architecture == type)
  }

  @Test(
    "refused, with the reason",
    arguments: [
      (#"{"model_type": "gemma3"}"#, "the key text_config is missing"),
      (#"{"hidden_size": 640}"#, "the key model_type is missing"),
      (#"{"model_type": "gemma3", "text_config": 3}"#, "text_config is 3; an object is needed"),
      (#"{"model_type": "gemma2"}"#, "the architecture is \"gemma2\", which is Gemma 2. Supported: Gemma 3"),
      (#"{"model_type": "gemma3n"}"#, "the architecture is \"gemma3n\", which is Gemma 3n."),
      (#"{"model_type": "llama", "architectures": ["LlamaForCausalLM"]}"#, "the architecture is \"llama\"."),
      (#"{"architectures": ["LlamaForCausalLM"]}"#, "the architecture is \"LlamaForCausalLM\"."),
      (
        #"{"model_type": "gemma3_text", "architectures": ["Gemma3TextForSequenceClassification"]}"#,
        "\"Gemma3TextForSequenceClassification\""
      ),
      (#"{"model_type": "gemma3_text", "use_bidirectional_attention": true}"#, "which is EmbeddingGemma or another"),
      (#"{"model_type": "gemma3_text", "head_dim": null}"#, "head_dim is null; an integer is needed"),
      (#"{"model_type": "gemma3_text", "rms_norm_eps": null}"#, "rms_norm_eps is null; a number is needed"),
      (#"{"model_type": "gemma3_text", "hidden_size": "x"}"#, "hidden_size is \"x\"; an integer is needed"),
      (
        #"{"model_type": "gemma3_text", "_sliding_window_pattern": 4}"#,
        "_sliding_window_pattern is 4; 6, or layer_types"
      ),
      (
        #"{"model_type": "gemma3_text", "sliding_window_pattern": 0}"#, "sliding_window_pattern is 0; a positive number"
      ),
      (
        #"{"model_type": "gemma3_text", "layer_types": ["full_attention"]}"#,
        "layer_types is an array of 1; one entry for each of the 26 layers"
      ),
      (#"{"model_type": "gemma3_text", "hidden_act": "silu"}"#, "hidden_act is \"silu\""),
      (
        #"{"model_type": "gemma3", "tie_word_embeddings": "no", "text_config": {}}"#,
        "config.json: tie_word_embeddings is \"no\"; true or false is needed"
      ),
      (
        #"{"model_type": "gemma3_text", "rope_scaling": {"rope_type": "yarn", "factor": 8}}"#,
        "rope_scaling.rope_type is yarn"
      ),
      (
        #"{"model_type": "gemma3_text", "rope_scaling": {"rope_type": "linear"}}"#,
        "the key rope_scaling.factor is missing"
      ),
      (#"{"model_type": "gemma3_text", "rope_scaling": {"factor": 8}}"#, "the key rope_scaling.rope_type is missing"),
      (
        #"{"model_type": "gemma3_text", "rope_parameters": {"rope_type": "default"}}"#,
        "the keys full_attention and sliding_attention"
      ),
      (
        #"{"model_type": "gemma3_text", "rope_parameters": {"sliding_attention": {"rope_type": "linear", "factor": 2}}}"#,
        "sliding_attention is scaled"
      ),
    ])
  func refused(text: String, expected: String) {
    let found = message { _ = try configuration(text) }
    #expect(found?.contains(expected) == true, "\(found ?? "no error")")
  }

  @Test(
    "quantized weights that are not read are refused by the method's name",
    arguments: [
      (#""quantization_config": {"quant_method": "torchao"}"#, "quantized by torchao (quantization_config)"),
      (#""quantization_config": {"quant_method": "fp8"}"#, "quantized by fp8"),
      (
        #""quantization_config": {"quant_method": "compressed-tensors", "format": "marlin-24"}"#,
        "quantized by compressed-tensors' marlin-24 (quantization_config.format)"
      ),
      (
        #""quantization_config": {"quant_method": "compressed-tensors", "kv_cache_scheme": {"num_bits": 8}}"#,
        "quantized by compressed-tensors' quantized keys and values (quantization_config.kv_cache_scheme)"
      ),
      (
        #""quantization_config": {"quant_method": "compressed-tensors", "transform_config": {"a": 1}}"#,
        "quantized by compressed-tensors' transforms (quantization_config.transform_config)"
      ),
      (
        #""quantization_config": {"quant_method": "compressed-tensors", "sparsity_config": {"format": "sparse-24"}}"#,
        "quantized by compressed-tensors' format sparse-24"
      ),
      (#""compression_config": {"format": "x"}"#, "quantized by a method it does not name (compression_config)"),
      (#""quantization": {"group_size": 64, "bits": 4}"#, "quantized by MLX (quantization)"),
    ])
  func quantized(key: String, expected: String) {
    let flat = message { _ = try configuration("{\"model_type\": \"gemma3_text\", \(key)}") }
    #expect(flat?.contains(expected) == true, "\(flat ?? "no error")")
    #expect(flat?.contains("Use a file in one of the formats that are read") == true)
    let inner = message { _ = try configuration("{\"model_type\": \"gemma3\", \"text_config\": {\(key)}}") }
    #expect(inner?.contains("(text_config.") == true)
  }
}
