import HubServer
import Testing

@testable import Hub

@Suite("Which files are fetched") struct SelectionTests {
  static let paths = [
    ".gitattributes", "README.md", "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model",
    "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json",
    "adapter_model.safetensors", "pytorch_model.bin", "consolidated.00.pth", "gemma.gguf", "original/config.json",
    "original/consolidated.safetensors", "sae/a/cfg.json", "sae/a/sae_weights.safetensors", "sae/b/params.safetensors",
    "sae/b/examples.safetensors", "data/train.jsonl",
  ]

  private func select(_ reference: String, _ use: HubUse) throws -> [String] {
    try use.select(from: Self.paths, for: HubReference(reference))
  }

  @Test func `of a checkpoint: configuration, tokenizer and safetensors, no pickles, no GGUF, no other folders`() throws
  {
    #expect(
      try select("hf://o/n", .checkpoint) == [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model",
        "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json",
      ])
    #expect(
      try select("hf://o/n/original", .checkpoint) == ["original/config.json", "original/consolidated.safetensors"])
    #expect(try select("hf://o/n/gemma.gguf", .checkpoint) == ["gemma.gguf"])
  }

  @Test func `of an autoencoder: configuration and weights, no examples`() throws {
    #expect(try select("hf://o/n/sae/a", .autoencoder) == ["sae/a/cfg.json", "sae/a/sae_weights.safetensors"])
    #expect(try select("hf://o/n/sae/b", .autoencoder) == ["sae/b/params.safetensors"])
  }

  @Test func `a place without what is needed is answered with places that have it`() throws {
    #expect(
      complaint { _ = try select("hf://o/n/sae", .autoencoder) }
        == "hf://o/n/sae: a folder with sae_weights.safetensors or params.safetensors is needed there, and there is none. In the repository are: sae/a, sae/b."
    )
    #expect(complaint { _ = try select("hf://o/n/pytorch_model.bin", .checkpoint) }?.contains("gemma.gguf") == true)
    #expect(complaint { _ = try select("hf://datasets/o/n", .file) }?.contains("data/train.jsonl") == true)
  }
}
