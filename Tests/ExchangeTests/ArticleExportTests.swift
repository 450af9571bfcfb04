import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

@testable import Exchange

@Suite("Runs become the article's JSON")
struct ArticleExportTests {
  private let folder = TemporaryFolder()

  private func written(_ change: (inout FabricatedRun) -> Void = { _ in }) throws -> RunReader {
    var run = FabricatedRun()
    run.chunkCount = 20
    run.headline = 12 * 64
    run.snapshots = [300, 12 * 64, 20 * 64]
    run.replicates = 200
    change(&run)
    try run.write(to: folder.file("run.h5"))
    return try RunReader(folder.file("run.h5"))
  }

  @Test("Import and export give back the same values")
  func roundTrip() throws {
    let source = try Data(contentsOf: golden("article.json"))
    let runs = try Import.file(golden("article.json").path, to: folder.path, program: program).map { try RunReader($0) }
    let exported = try ArticleExport.data(runs)
    #expect(try parsed(exported) == parsed(source))
    #expect(try ArticleExport.data(runs) == exported)
    let one = try parsed(ArticleExport.data([runs[1]]))
    #expect(one["metadata", "models"] == .list([.text("google/gemma-3-12b-pt")]))
    #expect(one["conditions"]?.keys == ["google/gemma-3-12b-pt"])
  }

  @Test("A whole condition that failed stays failed")
  func failedCondition() throws {
    let model = "google/gemma-3-4b-pt"
    let source = try parsed(Data(contentsOf: golden("article.json")))
      .replacing(["conditions", model, "4bit"], by: .object(["status": .text("N/A (OOM)")]))
    try put(source.data(), at: folder.file("failed.json"))
    let runs = try Import.file(folder.file("failed.json"), to: folder.path, program: program).map { try RunReader($0) }
    #expect(try parsed(ArticleExport.data(runs)) == source)
    #expect(try Findings(of: runs[0]).finding(.crossEntropy, condition: "nf4") == nil)
  }

  @Test("A measured run's values are what numpy computes by the article's formulas")
  func measuredRun() throws {
    let run = try written()
    let exported = try parsed(ArticleExport.data([run]))
    let printed = try Python.run(try script("article_values.py"), [run.path, "768", "512", "768", "1280"])
    let expected = try parsed(Data(printed.utf8))
    for (bits, condition) in [("bf16", "bf16"), ("8bit", "int8"), ("4bit", "nf4")] {
      let own = exported["conditions", "fabricated-270m", bits]
      #expect(difference(own, expected[condition]) < 1e-11, "\(bits): \(difference(own, expected[condition]))")
    }
    #expect(exported["conditions", "fabricated-270m"]?.keys == ["bf16", "8bit", "4bit"])
    #expect(
      exported["metadata"]
        == .object([
          "timestamp": .text("20260102_030405"), "models": .list([.text("fabricated-270m")]),
          "bit_widths": .list([.text("bf16"), .text("8bit"), .text("4bit")]), "n_tokens": .integer(768),
          "max_tokens": .integer(1280), "headline_target": .integer(768), "shuffle_seed": .integer(0),
          "shuffle_buffer": .integer(10000), "dataset": .text("fabricated-corpus"), "gpu": .null,
          "measurements": .object(["sae": .bool(true), "noise_floor": .bool(true), "model_performance": .bool(true)]),
        ]))
  }

  @Test("What a run did not measure is left out")
  func leftOut() throws {
    let run = try written { $0.experiments = ["accuracy"] }
    let exported = try parsed(ArticleExport.data([run]))
    #expect(exported["conditions", "fabricated-270m", "4bit"]?.keys == ["performance"])
    #expect(exported["metadata", "measurements", "sae"] == .bool(false))
  }

  @Test("Conditions that the article does not know keep their names")
  func names() throws {
    var single = FabricatedRun.Effect.nf4
    (single.name, single.parameters) = ("nf4-single", [])
    var second = FabricatedRun.Effect.int8
    second.name = "int8-again"
    let run = try written { $0.effects = [.int8, .nf4, single, second] }
    #expect(ArticleExport.bitWidths(of: run.description) == ["bf16", "8bit", "4bit", "nf4-single", "int8-again"])
  }

  @Test("Two runs of one model have one place")
  func twoRuns() throws {
    let run = try written()
    #expect(throws: ExchangeError.sameName(model: run.description.model.name, first: run.path, second: run.path)) {
      try ArticleExport.data([run, run])
    }
  }
}
