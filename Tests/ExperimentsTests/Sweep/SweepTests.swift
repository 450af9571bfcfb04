import FabricatedRuns
import Foundation
import Kernels
import Measures
import RunFile
import Testing

@testable import Experiments

@Suite("The sweep over the tiny model")
struct SweepTests {
  private func floats(_ blocks: [RunBlock], _ condition: String, _ experiment: String, _ name: String) -> [Float] {
    blocks.flatMap { block -> [Float] in
      guard
        case .float32(let values) = block.columns[ColumnKey(condition: condition, experiment: experiment, name: name)]
      else { return [] }
      return values
    }
  }

  @Test(
    "losses, entropies and residual stream equal transformers', beyond the sliding window too",
    arguments: ["f32", "bf16"])
  func agreesWithTransformers(name: String) throws {
    let golden = try TinyStudy.golden()
    let expected = name == "f32" ? golden.f32 : golden.bf16
    let sweep = try TinyStudy.sweep(
      [.init(name: name, method: Uncompressed(precision: name == "f32" ? .f32 : .bf16))],
      experiments: [Accuracy(), ResidualRecorder()])
    let blocks = try TinyStudy.blocks(sweep)
    let nll = floats(blocks, name, "accuracy", "nll").filter { !$0.isNaN }
    #expect(nll.count == expected.nll.count)
    let worst = zip(nll, expected.nll).map { abs(Double($0) - $1) }.max() ?? .infinity
    let entropy = floats(blocks, name, "accuracy", "entropy")
    #expect(entropy.indices.filter { entropy[$0].isNaN } == [149, 299, 449])
    let worstEntropy =
      zip(entropy.filter { !$0.isNaN }, expected.entropy).map { abs(Double($0) - $1) }.max() ?? .infinity
    #expect(worstEntropy < (name == "f32" ? 1e-5 : 0.05), "worst entropy differs by \(worstEntropy)")
    let x = floats(blocks, name, "recorder", "x")
    let error = zip(x, expected.residual).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    let norm = expected.residual.reduce(0.0) { $0 + pow(Double($1), 2) }
    let distance = (error / norm).squareRoot()
    // float32: other orders of summation. bf16: single roundings that fall on the other side.
    #expect(worst < (name == "f32" ? 1e-5 : 0.05), "worst loss differs by \(worst)")
    #expect(distance < (name == "f32" ? 1e-5 : 2e-3), "residual stream differs by \(distance)")
  }

