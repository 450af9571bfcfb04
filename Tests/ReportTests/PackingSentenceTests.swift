import Analysis
import FabricatedFindings
import Testing

@testable import Report

@Suite("How a report describes the packing")
struct PackingSentenceTests {
  private func methodology(_ change: (inout Findings) -> Void) throws -> String {
    var findings = Fabricated().findings
    change(&findings)
    let sections = try ReportBuilder.document(of: [findings], reference: Shipped.reference()).sections
    let section = try #require(sections.first { $0.key == "methodology" })
    return section.unfolded.map { if case .paragraph(let prose) = $0 { prose.plain } else { "" } }.joined(
      separator: "\n")
  }

  @Test(
    "each style has its own sentence, with the size of chunks and batches",
    arguments: [
      ("article", "each document starts with a BOS token"),
      ("saelens", "a BOS token at the start of each chunk and between documents"),
      (
        "transformer_lens",
        "an end token between them, cut into chunks of 512 tokens, 4 chunks to a batch, each with a BOS"
      ),
      ("llama_cpp", "only predictions made in its second half are scored"),
    ])
  func styles(style: String, expected: String) throws {
    let text = try methodology { $0.description.corpus.packing = style }
    #expect(text.contains(expected) && text.contains("chunks of 512 tokens, 4 chunks to a batch"), "\(text)")
    #expect(text.contains("Packing is the article’s") == (style == "article"))
  }

  @Test("predictions are said to be all but a chunk's last only where they are")
  func predictions() throws {
    #expect(try methodology { _ in }.contains("A chunk’s last token has no successor: "))
    let half = try methodology { $0.measured.predictions = 25_500 }
    #expect(half.contains("25,500 predictions were scored") && !half.contains("no successor"))
    #expect(try !methodology { $0.measured.predictions = 0 }.contains("predictions"))
  }
}
