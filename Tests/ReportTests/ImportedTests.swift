import Analysis
import FabricatedFindings
import RunFile
import Testing

@testable import Report

@Suite("Reports of numbers that were measured elsewhere")
struct ImportedTests {
  private func imported(_ format: RunDescription.Origin.Format) throws -> Document {
    var fabricated = Fabricated()
    if format == .articleJSON {
      fabricated.hasIntervals = false
      fabricated.lacking = [.ordinary, .withoutFirst, .withoutMassive]
    }
    var findings = fabricated.findings
    findings.description.origin = .init(
      file: "results.json", sha256: "5eed", format: format,
      notMeasured: [.init(condition: "nf4", part: "noise_floor", status: "N/A (OOM)")])
    if format == .articleJSON {
      findings.cells = []
      findings.description.corpus.documentCount = 0
      findings.description.corpus.tokenStreamSHA256 = RunDescription.notRecorded
      findings.description.model.storage = RunDescription.notRecorded
      findings.description.provenance.threads = 0
    }
    findings.verdicts = VerdictRules.verdicts(of: findings)
    return try ReportBuilder.document(of: [findings], reference: Shipped.reference())
  }

  private func words(_ document: Document) -> String { words(document.sections.flatMap(\.blocks)) }

  private func words(_ blocks: [Block]) -> String {
    blocks.map { block in
      switch block {
      case .paragraph(let prose), .lead(let prose): prose.plain
      case .tiles(let tiles): words([.table(tiles.table)])
      case .note(let note): "\(note.title). \(note.text.plain)"
      case .list(let items): items.map(\.plain).joined(separator: "\n")
      case .heading(let text), .code(let text): text
      case .table(let table): table.rows.map { $0.map(\.plain).joined(separator: " | ") }.joined(separator: "\n")
      case .figure(let figure): figure.figure.caption.plain
      case .fold(let fold): fold.title + "\n" + words(fold.blocks)
      }
    }.joined(separator: "\n")
  }

  @Test("values alone are stated and not judged")
  func values() throws {
    let document = try imported(.articleJSON)
    let said = words(document)
    #expect(
      said.contains("Imported numbers. clearbox did not measure these numbers: they come from results.json, which"))
    #expect(said.contains("there is no interval to judge it by"))
    #expect(said.contains("no interval can be computed"))
    #expect(said.contains("Only values were imported"))
    #expect(said.contains("The source of these numbers gives no intervals."))
    #expect(said.contains("Imported from | results.json (article JSON)"))
    #expect(said.contains("nf4, noise_floor: N/A (OOM)"))
    #expect(said.contains("clearbox import results.json"))
    // Nothing is said that rests on an interval or on counts that are not there.
    for claim in [
      "negligibly", "a little worse", "much worse", "Intervals stand on", "stored as not recorded", " 0 documents",
      "0 threads", "clearbox run studies",
    ] {
      #expect(!said.contains(claim), "\(claim)")
    }
    #expect(document.dateline.hasPrefix("Imported from results.json"))
  }

  @Test("a run file of another program is judged like any other")
  func rawData() throws {
    let said = words(try imported(.runFile))
    #expect(said.contains("they come from results.json, a run file of another program."))
    #expect(said.contains("worse than") && said.contains("95% bootstrap intervals over documents"))
  }
}
