import Testing

@testable import Experiments

/// Each message says what is wrong, where, and what to do.
@Suite struct CheckpointErrorTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func opening(_ path: String) -> String? { message { _ = try Gemma3Checkpoint(path: path) } }

  @Test func `a missing file`() {
    #expect(
      opening(scratch.path + "/none.gguf")
        == "\(scratch.path)/none.gguf: no such file. Check the path; relative paths in a study start at the study file's folder."
    )
  }

  @Test func `a folder without config.json names the GGUF file inside`() throws {
    try scratch.write("GGUF", as: "model-q4.gguf")
    #expect(
      opening(scratch.path)
        == "\(scratch.path): the folder has no config.json. It holds model-q4.gguf; to use that, give the path of the file itself."
    )
  }

  @Test func `a folder without weights`() throws {
    try scratch.write(Goldens.bytes("checkpoint/tiny/config.json"), as: "config.json")
    #expect(opening(scratch.path)?.contains("no *.safetensors file") == true)
  }

  @Test func `a pickle given as a file`() throws {
    let path = try scratch.write("PK", as: "pytorch_model.bin")
    #expect(opening(path)?.contains("a Python pickle") == true)
  }

  @Test func `a file of another kind`() throws {
    let text = try scratch.write("hello, world", as: "notes.txt")
    #expect(opening(text)?.contains("is no checkpoint (it starts with \"hell\", not with \"GGUF\")") == true)
    let empty = try scratch.write("", as: "empty.gguf")
    #expect(opening(empty)?.contains("the file is empty") == true)
    #expect(
      opening(Goldens.path("checkpoint/tiny/model.safetensors"))?
        .contains("give the folder that holds it and config.json") == true)
  }

  @Test func `GGUF of another version or byte order`() throws {
    var bytes = try Goldens.bytes("checkpoint/tiny.gguf")
    bytes[4] = 2
    #expect(try opening(scratch.write(bytes, as: "v2.gguf"))?.contains("has GGUF version 2; version 3 is read") == true)
    bytes.replaceSubrange(4..<8, with: [0, 0, 0, 3])
    #expect(try opening(scratch.write(bytes, as: "big.gguf"))?.contains("is big-endian") == true)
  }

  @Test func `a truncated tensor is named with its missing bytes`() throws {
    let bytes = try Goldens.bytes("checkpoint/tiny.gguf")
    let path = try scratch.write(Array(bytes.dropLast(100)), as: "short.gguf")
    let text = try #require(opening(path))
    #expect(text.contains("output_norm.weight ends") && text.contains("(\(bytes.count - 100) bytes)"))
    let folder = try scratch.copy("checkpoint/tiny", as: "tiny")
    let weights = try Goldens.bytes("checkpoint/tiny/model.safetensors")
    try scratch.write(Array(weights.dropLast(6)), as: "tiny/model.safetensors")
    #expect(opening(folder)?.contains("model.norm.weight ends 6 bytes after the end of the file") == true)
    try scratch.write(Array(weights.prefix(1000)), as: "tiny/model.safetensors")
    #expect(opening(folder)?.contains("of them are missing") == true)
  }

  @Test("every cut of a GGUF header is an error, never a crash")
  func truncatedHeader() throws {
    let bytes = try Goldens.bytes("checkpoint/tiny.gguf")
    for length in stride(from: 4, to: 2000, by: 7) {
      let path = try scratch.write(Array(bytes.prefix(length)), as: "cut.gguf")
      #expect(opening(path) != nil)
    }
  }

  @Test func `an unknown architecture is named, with what is supported`() throws {
    let bytes = try replacing("gemma3", with: "gemma9", in: Goldens.bytes("checkpoint/tiny.gguf"))
    let path = try scratch.write(bytes, as: "other.gguf")
    #expect(opening(path)?.contains("the architecture is \"gemma9\". Supported: Gemma 3") == true)
    let folder = try scratch.copy("checkpoint/tiny", as: "tiny")
    try edit("tiny/config.json", "gemma3_text", "llama")
    #expect(opening(folder)?.contains("the architecture is \"llama\"") == true)
  }

  @Test(
    "what Gemma 3 does not have is refused",
    arguments: [
      ("\"attention_bias\": false", "\"attention_bias\": true", "attention_bias is true"),
      ("\"final_logit_softcapping\": null", "\"final_logit_softcapping\": 30.0", "final_logit_softcapping is 30.0"),
      (
        "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false",
        "tie_word_embeddings is false, and the weights hold no head"
      ),
      ("gelu_pytorch_tanh", "silu", "hidden_activation is \"silu\""),
      ("\"linear\"", "\"yarn\"", "rope_type is yarn"),
    ])
  func unsupported(old: String, new: String, expected: String) throws {
    let folder = try scratch.copy("checkpoint/tiny", as: "tiny")
    try edit("tiny/config.json", old, new)
    #expect(opening(folder)?.contains(expected) == true)
  }

  @Test func `weights of another size than the configuration: both shapes are named`() throws {
    let folder = try scratch.copy("checkpoint/tiny", as: "tiny")
    try edit("tiny/config.json", "\"intermediate_size\": 96", "\"intermediate_size\": 80")
    #expect(
      opening(folder)?.hasPrefix(
        "model.layers.0.mlp.gate_proj.weight: shape [96, 64] in \(folder)/model.safetensors, [80, 64] by \(folder)/config.json."
      ) == true)
  }

  @Test func `a configuration that is no JSON: line and column`() throws {
    let folder = try scratch.copy("checkpoint/tiny", as: "tiny")
    try edit("tiny/config.json", "\"attention_bias\": false,", "\"attention_bias\" false,")
    #expect(opening(folder)?.contains("is not valid JSON: line 6, column 20: expected ':', found 'f'") == true)
  }

  @Test func `a type that is not read is named`() throws {
    // The type number of tensor blk.0.attn_q.weight follows its name, dimension count and two dimensions.
    var bytes = try Goldens.bytes("checkpoint/tiny.gguf")
    let name = Array("blk.0.attn_q.weight".utf8)
    let start = try #require(bytes.firstRange(of: name)).upperBound
    bytes[start + 4 + 16] = 21
    let path = try scratch.write(bytes, as: "iq3.gguf")
    #expect(
      opening(path)?.contains("blk.0.attn_q.weight is stored as IQ3_S, which is not read here. Supported: F32, F16,")
        == true)
  }

  private func replacing(_ old: String, with new: String, in bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    if let range = bytes.firstRange(of: Array(old.utf8)) { result.replaceSubrange(range, with: Array(new.utf8)) }
    return result
  }

  private func edit(_ name: String, _ old: String, _ new: String) throws {
    let text = String(decoding: try scratch.read(name), as: UTF8.self)
    #expect(text.contains(old))
    try scratch.write(text.replacing(old, with: new), as: name)
  }
}
