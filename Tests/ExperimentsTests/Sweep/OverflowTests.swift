import FabricatedRuns
import Foundation
import RunFile
import Testing

@testable import Experiments

@Suite("A model whose numbers overflow")
struct OverflowTests {
  /// Sets one bf16 number of a tensor of the run's checkpoint.
  ///
  /// - Parameter folder: of another checkpoint than the run's.
  private func plant(
    _ number: UInt16, in tensor: String, row: Int, column: Int, of tiny: TinyRun, folder: String? = nil
  ) throws {
    let folder = folder ?? tiny.plan.checkpoint
    var writing = try SafetensorsWriting(copying: folder)
    let index = try #require(writing.tensors.firstIndex { $0.name.hasSuffix(tensor) })
    let place = 2 * (row * (writing.tensors[index].shape.last ?? 0) + column)
    writing.tensors[index].bytes.replaceSubrange(
      place..<place + 2, with: [UInt8(truncatingIfNeeded: number), UInt8(number >> 8)])
    try put(Data(writing.file), at: folder + "/model.safetensors")
  }

  private static let large: UInt16 = 0x7f60  // 2.98e38, finite

  @Test("NaN in a weight ends the run before its first block", arguments: [UInt16(0x7fc0), 0x7f80])
  func badWeight(number: UInt16) throws {
    let tiny = try TinyRun()
    try plant(number, in: "layers.1.mlp.down_proj.weight", row: 3, column: 4, of: tiny)
    let text = message { try tiny.measure("run.h5") }
    #expect(text?.contains("down_proj.weight[3, 4] is ") == true, "\(text ?? "")")
    #expect(!tiny.folder.names("").contains { $0.hasPrefix("run.h5") })
  }

  @Test(
    "says in which layer, chunk and condition, wherever it begins",
    arguments: [
      ("layers.0.mlp.gate_proj.weight", 0), ("layers.1.mlp.up_proj.weight", 1), ("layers.0.mlp.down_proj.weight", 0),
      ("layers.0.self_attn.v_proj.weight", 0), ("layers.1.self_attn.o_proj.weight", 1),
      // Only the keys: a softmax must not take their scores for small ones.
      ("layers.1.self_attn.k_proj.weight", 1), ("layers.0.self_attn.q_proj.weight", 0),
    ])
  func overflows(tensor: String, layer: Int) throws {
    for condition in TinyStudy.conditions {
      var tiny = try TinyRun()
      tiny.conditions = [Study.Condition(condition.method)]
      for column in 0..<32 { try plant(Self.large, in: tensor, row: 2, column: column, of: tiny) }
      do {
        try tiny.measure("run.h5")
        Issue.record("\(tensor), \(condition.name): no error")
      } catch let error as NotFiniteError {
        guard case .residual(let found) = error.place else { continue }
        #expect(found == layer, "\(tensor), \(condition.name): \(error)")
      }
    }
  }

  @Test("names the condition, whichever it is", arguments: [0, 1])
  func laterCondition(layer: Int) throws {
    var tiny = try TinyRun()
    let other = tiny.folder.file("other")
    try FileManager.default.copyItem(atPath: tiny.checkpoint, toPath: other)
    for column in 0..<32 {
      try plant(
        Self.large, in: "layers.\(layer).mlp.up_proj.weight", row: 2, column: column, of: tiny, folder: other)
    }
    tiny.conditionCheckpoints = ["other": other]
    tiny.conditions = [
      Study.Condition(Uncompressed(precision: .bf16)),
      Study.Condition(
        AsStored(), checkpoint: .init(places: [.init(model: nil, path: "other")], name: "other", label: "o")),
    ]
    #expect(throws: NotFiniteError(place: .residual(layer: layer), condition: "other", chunk: 0)) {
      try tiny.measure("run.h5")
    }
  }

  @Test("keeps the blocks before it, says where, and what it met")
  func keepsWholeBlocks() throws {
    let tiny = try TinyRun()
    // Letters whose first byte no other document has.
    let text = tiny.folder.file("text.jsonl")
    var lines = String(decoding: try bytes(of: text), as: UTF8.self).split(separator: "\n")
    lines[6] = "{\"text\": \"あああ\"}"
    try put(Data(lines.joined(separator: "\n").utf8), at: text)
    let inputs = try ModelRun.Inputs(tiny.plan, .all, try .usual()) { _ in }
    let ids = inputs.packed.ids
    let blockTokens = 16 * 25
    let place = try #require(ids.indices.first { $0 >= blockTokens && ids.firstIndex(of: ids[$0]) == $0 })
    // The head, which is the embedding too, does not look at that column.
    try plant(0xbf80, in: "model.norm.weight", row: 0, column: 1, of: tiny)
    try plant(Self.large, in: "embed_tokens.weight", row: Int(ids[place]), column: 1, of: tiny)
    do {
      try tiny.measure("run.h5")
      Issue.record("no error")
    } catch let error as NotFiniteError {
      #expect(error.place == .residual(layer: 0))
      #expect(error.condition == "bf16")
      #expect(error.chunk == place / 25)
      #expect(error.kept == tiny.folder.file("run.h5.parts"))
    }
    #expect(!tiny.folder.names("").contains("run.h5"))
    let kept = try RunReader(partsFolder: tiny.folder.file("run.h5.parts"))
    #expect(kept.isPartial)
    let rows = try kept.values(ColumnKey(condition: "bf16", experiment: "accuracy", name: "nll")).count
    #expect(rows > 0 && rows <= place)
  }

  @Test("An accident is never the mark of a token that was not scored")
  func mark() throws {
    let tiny = try TinyRun()
    let run = try tiny.measure("run.h5")
    let key = ColumnKey(condition: "bf16", experiment: "accuracy", name: "nll")
    let losses = try #require(try run.values(key).float32s)
    for (row, loss) in losses.enumerated() {
      #expect(loss.isMissing == (row % 25 == 24) && loss.isNaN == loss.isMissing)
    }
    #expect(run.description.missing == .own)
    #expect(Double(Float.missing).isMissing && Float(Double.missing).isMissing)
    #expect(!(Float.missing + 0 - .infinity * 0).isFinite && !Float.nan.isMissing && !(Float.infinity * 0).isMissing)
  }
}
