import Testing

@testable import Experiments

/// SAEs and expected numbers are written by SAELens: tools/golden/sae_tiny.py.
@Suite struct JumpReLUWeightsTests {
  static let folders = ["saelens", "saelens-bf16", "gemma-scope"]

  @Test("weights as loaded compute what SAELens computes", arguments: folders)
  func forward(folder: String) throws {
    let sae = try JumpReLUWeights(path: Goldens.path("sae/" + folder))
    #expect(sae.dModel == 16 && sae.featureCount == 64)
    let x = try golden("x")
    let activations = try golden(folder + ".activations")
    let reconstruction = try golden(folder + ".reconstruction")
    for token in 0..<12 {
      let input = Array(x[token * 16..<(token + 1) * 16])
      let a = encode(input, sae)
      let expected = Array(activations[token * 64..<(token + 1) * 64])
      #expect(a.map { $0 != 0 } == expected.map { $0 != 0 })
      // Sums of 16 to 64 products in another order: a few units in the last place of numbers near 10.
      #expect(zip(a, expected).allSatisfy { abs($0 - $1) < 2e-5 })
      let rebuilt = decode(expected, sae)
      #expect(zip(rebuilt, reconstruction[token * 16..<(token + 1) * 16]).allSatisfy { abs($0 - $1) < 2e-5 })
    }
  }