  @Test(
    "equal bits whatever the threads, the block size, and whether weights are kept",
    arguments: [(1, 1, true), (3, 2, true), (2, 3, false), (8, 1, false)])
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
    var whole: [RunBlock] = []
    var norm: Double?
    try TinyStudy.sweep().run { block, medianNorm in
      whole.append(block)
      norm = medianNorm
    }
    let rest = try TinyStudy.blocks(TinyStudy.sweep(), from: 2, medianNorm: norm)
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
      guard
        case .uint8(let values)? = block.columns[
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
      .init(name: "bf16", method: Uncompressed(precision: .bf16)),
      .init(name: "int8", method: LLMInt8Method(threshold: 2.5, epilogue: .cpu)),
      .init(name: "nf4", method: FourBitMethod(block: 64, doubleQuantization: false, compute: .bf16)),
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
        .init(name: "a", method: Uncompressed(precision: .bf16)),
        .init(name: "b", method: Uncompressed(precision: .bf16)),
        .init(name: "c", method: FourBitMethod(block: 64, doubleQuantization: false, compute: .bf16)),
      ]))
    let same = floats(blocks, "b", "accuracy", "kl").filter { !$0.isNaN }
    #expect(same.count == 447 && same.allSatisfy { $0 < 1e-6 })
    #expect(floats(blocks, "c", "accuracy", "kl").filter { !$0.isNaN }.reduce(0, +) > 0.001)
    #expect(floats(blocks, "a", "accuracy", "kl").isEmpty)
  }

  @Test("a condition may be compared with another than the baseline: with what that one measures")
  func reference() throws {
    let (int8, nf4) = (LLMInt8Method(), FourBitMethod(block: 32))
    func blocks(_ baseline: ComputePrecision, _ reference: String?) throws -> [RunBlock] {
      try TinyStudy.blocks(
        TinyStudy.sweep([
          .init(name: "plain", method: Uncompressed(precision: baseline)), .init(name: "int8", method: int8),
          .init(name: "nf4", method: nf4, reference: reference),
          .init(name: "again", method: nf4, reference: "nf4"), .init(name: "last", method: nf4, reference: "int8"),
        ]))
    }
    let own = try blocks(.bf16, "int8")
    let usual = try blocks(.bf16, nil)
    for (a, b) in zip(own, usual) {
      for (condition, experiment, column) in [
        ("nf4", "accuracy", "kl"), ("nf4", "accuracy", "top1_agreement"),
        ("nf4", "noise_floor", "squared_perturbation"),
      ] {
        let key = ColumnKey(condition: condition, experiment: experiment, name: column)
        #expect(a.columns[key] != b.columns[key], "\(column)")
        // The same comparison elsewhere in the list, whatever lies between.
        #expect(
          a.columns[key]?.doubles.map(\.bitPattern)
            == b.columns[ColumnKey(condition: "last", experiment: experiment, name: column)]?.doubles.map(\.bitPattern))
      }
    }
    // A condition beside itself: no distance, and what rounding leaves of a divergence.
    for block in own {
      let moved = block.columns[ColumnKey(condition: "again", experiment: "noise_floor", name: "squared_perturbation")]
      #expect(moved?.doubles.allSatisfy { $0 == 0 } == true)
    }
    #expect(floats(own, "again", "accuracy", "kl").allSatisfy { $0.isNaN || $0 < 1e-6 })
    // Another arithmetic of the baseline is nothing to a comparison among the others.
    let wide = try blocks(.f32, "int8")
    #expect(
      floats(wide, "nf4", "accuracy", "kl").map(\.bitPattern) == floats(own, "nf4", "accuracy", "kl").map(\.bitPattern))
  }

  @Test("a method that must see activations first is refused until somebody gives them")
  func calibration() throws {
    struct Calibrated: CompressionMethod {
      let kind = "calibrated"
      let name = "calibrated"
      let label = "Calibrated"
      let parameters: [RunDescription.Parameter] = []
      let calibration: Calibration? = Calibration(tokens: 1000)
      var linears: LinearMaker { Uncompressed(precision: .bf16).linears }
      func with(_ options: StudyNode) throws -> Calibrated { self }
      func bits(rows: Int, columns: Int) -> Double { 0 }
      func residentBytes(parameters: Int) -> Int { 0 }
    }
    #expect {
      try TinyStudy.sweep([
        .init(name: "bf16", method: Uncompressed(precision: .bf16)), .init(name: "calibrated", method: Calibrated()),
      ])
    } throws: {
      "\($0)".contains("calibrated must see activations")
    }
  }

  @Test("a toy experiment reaches the run file with no change to model or writer")
  func toyExperiment() throws {
    let folder = TemporaryFolder()
    let experiments: [any Experiment] = [Accuracy(), ResidualRecorder()]
    let sweep = try TinyStudy.sweep(experiments: experiments)
    var description = FabricatedRun().description
    description.corpus.sources = (0...Int(sweep.stream.source.max() ?? 0)).map { "source \($0)" }
    description.conditions = TinyStudy.conditions.enumerated().map { index, condition in
      .init(
        name: condition.name, label: condition.name, kind: "bf16", isBaseline: index == 0, parameters: [],
        effectiveBitsPerParameter: 16, bitsPerCompressedParameter: 16)
    }
    let run = try RunInProgress(
      folder: folder.file("toy.parts"), description: description,
      columns: experiments.flatMap(\.measure.columns).map { $0.definition(dModel: 64) },
      fingerprint: "toy")
    try sweep.run { block, _ in try run.append(block) }
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
      let measure = Measure(experiment: "broken", title: "Broken", about: "Nothing.")
      let observes: ObservationPoints = .residual
      func measure(residual: ResidualObservation, _ workspace: Workspace) throws -> [ColumnSlice] {
        let surprise = Column(
          "broken", "surprise", .float32, unit: "1", .finite, of: .residual, meaning: "Not declared")
        return [ColumnSlice(condition: 0, column: surprise, values: .float32([1]))]
      }
    }
    let sweep = try TinyStudy.sweep(experiments: [Broken()])
    #expect {
      try sweep.run { _, _ in }
    } throws: {
      "\($0)".contains("broken") && "\($0)".contains("surprise")
    }
  }
}
