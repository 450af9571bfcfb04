import Analysis
import FabricatedFindings
import Measures
import Testing
import Words

@testable import Report

@Suite("What bits buy")
struct CurveSectionTests {
  @Test("controls and what lies on the grid are left out; lines are families; a margin admits the smallest within it")
  func choices() throws {
    let findings = Fabricated.curve.findings
    let curve = try #require(CompressionCurve(findings))
    #expect(
      curve.points.map(\.condition.name) == [
        "rtn2-g128", "q2_k", "rtn3-g128", "rtn4-g128", "nf4-dq", "q4_k", "rtn5-g128", "rtn6-g128", "rtn8-g128",
      ])
    #expect(curve.families == ["GGUF", "nf4", "rtn"] && curve.leftOut.map(\.name) == ["q5_k"])
    let choice = try #require(curve.choices(findings).first { $0.metric == .crossEntropy })
    // Margin 0.5% of 3.2174: 0.0161. The change of rtn5 is as large as that.
    #expect(choice.smallest?.condition.name == "rtn6-g128")
    #expect(choice.open.map(\.condition.name) == ["rtn5-g128"])
    var none = Fabricated.curve
    none.outcomes[.crossEntropyChange] = ["*": .largeRise]
    let all = none.findings
    #expect(curve.choices(all).first { $0.metric == .crossEntropy }?.smallest == nil)
    #expect(CompressionCurve(Fabricated().findings) == nil)
  }

  @Test("the front page names it, or says that none can be named; there is no section with fewer than five sizes")
  func sentences() throws {
    func front(_ fabricated: Fabricated) throws -> String {
      let section = try #require(try fabricated.document().sections.first { $0.key == "summary" })
      return section.blocks.compactMap { block in
        if case .list(let items) = block { items.map(\.plain).joined(separator: "\n") } else { nil }
      }.joined()
    }
    let said = try front(.curve)
    #expect(
      said.contains(
        "Of 9 sizes, the smallest within 0.50% of bf16’s cross-entropy is rtn6-g128 at 6.13 bits per compressed weight (undecided: rtn5-g128); within 1.0%"
      ), "\(said)")
    var none = Fabricated.curve
    none.outcomes[.crossEntropyChange] = ["*": .largeRise]
    #expect(try front(none).contains("Of 9 sizes, none can be named within 0.50% of bf16’s cross-entropy"))
    let sections = try Fabricated.curve.document().sections
    let section = try #require(sections.first { $0.key == "curve" })
    let tables = section.blocks.compactMap { block in if case .table(let table) = block { table } else { nil } }
    #expect(tables.first?.rows.count == 5)
    #expect(try !Fabricated().document().sections.contains { $0.key == "curve" })
  }
}
