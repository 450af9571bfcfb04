import Analysis
import FabricatedFindings
import FabricatedRuns
import Foundation
import RunFile
import Testing

@testable import Report

/// The whole way that `clearbox render` goes: a run file on disk, its findings, its report.
@Suite("From run file to report")
struct RunFileReportTests {
  private func report(_ runs: FabricatedRun...) throws -> (headline: [String], markdown: String) {
    let folder = FabricatedRuns.TemporaryFolder()
    let findings = try runs.enumerated().map { index, run in
      try run.write(to: folder.file("\(index).h5"))
      return try Findings(of: RunReader(folder.file("\(index).h5")))
    }
    let written = try ReportWriter.write(
      findings: findings, to: URL(fileURLWithPath: folder.path), templates: Shipped.templates,
      fonts: Shipped.fontsFolder, references: Shipped.references)
    let markdown = try String(contentsOf: URL(fileURLWithPath: folder.file("report.md")), encoding: .utf8)
    return (written.headline, markdown)
  }

  @Test("A run whose losses rise has a report that says so")
  func rises() throws {
    var run = FabricatedRun()
    run.documentLength = 25
    let (headline, markdown) = try report(run)
    #expect(headline.count == 3)
    #expect(markdown.contains("nats per token under **bf16**, rises under **int8** by"))
    #expect(markdown.contains("The baseline **bf16** is not the original checkpoint:"))
  }

  @Test("A condition that changes no bit is told as exactly the same")
  func identical() throws {
    var run = FabricatedRun()
    run.effects[0].isIdentical = true
    #expect(try report(run).markdown.contains("is exactly the same under **int8**"))
  }

  @Test("An unfinished run without massive tokens says both")
  func partial() throws {
    var run = FabricatedRun()
    run.isComplete = false
    run.massiveEvery = nil
    let markdown = try report(run).markdown
    #expect(markdown.contains("> [!WARNING]\n> **Unfinished run.**"))
    #expect(markdown.contains("none is massive"))
  }

  @Test("A run of three chunks is called small, and still has a report")
  func three() throws {
    var run = FabricatedRun()
    run.chunkCount = 3
    #expect(try report(run).markdown.contains(/Intervals stand on \d documents\./))
  }

  @Test("A study without an experiment has no section on it", arguments: [["accuracy"], ["sae", "noise_floor"]])
  func experiments(names: [String]) throws {
    var run = FabricatedRun()
    run.experiments = names
    let markdown = try report(run).markdown
    #expect(markdown.contains("## Model performance") == names.contains("accuracy"))
    #expect(markdown.contains("## SAE reconstruction") == names.contains("sae"))
  }

  @Test("Run files of the article's two models make one report, set beside what the article published")
  func article() throws {
    func run(_ name: String, layer: Int, layers: Int, width: Int, loss: Double) -> FabricatedRun {
      var run = FabricatedRun()
      run.modelName = name
      (run.layer, run.layerCount, run.dModel) = (layer, layers, width)
      run.replicates = 200
      // Enough documents for a verdict.
      run.chunkCount = 24
      run.effects[0].lossChange = 0.001
      run.effects[0].lossNoise = 0.01
      run.documentLength = 25
      run.effects[1].lossChange = loss
      run.effects[1].lossNoise = 0.01
      return run
    }
    let markdown = try report(
      run("gemma-3-4b", layer: 17, layers: 34, width: 2560, loss: 0.020),
      run("gemma-3-12b", layer: 24, layers: 48, width: 3840, loss: 0.027)
    ).markdown
    let told = try #require(markdown.split(separator: "\n").first { $0.contains("rises under **nf4** by") })
    #expect(
      told.contains(/rises under \*\*nf4\*\* by 0\.0\d+–0\.\d+, a small change on both models/), "\(told)")
    #expect(
      markdown.contains(
        "**gemma-3-12b** has the shape of its Gemma 3 12B (google/gemma-3-12b-pt: width 3,840, 48 layers)"))
    #expect(
      markdown.firstMatch(
        of: /\| gemma-3-4b +\| Change of cross-entropy +\| \*\*nf4\*\* +\| +\+2.0% \|[^|]+\| within the published range/
      )
        != nil)
    #expect(
      markdown.firstMatch(
        of:
          /\| gemma-3-12b +\| Change of cross-entropy +\| \*\*nf4\*\* +\| +\+2.7% \|[^|]+\| within the published range/)
        != nil)
  }
}
