import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@testable import Analysis

@Suite("Many runs side by side")
struct RunTableTests {
  private let folder = TemporaryFolder()

  /// A run under a study of its own, small.
  private func run(
    _ name: String, seed: UInt64 = 1, study: String = "", _ change: (inout FabricatedRun) -> Void = { _ in }
  ) throws -> RunReader {
    var run = FabricatedRun()
    (run.chunkCount, run.replicates, run.seed) = (12, 200, seed)
    run.tokensSHA256 = String(repeating: String(seed, radix: 16).last.map(String.init) ?? "0", count: 64)
    run.studyText =
      "title: A study\ncorpus: { path: corpus.jsonl, order: { shuffle: numpy, seed: \(seed) } }\n\(study)seed: \(seed)\n"
    change(&run)
    try run.write(to: folder.file(name))
    return try RunReader(folder.file(name))
  }

  private func table(_ runs: [RunReader], _ change: (inout RunTable.Options) throws -> Void = { _ in }) throws
    -> RunTable
  {
    var options = RunTable.Options()
    try change(&options)
    return try RunTable(runs, options)
  }

  private func row(
    _ table: RunTable, _ metric: Metric, _ condition: String, _ quantity: MetricDifference.Quantity = .value
  ) throws -> RunTable.Row {
    try #require(
      table.rows.first {
        $0.metric.id == metric.id && $0.condition == condition && $0.stratum == .all && $0.quantity == quantity
      })
  }

  // MARK: Replicates

  @Test("runs that differ in their seeds alone are replicates: mean, spread and interval are those of their values")
  func seeds() throws {
    let readers = try (1...4).map { try run("\($0).h5", seed: $0) }
    let table = try table(readers)
    #expect(table.groups.map(\.runs) == [[0, 1, 2, 3]] && !table.groups[0].sharesTokens)
    #expect(
      Set(table.keys.map(\.name)).isSuperset(of: [
        "seed", "corpus.order.seed", "seed, as measured", "SHA-256 of the token ids",
      ]))
    let own = try row(table, .crossEntropy, "nf4")
    let values = try readers.map {
      try #require(try Findings(of: $0).finding(.crossEntropy, condition: "nf4")).estimate.value
    }
    #expect(own.values.map { $0?.value } == values)
    let spread = try #require(table.spread(own, over: table.groups[0].runs))
    #expect(spread.count == 4 && spread.minimum == values.min() && spread.maximum == values.max())
    #expect(abs(spread.mean - values.reduce(0, +) / 4) < 1e-12)
    #expect(spread.interval.map { $0.contains(spread.mean) } == true)
    let two = try self.table(Array(readers.prefix(2)))
    #expect(try #require(two.spread(try row(two, .fvu, "nf4"), over: [0, 1])).interval == nil)
  }

  @Test(
    "what differs in anything else is no replicate, is not averaged, and is told with the reason",
    arguments: [
      ("study", "packing.length"), ("model", "another model"), ("sae", "SHA-256 of the SAE"),
      ("checkpoint", "SHA-256 of the checkpoint"),
      ("condition", "conditions, as measured"), ("tokens", "tokens asked for"), ("layer", "layer"),
      ("path", "corpus.path"),
      ("partial", "an unfinished run"),
    ])
  func apart(what: String, reason: String) throws {
    let first = try run("a.h5", study: "packing: { length: 512 }\n")
    let other = try run(
      "b.h5", seed: 2, study: what == "study" ? "packing: { length: 256 }\n" : "packing: { length: 512 }\n"
    ) { run in
      switch what {
      case "model": run.modelName = "another"
      case "sae": run.saeSHA256 = String(repeating: "e", count: 64)
      case "checkpoint": run.checkpointSHA256 = String(repeating: "f", count: 64)
      case "condition": run.effects[1].parameters[0].value = "f32"
      case "tokens": run.headline = 256
      case "layer": run.layer = 4
      case "path": run.studyText = run.studyText?.replacingOccurrences(of: "corpus.jsonl", with: "other.jsonl")
      case "partial": run.isComplete = false
      default: break
      }
    }
    let third = try run("c.h5", seed: 3, study: "packing: { length: 512 }\n")
    let table = try table([first, other, third])
    #expect(table.groups.map(\.runs) == [[0, 2], [1]], "\(table.groups)")
    #expect(table.groups[1].apart.first?.reasons.contains { $0.hasPrefix(reason) } == true, "\(table.groups[1].apart)")
    #expect(table.replicated.map(\.name) == ["A"])
    if what == "path" {
      let over = try self.table([first, other, third]) { $0.over = [NamePattern("corpus.path")] }
      #expect(over.groups.map(\.runs) == [[0, 1, 2]])
    }
  }

  @Test("a run that repeats another's seeds and tokens is not counted twice")
  func repeats() throws {
    let readers = [try run("a.h5"), try run("b.h5", seed: 2), try run("c.h5") { $0.title = "Once more" }]
    let table = try table(readers)
    #expect(table.groups.count == 1 && table.groups[0].runs == [0, 1])
    #expect(table.groups[0].repeats == [.init(run: 2, of: 0)])
    #expect(try #require(table.spread(try row(table, .crossEntropy, "nf4"), over: table.groups[0].runs)).count == 2)
    #expect(table.group(of: 2)?.name == "A")
  }

  @Test("replicates on the same tokens say so, and numbers that do not vary have no interval")
  func sameTokens() throws {
    let readers = try (1...3).map { seed in
      try run("\(seed).h5") { run in
        run.studyText = "seed: \(seed)\n"
        run.title = "\(seed)"
      }
    }
    let table = try table(readers)
    #expect(table.groups.map(\.runs) == [[0, 1, 2]] && table.groups[0].sharesTokens)
    let spread = try #require(table.spread(try row(table, .crossEntropy, "nf4"), over: [0, 1, 2]))
    #expect(spread.standardDeviation == 0 && spread.interval == nil)
  }

  // MARK: Columns and rows

  @Test("a pivot's columns are a key's values, numbers by size; runs of one value that are no replicates stand apart")
  func pivot() throws {
    let readers = [
      try run("a.h5", seed: 10), try run("b.h5", seed: 9), try run("c.h5", seed: 10) { $0.modelName = "another" },
    ]
    let bySeed = try table(readers) { $0.pivot = "corpus.order.seed" }
    #expect(bySeed.columns.map(\.label) == ["9", "10 (A)", "10 (B)"])
    #expect(bySeed.columns.map(\.runs) == [[1], [0], [2]])
    let byModel = try table(readers) { $0.pivot = "model" }
    #expect(byModel.columns.map(\.label) == ["fabricated-270m", "another"] && byModel.columns[0].runs == [0, 1])
    #expect(throws: RunTableError.self) { try table(readers) { $0.pivot = "corpus.order.sed" } }
    do { _ = try table(readers) { $0.pivot = "sed" } } catch { #expect("\(error)".contains("corpus.order.seed")) }
  }

  @Test("metrics of other definitions do not share a row, and what a run has not is missing there")
  func definitions() throws {
    let readers = [try run("a.h5"), try run("b.h5", seed: 2) { $0.experiments = ["accuracy"] }]
    let table = try table(readers)
    let fvu = try row(table, .fvu, "nf4")
    #expect(fvu.values[0] != nil && fvu.values[1] == nil && !fvu.isOneOfSeveral)
    let all = try row(table, .crossEntropy, "nf4", .percentChange)
    #expect(all.values.allSatisfy { $0 != nil } && all.unit == "%")
    let narrow = try self.table(readers) { $0.metrics = [try MetricPattern("cross_entropy/change")] }
    #expect(
      narrow.rows.map(\.name) == ["cross_entropy/change", "cross_entropy/change"]
        && narrow.rows.map(\.condition) == ["int8", "nf4"])
    #expect(throws: RunTableError.tooFew(1)) { try self.table([readers[0]]) }
  }

  // MARK: Against scipy

  private struct Golden: Decodable {
    struct Quantile: Decodable { var degrees: Int; var level, t: Double }
    struct Sample: Decodable { var values: [Double]; var mean, sd, low, high: Double }
    var quantiles: [Quantile]
    var samples: [Sample]
  }

  @Test("Student's t quantiles and intervals of means are scipy's")
  func scipy() throws {
    let url = try #require(Bundle.module.url(forResource: "replicates", withExtension: "json", subdirectory: "Goldens"))
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    var worst = 0.0
    for expected in golden.quantiles {
      let own = StudentT.twoSidedQuantile(expected.level, degreesOfFreedom: expected.degrees)
      worst = max(worst, abs(own / expected.t - 1))
    }
    #expect(golden.quantiles.count == 96 && worst < 1e-11, "worst relative error of a quantile: \(worst)")
    for sample in golden.samples {
      let spread = try #require(Spread(sample.values, level: 0.95))
      let interval = try #require(spread.interval)
      for (own, expected) in [
        (spread.mean, sample.mean), (spread.standardDeviation ?? .nan, sample.sd), (interval.low, sample.low),
        (interval.high, sample.high),
      ] {
        #expect(abs(own - expected) < 1e-12)
      }
    }
    #expect(Spread([], level: 0.95) == nil && Spread([2], level: 0.95)?.standardDeviation == nil)
  }
}
