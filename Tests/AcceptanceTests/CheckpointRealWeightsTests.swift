import Experiments
import Foundation
import Testing

@testable import Experiments

/// The real Gemma 3 270M. Expected digests: tools/golden/checkpoint_real.py, from the model transformers
/// loads out of the same GGUF file.
@Suite struct CheckpointRealWeightsTests {
  @Test func `all 236 tensors equal what transformers loads from the same file, bit for bit`() throws {
    let checkpoint = try Gemma3Checkpoint(path: RealModel.path())
    let golden = try JSONDecoder().decode(Golden.self, from: RealModel.golden("checkpoint-gemma-3-270m.json"))
    #expect(checkpoint.sha256() == golden.gguf_sha256)
    let tensors = Gemma3Tensor.all(layerCount: checkpoint.configuration.layerCount)
    #expect(tensors.count == 236 && golden.tensors.count == 236)
    for tensor in tensors {
      let loaded = try checkpoint.tensor(tensor)
      let digest = loaded.bf16.withUnsafeBytes { SHA256Hex.digest(of: $0) }
      #expect(digest == golden.tensors["model." + tensor.huggingFaceName], "\(tensor)")
    }
  }

  @Test func `the configuration is the published one`() throws {
    let configuration = try Gemma3Checkpoint(path: RealModel.path()).configuration
    // google/gemma-3-270m, config.json; GGUF stores epsilon as a float32.
    #expect(
      configuration
        == Gemma3Configuration(
          name: "Gemma 3 270m", architecture: "gemma3", dModel: 640, layerCount: 18, headCount: 4,
          keyValueHeadCount: 1, headDim: 256, intermediateSize: 2048, vocabularySize: 262_144,
          slidingWindow: 512, queryPreAttentionScalar: 256, rmsNormEpsilon: Double(Float(1e-6)),
          ropeBaseGlobal: 1e6, ropeBaseLocal: 1e4, ropeScalingFactorGlobal: 1,
          isGlobal: (0..<18).map { [5, 11, 17].contains($0) }, maxPositions: 32_768))
  }

  @Test func `a "Q4_K_M" file of this model is mostly something else`() throws {
    let checkpoint = try Gemma3Checkpoint(path: RealModel.path())
    #expect(checkpoint.parameterCount == 268_098_176)
    let tensors = Dictionary(
      uniqueKeysWithValues: checkpoint.summary.types.map { ($0.format, $0.share.tensors) })
    #expect(tensors == ["F32": 109, "Q5_0": 81, "Q4_K": 27, "Q8_0": 10, "Q6_K": 9])
  }

  private struct Golden: Decodable {
    let gguf_sha256: String
    let tensors: [String: String]
  }
}
