import FabricatedRuns
import Foundation
import Kernels
import Measures
import RunFile
import Testing

@testable import Experiments

/// Goes on with what it was given.
private struct Unchanged: Experiment {
  static let nll = Column(
    "unchanged", "nll", .float32, unit: "nats", .loss, of: .predictions, isOfBranch: true, meaning: "Loss")
  static let kl = Column(
    "unchanged", "kl", .float32, unit: "nats", .divergence, of: .predictions, isOfBranch: true, meaning: "Divergence")
  let observes: ObservationPoints = [.residual, .logits]
  let branches = ["same"]
  var measure: Measure {
    var measure = Measure(experiment: "unchanged", title: "Unchanged", about: "Some tokens.")
    measure.columns = [Self.nll, Self.kl]
    return measure
  }

  func replace(
    _ streams: BranchedStreams, inBranch branch: Int, by out: [UnsafeMutablePointer<Float>], _ workspace: Workspace
  ) throws {
    for (condition, place) in out.enumerated() {
      place.update(from: streams.stream(condition).baseAddress!, count: streams.tokenCount * streams.dModel)
    }
  }

  func measure(logits: LogitObservation) throws -> [ColumnSlice] {
    guard logits.branchCount > 0 else { return [] }
    return (0..<logits.branchedCount).flatMap { condition in
      [
        ColumnSlice(
          condition: condition, column: Self.nll,
          values: .float32(logits.negativeLogLikelihood(condition, inBranch: 0))),
        ColumnSlice(
          condition: condition, column: Self.kl, values: .float32(logits.divergence(condition, inBranch: 0))),
      ]
    }
  }
}

@Suite("Branches: a pass with a changed residual stream")
struct BranchTests {
  private static let names = TinyStudy.conditions.map(\.name)

  private func values(_ blocks: [RunBlock], _ condition: String, _ column: Column) -> [Double] {
    blocks.flatMap { $0.columns[column.key(condition)]?.doubles ?? [] }
  }

  private func bits(_ blocks: [RunBlock], _ condition: String, _ column: Column) -> [UInt64] {
    values(blocks, condition, column).map(\.bitPattern)
  }

  private func reruns() throws -> Sweep.Reruns {
    .init(
      batches: BatchShare(count: 2, total: 5),
      reordering: Reordering(try TinyStudy.checkpoint().configuration, seed: 1))
  }

  @Test("one that changes nothing has every bit of its condition, on its batches alone")
  func identity() throws {
    let blocks = try TinyStudy.blocks(
      TinyStudy.sweep(
        experiments: [Accuracy(), NoiseFloor(), Unchanged()], chunkLength: 50, batchSize: 2, batchesPerBlock: 2,
        reruns: reruns(), branches: BatchShare(count: 2, total: 5, skipped: 1)))
    // Nine chunks of 50 in batches of two: the batches 2 and 4, the last of which is short.
    let tokens = Set(Array(200..<300) + Array(400..<450))
    for name in Self.names {
      let (own, same) = (bits(blocks, name, .nll), bits(blocks, name, Unchanged.nll))
      #expect(same.count == 450)
      for token in 0..<450 {
        #expect(same[token] == (tokens.contains(token) ? own[token] : Double.missing.bitPattern), "\(name) \(token)")
      }
      let divergence = values(blocks, name, Unchanged.kl)
      #expect(tokens.allSatisfy { divergence[$0] == 0 || own[$0] == Double.missing.bitPattern })
    }
    let keys = blocks.flatMap(\.columns.keys).filter { $0.experiment == "unchanged" }
    #expect(Set(keys.map(\.condition)) == Set(Self.names))
  }

  private func splice(
    threads: Int = 2, batchesPerBlock: Int = 2, keepsWeights: Bool = true, count: Int = 3, again: Bool = true
  ) throws -> Sweep {
    try TinyStudy.sweep(
      experiments: [Accuracy(), NoiseFloor(), Splice(SpliceGolden.autoencoder(), .usual())], chunkLength: 50,
      batchSize: 2, batchesPerBlock: batchesPerBlock, threads: threads, keepsWeights: keepsWeights,
      reruns: again ? reruns() : nil, branches: count == 0 ? nil : BatchShare(count: count, total: 5, skipped: 1))
  }

