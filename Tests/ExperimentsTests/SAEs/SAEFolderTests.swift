import Foundation
import Testing

@testable import Experiments

/// SAEs are written by SAELens: tools/golden/sae_tiny.py.
@Suite struct SAEFolderTests {
  @Test func `what the configuration says is kept`() throws {
    let lens = try SparseAutoencoderWeights(path: Goldens.path("sae/jumprelu"))
    #expect(lens.subtractsDecoderBias && lens.format == .saeLens && lens.name == "jumprelu")
    #expect(lens.hookName == "blocks.1.hook_resid_post" && lens.hookName.flatMap(SAEHook.init)?.layer == 1)
    #expect(
      lens.sha256 == SHA256Hex.digest(of: try MappedFile(path: Goldens.path("sae/jumprelu/sae_weights.safetensors"))))
    let scope = try SparseAutoencoderWeights(path: Goldens.path("sae/gemma-scope"))
    #expect(!scope.subtractsDecoderBias && scope.format == .gemmaScope2)
    #expect(scope.hookName == "model.layers.1.output" && scope.hookName.flatMap(SAEHook.init)?.layer == 1)
    #expect(lens.activation.architecture == .jumpReLU && scope.activation.architecture == .jumpReLU)
    #expect(try !SparseAutoencoderWeights(path: Goldens.path("sae/jumprelu-bf16")).subtractsDecoderBias)
  }

  @Test(
    "places are recognized in both libraries' spellings",
    arguments: [
      ("blocks.17.hook_resid_post", 17), ("model.layers.17.output", 17), ("model.layers.3", 3),
      ("model.language_model.layers.24.output", 24), ("blocks.17.hook_mlp_out", nil), ("blocks.17.hook_resid_pre", 16),
      ("blocks.17.hook_out", 17), ("blocks.17.hook_in", 16), ("blocks.0.hook_in", nil), ("blocks.-1.hook_out", nil),
      ("model.layers.17.input", 16), ("language_model.model.layers.2", 2),
      ("model.vision_tower.vision_model.encoder.layers.3", nil), ("model.vision_tower.layers.3.output", nil),
      ("encoder.blocks.3.hook_out", nil),
      ("model.layers.9.self_attn.o_proj.input", nil), ("", nil),
    ])
  func hooks(name: String, layer: Int?) {
    #expect(SAEHook(name)?.layer == layer)
  }

  @Test func `an SAE of another width or layer does not fit`() throws {
    let sae = try SparseAutoencoderWeights(path: Goldens.path("sae/jumprelu"))
    var configuration = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny.gguf")).configuration
    #expect(
      message { try sae.check(fits: configuration, layer: 1) }
        == "\(sae.path): the SAE reads vectors of 16, the residual stream of Tiny Gemma has 64. Use an SAE trained on this model."
    )
    configuration.dModel = 16
    #expect(message { try sae.check(fits: configuration, layer: 1) } == nil)
    #expect(
      message { try sae.check(fits: configuration, layer: 0) }
        == "\(sae.path): the SAE was trained after layer 1, the study looks after layer 0. Set layer: 1, or use an SAE of layer 0."
    )
  }

  @Test(
    "the architecture is what the file computes, not what it calls itself",
    arguments: [
      ("standard", SAEArchitecture.standard), ("topk-rescaled", .topK), ("abstopk", .absTopK), ("gated-f16", .gated),
      ("batchtopk", .jumpReLU), ("matryoshka", .jumpReLU), ("old-standard", .standard), ("old-topk", .topK),
      ("old-topk-renamed", .topK), ("old-gated", .gated),
    ])
  func architectures(form: String, expected: SAEArchitecture) throws {
    let scratch = try ScratchFolder()
    let weights = try SparseAutoencoderWeights(path: try SAEForms.write(SAEForms.named(form), in: scratch))
    #expect(weights.activation.architecture == expected)
    #expect(weights.hookName.flatMap(SAEHook.init)?.layer == 1)
  }

  /// A form whose cfg.json says something else, and what is said of it.
  struct Refusal: Sendable {
    var form = "jumprelu"
    var old: String
    var new: String
    var expected: String
  }

  @Test(
    "what is not read is named, with what to do",
    arguments: [
      Refusal(
        old: "\"architecture\": \"jumprelu\"", new: "\"architecture\": \"skip_transcoder\"",
        expected:
          "cfg.json: architecture is \"skip_transcoder\". A transcoder predicts another place of the model, not its own input, so there is no reconstruction to measure. Supported: standard, jumprelu, topk, abstopk, gated."
      ),
      Refusal(
        old: "\"architecture\": \"jumprelu\"", new: "\"architecture\": \"transcoder\"",
        expected: "A transcoder predicts"),
      Refusal(
        old: "\"architecture\": \"jumprelu\"", new: "\"architecture\": \"jumprelu_transcoder\"",
        expected: "A transcoder predicts"),
      Refusal(
        old: "\"architecture\": \"jumprelu\"", new: "\"architecture\": \"jumprelu_skip_transcoder\"",
        expected: "A transcoder predicts"),
      Refusal(
        old: "\"architecture\": \"jumprelu\"", new: "\"architecture\": \"temporal\"",
        expected: "architecture is \"temporal\". It encodes a token with its predecessors"),
      Refusal(
        old: "\"architecture\": \"jumprelu\"", new: "\"architecture\": \"matching_pursuit\"",
        expected: "architecture is \"matching_pursuit\". It encodes by repeated search through the dictionary"),
      Refusal(
        old: "\"architecture\": \"jumprelu\"", new: "\"architecture\": \"batchtopk\"",
        expected: "It exists in training alone; save it with SAELens' save_inference_model"),
      Refusal(
        old: "\"architecture\": \"jumprelu\"", new: "\"architecture\": \"nested\"",
        expected: "architecture is \"nested\". SAELens 6.54 has no such architecture. Supported: standard"),
      Refusal(old: ", \"architecture\": \"jumprelu\"", new: "", expected: "the key architecture is missing"),
      Refusal(
        old: "\"normalize_activations\": \"none\"", new: "\"normalize_activations\": \"covariance_whitening\"",
        expected:
          "normalize_activations is \"covariance_whitening\"; supported: SAEs whose whitening is part of the weights: call SAELens' fold_activation_whitening and save again"
      ),
      Refusal(
        old: "\"normalize_activations\": \"none\"", new: "\"normalize_activations\": \"batch_norm\"",
        expected:
          "normalize_activations is \"batch_norm\"; supported: none, expected_average_only_in, constant_norm_rescale, layer_norm"
      ),
      Refusal(
        old: "\"normalize_activations\": \"none\"", new: "\"normalize_activations\": true",
        expected: "normalize_activations is true"),
      Refusal(
        old: "\"reshape_activations\": \"none\"", new: "\"reshape_activations\": \"hook_z\"",
        expected: "reshape_activations is \"hook_z\"; supported: none"),
      Refusal(
        form: "old-standard", old: "blocks.1.hook_resid_post", new: "blocks.1.attn.hook_z",
        expected: "reshape_activations is \"hook_z\"; supported: none"),
      Refusal(
        form: "old-standard", old: "\"relu\"", new: "\"tanh-relu\"",
        expected: "activation_fn_str is \"tanh-relu\"; supported: \"relu\", or \"topk\" with activation_fn_kwargs.k"),
      Refusal(
        form: "old-topk", old: "{\"k\": 5}", new: "{}", expected: "activation_fn_str is \"topk\"; supported: \"relu\""),
      Refusal(form: "topk", old: "\"k\": 7", new: "\"k\": 0", expected: "k is 0; supported: 1 to d_sae = 64"),
      Refusal(form: "topk", old: "\"k\": 7", new: "\"k\": 65", expected: "k is 65; supported: 1 to d_sae = 64"),
      Refusal(old: "\"d_sae\": 64", new: "\"d_sae\": 32", expected: "W_enc has shape [16, 64], [16, 32] is needed"),
      Refusal(old: "\"d_in\": 16, ", new: "", expected: "the key d_in is missing"),
      Refusal(old: "{\"d_in\"", new: "{d_in", expected: "is not valid JSON: line 1, column 2"),
      Refusal(
        form: "standard", old: "\"architecture\": \"standard\"", new: "\"architecture\": \"jumprelu\"",
        expected:
          "sae_weights.safetensors: the tensor threshold is missing; an SAE of architecture jumprelu needs W_enc, W_dec, b_dec, b_enc, threshold."
      ),
      Refusal(
        old: "\"architecture\": \"jumprelu\"", new: "\"architecture\": \"standard\"",
        expected:
          "the tensor threshold has no place in an SAE of architecture standard. The configuration and the weights belong to different SAEs: get both again from one folder."
      ),
    ])
  func refused(_ refusal: Refusal) throws {
    let scratch = try ScratchFolder()
    let form = try SAEForms.named(refusal.form)
    let path = try SAEForms.write(form, in: scratch)
    #expect(message { _ = try SparseAutoencoderWeights(path: path) } == nil)
    #expect(form.configuration.contains(refusal.old))
    try scratch.write(form.configuration.replacing(refusal.old, with: refusal.new), as: form.name + "/cfg.json")
    let message = message { _ = try SparseAutoencoderWeights(path: path) }
    #expect(message?.contains(refusal.expected) == true, "\(message ?? "no error")")
  }

  @Test func `a scaling factor other than one is refused`() throws {
    let scratch = try ScratchFolder()
    let path = try scratch.copy("sae/old-scaled", as: "sae")
    #expect(message { _ = try SparseAutoencoderWeights(path: path) } == nil)
    let file = try SafetensorsFile(path: path + "/sae_weights.safetensors")
    let tensor = try #require(try file.tensor("scaling_factor"))
    var bytes = try scratch.read("sae/sae_weights.safetensors")
    bytes.replaceSubrange(tensor.bytes.lowerBound..<tensor.bytes.lowerBound + 4, with: [0, 0, 0, 0x40])  // 2
    try scratch.write(bytes, as: "sae/sae_weights.safetensors")
    #expect(
      message { _ = try SparseAutoencoderWeights(path: path) }?.contains(
        "the tensor scaling_factor has no place in an SAE of architecture standard. Multiply the rows of W_dec by it, remove it, and save the SAE again."
      ) == true)
  }

  @Test func `of Gemma Scope 2, SAEs alone are read`() throws {
    let scratch = try ScratchFolder()
    let path = try scratch.copy("sae/gemma-scope", as: "sae")
    let config = String(decoding: try scratch.read("sae/config.json"), as: UTF8.self)
    for (old, new, expected) in [
      ("\"affine_connection\": false", "\"affine_connection\": true", "affine_connection is true; supported: false"),
      ("\"type\": \"sae\"", "\"type\": \"transcoder\"", "type is \"transcoder\"; supported: \"sae\""),
      ("jump_relu", "relu", "architecture is \"relu\"; supported: \"jump_relu\""),
      ("\"width\": 64", "\"width\": 128", "w_enc has shape [16, 64], [16, 128] is needed"),
    ] {
      #expect(config.contains(old))
      try scratch.write(config.replacing(old, with: new), as: "sae/config.json")
      let message = message { _ = try SparseAutoencoderWeights(path: path) }
      #expect(message?.contains(expected) == true, "\(message ?? "no error")")
    }
  }

  @Test(
    "a Gemma Scope 2 folder without config.json is known by its place",
    arguments: [
      ("resid_post/layer_1_width_16k_l0_medium", "model.layers.1.output", 1),
      ("resid_post_all/layer_12_width_262k_l0_small", "model.layers.12.output", 12),
      ("attn_out/layer_9_width_16k_l0_big", "model.layers.9.self_attn.o_proj.input", nil),
      ("mlp_out_all/layer_9_width_16k_l0_big", "model.layers.9.post_feedforward_layernorm.output", nil),
      ("elsewhere/layer_9_width_16k_l0_big", nil, nil), ("resid_post/sae", nil, nil),
    ] as [(String, String?, Int?)])
  func places(folder: String, hook: String?, layer: Int?) throws {
    let scratch = try ScratchFolder()
    let parts = folder.split(separator: "/")
    try FileManager.default.createDirectory(atPath: scratch.path + "/\(parts[0])", withIntermediateDirectories: true)
    let path = try scratch.copy("sae/gemma-scope", as: folder)
    try FileManager.default.removeItem(atPath: path + "/config.json")
    let weights = try SparseAutoencoderWeights(path: path)
    #expect(weights.hookName == hook && weights.hookName.flatMap(SAEHook.init)?.layer == layer)
    #expect(weights.featureCount == 64 && weights.dModel == 16)
  }

  @Test func `a transcoder without config.json is known by its place or its tensor`() throws {
    let scratch = try ScratchFolder()
    try FileManager.default.createDirectory(atPath: scratch.path + "/transcoder_all", withIntermediateDirectories: true)
    let path = try scratch.copy("sae/gemma-scope", as: "transcoder_all/layer_3_width_16k_l0_small")
    try FileManager.default.removeItem(atPath: path + "/config.json")
    #expect(
      message { _ = try SparseAutoencoderWeights(path: path) }?.contains(
        "the folder's kind is transcoder_all; supported: resid_post") == true)
    let affine = try scratch.copy("sae/gemma-scope", as: "affine")
    var writing = try SafetensorsWriting(copying: affine)
    writing.tensors.append(.init(name: "affine_skip_connection", type: "F32", shape: [1], bytes: [0, 0, 0, 0]))
    try scratch.write(writing.file, as: "affine/params.safetensors")
    let message = message { _ = try SparseAutoencoderWeights(path: affine) }
    #expect(
      message?.contains(
        "the tensor affine_skip_connection has no place in an SAE of architecture jumprelu. It belongs to a transcoder")
        == true, "\(message ?? "no error")")
  }

  @Test func `missing files and damaged weights`() throws {
    let scratch = try ScratchFolder()
    #expect(
      message { _ = try SparseAutoencoderWeights(path: scratch.path + "/none") }?.contains("none: no such file") == true
    )
    #expect(
      message { _ = try SparseAutoencoderWeights(path: scratch.path) }?.contains("is no SAE. Give a SAELens folder")
        == true)
    let path = try scratch.copy("sae/jumprelu", as: "sae")
    let weights = try scratch.read("sae/sae_weights.safetensors")
    try scratch.write(Array(weights.dropLast(4)), as: "sae/sae_weights.safetensors")
    #expect(
      message { _ = try SparseAutoencoderWeights(path: path) }?.contains("ends 4 bytes after the end of the file")
        == true)
    // An infinity in the last weight.
    try scratch.write(Array(weights.dropLast(4)) + [0, 0, 0x80, 0x7f], as: "sae/sae_weights.safetensors")
    #expect(
      message { _ = try SparseAutoencoderWeights(path: path) }?.contains(
        "threshold[63] is inf, infinite. Every number computed with it would be wrong.") == true)
    var bytes = weights
    let range = try #require(bytes.firstRange(of: Array("threshold".utf8)))
    bytes.replaceSubrange(range, with: Array("thresh___".utf8))
    try scratch.write(bytes, as: "sae/sae_weights.safetensors")
    #expect(
      message { _ = try SparseAutoencoderWeights(path: path) }?.contains("the tensor threshold is missing") == true)
  }
}