  @Test func `what the configuration says is kept`() throws {
    let lens = try JumpReLUWeights(path: Goldens.path("sae/saelens"))
    #expect(lens.applyDecoderBiasToInput && lens.format == .saeLens && lens.name == "saelens")
    #expect(lens.hookName == "blocks.1.hook_resid_post" && lens.recordedLayer == 1)
    #expect(
      lens.sha256 == SHA256Hex.digest(of: try MappedFile(path: Goldens.path("sae/saelens/sae_weights.safetensors"))))
    let scope = try JumpReLUWeights(path: Goldens.path("sae/gemma-scope"))
    #expect(!scope.applyDecoderBiasToInput && scope.format == .gemmaScope2)
    #expect(scope.hookName == "model.layers.1.output" && scope.recordedLayer == 1)
    #expect(scope.encoder == lens.encoder && scope.decoder == lens.decoder && scope.threshold == lens.threshold)
    #expect(try !JumpReLUWeights(path: Goldens.path("sae/saelens-bf16")).applyDecoderBiasToInput)
  }

  @Test(
    "places are recognized in both libraries' spellings",
    arguments: [
      ("blocks.17.hook_resid_post", 17), ("model.layers.17.output", 17), ("model.layers.3", 3),
      ("model.language_model.layers.24.output", 24), ("blocks.17.hook_mlp_out", nil), ("blocks.17.hook_resid_pre", nil),
      ("model.layers.9.self_attn.o_proj.input", nil), ("", nil),
    ])
  func hooks(name: String, layer: Int?) {
    #expect(SAEHook(name)?.layer == layer)
  }

  @Test func `an SAE of another width or layer does not fit`() throws {
    let sae = try JumpReLUWeights(path: Goldens.path("sae/saelens"))
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
    "what is not a finished JumpReLU SAE is named",
    arguments: [
      (
        "\"architecture\": \"jumprelu\"", "\"architecture\": \"topk\"",
        "cfg.json: architecture is \"topk\"; supported: \"jumprelu\""
      ),
      (", \"architecture\": \"jumprelu\"", "", "architecture is \"standard\""),
      (
        "\"normalize_activations\": \"none\"", "\"normalize_activations\": \"layer_norm\"",
        "normalize_activations is \"layer_norm\""
      ),
      ("\"reshape_activations\": \"none\"", "\"reshape_activations\": \"hook_z\"", "reshape_activations is \"hook_z\""),
      ("\"d_sae\": 64", "\"d_sae\": 32", "W_enc has shape [16, 64], [16, 32] is needed"),
      ("\"d_in\": 16, ", "", "the key d_in is missing"),
      ("{\"d_in\"", "{d_in", "is not valid JSON: line 1, column 2"),
    ])
  func unsupported(old: String, new: String, expected: String) throws {
    let scratch = try ScratchFolder()
    let path = try scratch.copy("sae/saelens", as: "sae")
    let text = String(decoding: try scratch.read("sae/cfg.json"), as: UTF8.self)
    #expect(text.contains(old))
    try scratch.write(text.replacing(old, with: new), as: "sae/cfg.json")
    let message = message { _ = try JumpReLUWeights(path: path) }
    #expect(message?.contains(expected) == true, "\(message ?? "no error")")
  }

  @Test func `pre-activation averages folded in are accepted, an affine transcoder is not`() throws {
    let scratch = try ScratchFolder()
    let lens = try scratch.copy("sae/saelens", as: "sae")
    let text = String(decoding: try scratch.read("sae/cfg.json"), as: UTF8.self)
    try scratch.write(
      text.replacing(
        "\"normalize_activations\": \"none\"", with: "\"normalize_activations\": \"expected_average_only_in\""),
      as: "sae/cfg.json")
    #expect(message { _ = try JumpReLUWeights(path: lens) } == nil)
    let scope = try scratch.copy("sae/gemma-scope", as: "scope")
    let config = String(decoding: try scratch.read("scope/config.json"), as: UTF8.self)
    try scratch.write(
      config.replacing("\"affine_connection\": false", with: "\"affine_connection\": true"), as: "scope/config.json")
    #expect(
      message { _ = try JumpReLUWeights(path: scope) }?.contains("affine_connection is true; supported: false") == true)
  }

  @Test func `missing files and damaged weights`() throws {
    let scratch = try ScratchFolder()
    #expect(message { _ = try JumpReLUWeights(path: scratch.path + "/none") }?.contains("none: no such file") == true)
    #expect(
      message { _ = try JumpReLUWeights(path: scratch.path) }?.contains("is no SAE. Give a SAELens folder") == true)
    let path = try scratch.copy("sae/saelens", as: "sae")
    let weights = try scratch.read("sae/sae_weights.safetensors")
    try scratch.write(Array(weights.dropLast(4)), as: "sae/sae_weights.safetensors")
    #expect(message { _ = try JumpReLUWeights(path: path) }?.contains("ends 4 bytes after the end of the file") == true)
    // An infinity in the last weight.
    try scratch.write(Array(weights.dropLast(4)) + [0, 0, 0x80, 0x7f], as: "sae/sae_weights.safetensors")
    #expect(message { _ = try JumpReLUWeights(path: path) }?.contains("holds a NaN or an infinity") == true)
    var bytes = weights
    let range = try #require(bytes.firstRange(of: Array("threshold".utf8)))
    bytes.replaceSubrange(range, with: Array("thresh___".utf8))
    try scratch.write(bytes, as: "sae/sae_weights.safetensors")
    #expect(message { _ = try JumpReLUWeights(path: path) }?.contains("the tensor threshold is missing") == true)
  }

  // MARK: The forward pass, as its definition reads

  private func encode(_ x: [Float], _ sae: JumpReLUWeights) -> [Float] {
    let input = sae.applyDecoderBiasToInput ? zip(x, sae.decoderBias).map { $0 - $1 } : x
    return (0..<sae.featureCount).map { feature in
      let products = (0..<sae.dModel).map { input[$0] * sae.encoder[$0 * sae.featureCount + feature] }
      let z = products.reduce(0, +) + sae.encoderBias[feature]
      return z > sae.threshold[feature] ? max(z, 0) : 0
    }
  }

  private func decode(_ a: [Float], _ sae: JumpReLUWeights) -> [Float] {
    (0..<sae.dModel).map { dimension in
      let products = (0..<sae.featureCount).map { a[$0] * sae.decoder[$0 * sae.dModel + dimension] }
      return products.reduce(0, +) + sae.decoderBias[dimension]
    }
  }

  private func golden(_ name: String) throws -> [Float] {
    let file = try SafetensorsFile(path: Goldens.path("sae/golden.safetensors"))
    let tensor = try #require(try file.tensor(name))
    var values = [Float](repeating: 0, count: tensor.count)
    values.withUnsafeMutableBufferPointer {
      TensorReader.readFloat32(tensor, rows: 0..<tensor.rows, offset: .none, into: $0)
    }
    return values
  }
}
