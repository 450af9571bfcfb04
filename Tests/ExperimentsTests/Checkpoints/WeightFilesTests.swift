import Foundation
import Testing

@testable import Experiments

/// Which files of a folder are read as weights, and which folders are refused.
@Suite struct WeightFilesTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func opening(_ path: String) -> String? { message { _ = try Gemma3Checkpoint(path: path) } }

  private func edit(_ name: String, _ old: String, _ new: String) throws {
    let text = String(decoding: try scratch.read(name), as: UTF8.self)
    #expect(text.contains(old))
    try scratch.write(text.replacing(old, with: new), as: name)
  }

  private func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: scratch.path + "/" + name) }

  // MARK: Shards

  @Test func `a shard that the index names and the folder lacks`() throws {
    let folder = try scratch.copy("forms/multimodal-4.50", as: "m")
    try remove("m/model-00002-of-00003.safetensors")
    let text = opening(folder)
    #expect(
      text?.hasPrefix(
        "\(folder)/model.safetensors.index.json: the weights are in several files, and model-00002-of-00003.safetensors is not among them."
      ) == true, "\(text ?? "")")
  }

  @Test func `an index that puts a tensor where it is not`() throws {
    let folder = try scratch.copy("forms/multimodal-4.50", as: "m")
    let name = "language_model.model.embed_tokens.weight"
    let index = String(decoding: try scratch.read("m/model.safetensors.index.json"), as: UTF8.self)
    let place = try #require(index.firstMatch(of: /embed_tokens\.weight": "(model-0000\d-of-00003)/)).1
    let other = place.contains("00001-of") ? "model-00002-of-00003" : "model-00001-of-00003"
    try edit("m/model.safetensors.index.json", "\(name)\": \"\(place)", "\(name)\": \"\(other)")
    #expect(opening(folder)?.contains("puts \(name) in \(other).safetensors, which does not hold it") == true)
  }

  @Test func `an index whose entry is no file name`() throws {
    let folder = try scratch.copy("forms/text-4.57", as: "m")
    try edit(
      "m/model.safetensors.index.json", "\"model-00001-of-00004.safetensors\"",
      "\"../model-00001-of-00004.safetensors\"")
    #expect(opening(folder)?.contains("the name of a safetensors file in the same folder is needed") == true)
    try scratch.write("{}", as: "m/model.safetensors.index.json")
    #expect(opening(folder)?.contains("the key weight_map is missing") == true)
    try scratch.write("{\"weight_map\": []}", as: "m/model.safetensors.index.json")
    #expect(opening(folder)?.contains("weight_map is an array of 0; an object is needed") == true)
  }

  @Test func `a tensor in no listed shard`() throws {
    let folder = try scratch.copy("forms/text-4.57", as: "m")
    // The index forgets one shard altogether.
    let lines = String(decoding: try scratch.read("m/model.safetensors.index.json"), as: UTF8.self)
      .split(separator: "\n").filter { !$0.contains("model-00002-of") }
    try scratch.write(
      lines.joined(separator: "\n").replacing(/,\s*\n?\s*\}/, with: "}"), as: "m/model.safetensors.index.json")
    let text = opening(folder)
    #expect(text?.contains("is missing. The file is not complete") == true, "\(text ?? "")")
  }

  @Test func `a tensor that its shard has and the index leaves out is found`() throws {
    let folder = try scratch.copy("forms/text-4.57", as: "m")
    let lines = String(decoding: try scratch.read("m/model.safetensors.index.json"), as: UTF8.self)
      .split(separator: "\n").filter { !$0.contains("layers.0.self_attn.q_proj") }
    try scratch.write(lines.joined(separator: "\n"), as: "m/model.safetensors.index.json")
    #expect(opening(folder) == nil)
  }

  @Test func `shards without an index are read where all are there`() throws {
    let folder = try scratch.copy("forms/text-4.57", as: "m")
    let whole = try Gemma3Checkpoint(path: folder)
    try remove("m/model.safetensors.index.json")
    let checkpoint = try Gemma3Checkpoint(path: folder)
    for tensor in Gemma3Tensor.all(layerCount: 2) {
      #expect(try checkpoint.tensor(tensor).bf16 == whole.tensor(tensor).bf16)
    }
    try remove("m/model-00004-of-00004.safetensors")
    #expect(opening(folder)?.hasPrefix("\(folder): the weights are in several files, and model-00004-of-00004") == true)
  }

  @Test func `a tensor in two shards without an index`() throws {
    let folder = try scratch.copy("forms/text-4.57", as: "m")
    try remove("m/model.safetensors.index.json")
    try scratch.write(scratch.read("m/model-00001-of-00004.safetensors"), as: "m/model-00002-of-00004.safetensors")
    #expect(
      opening(folder)?.contains("is in model-00001-of-00004.safetensors and in model-00002-of-00004.safetensors")
        == true)
  }

  @Test func `a tensor in two shards with an index`() throws {
    let folder = try scratch.copy("forms/text-4.57", as: "m")
    var writing = SafetensorsWriting([])
    for shard in ["m/model-00001-of-00004.safetensors", "m/model-00002-of-00004.safetensors"] {
      let file = try SafetensorsFile(path: scratch.path + "/" + shard)
      writing.tensors += file.tensors.map { tensor in
        .init(
          name: tensor.name, type: tensor.element.rawValue, shape: tensor.shape,
          bytes: tensor.file.withBytes(in: tensor.bytes) { Array($0) })
      }
    }
    try scratch.write(writing.file, as: "m/model-00002-of-00004.safetensors")
    let text = opening(folder) ?? ""
    #expect(text.contains("is in model-00001-of-00004.safetensors and in model-00002-of-00004.safetensors"), "\(text)")
    #expect(!text.contains("index.json says"), "\(text)")
  }

  @Test(
    "shards whose names make no whole model",
    arguments: [
      "model-00001-of-00000", "model-00001-of-99999999999999999999", "model-00001-of-00002", "model-00005-of-00004",
    ])
  func oddShards(name: String) throws {
    let folder = try scratch.copy("forms/text-4.57", as: "m")
    try remove("m/model.safetensors.index.json")
    try scratch.write(scratch.read("m/model-00001-of-00004.safetensors"), as: "m/\(name).safetensors")
    let text = opening(folder) ?? ""
    #expect(text.contains("no part of one whole model") || text.contains("is not among them"), "\(text)")
  }

  @Test func `model.safetensors goes before an index, as in transformers`() throws {
    let folder = try scratch.copy("forms/text-4.57", as: "m")
    try scratch.write(Goldens.bytes("forms/text-5/model.safetensors"), as: "m/model.safetensors")
    #expect(try Gemma3Checkpoint(path: folder).fileNames == ["config.json", "model.safetensors"])
  }

  @Test func `one file of another name counts if its name says model`() throws {
    let folder = try scratch.copy("forms/text-5", as: "m")
    let bytes = try scratch.read("m/model.safetensors")
    try remove("m/model.safetensors")
    try scratch.write(bytes, as: "m/weights.safetensors")
    #expect(opening(folder)?.contains("it holds weights.safetensors") == true)
    try scratch.write(bytes, as: "m/model.bf16.safetensors")
    #expect(opening(folder) == nil)
    try scratch.write(bytes, as: "m/model.fp16.safetensors")
    #expect(
      opening(folder)?.contains("model.bf16.safetensors and model.fp16.safetensors could each be the model") == true)
  }

  // MARK: The head

  private func withHead(_ name: String, _ change: (inout SafetensorsWriting.Tensor) -> Void) throws -> String? {
    let folder = try scratch.copy("forms/text-5", as: UUID().uuidString)
    var writing = try SafetensorsWriting(copying: folder)
    var head = try #require(writing.tensors.first { $0.name == "model.embed_tokens.weight" })
    head.name = name
    change(&head)
    writing.tensors.append(head)
    let target = folder.dropFirst(scratch.path.count + 1) + "/model.safetensors"
    try scratch.write(writing.file, as: String(target))
    return opening(folder)
  }

  @Test("a head that equals the embedding is accepted", arguments: ["lm_head.weight", "language_model.lm_head.weight"])
  func tiedHead(name: String) throws {
    #expect(try withHead(name) { _ in } == nil)
    // The same numbers as float32: the upper two bytes of each are the bf16.
    #expect(
      try withHead(name) { head in
        head.type = "F32"
        head.bytes = stride(from: 0, to: head.bytes.count, by: 2).flatMap {
          [0, 0, head.bytes[$0], head.bytes[$0 + 1]]
        }
      } == nil)
  }

  @Test(
    "a configuration that denies the tie is believed where a head differs, and passed over where it equals the embedding",
    arguments: ["lm_head.weight", "model.language_model.lm_head.weight"])
  func deniedTie(name: String) throws {
    func opening(differs: Bool) throws -> String? {
      let folder = try scratch.copy("forms/text-5", as: UUID().uuidString)
      let place = String(folder.dropFirst(scratch.path.count + 1))
      let text = String(decoding: try scratch.read(place + "/config.json"), as: UTF8.self)
      #expect(text.contains("\"tie_word_embeddings\": true"))
      try scratch.write(
        text.replacing("\"tie_word_embeddings\": true", with: "\"tie_word_embeddings\": false"),
        as: place + "/config.json")
      var writing = try SafetensorsWriting(copying: folder)
      var head = try #require(writing.tensors.first { $0.name == "model.embed_tokens.weight" })
      head.name = name
      if differs { head.bytes[7] ^= 1 }
      writing.tensors.append(head)
      try scratch.write(writing.file, as: place + "/model.safetensors")
      return self.opening(folder)
    }
    #expect(try opening(differs: false) == nil)
    #expect(try opening(differs: true)?.contains("\(name) differs from the embedding") == true)
  }

  @Test(
    "a head of its own is refused",
    arguments: ["lm_head.weight", "language_model.lm_head.weight", "model.lm_head.weight"])
  func untiedHead(name: String) throws {
    let one = try withHead(name) { $0.bytes[$0.bytes.count - 2] ^= 1 }
    #expect(
      one?.contains("\(name) differs from the embedding. Gemma 3's head is its embedding") == true, "\(one ?? "")")
    let wide = try withHead(name) { head in
      head.type = "F32"
      head.bytes = stride(from: 0, to: head.bytes.count, by: 2).flatMap {
        [0, 0, head.bytes[$0] ^ 1, head.bytes[$0 + 1]]
      }
    }
    #expect(wide?.contains("differs from the embedding") == true)
    let short = try withHead(name) { head in
      head.shape[0] -= 1
      head.bytes.removeLast(2 * head.shape[1])
    }
    #expect(short?.contains("differs from the embedding") == true)
  }

  // MARK: No safetensors

  @Test(
    "a pickle is refused, whatever it is called",
    arguments: [
      "pytorch_model.bin", "pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "consolidated.00.pth",
      "model.pt",
      "model.ckpt",
    ])
  func pickle(name: String) throws {
    try scratch.write("PK", as: name)
    #expect(opening(scratch.path)?.contains("It holds \(name), a Python pickle") == true)
    try scratch.write(Goldens.bytes("forms/text-5/config.json"), as: "config.json")
    let text = opening(scratch.path)
    #expect(text?.contains("the weights are in \(name), a Python pickle") == true)
    #expect(text?.contains(".save_pretrained(\"NEW_FOLDER\")") == true)
  }

  @Test func `a pickle beside safetensors does not matter`() throws {
    let folder = try scratch.copy("forms/text-5", as: "m")
    try scratch.write("PK", as: "m/pytorch_model.bin")
    #expect(opening(folder) == nil)
  }

  @Test func `an adapter is no model`() throws {
    try scratch.write("{}", as: "adapter_config.json")
    try scratch.write("", as: "adapter_model.safetensors")
    #expect(opening(scratch.path)?.contains("It holds an adapter (adapter_config.json); merge it") == true)
    try scratch.write(Goldens.bytes("forms/text-5/config.json"), as: "config.json")
    #expect(opening(scratch.path)?.contains("the folder holds an adapter (adapter_config.json), not a model") == true)
  }

  @Test func `a shape that follows from an assumed value says so`() throws {
    let folder = try scratch.copy("forms/text-5", as: "m")
    try edit("m/config.json", "\"head_dim\"", "\"x\"")
    let text = opening(folder)
    #expect(text?.contains("assumed where it is silent: head_dim = 256") == true, "\(text ?? "")")
  }
}
