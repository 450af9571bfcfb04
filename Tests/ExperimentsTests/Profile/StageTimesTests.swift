import Foundation
import Kernels
import RunFile
import Testing

@testable import Experiments

@Suite("Where a sweep's time goes")
struct StageTimesTests {
  private struct Stop: Error {}

  @Test("a stage's time is its own: stages and parts inside it are taken off, and nothing is counted twice")
  func nesting() throws {
    let pool = try WorkspacePool(.usual())
    let clock = ContinuousClock()
    let wall =
      try clock.measure {
        try pool.with(condition: 1) { workspace in
          Thread.sleep(forTimeInterval: 0.02)
          workspace.timed(.gateUp) {
            Thread.sleep(forTimeInterval: 0.02)
            workspace.timed(.gelu, condition: 2) { Thread.sleep(forTimeInterval: 0.03) }
            workspace.product(of: Int8.self, rows: 2, n: 3, k: 5) { Thread.sleep(forTimeInterval: 0.04) }
          }
        }
      } / .seconds(1)
    let times = pool.times
    let gateUp = StagePlace(condition: 1, stage: .gateUp)
    let gelu = StagePlace(condition: 2, stage: .gelu)
    let product = StagePlace(condition: 1, stage: .gateUp, part: .product)
    #expect(Set(times.seconds.keys) == [gateUp, gelu, product])
    #expect(times.seconds[gateUp]! >= 0.02 && times.seconds[gelu]! >= 0.03 && times.seconds[product]! >= 0.04)
    // Twenty milliseconds lie between stages.
    #expect(times.seconds.values.reduce(0, +) <= wall - 0.0199)
    #expect(times.products == [.init(place: product, shape: .init(.int8, rows: 2, columns: 3, depth: 5)): 1])
    pool.resetTimes()
    #expect(pool.times.seconds.isEmpty && pool.times.products.isEmpty)
  }

  @Test("an error leaves the stage it was thrown in")
  func errors() throws {
    let pool = try WorkspacePool(.usual())
    try pool.with(.metrics) { workspace in
      #expect(throws: Stop.self) { try workspace.timed(.head, condition: 0) { throw Stop() } }
      Thread.sleep(forTimeInterval: 0.02)
    }
    #expect(pool.times.seconds[StagePlace(stage: .metrics)]! >= 0.02)
    #expect(pool.times.seconds[StagePlace(condition: 0, stage: .head), default: 0] < 0.02)
  }

  private func profile(_ sweep: Sweep, _ times: Sweep.Times, threads: Int) -> RunProfile {
    sweep.workspaces.times.profile(
      conditions: TinyStudy.conditions.map(\.name), tokens: sweep.tokens(from: 0), threads: threads,
      wallSeconds: times.wallSeconds, processorSeconds: times.processorSeconds, startSeconds: 0, best: [:])
  }

  @Test("stages and waiting are threads × wall time; one thread hardly waits", arguments: [1, 2])
  func wholeTime(threads: Int) throws {
    let sweep = try TinyStudy.sweep(threads: threads)
    var blocks = 0
    let times = try sweep.run { _, _ in
      blocks += 1
      Thread.sleep(forTimeInterval: 0.01)
    }
    let profile = profile(sweep, times, threads: threads)
    let sum = profile.entries.reduce(0) { $0 + $1.seconds }
    #expect(abs(sum - Double(threads) * times.wallSeconds) < 1e-9)
    let waiting = try #require(profile.entries.last)
    #expect(waiting.stage == Stage.waiting && waiting.seconds >= 0)
    // Of the whole process, so other tests' too.
    #expect(profile.processorSeconds > 0)
    if threads == 1 { #expect(waiting.seconds < 0.2 * times.wallSeconds, "\(waiting.seconds) of \(times.wallSeconds)") }
    // Every stage of this study was seen, in each condition where it has conditions.
    let stages = Set(profile.entries.map(\.stage))
    #expect(
      stages == Set(Stage.allCases.filter { ![.saeEncoder, .saeDecoder].contains($0) }.map(\.name) + [Stage.waiting]))
    for stage in [Stage.queryKeyValue, .attention, .output, .gateUp, .gelu, .down, .head, .norms, .residual] {
      let seen = Set(profile.entries.filter { $0.stage == stage.name && $0.seconds > 0 }.compactMap(\.condition))
      #expect(seen == Set(TinyStudy.conditions.map(\.name)), "\(stage.name)")
    }
    let writing = profile.entries.filter { $0.stage == Stage.writing.name }.reduce(0) { $0 + $1.seconds }
    #expect(writing >= 0.01 * Double(blocks))
    #expect(profile.tokens == 450)
  }

