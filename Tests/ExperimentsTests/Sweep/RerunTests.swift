import FabricatedRuns
import Foundation
import Kernels
import Measures
import RunFile
import Testing

@testable import Experiments

@Suite("Conditions measured again in another order of summation")
struct RerunTests {
  private static let names = TinyStudy.conditions.map(\.name)

  private static func reruns(
    _ count: Int, of total: Int, seed: UInt64? = 1
  ) throws -> Sweep.Reruns {
    let configuration = try TinyStudy.checkpoint().configuration
    return .init(
      batches: BatchShare(count: count, total: total),
      reordering: seed.map { Reordering(configuration, seed: $0) } ?? Reordering(identityOf: configuration))
  }

  private func values(_ blocks: [RunBlock], _ condition: String, _ experiment: String, _ name: String) -> [Double] {
    blocks.flatMap {
      $0.columns[ColumnKey(condition: condition, experiment: experiment, name: name)]?.doubles ?? []
    }
  }

  private func bits(_ blocks: [RunBlock], _ condition: String, _ column: String) -> [UInt64] {
    values(blocks, condition, "accuracy", column).map { $0.isNaN ? 0 : $0.bitPattern }
  }

  @Test("in the model's own order, every bit is the original's and every distance zero")
  func identity() throws {
    let blocks = try TinyStudy.blocks(
      TinyStudy.sweep(chunkLength: 50, batchSize: 3, batchesPerBlock: 2, reruns: Self.reruns(3, of: 3, seed: nil)))
    for name in Self.names {
      #expect(bits(blocks, name, "nll") == bits(blocks, name + "-rerun", "nll"), "\(name)")
      let moved = values(blocks, name + "-rerun", "noise_floor", "squared_perturbation")
      #expect(moved.count == 450 && moved.allSatisfy { $0 == 0 })
      #expect(values(blocks, name + "-rerun", "accuracy", "kl").allSatisfy { $0.isNaN || $0 == 0 })
      #expect(values(blocks, name + "-rerun", "accuracy", "top1_agreement").allSatisfy { $0 == 1 || $0 == 255 })
    }
  }

  @Test("in another order float32 differs, and by its rounding alone")
  func rounding() throws {
    let blocks = try TinyStudy.blocks(
      TinyStudy.sweep(
        [.init(name: "f32", method: Uncompressed(precision: .f32))],
        experiments: [Accuracy(), NoiseFloor(), ResidualRecorder()], reruns: Self.reruns(3, of: 3)))
    let (nll, again) = (values(blocks, "f32", "accuracy", "nll"), values(blocks, "f32-rerun", "accuracy", "nll"))
    #expect(nll != again)
    #expect(zip(nll, again).allSatisfy { $0.isNaN || abs($0 - $1) < 1e-5 })
    // The stream is back in the model's order when it is looked at.
    let (x, y) = (values(blocks, "f32", "recorder", "x"), values(blocks, "f32-rerun", "recorder", "x"))
    let norm = x.reduce(0) { $0 + $1 * $1 }
    let error = zip(x, y).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(error > 0 && (error / norm).squareRoot() < 1e-5)
    #expect(abs(values(blocks, "f32-rerun", "noise_floor", "squared_perturbation").reduce(0, +) / error - 1) < 1e-6)
  }

  @Test("in another order every method keeps its codes: what changes is little beside what it compresses away")
  func codes() throws {
    let blocks = try TinyStudy.blocks(TinyStudy.sweep(batchSize: 3, reruns: Self.reruns(1, of: 1)))
    for name in Self.names {
      let moved = values(blocks, name + "-rerun", "noise_floor", "squared_perturbation").reduce(0, +)
      #expect(bits(blocks, name, "nll") != bits(blocks, name + "-rerun", "nll"), "\(name)")
      if name == Self.names[0] { continue }
      let compressed = values(blocks, name, "noise_floor", "squared_perturbation").reduce(0, +)
      #expect(moved < 0.2 * compressed, "\(name): \(moved) beside \(compressed)")
    }
  }

