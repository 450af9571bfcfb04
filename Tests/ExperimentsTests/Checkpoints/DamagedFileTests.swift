import NumpyRandom
import Testing

@testable import Experiments

/// Files with random damage are opened, or refused with a message; they never end the program.
@Suite struct DamagedFileTests {
  /// `count` copies of `bytes`, each with up to four bytes of its first `header` replaced.
  private func damaged(_ bytes: [UInt8], header: Int, count: Int, seed: UInt64, _ body: ([UInt8]) throws -> Void)
    rethrows
  {
    var generator = PCG64(seed: seed)
    for _ in 0..<count {
      var copy = bytes
      for _ in 0...generator.integer(below: 4) {
        let place = generator.integer(below: min(header, copy.count))
        // Small values and set high bits are what lengths and counts trip over.
        copy[place] = [UInt8(generator.integer(below: 256)), 0, 1, 0x7f, 0x80, 0xff][generator.integer(below: 6)]
      }
      try body(copy)
    }
  }

  @Test func `a GGUF checkpoint`() throws {
    let scratch = try ScratchFolder()
    let bytes = try Goldens.bytes("checkpoint/tiny.gguf")
    var refused = 0
    try damaged(bytes, header: 2300, count: 800, seed: 1) { copy in
      let path = try scratch.write(copy, as: "damaged.gguf")
      if let text = message({
        let checkpoint = try Gemma3Checkpoint(path: path)
        _ = try checkpoint.tensor(.layer(1, .downProj))
      }) {
        refused += 1
        #expect(text.contains("damaged.gguf"), "\(text)")
      }
    }
    #expect(refused > 200)
  }

  @Test func `a safetensors folder`() throws {
    let scratch = try ScratchFolder()
    let folder = try scratch.copy("checkpoint/tiny", as: "tiny")
    let bytes = try Goldens.bytes("checkpoint/tiny/model.safetensors")
    try damaged(bytes, header: 2600, count: 700, seed: 2) { copy in
      try scratch.write(copy, as: "tiny/model.safetensors")
      _ = message { _ = try Gemma3Checkpoint(path: folder).tensor(.embedding) }
    }
    let weights = try scratch.write(bytes, as: "tiny/model.safetensors")
    let configuration = try Goldens.bytes("checkpoint/tiny/config.json")
    try damaged(configuration, header: configuration.count, count: 700, seed: 3) { copy in
      try scratch.write(copy, as: "tiny/config.json")
      _ = message { _ = try Gemma3Checkpoint(path: folder).tensor(.embedding) }
    }
    #expect(weights.hasSuffix("model.safetensors"))
  }

  @Test(arguments: ["[64, -1]", "[-1, 64]", "[9223372036854775807, 9223372036854775807]", "[0, 1152921504606846976]"])
  func `a safetensors offset that cannot be is refused`(offsets: String) throws {
    let scratch = try ScratchFolder()
    let header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":\(offsets)}}"
    let bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8)
    let path = try scratch.write(bytes + [UInt8](repeating: 0, count: 16), as: "a.safetensors")
    #expect(message { _ = try SafetensorsFile(path: path) }?.contains("a.safetensors") == true)
  }

  @Test func `weights of a deeper model than the configuration says are refused`() throws {
    let scratch = try ScratchFolder()
    let folder = try scratch.copy("checkpoint/tiny", as: "tiny")
    let text = String(decoding: try Goldens.bytes("checkpoint/tiny/config.json"), as: UTF8.self)
      .replacing("\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": 1")
      .replacing("\"sliding_attention\",\n    \"full_attention\"", with: "\"sliding_attention\"")
    try scratch.write(text, as: "tiny/config.json")
    #expect(
      message { _ = try Gemma3Checkpoint(path: folder) }?.contains("layers.1.self_attn.q_proj.weight is there") == true)
  }

  @Test func `tokenizers`() throws {
    let scratch = try ScratchFolder()
    for (name, header) in [("small.gguf", 3000), ("small.json", 60_000)] {
      let bytes = try Goldens.bytes("tokenizer/" + name)
      try damaged(bytes, header: header, count: 120, seed: 4) { copy in
        let path = try scratch.write(copy, as: name)
        _ = message {
          let tokenizer =
            name.hasSuffix(".gguf") ? try Tokenizer(gguf: GGUFFile(path: path)) : try Tokenizer(json: path)
          _ = tokenizer.decode(tokenizer.encode("a <eos> naïve\u{0} 한국 word", addBOS: true))
        }
      }
    }
  }

  @Test func `studies, corpora and SAEs`() throws {
    let scratch = try ScratchFolder()
    let study = Array(StudyFileTests.minimal.utf8)
    try damaged(study, header: study.count, count: 1500, seed: 5) { copy in
      let path = try scratch.write(copy, as: "study.yaml")
      _ = message { _ = try StudyFile(path: path, environment: [:]).checkpointPath(model: 0) }
    }
    let corpus = Array(try Goldens.bytes("corpus/corpus.jsonl").prefix(4000))
    try damaged(corpus, header: corpus.count, count: 500, seed: 6) { copy in
      let path = try scratch.write(copy, as: "corpus.jsonl")
      _ = message { _ = try Corpus(path: path, sourceField: "meta.pile_set_name") }
    }
    let folder = try scratch.copy("sae/jumprelu", as: "sae")
    let configuration = try Goldens.bytes("sae/jumprelu/cfg.json")
    try damaged(configuration, header: configuration.count, count: 500, seed: 7) { copy in
      try scratch.write(copy, as: "sae/cfg.json")
      _ = message { _ = try SparseAutoencoderWeights(path: folder) }
    }
  }
}
