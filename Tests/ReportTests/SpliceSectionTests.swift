import Analysis
import FabricatedFindings
import Testing
import Words

@testable import Report

@Suite("The section on the spliced-in SAE")
struct SpliceSectionTests {
  @Test("a table by condition, one sentence on the verdict, no more than 150 words; no section without the experiment")
  func section() throws {
    var fabricated = Fabricated()
    #expect(try !fabricated.document().sections.contains { $0.key == "splice" })
    fabricated.hasSplice = true
    let section = try #require(try fabricated.document().sections.first { $0.key == "splice" })
    let paragraphs = section.blocks.compactMap { block -> Prose? in
      if case .paragraph(let prose) = block { prose } else { nil }
    }
    #expect(paragraphs.count == 2)
    #expect(
      paragraphs[1].plain.hasPrefix("What the spliced-in SAE adds to cross-entropy, 0.183 nats per token under bf16, "))
    let tables = section.blocks.compactMap { block -> TableBlock? in
      if case .table(let table) = block { table } else { nil }
    }
    let table = try #require(tables.first)
    #expect(table.columns.map(\.title) == ["Measure"] + fabricated.conditions.map(\.name))
    #expect(table.rows.count == 5 && table.rows.allSatisfy { $0.count == table.columns.count })
    let words = paragraphs.reduce(0) { $0 + $1.wordCount } + table.caption.wordCount + (table.remarks?.wordCount ?? 0)
    #expect(words <= 150)
  }
}
