import FabricatedRuns
import Foundation
import Kernels
import RunFile
import Testing

@testable import Experiments

@Suite("The sweep over the tiny model")
struct SweepTests {
  private func floats(_ blocks: [RunBlock], _ condition: String, _ experiment: String, _ name: String) -> [Float] {
    blocks.flatMap { block -> [Float] in
      guard case .float32(let values) = block.columns[ColumnKey(condition: condition, experiment: experiment, name: name)]
      else { return [] }
      return values
    }
  }

  @Test("losses and residual stream equal transformers', beyond the sliding window too", arguments: ["f32", "bf16"])
  func agreesWithTransformers(name: String) throws {
    let golden = try TinyStudy.golden()
    let expected = name == "f32" ? golden.f32 : golden.bf16
    let sweep = try TinyStudy.sweep(
      [.init(name: name, compression: .none(name == "f32" ? .f32 : .bf16))], experiments: [Accuracy(), ResidualRecorder()])
    let blocks = try TinyStudy.blocks(sweep)
    let nll = floats(blocks, name, "accuracy", "nll").filter { !$0.isNaN }
    #expect(nll.count == expected.nll.count)
    let worst = zip(nll, expected.nll).map { abs(Double($0) - $1) }.max() ?? .infinity
    let x = floats(blocks, name, "recorder", "x")
    let error = zip(x, expected.residual).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    let norm = expected.residual.reduce(0.0) { $0 + pow(Double($1), 2) }
    let distance = (error / norm).squareRoot()
    // float32: other orders of summation. bf16: single roundings that fall on the other side.
    #expect(worst < (name == "f32" ? 1e-5 : 0.05), "worst loss differs by \(worst)")
    #expect(distance < (name == "f32" ? 1e-5 : 2e-3), "residual stream differs by \(distance)")
  }

