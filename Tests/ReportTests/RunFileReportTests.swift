import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

@testable import Report

/// The whole way that `clearbox render` goes: a run file on disk, its findings, its report.
@Suite("From run file to report")
struct RunFileReportTests {
  private func report(_ run: FabricatedRun) throws -> (headline: [String], markdown: String) {
    let folder = FabricatedRuns.TemporaryFolder()
    try run.write(to: folder.file("run.h5"))
    let written = try ReportWriter.write(
      findings: [try Findings(of: RunReader(folder.file("run.h5")))], to: URL(fileURLWithPath: folder.path),
      templates: Shipped.templates, fonts: Shipped.fontsFolder)
    let markdown = try String(contentsOf: URL(fileURLWithPath: folder.file("report.md")), encoding: .utf8)
    return (written.headline, markdown)
  }

  @Test("A run whose losses rise has a report that says so")
  func rises() throws {
    let (headline, markdown) = try report(FabricatedRun())
    #expect(headline.count == 3)
    #expect(markdown.contains("nats per token under **bf16**, rises under **int8** by"))
    #expect(markdown.contains("The baseline **bf16** is not the original checkpoint."))
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
    #expect(try report(run).markdown.contains("Intervals stand on 3 chunks."))
  }

  @Test("A study without an experiment has no section on it", arguments: [["accuracy"], ["sae", "noise_floor"]])
  func experiments(names: [String]) throws {
    var run = FabricatedRun()
    run.experiments = names
    let markdown = try report(run).markdown
    #expect(markdown.contains("## Model performance") == names.contains("accuracy"))
    #expect(markdown.contains("## SAE reconstruction") == names.contains("sae"))
  }
}