  @Test(
    "blocks, threads, weights made anew, reruns and a start in the middle change no bit",
    arguments: [(1, 1, true, 3, false), (3, 2, false, 3, true), (2, 5, true, 4, true), (2, 1, false, 4, false)])
  func sameBits(threads: Int, batchesPerBlock: Int, keepsWeights: Bool, count: Int, again: Bool) throws {
    let whole = try TinyStudy.blocks(splice())
    let plain = try TinyStudy.blocks(splice(count: 0))
    let sweep = try splice(
      threads: threads, batchesPerBlock: batchesPerBlock, keepsWeights: keepsWeights, count: count, again: again)
    let other = try TinyStudy.blocks(sweep)
    for name in Self.names {
      #expect(bits(plain, name, .nll) == bits(whole, name, .nll) && bits(plain, name, .nll) == bits(other, name, .nll))
      for column in Measure.splice.columns {
        let (a, b) = (values(whole, name, column), values(other, name, column))
        #expect(a.count == 450 && b.count == 450)
        // More batches leave those that both have as they are.
        for (x, y) in zip(a, b) where !x.isNaN { #expect(x == y, "\(name) \(column.name)") }
        #expect(count == 3 ? a.filter(\.isNaN).count == b.filter(\.isNaN).count : true)
      }
    }
    var norm: Double?
    try sweep.run { norm = $1 }
    for first in 1..<sweep.blockCount {
      let rest = try TinyStudy.blocks(
        splice(
          threads: threads, batchesPerBlock: batchesPerBlock, keepsWeights: keepsWeights, count: count, again: again),
        from: first, medianNorm: norm)
      let isSame = zip(rest, other[first...]).allSatisfy { a, b in
        a.columns.mapValues { $0.doubles.map(\.bitPattern) } == b.columns.mapValues { $0.doubles.map(\.bitPattern) }
      }
      #expect(rest.count == sweep.blockCount - first && isSame, "from \(first)")
    }
  }

  @Test("batches come after the first, as many as asked, and cost no more than the plain run")
  func share() {
    var splice = Study.Splice()
    func count(_ tokens: Int, of total: Int, branches: Int = 3, cost: Double = 0.79) -> Int {
      splice.tokens = tokens
      return splice.batches(of: total, tokensPerBatch: 2048, branches: branches, relativeCost: cost).count
    }
    #expect(count(50_000, of: 98) == 25 && count(51_200, of: 98) == 25 && count(51_201, of: 98) == 26)
    #expect(count(1_000_000, of: 98) == 41)
    #expect(count(50_000, of: 8) == 3 && count(50_000, of: 2) == 0 && count(50_000, of: 1) == 0)
    #expect(count(50_000, of: 8, cost: 0.1) == 7)
    #expect(count(50_000, of: 98, branches: 0) == 0)
    let chosen = BatchShare(count: 3, total: 10, skipped: 1)
    #expect((0..<10).filter(chosen.contains) == [3, 6, 9])
    #expect((0..<10).filter(BatchShare(count: 9, total: 10, skipped: 1).contains) == Array(1..<10))
    #expect(!BatchShare(count: 0, total: 1, skipped: 1).contains(0))
  }

  @Test("the estimate counts them: batches, and a share of the time")
  func estimate() throws {
    let estimate = try splice().estimate(from: 0)
    #expect(estimate.branchedBatches == 3 && estimate.branches == 3)
    #expect(estimate.branchSeconds > 0 && estimate.branchSeconds < estimate.seconds)
    #expect(try splice(count: 0).estimate(from: 0).branchSeconds == 0)
  }

  @Test("what is left of a pass after a layer")
  func cost() throws {
    let c = try TinyStudy.checkpoint().configuration
    let work = PassWork(c)
    #expect(work.relativeCost(afterLayer: -1) == 1)
    let head = Double(c.dModel * c.vocabularySize)
    #expect(work.relativeCost(afterLayer: c.layerCount - 1) == head / Double(work.total))
  }
}