  @Test("two seeds are two orders; one seed is one")
  func seeds() throws {
    func losses(_ seed: UInt64) throws -> [UInt64] {
      bits(try TinyStudy.blocks(TinyStudy.sweep(reruns: Self.reruns(3, of: 3, seed: seed))), "int8-rerun", "nll")
    }
    #expect(try losses(1) == losses(1))
    #expect(try losses(1) != losses(2))
  }

  @Test(
    "the study's own conditions keep their bits; a rerun's are those of all, or nothing",
    arguments: [(1, 1, true), (3, 2, false), (2, 4, true)])
  func someBatches(threads: Int, batchesPerBlock: Int, keepsWeights: Bool) throws {
    let plain = try TinyStudy.blocks(TinyStudy.sweep(chunkLength: 50, batchSize: 2))
    let all = try TinyStudy.blocks(TinyStudy.sweep(chunkLength: 50, batchSize: 2, reruns: Self.reruns(5, of: 5)))
    let some = try TinyStudy.blocks(
      TinyStudy.sweep(
        chunkLength: 50, batchSize: 2, batchesPerBlock: batchesPerBlock, threads: threads, keepsWeights: keepsWeights,
        reruns: Self.reruns(2, of: 5)))
    // Nine chunks of 50: batches 2 and 4, the last of which is short.
    #expect(some.flatMap(\.rerun) == [0, 0, 0, 0, 1, 1, 0, 0, 1])
    #expect(plain.flatMap(\.rerun) == [] && all.flatMap(\.rerun) == Array(repeating: 1, count: 9))
    let tokens = Set(Array(200..<300) + Array(400..<450))
    for name in Self.names {
      #expect(bits(plain, name, "nll") == bits(some, name, "nll"))
      for column in ["nll", "kl"] {
        let (whole, part) = (
          values(all, name + "-rerun", "accuracy", column), values(some, name + "-rerun", "accuracy", column)
        )
        #expect(whole.count == 450 && part.count == 450)
        for token in 0..<450 {
          #expect(tokens.contains(token) ? whole[token].bitPattern == part[token].bitPattern : part[token].isNaN)
        }
      }
      let agreement = values(some, name + "-rerun", "accuracy", "top1_agreement")
      #expect(agreement.indices.allSatisfy { tokens.contains($0) || agreement[$0] == 255 })
    }
    #expect(plain.flatMap(\.tokens.stratum) == some.flatMap(\.tokens.stratum))
  }

  @Test("batches are spread evenly, the number as the study asks")
  func batches() {
    let chosen = BatchShare(count: 3, total: 10)
    #expect((0..<10).filter(chosen.contains) == [3, 6, 9])
    #expect((0..<10).filter(BatchShare(count: 10, total: 10).contains) == Array(0..<10))
    #expect((0..<10).filter(BatchShare(count: 0, total: 10).contains) == [])
    func count(_ tokens: Int?, capped: Bool, of total: Int) -> Int {
      Study.Reruns(tokens: tokens, isCapped: capped, seed: 0).batches(of: total, tokensPerBatch: 2048).count
    }
    #expect(count(nil, capped: true, of: 98) == 14 && count(nil, capped: true, of: 6) == 0)
    #expect(count(nil, capped: false, of: 98) == 98)
    #expect(count(20480, capped: false, of: 98) == 10 && count(20481, capped: false, of: 98) == 11)
    #expect(count(20480, capped: false, of: 4) == 4 && count(20480, capped: true, of: 4) == 0)
    #expect(count(0, capped: false, of: 98) == 0)
  }

  @Test("the estimate counts them: batches, and a share of the time")
  func estimate() throws {
    let sweep = try TinyStudy.sweep(
      chunkLength: 50, batchSize: 2, batchesPerBlock: 2, reruns: Self.reruns(2, of: 5))
    let estimate = try sweep.estimate(from: 0)
    #expect(estimate.rerunBatches == 2 && estimate.rerunSeconds > 0)
    #expect(estimate.rerunSeconds < estimate.seconds / 2)
    #expect(try sweep.estimate(from: 2).rerunBatches == 1)
    #expect(try TinyStudy.sweep().estimate(from: 0).rerunBatches == 0)
  }
}
