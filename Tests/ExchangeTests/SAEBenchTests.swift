import Analysis
import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@testable import Exchange

@Suite("Runs become SAEBench's core results")
struct SAEBenchTests {
  private let folder = TemporaryFolder()

  private func written(_ change: (inout FabricatedRun) -> Void = { _ in }) throws -> RunReader {
    var run = FabricatedRun()
    run.chunkCount = 12
    run.replicates = 200
    change(&run)
    try run.write(to: folder.file("run.h5"))
    return try RunReader(folder.file("run.h5"))
  }

  /// The keys and types that the schema of sae-bench 0.6.0 requires, as tools/golden/exchange.py reads them.
  private func checkSchema(_ value: SortedJSON) throws {
    let schema = try parsed(Data(contentsOf: golden("saebench-core.json")))
    func texts(_ value: SortedJSON?) -> Set<String> {
      Set(value?.elements.compactMap { if case .text(let text) = $0 { text } else { nil } } ?? [])
    }
    #expect(texts(schema["required"]).isSubset(of: value.keys))
    #expect(value.keys.isSubset(of: texts(schema["properties"])))
    let metrics = try #require(schema["metrics"])
    #expect(value["eval_result_metrics"]?.keys == metrics.keys)
    var groups: [(SortedJSON?, SortedJSON?)] = metrics.keys.map { (value["eval_result_metrics", $0], metrics[$0]) }
    groups.append((value["eval_config"], schema["config"]))
    for (found, wanted) in groups {
      let wanted = try #require(wanted)
      #expect(found?.keys == wanted.keys)
      for key in wanted.keys {
        let isFit =
          switch (wanted[key], found?[key]) {
          case (.text("number"), let value?): value.number != nil
          case (.text("integer"), .integer?), (.text("boolean"), .bool?), (.text("string"), .text?): true
          default: false
          }
        #expect(isFit, "\(key)")
      }
    }
    #expect(value["eval_type_id"] == .text("core"))
  }

  @Test("With the SAE spliced in, no loss and no divergence is missing, and all stand on the branches' predictions")
  func spliced() throws {
    let run = try written {
      $0.experiments.append("splice")
      $0.branchedBatches = 2
    }
    let findings = try Findings(of: run)
    for (file, condition) in zip(try SAEBenchExport.files(run), ["bf16", "int8", "nf4"]) {
      let value = try parsed(file.data)
      try checkSchema(value)
      func expect(_ group: String, _ values: KeyValuePairs<String, Metric>) throws {
        for (key, metric) in values {
          let expected = try #require(findings.finding(metric, condition: condition)?.estimate)
          #expect(value["eval_result_metrics", group, key]?.number == expected.value, "\(key)")
          #expect(expected.tokenCount == 2 * 4 * 63)
        }
      }
      try expect(
        "model_behavior_preservation",
        ["kl_div_score": .klRecoveredZero, "kl_div_with_ablation": .klWithZero, "kl_div_with_sae": .klWithSAE])
      try expect(
        "model_performance_preservation",
        [
          "ce_loss_score": .lossRecoveredZero, "ce_loss_with_ablation": .lossWithZero,
          "ce_loss_with_sae": .lossWithSAE, "ce_loss_without_sae": .lossWithout,
        ])
      #expect(value["eval_config", "exclude_special_tokens_from_reconstruction"] == .bool(true))
      #expect(value["eval_config", "n_eval_reconstruction_batches"] == .integer(2))
    }
  }

