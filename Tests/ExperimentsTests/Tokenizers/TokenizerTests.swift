import Foundation
import Testing

@testable import Experiments

/// Expected ids come from `tokenizers` 0.23 (JSON) and transformers 5.23 (GGUF): tools/golden/tokenizer_small.py.
@Suite struct TokenizerTests {
  @Test(
    "ids are those of tokenizers, with every flag of added tokens",
    arguments: ["small.json", "small-strings.json", "small.gguf"])
  func ids(file: String) throws {
    let tokenizer = try open(file)
    let expected = try #require(golden()[file]?.array).compactMap(\.string)
    let texts = try texts()
    #expect(texts.count == expected.count)
    for (text, digest) in zip(texts, expected) {
      let ids = tokenizer.encode(utf8: text, addBOS: false)
      #expect(Self.digest(ids) == digest, "\(String(decoding: text, as: UTF8.self).debugDescription)")
    }
  }

  @Test func `documents encoded together give what they give alone, on any number of threads`() throws {
    let tokenizer = try open("small.json")
    let texts = try texts()
    #expect(tokenizer.encode(documents: texts, addBOS: true) == texts.map { tokenizer.encode(utf8: $0, addBOS: true) })
  }

  @Test func `a text is the same whether it is cut or merged as a whole`() throws {
    // The cache and the cuts must not show: one encoder, fed the same texts twice, in two orders.
    let tokenizer = try open("small.gguf")
    let texts = try texts()
    var encoder = BytePairEncoder(tokenizer.model)
    var first: [[Int32]] = []
    var second: [[Int32]] = []
    for text in texts {
      var ids: [Int32] = []
      text.withUnsafeBufferPointer { encoder.encode($0, into: &ids) }
      first.append(ids)
    }
    for text in texts.reversed() {
      var ids: [Int32] = []
      text.withUnsafeBufferPointer { encoder.encode($0, into: &ids) }
      second.append(ids)
    }
    #expect(first == second.reversed())
  }

  @Test func `BOS comes first when asked for, also before nothing`() throws {
    let tokenizer = try open("small.json")
    #expect(tokenizer.bos == 2)
    #expect(tokenizer.encode("", addBOS: true) == [2])
    #expect(tokenizer.encode("", addBOS: false) == [])
    #expect(tokenizer.encode("a", addBOS: true).count == 2)
  }

  @Test func `literal special tokens in a text become their ids`() throws {
    let tokenizer = try open("small.gguf")
    #expect(tokenizer.encode("<eos>", addBOS: false) == [1])
    #expect(tokenizer.encode("<bos><eos>", addBOS: false) == [2, 1])
  }

  @Test func `decoding gives back what tokenizers gives back`() throws {
    let tokenizer = try open("small.json")
    let golden = try golden()
    let encoded = try texts().map { tokenizer.encode(utf8: $0, addBOS: true) }
    let whole = encoded.map { tokenizer.decode($0) }.joined(separator: "\u{1e}")
    #expect(Self.digest(text: whole) == golden["decoded"]?.string)
    let skipping = encoded.map { tokenizer.decode($0, skippingSpecialTokens: true) }.joined(separator: "\u{1e}")
    #expect(Self.digest(text: skipping) == golden["decoded_skipping"]?.string)
  }

  @Test func `bytes that are no UTF-8 are read as replacement characters`() throws {
    let tokenizer = try open("small.json")
    #expect(tokenizer.encode(utf8: [0x61, 0xff, 0x62], addBOS: false) == tokenizer.encode("a\u{fffd}b", addBOS: false))
  }

  @Test func `both spellings of é are different texts`() throws {
    let tokenizer = try open("small.json")
    let composed = tokenizer.encode("\u{e9}", addBOS: false)
    let decomposed = tokenizer.encode("e\u{301}", addBOS: false)
    #expect(composed != decomposed)
    #expect(tokenizer.decode(decomposed).unicodeScalars.count == 2)
  }

  @Test func `the digest is that of the file, and tells GGUF vocabularies apart`() throws {
    let json = try open("small.json")
    #expect(json.sha256 == SHA256Hex.digest(of: try MappedFile(path: Goldens.path("tokenizer/small.json"))))
    let gguf = try open("small.gguf")
    #expect(gguf.sha256.count == 64 && gguf.sha256 != json.sha256)
  }

  // MARK: Errors

  @Test(
    "what works differently from Gemma's tokenizer is named",
    arguments: [
      ("\"type\":\"BPE\"", "\"type\":\"WordPiece\"", "model.type = \"WordPiece\" is not supported"),
      ("\"type\":\"Replace\"", "\"type\":\"NFKC\"", "normalizer \"NFKC\" is not supported"),
      ("\"type\":\"Split\"", "\"type\":\"ByteLevel\"", "pre_tokenizer \"ByteLevel\" is not supported"),
      (
        "\"type\":\"TemplateProcessing\"", "\"type\":\"RobertaProcessing\"",
        "post_processor \"RobertaProcessing\" is not supported"
      ),
      ("\"unk_token\":\"<unk>\"", "\"unk_token\":\"<none>\"", "model.unk_token \"<none>\" is not in the vocabulary"),
      ("\"vocab\"", "\"words\"", "model.vocab is missing"),
      ("\"normalizer\":{", "\"normalizer\" {", "is not valid JSON: line 1, column"),
    ])
  func unsupported(old: String, new: String, expected: String) throws {
    let scratch = try ScratchFolder()
    let text = String(decoding: try Goldens.bytes("tokenizer/small.json"), as: UTF8.self)
    let range = try #require(text.range(of: old))
    let path = try scratch.write(text.replacingCharacters(in: range, with: new), as: "tokenizer.json")
    let message = message { _ = try Tokenizer(json: path) }
    #expect(message?.hasPrefix(path) == true && message?.contains(expected) == true, "\(message ?? "no error")")
  }

  @Test func `a GGUF file without a vocabulary, or with another kind`() throws {
    #expect(
      message { _ = try Tokenizer(gguf: GGUFFile(path: Goldens.path("checkpoint/tiny.gguf"))) }?
        .contains("the key tokenizer.ggml.model is missing") == true)
    let scratch = try ScratchFolder()
    var bytes = try Goldens.bytes("tokenizer/small.gguf")
    let range = try #require(bytes.firstRange(of: Array("llama".utf8)))
    bytes.replaceSubrange(range, with: Array("plamo".utf8))
    let path = try scratch.write(bytes, as: "other.gguf")
    #expect(
      message { _ = try Tokenizer(gguf: GGUFFile(path: path)) }?
        .contains("tokenizer.ggml.model = \"plamo\" is not supported; \"llama\"") == true)
  }

  // MARK: Reading the goldens

  private func open(_ name: String) throws -> Tokenizer {
    let path = Goldens.path("tokenizer/" + name)
    return name.hasSuffix(".gguf") ? try Tokenizer(gguf: GGUFFile(path: path)) : try Tokenizer(json: path)
  }

  private func golden() throws -> JSONValue {
    try MappedFile(path: Goldens.path("tokenizer/ids.json")).withBytes { try JSONValue.parse($0) }
  }

  private func texts() throws -> [[UInt8]] {
    try Goldens.bytes("tokenizer/texts.jsonl").split(separator: 0x0a).map { line in
      let value = try line.withUnsafeBytes { try JSONValue.parse($0) }
      return Array(try #require(value["text"]?.string).utf8)
    }
  }

  private static func digest(_ ids: [Int32]) -> String {
    ids.withUnsafeBytes { SHA256Hex.digest(of: $0) }
  }

  private static func digest(text: String) -> String { SHA256Hex.digest(of: text) }
}
