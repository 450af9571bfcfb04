import Foundation
import Testing

@testable import Experiments

@Suite("Quantized folders that are damaged, or of a kind that is not read")
struct ShippedDamageTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  /// What opening a copy of a fixture says, once some of its tensors are changed.
  private func complaint(
    _ fixture: String, numbers: Bool = false, _ change: (inout SafetensorsWriting) -> Void
  ) throws -> String {
    let folder = try scratch.copy("shipped/" + fixture, as: UUID().uuidString)
    var writing = try SafetensorsWriting(all: folder)
    change(&writing)
    try Data(writing.file).write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
    return message {
      let checkpoint = try Gemma3Checkpoint(path: folder)
      if numbers { try checkpoint.checkNumbers() }
    } ?? ""
  }

  private static let module = "model.layers.0.mlp.up_proj"

  @Test(
    "a tensor of the format is missing, and named",
    arguments: [
      ("bnb-nf4", ".weight.absmax"), ("bnb-nf4-nested", ".weight.nested_absmax"), ("bnb-nf4", ".weight.quant_map"),
      ("bnb-nf4", ".weight"), ("ct-w4-zero", ".weight_scale"), ("ct-w4-zero", ".weight_zero_point"),
      ("ct-w4-zero", ".weight_shape"), ("ct-nvfp4", ".weight_scale"), ("gptq-v1", ".qzeros"), ("gptq-v1", ".scales"),
      ("awq", ".qzeros"),
    ])
  func missing(fixture: String, ending: String) throws {
    let found = try complaint(fixture) { writing in
      writing.tensors.removeAll { $0.name == Self.module + ending }
    }
    #expect(found.contains("the tensor \(Self.module)\(ending) is missing"), "\(found)")
  }

  @Test(
    "a tensor has another shape or type",
    arguments: [
      ("bnb-nf4", ".weight.absmax"), ("bnb-int8", ".SCB"), ("ct-w4-group", ".weight_packed"),
      ("ct-w4-group", ".weight_scale"), ("ct-mxfp4", ".weight_scale"), ("ct-nvfp4", ".weight_packed"),
      ("ct-fp8-channel", ".weight_scale"), ("ct-fp8-block", ".weight_scale"), ("gptq-v1", ".qweight"),
      ("awq", ".qweight"),
    ])
  func shapes(fixture: String, ending: String) throws {
    let name = Self.module + ending
    let short = try complaint(fixture) { writing in
      for index in writing.tensors.indices where writing.tensors[index].name == name {
        let row = writing.tensors[index].bytes.count / writing.tensors[index].shape[0]
        writing.tensors[index].shape[0] -= 1
        writing.tensors[index].bytes.removeLast(row)
      }
    }
    #expect(short.contains("\(name) has shape") && short.contains(" for a layer of "), "\(short)")
    let typed = try complaint(fixture) { writing in
      for index in writing.tensors.indices where writing.tensors[index].name == name {
        writing.tensors[index].type = "I16"
        writing.tensors[index].shape = [writing.tensors[index].bytes.count / 2]
      }
    }
    #expect(typed.contains(Self.module), "\(typed)")
  }

  @Test(
    "a scale that is no number is found, and the weight named",
    arguments: [
      ("bnb-nf4", ".weight.absmax"), ("bnb-int8", ".SCB"), ("ct-w4-group", ".weight_scale"),
      ("ct-fp8-channel", ".weight_scale"), ("ct-nvfp4", ".weight_global_scale"), ("gptq-v1", ".scales"),
      ("awq", ".scales"),
    ])
  func notFinite(fixture: String, ending: String) throws {
    let found = try complaint(fixture, numbers: true) { writing in
      for index in writing.tensors.indices where writing.tensors[index].name == Self.module + ending {
        for byte in 0..<4 { writing.tensors[index].bytes[byte] = 0xff }
      }
    }
    #expect(found.contains(Self.module + ".weight[0, ") && found.contains("NaN"), "\(found)")
  }

  @Test("levels that are not bitsandbytes', groups that do not exist, biases")
  func impossible() throws {
    let levels = try complaint("bnb-nf4") { writing in
      for index in writing.tensors.indices where writing.tensors[index].name == Self.module + ".weight.quant_map" {
        writing.tensors[index].bytes[3] = 0x40
      }
    }
    #expect(levels.contains("a table of levels that is not bitsandbytes' nf4"), "\(levels)")
    let groups = try complaint("gptq-v2-order") { writing in
      for index in writing.tensors.indices where writing.tensors[index].name == Self.module + ".g_idx" {
        writing.tensors[index].bytes[4] = 9
      }
    }
    #expect(groups.contains("names a group that is none of 2"), "\(groups)")
    let bias = try complaint("awq") { writing in
      writing.tensors.append(
        .init(name: Self.module + ".bias", type: "F16", shape: [2], bytes: [0, 0, 0, 0x3c]))
    }
    #expect(bias.contains("up_proj.bias is not zero"), "\(bias)")
  }

  @Test(
    "forms of a format that are not read are named",
    arguments: [
      ("awq", "\"version\": \"gemm\"", "\"version\": \"gemv\"", "quantized by gemv (quantization_config.version)"),
      (
        "gptq-v1", "\"checkpoint_format\": \"gptq\"", "\"checkpoint_format\": \"gptq_p\"",
        "quantized by gptq_p (quantization_config.checkpoint_format)"
      ),
      ("gptq-v1", "\"bits\": 4", "\"bits\": 5", "quantization_config.bits is 5; 2, 3, 4, 8 is needed"),
      ("ct-w4-group", "\"num_bits\": 4", "\"num_bits\": 9", "num_bits is 9"),
      ("ct-w4-group", "\"Linear\"", "\"re:(?!a).*\"", "is the pattern “re:(?!a).*”, which is not supported"),
      (
        "ct-w4-group", "\"Linear\"", String(repeating: "\"re:a\",", count: 100) + "\"re:b\"",
        "config_groups is 101 patterns long (at most 100), which is not supported"
      ),
      (
        "ct-w4-group", "\"Linear\"", String(repeating: "\"a\",", count: 10_000) + "\"b\"",
        "config_groups is 10001 targets long (at most 10000), which is not supported"
      ),
    ])
  func forms(fixture: String, written: String, instead: String, expected: String) throws {
    let folder = try scratch.copy("shipped/" + fixture, as: "copy")
    let path = folder + "/config.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains(written))
    try text.replacing(written, with: instead).write(toFile: path, atomically: true, encoding: .utf8)
    let found = message { _ = try Gemma3Checkpoint(path: folder) } ?? ""
    #expect(found.contains(expected), "\(found)")
  }

  @Test("activations of a kind that is not computed: as shipped refused, the weights alone measured")
  func activations() throws {
    var tiny = try TinyRun()
    let folder = tiny.folder.file("fp8")
    try FileManager.default.copyItem(atPath: Goldens.path("shipped/ct-fp8-channel"), toPath: folder)
    try FileManager.default.copyItem(atPath: tiny.checkpoint + "/tokenizer.json", toPath: folder + "/tokenizer.json")
    let path = folder + "/config.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("\"dynamic\": true"))
    try text.replacing("\"dynamic\": true", with: "\"dynamic\": false").write(
      toFile: path, atomically: true, encoding: .utf8)
    func condition(_ weights: any CompressionMethod) -> Study.Condition {
      .init(weights, checkpoint: .init(places: [.init(model: nil, path: "fp8")], name: "fp8", label: "FP8"))
    }
    tiny.conditionCheckpoints = ["fp8": folder, "fp8-bf16": folder]
    tiny.conditions = [.init(Uncompressed(precision: .bf16)), condition(AsStored())]
    let refused = message { try tiny.measure("run.h5") } ?? ""
    #expect(refused.contains("rounds activations to 8-bit float by token, with scales of the file"), "\(refused)")
    #expect(refused.contains("weights: bf16"))
    tiny.conditions = [.init(Uncompressed(precision: .bf16)), condition(Uncompressed(precision: .bf16))]
    // It is another model than the tiny one, which is said now.
    let next = message { try tiny.measure("run.h5") } ?? ""
    #expect(next.contains("it is not the study's model"), "\(next)")
  }
}
