import Foundation
import Kernels
import RunFile
import Testing

@testable import Experiments

@Suite("What a sweep says before it starts")
struct EstimateTests {
  @Test("blocks, tokens and the checkpoint's bytes; the run that follows is the same bits", arguments: [true, false])
  func estimate(keepsWeights: Bool) throws {
    let sweep = try TinyStudy.sweep(batchesPerBlock: 2, keepsWeights: keepsWeights)
    let estimate = try sweep.estimate(from: 0)
    #expect(estimate.blocks == 2 && estimate.tokensPerBlock == 300 && estimate.keepsWeights == keepsWeights)
    // Everything in the file but its header is a weight of the model, in bf16.
    #expect(estimate.weightBytesPerBlock == 2 * (try TinyStudy.checkpoint().parameterCount))
    #expect(estimate.seconds > 0 && estimate.seconds < 60)
    let plain = try TinyStudy.blocks(TinyStudy.sweep(batchesPerBlock: 2))
    let after = try TinyStudy.blocks(sweep)
    #expect(after.map(\.tokens) == plain.map(\.tokens))
    for (block, other) in zip(after, plain) {
      let key = ColumnKey(condition: "nf4", experiment: "accuracy", name: "kl")
      guard case .float32(let a)? = block.columns[key], case .float32(let b)? = other.columns[key] else {
        Issue.record("no divergence was measured")
        return
      }
      #expect(a.map(\.bitPattern) == b.map(\.bitPattern))
    }
  }

  @Test("a finished run needs no time; one that reads no logits reads no head and no later layer")
  func less() throws {
    let sweep = try TinyStudy.sweep(batchesPerBlock: 2)
    let done = try sweep.estimate(from: 2)
    #expect(done.blocks == 0 && done.seconds == 0)
    let residual = try TinyStudy.sweep(experiments: [ResidualRecorder()]).estimate(from: 0)
    let checkpoint = try TinyStudy.checkpoint()
    let rest: [Gemma3Tensor] = [.embedding] + Gemma3LayerTensor.allCases.map { .layer(1, $0) }
    let skipped = try rest.reduce(0) { $0 + (try checkpoint.storedTensor($1).count) }
    #expect(residual.weightBytesPerBlock == 2 * (checkpoint.parameterCount - skipped))
  }

  @Test("weights are read where they lie when the file has them in bf16, and decoded when it has not")
  func mappedWeights() throws {
    for path in ["checkpoint/tiny", "checkpoint/tiny-sharded", "checkpoint/tiny.gguf"] {
      let checkpoint = try Gemma3Checkpoint(path: Goldens.path(path))
      for part in [Gemma3LayerTensor.qProj, .downProj, .gateProj] {
        let weights = try BF16Weights(checkpoint, .layer(1, part))
        let expected = try checkpoint.tensor(.layer(1, part))
        #expect(weights.rows == expected.rows && weights.columns == expected.columns)
        let values = [UInt16](UnsafeBufferPointer(start: weights.pointer, count: weights.count))
        #expect(values == expected.bf16)
      }
      let parts = try [Gemma3LayerTensor.gateProj, .upProj].map { try BF16Weights(checkpoint, .layer(0, $0)) }
      let stacked = BF16Weights.stacked(parts)
      #expect(stacked.rows == parts[0].rows + parts[1].rows)
      #expect(stacked.pointer[parts[0].count] == parts[1].pointer[0])
    }
  }
}