  @Test("multiply-adds are those of the model's shapes, in every condition")
  func multiplyAdds() throws {
    let sweep = try TinyStudy.sweep()
    let times = try sweep.run { _, _ in }
    let (tokens, length, chunks) = (450.0, 150, 3.0)
    // config.json of the tiny checkpoint: layer 0 slides over 16 tokens, layer 1 sees all.
    let (d, intermediate, heads, groups, headDim, vocabulary) = (64.0, 96.0, 4.0, 2.0, 32.0, 320.0)
    // Tiles of 128 queries multiply with all keys up to their end; sliding windows begin at whole tiles.
    func attention(window: Int?) -> Double {
      var sum = 0.0
      for start in stride(from: 0, to: length, by: 128) {
        let end = min(start + 128, length)
        let first = window.map { max(0, start - $0 + 1) / 128 * 128 } ?? 0
        sum += 2 * Double(end - start) * Double(end - first) * headDim
      }
      return chunks * heads * sum
    }
    let expected: [(Stage, Double)] = [
      (.queryKeyValue, 2 * tokens * d * (heads + 2 * groups) * headDim),
      (.attention, attention(window: 16) + attention(window: nil)),
      (.output, 2 * tokens * heads * headDim * d), (.gateUp, 2 * tokens * d * 2 * intermediate),
      (.down, 2 * tokens * intermediate * d), (.head, tokens * d * vocabulary),
    ]
    let profile = profile(sweep, times, threads: 2)
    for condition in TinyStudy.conditions.map(\.name) {
      for (stage, count) in expected {
        let counted = profile.entries
          .filter { $0.condition == condition && $0.stage == stage.name && $0.part == StagePart.product.name }
          .reduce(0) { $0 + $1.multiplyAdds }
        #expect(counted == count, "\(condition), \(stage.name)")
      }
    }
    // Which precision multiplied, too.
    let all = profile.products.reduce(into: [:]) { $0[$1.precision, default: 0] += Double($1.count) * $1.multiplyAdds }
    let linear = expected.filter { ![.attention, .head].contains($0.0) }.reduce(0) { $0 + $1.1 }
    #expect(all["int8"] == linear && all["f32"] == linear)
  }

  @Test("the autoencoder's time is its conditions', its products are D × F for every token")
  func autoencoder() throws {
    let weights = try SparseAutoencoderWeights(path: Goldens.path("sae/jumprelu"))
    let (d, f, rows) = (weights.dModel, weights.featureCount, 200)
    for budget in [EncoderTiles.packingBudget, 0] {
      let autoencoder = try SparseAutoencoder(weights, .usual(), packingBudget: budget, tileWidth: 16)
      let x = AlignedBuffer<Float>((0..<rows * d).map { Float($0 % 17) - 8 })
      let pool = try WorkspacePool(.usual())
      try pool.with(.metrics) { workspace in
        let streams = [UnsafePointer(x.pointer), UnsafePointer(x.pointer)]
        try autoencoder.forEachReconstruction(of: streams, rows: rows, workspace) { _, _, _, _ in }
      }
      let times = pool.times
      for condition in 0..<2 {
        let place = StagePlace(condition: condition, stage: .saeEncoder, part: .product)
        let work = times.products.filter { $0.key.place == place }.reduce(0) {
          $0 + Double($1.value) * $1.key.shape.multiplyAdds
        }
        #expect(work == Double(rows * d * f))
        #expect(times.seconds[StagePlace(condition: condition, stage: .saeDecoder), default: 0] > 0)
      }
    }
  }
}

@Suite("The machine's best")
struct ProductPeakTests {
  @Test("a larger product takes longer, in each precision", arguments: ProductPrecision.allCases)
  func seconds(precision: ProductPrecision) throws {
    let small = try ProductPeak.seconds(
      .init(precision, rows: 64, columns: 64, depth: 64), .usual(), threads: 2, window: 0.01)
    let large = try ProductPeak.seconds(
      .init(precision, rows: 256, columns: 256, depth: 256), .usual(), threads: 2, window: 0.01)
    #expect(small > 0 && large > 4 * small && large < 1)
  }

  @Test("shapes with hardly any work are reckoned at the mean rate of their precision")
  func meanRate() {
    let large = ProductShape(.bf16, rows: 100, columns: 100, depth: 100)
    let medium = ProductShape(.bf16, rows: 100, columns: 100, depth: 50)
    let tiny = ProductShape(.bf16, rows: 10, columns: 10, depth: 10)
    let other = ProductShape(.int8, rows: 10, columns: 10, depth: 10)
    let place = StagePlace(condition: 0, stage: .gateUp, part: .product)
    let outside = StagePlace(stage: .metrics)
    var times = StageTimes()
    times.seconds = [place: 8, outside: 1]
    times.products = [
      .init(place: place, shape: large): 3, .init(place: place, shape: medium): 2, .init(place: place, shape: tiny): 10,
      .init(place: place, shape: other): 1,
    ]
    #expect(times.shapesToTime == [large, medium, other])
    // 4 million multiply-adds in 3 · 1 + 2 · 0.5 seconds: a million a second; the ten tiny ones take 0.01 s.
    let profile = times.profile(
      conditions: ["only"], tokens: 5, threads: 2, wallSeconds: 6, processorSeconds: 7, startSeconds: 0.5,
      best: [large: 1, medium: 0.5, other: 0.25])
    #expect(profile.entries.map(\.seconds) == [8, 1, 3])
    #expect(profile.entries[0].multiplyAdds == 4_011_000)
    #expect(abs(profile.entries[0].secondsAtBest - 4.26) < 1e-12)
    #expect(profile.entries[0].part == "product" && profile.entries[0].condition == "only")
    #expect(profile.entries[1].secondsAtBest == 0 && profile.entries[1].condition == nil)
    #expect(profile.products.map(\.count) == [3, 2, 10, 1])
  }
}