  @Test("equal bits whatever the threads, the block size, and whether weights are kept", arguments: [(1, 1, true), (3, 2, true), (2, 3, false), (8, 1, false)])
  func determinism(threads: Int, batchesPerBlock: Int, keepsWeights: Bool) throws {
    let reference = try TinyStudy.blocks(TinyStudy.sweep())
    let other = try TinyStudy.blocks(
      TinyStudy.sweep(batchesPerBlock: batchesPerBlock, threads: threads, keepsWeights: keepsWeights))
    for condition in TinyStudy.conditions.map(\.name) {
      #expect(
        floats(reference, condition, "accuracy", "nll").map(\.bitPattern)
          == floats(other, condition, "accuracy", "nll").map(\.bitPattern))
    }
    #expect(reference.flatMap(\.tokens.stratum) == other.flatMap(\.tokens.stratum))
  }

  @Test("a sweep that starts at a later block gives that block's bits, massive tokens included")
  func resumes() throws {
    let first = try TinyStudy.sweep()
    let whole = try TinyStudy.blocks(first)
    let rest = try TinyStudy.blocks(TinyStudy.sweep(), from: 2, scale: first.medianNorm)
    #expect(rest.count == 1)
    #expect(rest[0].tokens == whole[2].tokens)
    #expect(whole.flatMap(\.tokens.stratum).contains { $0 & StratumFlags.massive.rawValue != 0 })
    for (key, values) in rest[0].columns {
      if case .float32(let a) = values, case .float32(let b)? = whole[2].columns[key] {
        #expect(a.map(\.bitPattern) == b.map(\.bitPattern))
      } else {
        #expect(values == whole[2].columns[key])
      }
    }
  }

  @Test("the stream's last batch may be short, and is recorded so")
  func shortBatch() throws {
    let blocks = try TinyStudy.blocks(TinyStudy.sweep(chunkLength: 50, batchSize: 4, batchesPerBlock: 2))
    #expect(blocks.flatMap(\.batches.chunkCount) == [4, 4, 1])
    #expect(blocks.flatMap(\.batches.firstChunk) == [0, 4, 8])
    #expect(blocks.flatMap(\.tokens.id).count == 450)
  }

  @Test("only the second half of a chunk is scored where the packing says so, with the same losses")
  func secondHalf() throws {
    let whole = try TinyStudy.blocks(TinyStudy.sweep())
    let half = try TinyStudy.blocks(TinyStudy.sweep(firstScored: 75))
    for name in TinyStudy.conditions.map(\.name) {
      for column in ["nll", "kl"] where name != "bf16" || column == "nll" {
        let (a, b) = (floats(whole, name, "accuracy", column), floats(half, name, "accuracy", column))
        #expect(a.count == 450 && b.count == 450)
        for (token, (x, y)) in zip(a, b).enumerated() {
          #expect(75..<149 ~= token % 150 ? x.bitPattern == y.bitPattern : y.isNaN)
        }
      }
    }
    let agreement = half.flatMap { block -> [UInt8] in
      guard case .uint8(let values)? = block.columns[
        ColumnKey(condition: "nf4", experiment: "accuracy", name: "top1_agreement")]
      else { return [] }
      return values
    }
    #expect(agreement.indices.filter { agreement[$0] == 255 } == (0..<450).filter { !(75..<149 ~= $0 % 150) })
  }

  @Test("LLM.int8 depends on its batch, the other conditions do not")
  func batchCoupling() throws {
    // A threshold within the activations' range, so that outlier columns differ from batch to batch.
    let conditions: [Sweep.Condition] = [
      .init(name: "bf16", compression: .none(.bf16)), .init(name: "int8", compression: .int8(threshold: 2.5, epilogue: .cpu)),
      .init(name: "nf4", compression: .nf4(blockSize: 64, doubleQuantization: false, compute: .bf16)),
    ]
    let single = try TinyStudy.blocks(TinyStudy.sweep(conditions, chunkLength: 50, batchSize: 1))
    let joint = try TinyStudy.blocks(TinyStudy.sweep(conditions, chunkLength: 50, batchSize: 3))
    for (condition, same) in [("bf16", true), ("nf4", true), ("int8", false)] {
      let a = floats(single, condition, "accuracy", "nll").map(\.bitPattern)
      let b = floats(joint, condition, "accuracy", "nll").map(\.bitPattern)
      #expect((a == b) == same, "\(condition)")
    }
  }

  @Test("KL is zero and agreement complete where nothing is compressed, positive where something is")
  func divergence() throws {
    let blocks = try TinyStudy.blocks(
      TinyStudy.sweep([
        .init(name: "a", compression: .none(.bf16)), .init(name: "b", compression: .none(.bf16)),
        .init(name: "c", compression: .nf4(blockSize: 64, doubleQuantization: false, compute: .bf16)),
      ]))
    let same = floats(blocks, "b", "accuracy", "kl").filter { !$0.isNaN }
    #expect(same.count == 447 && same.allSatisfy { $0 < 1e-6 })
    #expect(floats(blocks, "c", "accuracy", "kl").filter { !$0.isNaN }.reduce(0, +) > 0.001)
    #expect(floats(blocks, "a", "accuracy", "kl").isEmpty)
  }

  @Test("a toy experiment reaches the run file with no change to model or writer")
  func toyExperiment() throws {
    let folder = TemporaryFolder()
    let experiments: [any Experiment] = [Accuracy(), ResidualRecorder()]
    let sweep = try TinyStudy.sweep(experiments: experiments)
    var description = FabricatedRun().description
    description.conditions = TinyStudy.conditions.enumerated().map { index, condition in
      .init(
        name: condition.name, label: condition.name, kind: "bf16", isBaseline: index == 0, parameters: [],
        effectiveBitsPerParameter: 16, bitsPerCompressedParameter: 16)
    }
    let run = try RunInProgress(
      folder: folder.file("toy.parts"), description: description, columns: experiments.flatMap(\.columns),
      fingerprint: "toy")
    try sweep.run { try run.append($0) }
    try run.assemble(to: folder.file("toy.h5"), description: description)
    let reader = try RunReader(folder.file("toy.h5"))
    let largest = try reader.doubles(ColumnKey(condition: "nf4", experiment: "recorder", name: "largest"))
    let x = try reader.doubles(ColumnKey(condition: "nf4", experiment: "recorder", name: "x"))
    #expect(largest.count == 3 && x.count == 450 * 64)
    #expect(largest[1] == x[150 * 64..<300 * 64].map(abs).max())
  }

  @Test("an experiment that breaks its declaration is named")
  func brokenExperiment() throws {
    struct Broken: Experiment {
      let name = "broken"
      let observes: ObservationPoints = .residual
      let columns: [ColumnDefinition] = []
      func measure(residual: ResidualObservation, _ workspace: Workspace) throws -> [ColumnSlice] {
        [ColumnSlice(condition: 0, column: "surprise", values: .float32([1]))]
      }
    }
    let sweep = try TinyStudy.sweep(experiments: [Broken()])
    #expect {
      try sweep.run { _ in }
    } throws: {
      "\($0)".contains("broken") && "\($0)".contains("surprise")
    }
  }
}
