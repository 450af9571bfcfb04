import Foundation
import Kernels
import Measures
import RunFile
import Testing

@testable import Experiments

@Suite("A condition may be another checkpoint")
struct ConditionCheckpointTests {
  private static func condition(_ name: String, _ weights: any CompressionMethod = AsStored(), reference: String? = nil)
    -> Study.Condition
  {
    .init(
      weights, checkpoint: .init(places: [.init(model: nil, path: name)], name: name, label: name),
      reference: reference)
  }

  /// Bits, so that "not measured" equals itself.
  private static func bits(_ run: RunReader, _ condition: String, _ column: Column) throws -> [UInt64] {
    let values = try run.values(column.key(condition))
    return try #require(values.float64s?.map(\.bitPattern) ?? values.float32s?.map { UInt64($0.bitPattern) })
  }

  @Test("the same file twice gives exactly zero, its copy too, and compressed it gives what the study's own gives")
  func sameFile() throws {
    var tiny = try TinyRun()
    let copy = tiny.folder.file("copy")
    try FileManager.default.copyItem(atPath: tiny.checkpoint, toPath: copy)
    tiny.conditions = [
      .init(Uncompressed(precision: .bf16)), .init(LLMInt8Method()), Self.condition("same"), Self.condition("copy"),
      Self.condition("copy", LLMInt8Method()),
    ]
    tiny.conditionCheckpoints = ["same": tiny.checkpoint, "copy": copy, "copy-int8": copy]
    tiny.reruns.tokens = nil
    let run = try tiny.measure("run.h5")
    for name in ["same", "copy"] {
      for column in [Column.nll, .squaredError] {
        #expect(try Self.bits(run, name, column) == Self.bits(run, "bf16", column))
        #expect(try Self.bits(run, name + "-rerun", column) == Self.bits(run, "bf16-rerun", column))
      }
      #expect(try #require(run.values(Column.kl.key(name)).float32s).allSatisfy { $0.isNaN || $0 == 0 })
      #expect(try #require(run.values(Column.squaredPerturbation.key(name)).float64s).allSatisfy { $0 == 0 })
    }
    #expect(try Self.bits(run, "copy-int8", .nll) == Self.bits(run, "int8", .nll))
    #expect(try #require(run.values(Column.kl.key("int8")).float32s).contains { $0 > 0 })
    let conditions = run.description.conditions
    #expect(conditions.map(\.origin) == [.made, .made, .shipped, .shipped, .madeOfAnother])
    #expect(conditions.map(\.name) == ["bf16", "int8", "same", "copy", "copy-int8"])
    #expect(conditions[3].checkpoint?.sha256 == run.description.model.checkpointSHA256)
    #expect(conditions[3].effectiveBitsPerParameter == 16 && conditions[4].checkpoint?.isAsStored == false)
  }

  @Test("the checkpoint's own embedding, norms and head are taken, and weights made anew give the same bits")
  func wholeModel() throws {
    var tiny = try TinyRun()
    let other = tiny.folder.file("other")
    try FileManager.default.copyItem(atPath: tiny.checkpoint, toPath: other)
    var writing = try SafetensorsWriting(copying: other)
    // The sign of the first embedding row's and the last norm's weights.
    for index in writing.tensors.indices {
      let name = writing.tensors[index].name
      if name.hasSuffix("embed_tokens.weight") || name == "model.norm.weight" {
        for byte in 0..<8 { writing.tensors[index].bytes[2 * byte + 1] ^= 0x80 }
      }
    }
    try Data(writing.file).write(to: URL(fileURLWithPath: other + "/model.safetensors"))
    // The same, as the study's own model.
    let swapped = try Gemma3Checkpoint(path: other)
    #expect(try swapped.tensor(.finalNorm).bf16 != Gemma3Checkpoint(path: tiny.checkpoint).tensor(.finalNorm).bf16)
    tiny.conditions = [
      .init(Uncompressed(precision: .bf16)), Self.condition("other"), Self.condition("other", FourBitMethod()),
    ]
    tiny.conditionCheckpoints = ["other": other, "other-nf4": other]
    let run = try tiny.measure("run.h5")
    let anew = try tiny.measure("anew.h5", freeMemory: 0)
    #expect(try run.verify() == anew.verify())
    tiny.checkpoint = other
    tiny.conditions = [.init(Uncompressed(precision: .bf16)), .init(FourBitMethod())]
    tiny.conditionCheckpoints = [:]
    let own = try tiny.measure("own.h5")
    #expect(try Self.bits(run, "other", .nll) == Self.bits(own, "bf16", .nll))
    #expect(try Self.bits(run, "other-nf4", .nll) == Self.bits(own, "nf4", .nll))
    #expect(try Self.bits(run, "other", .nll) != Self.bits(run, "bf16", .nll))
  }

  @Test(
    "another model is refused before anything is measured, and what differs is named",
    arguments: [
      ("\"sliding_window\": 16", "\"sliding_window\": 8", "sliding window 8, not 16"),
      ("\"rms_norm_eps\": 1e-06", "\"rms_norm_eps\": 1e-05", "RMSNorm epsilon 1e-05, not 1e-06"),
      ("\"query_pre_attn_scalar\": 32", "\"query_pre_attn_scalar\": 64", "query_pre_attn_scalar 64.0, not 32.0"),
      ("\"full_attention\"\n", "\"sliding_attention\"\n", "global layers: none, not 1"),
      ("\"factor\": 8.0", "\"factor\": 4.0", "RoPE scaling 4.0, not 8.0"),
    ])
  func otherModel(written: String, instead: String, difference: String) throws {
    var tiny = try TinyRun()
    let other = tiny.folder.file("other")
    try FileManager.default.copyItem(atPath: tiny.checkpoint, toPath: other)
    let path = other + "/config.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains(written))
    try text.replacing(written, with: instead, maxReplacements: 1).write(
      toFile: path, atomically: true, encoding: .utf8)
    tiny.conditions = [.init(Uncompressed(precision: .bf16)), Self.condition("other")]
    tiny.conditionCheckpoints = ["other": other]
    let complaint = message { try tiny.measure("run.h5") }
    #expect(complaint?.contains("cannot be the condition other") == true, "\(complaint ?? "")")
    #expect(complaint?.contains(difference) == true, "\(complaint ?? "")")
  }

  @Test("another tokenizer is refused, by the first id that differs")
  func otherTokenizer() throws {
    var tiny = try TinyRun()
    let other = tiny.folder.file("other")
    try FileManager.default.copyItem(atPath: tiny.checkpoint, toPath: other)
    let path = other + "/tokenizer.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("\"[left]\"", with: "\"[lift]\"").write(toFile: path, atomically: true, encoding: .utf8)
    tiny.conditions = [.init(Uncompressed(precision: .bf16)), Self.condition("other")]
    tiny.conditionCheckpoints = ["other": other]
    let complaint = message { try tiny.measure("run.h5") }
    #expect(complaint?.contains("reads text otherwise") == true, "\(complaint ?? "")")
  }
}