  @Test("Each condition's file has the keys and types of the schema, and the run's values")
  func measuredRun() throws {
    let run = try written()
    let files = try SAEBenchExport.files(run)
    #expect(files.map(\.name) == ["bf16", "int8", "nf4"].map { "fabricated-270m_\($0)_core_eval_results.json" })
    let findings = try Findings(of: run)
    for (file, condition) in zip(files, ["bf16", "int8", "nf4"]) {
      let value = try parsed(file.data)
      try checkSchema(value)
      func finding(_ metric: Metric) -> Double? { findings.finding(metric, condition: condition)?.estimate.value }
      let metrics = try #require(value["eval_result_metrics"])
      #expect(metrics["model_performance_preservation", "ce_loss_without_sae"]?.number == finding(.crossEntropy))
      #expect(metrics["model_performance_preservation", "ce_loss_with_sae"]?.number == -1)
      #expect(metrics["reconstruction_quality", "explained_variance"]?.number == finding(.fvu).map { 1 - $0 })
      #expect(metrics["reconstruction_quality", "mse"]?.number == finding(.mse).map { $0 * 16 })
      #expect(metrics["reconstruction_quality", "cossim"]?.number == finding(.cosine))
      #expect(metrics["sparsity", "l0"]?.number == finding(.l0))
      #expect(metrics["sparsity", "l1"]?.number == -1)
      #expect(metrics["token_stats", "total_tokens_eval_sparsity_variance"] == .integer(768))
      #expect(value["datetime_epoch_millis"] == .integer(1_767_323_045_000))
      #expect(value["sae_cfg_dict", "hook_name"] == .text("blocks.9.hook_resid_post"))
    }
    #expect(try SAEBenchExport.files(run) == files, "the same run gives the same bytes")
  }

  @Test("Lengths are what numpy computes")
  func lengths() throws {
    let run = try written()
    let printed = try Python.run(
      """
      import json, sys, h5py, numpy as np
      sae = {name: column[:] for name, column in h5py.File(sys.argv[1])["measurements/nf4/sae"].items()}
      out2 = sae["squared_error"] - sae["squared_norm"] + 2 * sae["dot"]
      length, out = np.sqrt(sae["squared_norm"]), np.sqrt(out2)
      print(json.dumps({"l2_norm_in": length.mean(), "l2_norm_out": out.mean(), "l2_ratio": (out / length).mean(),
                        "relative_reconstruction_bias": out2.mean() / sae["dot"].mean()}))
      """, [run.path])
    let value = try parsed(SAEBenchExport.files(run)[2].data)
    #expect(difference(value["eval_result_metrics", "shrinkage"], try parsed(Data(printed.utf8))) < 1e-12)
  }

  @Test("An id is a UUID, one per content and condition")
  func identifiers() throws {
    let ids = try SAEBenchExport.files(written()).map { try parsed($0.data)["eval_id"] }
    #expect(Set(ids.map { "\($0 as Any)" }).count == 3)
    for case .text(let id)? in ids { #expect(UUID(uuidString: id) != nil) }
    let other = try SAEBenchExport.files(written { $0.seed = 9 }).map { try parsed($0.data)["eval_id"] }
    #expect(other[0] != ids[0])
  }

  @Test("Imported results have -1 where the article measured something else")
  func summaryRun() throws {
    let runs = try Import.file(golden("article.json").path, to: folder.path, program: program)
    let files = try SAEBenchExport.files(RunReader(runs[1]))
    #expect(files.count == 3)
    let value = try parsed(files[1].data)
    try checkSchema(value)
    #expect(value["eval_result_metrics", "reconstruction_quality", "explained_variance"]?.number == -1)
    #expect(value["eval_result_metrics", "model_performance_preservation", "ce_loss_without_sae"]?.number == -1)
    #expect(value["eval_result_metrics", "sparsity", "l0"]?.number == 58.2)
    #expect(value["eval_result_unstructured", "fvu_article"]?.number == 0.01203)
  }

  static let path = ProcessInfo.processInfo.environment["CLEARBOX_SAEBENCH_FOLDER"]

  /// Not a check of its own: hands tools/golden/saebench_validate.py its input.
  @Test("Results are written where CLEARBOX_SAEBENCH_FOLDER says", .enabled(if: path != nil))
  func writesResults() throws {
    let results =
      try SAEBenchExport.files(written())
      + Import.file(golden("article.json").path, to: folder.path, program: program).flatMap {
        try SAEBenchExport.files(RunReader($0))
      }
    for file in results { try put(file.data, at: try #require(Self.path) + "/" + file.name) }
  }

  @Test("A run without an autoencoder, or unfinished, is refused")
  func refused() throws {
    let run = try written { $0.experiments = ["accuracy"] }
    #expect(throws: ExchangeError.self) { try SAEBenchExport.files(run) }
    try FabricatedRun().writeParts(to: folder.file("parts"), blocks: 1)
    let parts = try RunReader(partsFolder: folder.file("parts"))
    #expect(throws: ExchangeError.unfinished(run: folder.file("parts"))) { try SAEBenchExport.files(parts) }
  }
}
