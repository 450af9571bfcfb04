import Analysis
import FabricatedRuns
import Foundation
import HubServer
import RunFile
import Testing

/// The article's own study file, from the Hub to the report, on stand-ins that `tools/synthetic/article.py` makes: its
/// models' depth, names and formats, 64 numbers wide.
@Suite("The article's study")
struct ArticleStudyTests {
  private static let repositories = [
    "models/google/gemma-3-4b-pt", "models/google/gemma-3-12b-pt", "models/google/gemma-scope-2-4b-pt",
    "models/google/gemma-scope-2-12b-pt", "datasets/NeelNanda/pile-10k",
  ]

  @Test("fetch, run and render, both models in one report; the code's counts as well")
  func wholeWay() throws {
    let folder = TemporaryFolder()
    let server = try HubServer(
      folders: HubStandIns.make("article.py", Self.repositories, in: folder))
    let environment = server.environment()
    let studies = Command.root.appendingPathComponent("studies").path

    let fetched = try Command.run(["fetch", studies + "/gemma-3-article.yaml"], environment: environment)
    #expect(fetched.status == 0, "\(fetched.errors)")

    let out = folder.file("out")
    let run = try Command.run(
      ["run", studies + "/gemma-3-article.yaml", "--tokens", "4000", "--out", out],
      environment: environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 })
    try #require(run.status == 0, "\(run.errors)")
    let readers = try ["gemma-3-4b", "gemma-3-12b"].map { try RunReader("\(out)/\($0).h5") }
    for (reader, layer) in zip(readers, [17, 24]) {
      let description = reader.description
      #expect(description.model.layer == layer && description.model.layerCount == 2 * layer)
      #expect(description.conditions.map(\.name) == ["bf16", "int8", "nf4-dq"])
      #expect(description.sae?.name == "layer_\(layer)_width_16k_l0_medium" && description.sae?.featureCount == 16_384)
      #expect(description.fetched?.map(\.role) == ["checkpoint", "sae", "corpus"])
      #expect(description.fetched?.allSatisfy { $0.commit.count == 40 } == true)
      #expect(description.corpus.name.hasPrefix("train-00000-of-00001"))
      #expect(reader.tokenCount == 4096)
      let findings = try Findings(of: reader)
      #expect(findings.finding(.crossEntropy, condition: "nf4-dq")?.change?.interval != nil)
      #expect(findings.finding(.fvuArticle, condition: "int8") != nil && !findings.snapshots.isEmpty)
    }
    #expect(readers[0].description.corpus.tokenStreamSHA256 == readers[1].description.corpus.tokenStreamSHA256)
    let report = try String(contentsOfFile: out + "/report.md", encoding: .utf8)
    #expect(report.contains("| gemma-3-4b ") && report.contains("| gemma-3-12b "))
    #expect(
      report.contains("hf://google/gemma-3-12b-pt") && report.contains("clearbox fetch studies/gemma-3-article.yaml"))
    #expect(!report.contains(server.folder) && !report.contains(folder.file("")))

    let code = try Command.run(
      [
        "run", studies + "/gemma-3-article-code.yaml", "--only", "gemma-3-4b", "--tokens", "3000", "--out",
        folder.file("code"),
      ],
      environment: environment)
    try #require(code.status == 0, "\(code.errors)")
    let findings = try Findings(of: RunReader(folder.file("code/gemma-3-4b.h5")))
    #expect(findings.measured.tokens == 4096 && findings.measured(by: "noise_floor").tokens == 3072)
    #expect(findings.finding(.perturbation, condition: "int8")?.estimate.tokenCount == 3072)
  }
}
