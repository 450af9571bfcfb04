import Foundation
import Testing

@testable import Experiments

@Suite("What config.json says of quantized weights: read as it stands, or refused")
struct ShippedConfigurationTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  /// What opening a copy of a fixture says, once a key of its config.json has another value.
  /// - Parameter json: nil to take the key away.
  private func complaint(_ fixture: String, _ key: String, _ json: String?) throws -> String {
    let folder = try scratch.copy("shipped/" + fixture, as: UUID().uuidString)
    let url = URL(fileURLWithPath: folder + "/config.json")
    func changed(_ object: Any?, _ keys: ArraySlice<String>) throws -> [String: Any] {
      var object = try #require(object as? [String: Any])
      guard let first = keys.first else { return object }
      if keys.count > 1 {
        object[first] = try changed(object[first], keys.dropFirst())
      } else {
        object[first] = try json.map {
          try JSONSerialization.jsonObject(with: Data($0.utf8), options: .fragmentsAllowed)
        }
      }
      return object
    }
    let root = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
    let keys = key.split(separator: ".").map(String.init)
    try JSONSerialization.data(withJSONObject: changed(root, keys[...])).write(to: url)
    return message { _ = try Gemma3Checkpoint(path: folder) } ?? ""
  }

  private static let note = "quantization_config"
  private static let group = "quantization_config.config_groups.group_0"

  @Test(
    "a key of the wrong type is no default",
    arguments: [
      ("ct-w4-zero", group + ".weights.symmetric", "\"false\"", "is \"false\"; true or false is needed"),
      ("ct-w4-zero", group + ".weights.symmetric", "0", "is 0; true or false is needed"),
      ("ct-w4-group", group + ".weights.num_bits", "\"4\"", "is \"4\"; a whole number from 1 to 8 is needed"),
      ("ct-w4-group", group + ".weights.group_size", "\"32\"", "is \"32\"; a whole number"),
      ("ct-w4-group", group + ".weights.strategy", "3", "is 3; tensor, channel,"),
      ("ct-w4-order", group + ".weights.actorder", "5", "is 5; group, dynamic, weight, static is needed"),
      ("ct-w4-group", group + ".targets", "\"Linear\"", "is \"Linear\"; an array of texts is needed"),
      ("ct-fp8-channel", group + ".input_activations.type", "\"junk\"", "is \"junk\"; int, float is needed"),
      ("ct-fp8-channel", group + ".input_activations.num_bits", "\"4\"", "is \"4\"; a whole number from 1 to 32"),
      ("ct-fp8-channel", group + ".input_activations.symmetric", "\"no\"", "is \"no\"; true or false is needed"),
      ("ct-fp8-channel", group + ".input_activations.dynamic", "1", "is 1; true or false is needed"),
      ("ct-fp8-channel", group + ".input_activations.strategy", "[]", "is an array of 0; tensor, channel,"),
      ("ct-fp8-channel", group + ".input_activations", "[]", "is an array of 0; an object is needed"),
      ("ct-fp8-block", group + ".weights.block_structure", "[\"a\", 40]", "is an array of 2; a pair of whole numbers"),
      ("gptq-v1", note + ".checkpoint_format", "2", "is 2; a text is needed"),
      ("gptq-v1", note + ".checkpoint_format", "[]", "is an array of 0; a text is needed"),
      ("gptq-v1", note + ".desc_act", "\"yes\"", "is \"yes\"; true or false is needed"),
      ("bnb-int8", note + ".llm_int8_threshold", "\"4.5\"", "is \"4.5\"; a number is needed"),
      ("bnb-int8", note + ".llm_int8_threshold", "true", "is true; a number is needed"),
      ("bnb-int8", note + ".load_in_8bit", "1", "is 1; true or false is needed"),
      ("awq", note + ".version", "7", "is 7; a text is needed"),
      ("ct-w4-group", note + ".format", "5", "is 5; a text is needed"),
      ("ct-w4-group", note + ".quantization_status", "5", "is 5; a text is needed"),
      ("ct-w4-group", note + ".sparsity_config", "[1]", "is an array of 1; an object is needed"),
      ("ct-w4-group", note + ".transform_config", "[1]", "is an array of 1; an object is needed"),
      ("ct-w4-group", note + ".config_groups", "[1]", "is an array of 1; an object is needed"),
      ("ct-w4-group", group, "[\"Linear\"]", "is an array of 1; an object is needed"),
      ("ct-w4-group", note, "[]", "is an array of 0; an object is needed"),
      ("ct-w4-group", note, "true", "is true; an object is needed"),
      ("ct-w4-group", note + ".quant_method", "5", "is 5; a text is needed"),
    ])
  func types(fixture: String, key: String, json: String, expected: String) throws {
    let found = try complaint(fixture, key, json)
    #expect(found.contains("\(key) \(expected)"), "\(found)")
  }

  @Test(
    "what is missing is named",
    arguments: [
      ("ct-w4-group", note + ".config_groups", "null", "the key quantization_config.config_groups is missing"),
      ("ct-w4-group", note + ".config_groups", "{}", "is an object of 0 keys; a group with weights for model.layers.0"),
      ("ct-w4-group", group + ".weights", "null", group + ".weights is missing; an object, as model.layers.0"),
      (
        "ct-fp8-channel", group + ".input_activations.type", "null",
        group + ".input_activations.type is missing; int or float is needed"
      ),
      (
        "ct-fp8-block", group + ".weights.block_structure", "null",
        "block_structure is missing; a pair of whole numbers, as strategy is block, is needed"
      ),
      ("ct-w4-group", note, "null", "packed by compressed-tensors (model.layers.0.self_attn.q_proj), and config.json"),
      ("ct-fp8-tensor", note, "null", "does not say how: quantization_config is missing"),
      ("gptq-v1", note, "null", "packed by GPTQ or AWQ (model.layers.0.self_attn.q_proj.qweight), and config.json"),
    ])
  func missing(fixture: String, key: String, json: String, expected: String) throws {
    let found = try complaint(fixture, key, json)
    #expect(found.contains(expected), "\(found)")
  }

  @Test(
    "what the tensors deny is refused",
    arguments: [
      ("ct-w4-group", group + ".weights.type", "\"float\"", "is \"float\", but model.layers.0"),
      ("ct-w4-group", group + ".format", "\"float-quantized\"", "is \"float-quantized\", but model.layers.0"),
      ("ct-w4-group", note + ".format", "\"float-quantized\"", "is \"float-quantized\", but model.layers.0"),
      (
        "ct-w4-group", group + ".weights.group_size", "16",
        "is 16, but model.layers.0.self_attn.q_proj.weight_scale has"
      ),
      ("ct-w4-group", note + ".quant_method", "\"gptq\"", "are those of compressed-tensors"),
      ("ct-w4-zero", group + ".weights.symmetric", "true", "weight_zero_point is not zero"),
      (
        "ct-fp8-tensor", group + ".weights.type", "\"int\"",
        "is \"int\", but model.layers.0.self_attn.q_proj.weight holds FP8"
      ),
      ("ct-fp8-tensor", group + ".weights.num_bits", "4", "is 4, but model.layers.0.self_attn.q_proj.weight holds FP8"),
      ("ct-nvfp4", group + ".weights.group_size", "32", "has groups of 16"),
      (
        "gptq-v1", note + ".group_size", "16",
        "group_size is 16, but model.layers.0.self_attn.q_proj.scales has groups of 32"
      ),
      (
        "awq", note + ".group_size", "-1",
        "group_size is -1, but model.layers.0.self_attn.q_proj.scales has groups of 32"
      ),
      (
        "awq", note + ".quant_method", "\"gptq\"",
        "quant_method is \"gptq\", but model.layers.0.self_attn.q_proj.qweight is packed as AWQ"
      ),
      ("gptq-v1", note + ".quant_method", "\"awq\"", "qweight is packed as GPTQ packs it"),
      ("awq", note + ".quant_method", "\"bitsandbytes\"", "qweight is there, which GPTQ and AWQ write"),
    ])
  func contradictions(fixture: String, key: String, json: String, expected: String) throws {
    let found = try complaint(fixture, key, json)
    #expect(found.contains(expected), "\(found)")
  }

  @Test(
    "spellings that the libraries read",
    arguments: [
      ("awq", note + ".quant_method", "\"AWQ\""), ("awq", note + ".version", "\"GEMM\""),
      ("ct-fp8-block", group + ".weights.block_structure", "\"48x40\""),
      ("ct-w4-group", group + ".weights.type", "null"),
      ("ct-w4-group", group + ".weights.symmetric", "null"), ("bnb-int8", note + ".llm_int8_threshold", "null"),
      ("bnb-int8", note, "null"), ("bnb-nf4", note, "null"), ("gptq-v1", note + ".checkpoint_format", "null"),
    ])
  func read(fixture: String, key: String, json: String) throws { #expect(try complaint(fixture, key, json) == "") }

  @Test(
    "sizes that no product may hold, and numbers that float32 does not",
    arguments: [
      ("head_dim", "2147483646", "number of heads times the head dimension is"),
      ("rms_norm_eps", "1e300", "RMSNorm epsilon is 1e+300; a positive number that float32 can hold is needed"),
      ("num_hidden_layers", "0", "number of layers is 0; a number from 1 to 4096 is needed"),
      ("model_type", "5", "model_type is 5; gemma3_text or gemma3 is needed"),
      ("layer_types", "[]", "layer_types is an array of 0; one entry for each of the 1 layers is needed"),
      ("layer_types", "\"full_attention\"", "layer_types is \"full_attention\"; an array is needed"),
    ])
  func sizes(key: String, json: String, expected: String) throws {
    let found = try complaint("bnb-nf4", key, json)
    #expect(found.contains(expected), "\(found)")
  }

  @Test("a message is one line in our words, whatever the file says")
  func oneLine() throws {
    let text = try complaint("awq", Self.note + ".quant_method", "\"x\\nclearbox: all is well\\u001b[1m\"")
    #expect(text.contains("by x\\u{A}clearbox: all is well\\u{1B}[1m ("), "\(text)")
    let long = try complaint(
      "awq", Self.note + ".quant_method", "\"" + String(repeating: "long", count: 500_000) + "\"")
    #expect(long.count < 600 && long.contains("longlong… (quantization_config)"), "\(long.prefix(1000))")
  }

  @Test("a configuration of a size that none has is not read")
  func tooLong() throws {
    let spaces = String(repeating: " ", count: 4_000_000)
    let folder = try scratch.copy("shipped/awq", as: "m")
    let path = folder + "/config.json"
    try (String(contentsOfFile: path, encoding: .utf8) + spaces).write(toFile: path, atomically: true, encoding: .utf8)
    let text = message { _ = try Gemma3Checkpoint(path: folder) } ?? ""
    #expect(text.hasPrefix("\(path): is 400"), "\(text)")
    #expect(text.contains("bytes long; at most 4000000 are read"), "\(text)")
  }
}
