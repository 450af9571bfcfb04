import Foundation
import Testing

@testable import Experiments

/// Headers that promise what the file does not hold: each is refused before a number is read, with the tensor's name.
@Suite struct DamagedHeaderTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  // MARK: safetensors

  private func safetensors(_ header: String, bytes: Int) throws -> String? {
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
    let path = try scratch.write(
      length + Array(header.utf8) + [UInt8](repeating: 1, count: bytes), as: "h.safetensors")
    return message { _ = try SafetensorsFile(path: path) }
  }

  private func entry(_ name: String, _ shape: String, _ offsets: String) -> String {
    "\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  @Test func `tensors must fill a safetensors file without overlap, hole or rest`() throws {
    let (a, b) = (entry("a", "[2]", "[0, 8]"), entry("b", "[2]", "[8, 16]"))
    #expect(try safetensors("{\(a),\(b)}", bytes: 16) == nil)
    #expect(try safetensors("{\(b),\(a)}", bytes: 16) == nil)
    #expect(
      try safetensors("{\(a),\(entry("b", "[2]", "[4, 12]"))}", bytes: 12)?.contains("b starts inside a.") == true)
    #expect(
      try safetensors("{\(a),\(entry("b", "[2]", "[12, 20]"))}", bytes: 20)?
        .contains("4 bytes between a and b belong to no tensor") == true)
    #expect(
      try safetensors("{\(a),\(b)}", bytes: 19)?.contains("3 bytes after b belong to no tensor") == true)
    #expect(
      try safetensors("{\(entry("a", "[2]", "[4, 12]"))}", bytes: 12)?
        .contains("4 bytes between the header and a") == true)
    // A tensor of another type, which is not read, has a place too.
    let other = "\"c\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}"
    #expect(try safetensors("{\(other),\(b)}", bytes: 16) == nil)
    #expect(try safetensors("{\(other),\(a)}", bytes: 8)?.contains("starts inside") == true)
    // No numbers, no place.
    #expect(try safetensors("{\(a),\(entry("none", "[0]", "[8, 8]"))}", bytes: 8) == nil)
  }

  @Test func `a key given twice, or a shape that is no shape, is refused`() throws {
    let twice = try safetensors("{\(entry("a", "[2]", "[0, 8]")),\(entry("a", "[2]", "[8, 16]"))}", bytes: 16)
    #expect(twice?.contains("the key \"a\" is given twice") == true, "\(twice ?? "read")")
    for (shape, offsets) in [
      ("[2,\"x\"]", "[0, 8]"), ("[2, null]", "[0, 8]"), ("[\"2\"]", "[0, 8]"), ("[2]", "[0, \"x\", 8]"),
    ] {
      #expect(
        try safetensors("{\(entry("a", shape, offsets))}", bytes: 8)?
          .contains("the header's entry for a is not a dtype, a shape and two offsets") == true)
    }
  }

  // MARK: GGUF

  /// One tensor of 8 float32 after another, at the given offsets.
  private func gguf(offsets: [Int], keys: [String] = []) throws -> String? {
    var bytes = Array("GGUF".utf8)
    func add<Number: FixedWidthInteger>(_ number: Number) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
    func add(_ text: String) {
      add(UInt64(text.utf8.count))
      bytes += Array(text.utf8)
    }
    add(UInt32(3))
    add(UInt64(offsets.count))
    add(UInt64(keys.count))
    for key in keys {
      add(key)
      add(UInt32(4))
      add(UInt32(1))
    }
    for (index, offset) in offsets.enumerated() {
      add("t\(index)")
      add(UInt32(1))
      add(UInt64(8))
      add(UInt32(0))
      add(UInt64(offset))
    }
    bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32 + 128)
    let path = try scratch.write(bytes, as: "t.gguf")
    return message { _ = try GGUFFile(path: path) }
  }

  @Test func `GGUF tensors start at multiples of the alignment and do not overlap`() throws {
    #expect(try gguf(offsets: [0, 32, 64]) == nil)
    #expect(try gguf(offsets: [64, 0, 32]) == nil)
    #expect(try gguf(offsets: [0, 32, 32])?.contains("t2 starts inside t1") == true)
    #expect(try gguf(offsets: [0, 16])?.contains("t1 starts at byte 16, which is no multiple of 32") == true)
    #expect(try gguf(offsets: [0, 48])?.contains("which is no multiple of 32") == true)
    #expect(try gguf(offsets: [0], keys: ["a", "b"]) == nil)
    #expect(try gguf(offsets: [0], keys: ["a", "a"])?.contains("the key a is given twice") == true)
  }

  // MARK: Tokenizers

  @Test(
    "merges that are no list, and pieces given twice or far too long, are refused",
    arguments: [
      ("\"merges\": 5", "\"vocab\": {\"<0x00>\": 0}", "expected '['"),
      ("\"merges\": null", "\"vocab\": {\"<0x00>\": 0}", "expected '['"),
      ("\"unk_token\": null", "\"vocab\": {\"a\": 0}", "model.merges is missing"),
      ("\"merges\": []", "\"vocab\": 7", "expected '{'"),
      ("\"merges\": []", "\"vocab\": {\"a\": 0, \"a\": 1}", "the piece \"a\" is given twice"),
      (
        "\"merges\": []", "\"vocab\": {\"" + String(repeating: "x", count: 5000) + "\": 0}",
        "a piece of 5000 bytes; 4096 are allowed"
      ),
      ("\"merges\": []", "\"vocab\": {\"a\": 16000000}", "an id outside"),
    ])
  func tokenizer(merges: String, vocabulary: String, expected: String) throws {
    let path = try scratch.write(
      "{\"model\": {\"type\": \"BPE\", \(vocabulary), \(merges)}}", as: "tokenizer.json")
    let text = message { _ = try Tokenizer(json: path) }
    #expect(text?.contains(expected) == true, "\(text ?? "read")")
  }

  // MARK: SAEs

  @Test func `an SAE without features, or of zeros, is refused`() throws {
    let folder = try scratch.copy("sae/standard", as: "sae")
    var writing = try SafetensorsWriting(copying: folder)
    let index = try #require(writing.tensors.firstIndex { $0.name == "W_dec" })
    writing.tensors[index].bytes = writing.tensors[index].bytes.indices.map { $0 % 4 == 3 ? 0x80 : 0 }
    try scratch.write(writing.file, as: "sae/sae_weights.safetensors")
    #expect(
      message { _ = try SparseAutoencoderWeights(path: folder) }?.contains("W_dec holds nothing but zeros") == true)

    let configuration = String(decoding: try scratch.read("sae/cfg.json"), as: UTF8.self)
    try scratch.write(configuration.replacing("\"d_sae\": 64", with: "\"d_sae\": 0"), as: "sae/cfg.json")
    for index in writing.tensors.indices where writing.tensors[index].name != "b_dec" {
      writing.tensors[index].shape = writing.tensors[index].shape.map { $0 == 64 ? 0 : $0 }
      writing.tensors[index].bytes = []
    }
    try scratch.write(writing.file, as: "sae/sae_weights.safetensors")
    #expect(
      message { _ = try SparseAutoencoderWeights(path: folder) }?
        .contains("d_in, d_sae is 16, 0; supported: positive numbers") == true)
  }
}
