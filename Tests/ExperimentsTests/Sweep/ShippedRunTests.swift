import Foundation
import Kernels
import Measures
import RunFile
import Testing

@testable import Experiments

/// What we quantize, written out in a library's format and read again as a shipped file, is what we measure when we make it.
@Suite("A shipped file runs as the condition that would make it")
struct ShippedRunTests {
  private static func file(_ type: String, _ shape: [Int], _ bytes: [UInt8], _ name: String)
    -> SafetensorsWriting.Tensor
  {
    .init(name: name, type: type, shape: shape, bytes: bytes)
  }

  private static func bytes<Number: BitwiseCopyable>(_ numbers: [Number]) -> [UInt8] {
    numbers.withUnsafeBytes { Array($0) }
  }

  /// The tiny checkpoint with its linear layers replaced.
  private static func shipped(
    _ tiny: TinyRun, as folder: String, _ replace: (String, BF16Weights) throws -> [SafetensorsWriting.Tensor]
  ) throws -> String {
    let target = tiny.folder.file(folder)
    try FileManager.default.copyItem(atPath: tiny.checkpoint, toPath: target)
    let checkpoint = try Gemma3Checkpoint(path: tiny.checkpoint)
    var writing = try SafetensorsWriting(copying: target)
    for tensor in Gemma3Tensor.all(layerCount: 2) where tensor.isLinear {
      let name = "model." + tensor.huggingFaceName
      let new = try replace(String(name.dropLast(7)), BF16Weights(checkpoint, tensor))
      if new.isEmpty { continue }
      writing.tensors.removeAll { $0.name == name }
      writing.tensors += new
    }
    try Data(writing.file).write(to: URL(fileURLWithPath: target + "/model.safetensors"))
    return target
  }

  private static func nll(_ run: RunReader, _ condition: String) throws -> [UInt32] {
    try #require(try run.values(Column.nll.key(condition)).float32s).map(\.bitPattern)
  }

  private static func condition(_ name: String, _ weights: any CompressionMethod = AsStored()) -> Study.Condition {
    .init(weights, checkpoint: .init(places: [.init(model: nil, path: name)], name: name, label: name))
  }

  @Test("bitsandbytes' int8 and nf4, reruns among them")
  func bitsandbytes() throws {
    var tiny = try TinyRun()
    let int8 = try Self.shipped(tiny, as: "int8") { module, weights in
      let own = LLMInt8Weights(quantizing: [weights])
      return [
        Self.file("I8", [own.rows, own.columns], Self.bytes(own.codes.values), module + ".weight"),
        Self.file("F32", [own.rows], Self.bytes(own.absmax.values), module + ".SCB"),
        Self.file("U8", [], [0], module + ".weight_format"),
      ]
    }
    let nf4 = try Self.shipped(tiny, as: "nf4") { module, weights in
      let own = FourBitWeights(
        quantizing: weights.pointer, rows: weights.rows, columns: weights.columns, levels: .nf4, blockSize: 64,
        doubleQuantization: false)
      let codes = own.codes.values
      let pairs = stride(from: 0, to: codes.count, by: 2).map { codes[$0] << 4 | codes[$0 + 1] }
      let state =
        #"{"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [\#(own.rows), \#(own.columns)]}"#
      return [
        Self.file("U8", [pairs.count, 1], pairs, module + ".weight"),
        Self.file("F32", [own.absmax.count], Self.bytes(own.absmax), module + ".weight.absmax"),
        Self.file("F32", [16], Self.bytes(FourBitLevels.nf4.values), module + ".weight.quant_map"),
        Self.file(
          "U8", [state.utf8.count], Array(state.utf8), module + ".weight.quant_state.bitsandbytes__nf4"),
      ]
    }
    tiny.conditions = [
      .init(Uncompressed(precision: .bf16)), .init(LLMInt8Method()), .init(FourBitMethod(levels: .nf4)), Self.condition("shipped-int8"),
      Self.condition("shipped-nf4"), Self.condition("shipped-int8", Uncompressed(precision: .bf16)),
    ]
    tiny.conditionCheckpoints = ["shipped-int8": int8, "shipped-nf4": nf4, "shipped-int8-bf16": int8]
    tiny.reruns.tokens = nil
    let run = try tiny.measure("run.h5")
    for method in ["int8", "nf4"] {
      for ending in ["", "-rerun"] {
        #expect(try Self.nll(run, "shipped-\(method)\(ending)") == Self.nll(run, method + ending))
      }
    }
    #expect(try Self.nll(run, "shipped-int8-bf16") != Self.nll(run, "int8"))
    let conditions = run.description.conditions
    // Codes of 8 bits and a scale of 32 per row; one format byte per layer. Codes of 4 and a scale per 64, the tables and states.
    #expect(conditions[3].bitsPerCompressedParameter > 8 && conditions[3].bitsPerCompressedParameter < 8.6)
    #expect(conditions[4].bitsPerCompressedParameter > 4.5 && conditions[4].bitsPerCompressedParameter < 4.9)
    #expect(
      conditions[3].checkpoint?.reading == "weights decoded to bf16; LLM.int8 with the file's codes, threshold 6.0")
    #expect(conditions[4].checkpoint?.storage == "safetensors: bitsandbytes nf4 ×14, BF16 ×14")
    #expect(conditions[5].checkpoint?.reading == "weights decoded to bf16")
    let text = try tiny.measure("anew.h5", threads: 1, freeMemory: 0)
    #expect(try text.verify() == run.verify())
  }

  @Test("layers that a file leaves alone beside quantized ones of the same input, in any order of summation")
  func mixed() throws {
    var tiny = try TinyRun()
    let mixed = try Self.shipped(tiny, as: "mixed") { module, weights in
      if module.hasSuffix("k_proj") || module.hasSuffix("up_proj") { return [] }
      let own = LLMInt8Weights(quantizing: [weights])
      return [
        Self.file("I8", [own.rows, own.columns], Self.bytes(own.codes.values), module + ".weight"),
        Self.file("F32", [own.rows], Self.bytes(own.absmax.values), module + ".SCB"),
      ]
    }
    tiny.conditions = [.init(Uncompressed(precision: .bf16)), .init(LLMInt8Method()), Self.condition("mixed")]
    tiny.conditionCheckpoints = ["mixed": mixed]
    tiny.reruns.tokens = nil
    let run = try tiny.measure("run.h5")
    let checkpoint = run.description.conditions[2].checkpoint
    #expect(checkpoint?.uncompressed == "k_proj of layers 0, 1; up_proj of layers 0, 1")
    func mean(_ name: String) throws -> Double {
      let kl = try #require(try run.values(Column.kl.key(name)).float32s).filter { !$0.isNaN }
      return kl.reduce(0) { $0 + Double($1) } / Double(kl.count)
    }
    // Less is compressed, so less is lost; a rerun that mistook the order would be far from its original.
    #expect(try mean("mixed") < mean("int8") && mean("mixed") > 0)
    #expect(try mean("mixed-rerun") < mean("mixed") / 100)
  }
}
