import Foundation
import Testing

@testable import Experiments

@Suite("Quantized folders: parts that are missing, of another type, or do not fit")
struct ShippedPartsTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private static let module = "model.layers.0.mlp.up_proj"

  private func complaint(_ fixture: String, _ change: (inout [SafetensorsWriting.Tensor]) -> Void) throws -> String {
    let folder = try scratch.copy("shipped/" + fixture, as: UUID().uuidString)
    var writing = try SafetensorsWriting(all: folder)
    change(&writing.tensors)
    try Data(writing.file).write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
    return message { _ = try Gemma3Checkpoint(path: folder) } ?? ""
  }

  private func complaint(
    _ fixture: String, at ending: String, _ change: (inout SafetensorsWriting.Tensor) -> Void
  ) throws -> String {
    try complaint(fixture) { tensors in
      for index in tensors.indices where tensors[index].name == Self.module + ending { change(&tensors[index]) }
    }
  }

  private static func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
    numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
  }

  // MARK: The order of groups

  @Test("an order of groups that is missing, mixed, out of range or of another length")
  func order() throws {
    let fixture = "gptq-v2-order"
    let missing = try complaint(fixture) { $0.removeAll { $0.name == Self.module + ".g_idx" } }
    #expect(
      missing.contains("up_proj.qweight is packed with desc_act, and \(Self.module).g_idx, without"), "\(missing)")
    let mixed = try complaint(fixture, at: ".g_idx") { $0.bytes.replaceSubrange(0..<4, with: Self.bytes([Int32(-1)])) }
    #expect(mixed.contains("g_idx names a group that is none of 2: -1"), "\(mixed)")
    let wide = try complaint(fixture, at: ".g_idx") { tensor in
      var groups = [Int](repeating: 0, count: tensor.shape[0])
      groups[5] = 1 << 32
      tensor.type = "I64"
      tensor.bytes = Self.bytes(groups)
    }
    #expect(wide.contains("none of 2: 4294967296"), "\(wide)")
    let short = try complaint(fixture, at: ".g_idx") { tensor in
      tensor.shape[0] -= 1
      tensor.bytes.removeLast(4)
    }
    #expect(short.contains("g_idx has 63 numbers; one for each of 64 inputs is needed"), "\(short)")
    let unused = try complaint("gptq-v1") { tensors in
      tensors.removeAll { $0.name == Self.module + ".g_idx" }
      tensors.append(
        .init(
          name: Self.module + ".g_idx", type: "I32", shape: [64],
          bytes: Self.bytes([Int32](repeating: -1, count: 64))))
    }
    #expect(unused == "")
  }

  // MARK: Parts

  @Test(
    "a part without its companion: both are named",
    arguments: [
      ("ct-fp8-tensor", ".weight_scale", ".weight is F8_E4M3, and model.layers.0.mlp.up_proj.weight_scale, without"),
      ("bnb-int8", ".SCB", ".weight is I8, and model.layers.0.mlp.up_proj.SCB, without"),
      ("ct-int8", ".weight_scale", ".weight is I8, and model.layers.0.mlp.up_proj.weight_scale, without"),
      (
        "bnb-nf4", ".weight.quant_state.bitsandbytes__nf4", ".weight is U8, and model.layers.0.mlp.up_proj.weight.quant"
      ),
      ("ct-w4-group", ".weight_packed", "the tensor model.layers.0.mlp.up_proj.weight_packed is missing"),
      ("ct-fp8-tensor", ".weight", "the tensor model.layers.0.mlp.up_proj.weight is missing"),
      ("ct-nvfp4", ".weight_global_scale", "the tensor model.layers.0.mlp.up_proj.weight_global_scale is missing"),
      (
        "ct-w4-order", ".weight_g_idx",
        ".weight_packed is packed with actorder, and model.layers.0.mlp.up_proj.weight_g"
      ),
      ("gptq-v1", ".qweight", "the tensor model.layers.0.mlp.up_proj.qweight is missing"),
    ])
  func parts(fixture: String, ending: String, expected: String) throws {
    let found = try complaint(fixture) { $0.removeAll { $0.name == Self.module + ending } }
    #expect(found.contains(expected) && !found.contains("Q4_K"), "\(found)")
  }

  @Test(
    "a part of another type: found and needed are named",
    arguments: [
      ("gptq-v1", ".qweight", "U32", "qweight is U32; I32 is needed"),
      ("ct-w4-group", ".weight_packed", "U32", "weight_packed is U32; I32 is needed"),
      ("bnb-int8", ".SCB", "U32", "SCB is U32; F32 is needed"),
      ("ct-fp8-tensor", ".weight", "F8_E5M2", ".weight is F8_E5M2; F8_E4M3 or I8 is needed"),
    ])
  func types(fixture: String, ending: String, type: String, expected: String) throws {
    let found = try complaint(fixture, at: ending) { $0.type = type }
    #expect(found.contains(expected), "\(found)")
  }

  @Test("scales that make no groups: the form that is needed is given")
  func scales() throws {
    let ct = try complaint("ct-w4-group", at: ".weight_scale") { $0.shape = [$0.shape[0] * $0.shape[1]] }
    #expect(ct.contains("compressed-tensors needs [96, groups], with groups a divisor of 64, or one number"), "\(ct)")
    let gptq = try complaint("gptq-v1", at: ".scales") { $0.shape = [$0.shape[0] * $0.shape[1]] }
    #expect(gptq.contains("shape [192]; GPTQ needs [groups, 96], with groups a divisor of 64, for a layer"), "\(gptq)")
    let state = try complaint("bnb-nf4", at: ".weight.quant_state.bitsandbytes__nf4") { tensor in
      tensor.bytes = Array("{\"quant_type\": \"nf4\", \"shape\": \"x\"}".utf8)
      tensor.shape = [tensor.bytes.count]
    }
    #expect(state.contains("shape is \"x\"; a pair of whole numbers is needed"), "\(state)")
  }

  @Test("a state of 4 bits that names other levels than its own name")
  func levels() throws {
    let found = try complaint("bnb-nf4", at: ".weight.quant_state.bitsandbytes__nf4") { tensor in
      tensor.bytes = Array(String(decoding: tensor.bytes, as: UTF8.self).replacing("\"nf4\"", with: "\"fp4\"").utf8)
    }
    #expect(found.contains("quant_type is \"fp4\"; nf4, as the state's name says, is needed"), "\(found)")
  }

  @Test("a deeper model than config.json says, in FP8")
  func deeper() throws {
    let found = try complaint("ct-fp8-tensor") { tensors in
      guard var tensor = tensors.first(where: { $0.name == "model.layers.0.self_attn.q_proj.weight" }) else { return }
      tensor.name = "model.layers.1.self_attn.q_proj.weight"
      tensors.append(tensor)
    }
    #expect(found.contains("number of layers is 1; the weights' own: model.layers.1.self_attn"), "\(found)")
  }
}
