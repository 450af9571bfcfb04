import Testing

@testable import Experiments

/// The three forms of one tiny model are made by transformers and gguf: tools/golden/checkpoint_tiny.py.
@Suite struct Gemma3CheckpointTests {
  @Test func `a folder saved by transformers 5 states its dimensions`() throws {
    let checkpoint = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny"))
    #expect(
      checkpoint.configuration
        == Gemma3Configuration(
          name: "", architecture: "gemma3_text", dModel: 64, layerCount: 2, headCount: 4,
          keyValueHeadCount: 2, headDim: 32, intermediateSize: 96, vocabularySize: 320, slidingWindow: 16,
          queryPreAttentionScalar: 32, rmsNormEpsilon: 1e-6, ropeBaseGlobal: 1e6, ropeBaseLocal: 1e4,
          ropeScalingFactorGlobal: 8, isGlobal: [false, true], maxPositions: 256))
    #expect(checkpoint.format == .safetensors)
    #expect(checkpoint.fileNames == ["config.json", "model.safetensors"])
  }

  @Test func `old spellings, a text_config and shards give the same model`() throws {
    let plain = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny"))
    let sharded = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny-sharded"))
    var configuration = sharded.configuration
    configuration.name = plain.configuration.name
    configuration.architecture = plain.configuration.architecture
    #expect(configuration == plain.configuration)
    for tensor in Gemma3Tensor.all(layerCount: 2) {
      // The final norm is stored as f32 and a query norm as f16 in the sharded copy.
      #expect(try sharded.tensor(tensor).bf16 == plain.tensor(tensor).bf16)
    }
  }

  @Test func `weights are the file's own bf16 bits, and widen without change`() throws {
    let checkpoint = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny"))
    let file = try SafetensorsFile(path: Goldens.path("checkpoint/tiny/model.safetensors"))
    let stored = try #require(try file.tensor("model.layers.1.mlp.down_proj.weight"))
    #expect(stored.shape == [64, 96])
    let loaded = try checkpoint.tensor(.layer(1, .downProj))
    #expect(loaded.rows == 64 && loaded.columns == 96)
    #expect(loaded.name == "model.layers.1.mlp.down_proj.weight")
    #expect(loaded.float32.map(\.bitPattern) == loaded.bf16.map { UInt32($0) << 16 })
  }

  @Test func `a GGUF file of mixed types loads as transformers loads it`() throws {
    let checkpoint = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny.gguf"))
    #expect(checkpoint.configuration.name == "Tiny Gemma")
    #expect(checkpoint.configuration.isGlobal == [false, false])  // pattern 6 is GGUF's constant
    #expect(checkpoint.configuration.ropeScalingFactorGlobal == 8)
    #expect(checkpoint.configuration.queryPreAttentionScalar == 32)
    let expected = try SafetensorsFile(path: Goldens.path("checkpoint/tiny-gguf.safetensors"))
    for tensor in Gemma3Tensor.all(layerCount: 2) {
      let stored = try #require(try expected.tensor("model." + tensor.huggingFaceName))
      #expect(try checkpoint.tensor(tensor).bf16 == bf16Bits(of: stored), "\(tensor)")
    }
    let types = checkpoint.summary.types.map(\.element)
    #expect(types == [.f32, .f16, .bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0])
  }

  @Test func `norms of a GGUF file come back as w, from the stored 1 + w`() throws {
    let checkpoint = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny.gguf"))
    let stored = try checkpoint.storedTensor(.finalNorm)
    #expect(stored.element == .f32)
    let w = try checkpoint.tensor(.finalNorm).float32
    #expect(w.contains { $0 < 0 } && w.contains { $0 > 0 })  // 1 + w with w ~ 0.3 N(0, 1) is all positive
    #expect(w.count == 64)
  }

  @Test func `embedding rows are gathered by id, in any order, repeated`() throws {
    let checkpoint = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny.gguf"))
    let all = try checkpoint.tensor(.embedding).bf16
    var rows = [UInt16](repeating: 0, count: 4 * 64)
    try checkpoint.gatherEmbeddings([319, 0, 7, 319], into: &rows)
    let expected: [UInt16] = [319, 0, 7, 319].flatMap { (row: Int) in Array(all[row * 64..<row * 64 + 64]) }
    #expect(rows == expected)
    var tile = [UInt16](repeating: 0, count: 10 * 64)
    try tile.withUnsafeMutableBufferPointer { try checkpoint.readRows(100..<110, of: .embedding, into: $0) }
    #expect(tile == Array(all[100 * 64..<110 * 64]))
  }

  @Test func `parameters are counted once, the tied head included`() throws {
    let checkpoint = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny"))
    let attention = 2 * 64 * 128 + 2 * 64 * 64
    let layer = attention + 3 * 64 * 96 + 4 * 64 + 2 * 32
    #expect(checkpoint.parameterCount == 320 * 64 + 2 * layer + 64)
    #expect(try checkpoint.storedTensor(.layer(0, .kProj)).count == 64 * 64)
    #expect(checkpoint.summary.storedBitsPerParameter == 16)
  }

  @Test func `a file's digest is sha256sum's, a folder's that of its listing`() throws {
    let gguf = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny.gguf"))
    #expect(gguf.sha256() == sha256OfGolden["tiny.gguf"])
    let folder = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny"))
    #expect(folder.sha256() == sha256OfGolden["tiny"])
  }

  /// `sha256sum tiny.gguf` and `cd tiny && sha256sum config.json model.safetensors | sha256sum`.
  let sha256OfGolden = [
    "tiny.gguf": "2b966aa574aaedde2692be9b74747149761ea7b2643a066c59abf16901431aa8",
    "tiny": "6e1bb67747c8585382674ed9989b342b5497d4727459c7ac5a848970839d1130",
  ]

  private func bf16Bits(of stored: StoredTensor) -> [UInt16] {
    var bits = [UInt16](repeating: 0, count: stored.count)
    bits.withUnsafeMutableBufferPointer {
      TensorReader.readBFloat16(stored, rows: 0..<stored.rows, offset: .none, into: $0)
    }
    return bits
  }
}
