import Analysis
import FabricatedFindings
import Plot
import Testing
import Words

@testable import Report

@Suite("An experiment more is a section more")
struct ToySectionTests {
  /// Three conditions, whose largest activations grow.
  private func findings() -> Findings {
    var findings = Fabricated().findings
    findings.measures.append(.largest)
    for (index, condition) in findings.description.conditions.enumerated() {
      let change = Double(index) * 0.5
      func estimate(_ value: Double) -> Estimate {
        Estimate(
          value: value, interval: Interval(low: value - 0.1, high: value + 0.1, level: 0.95), tokenCount: 51_200,
          clusterCount: 100)
      }
      findings.findings.append(
        Finding(
          metric: .largest, condition: condition.name, stratum: .all, estimate: estimate(2 + change),
          change: index == 0 ? nil : estimate(change)))
      if index > 0 {
        findings.verdicts.append(Verdict(question: .largestChange, condition: condition.name, outcome: .smallRise))
      }
    }
    return findings
  }

  private func builder(_ findings: Findings) throws -> ReportBuilder {
    try ReportBuilder(
      [findings], reference: try Shipped.reference(), sections: ReportSections.all + [LargestSection.self])
  }

  private func words(_ document: Document, _ key: String) throws -> String {
    let section = try #require(document.sections.first { $0.key.rawValue == key })
    return words(section.blocks)
  }

  private func words(_ blocks: [Block]) -> String {
    blocks.map { block in
      switch block {
      case .paragraph(let prose), .lead(let prose): prose.plain
      case .fold(let fold): words(fold.blocks)
      case .list(let items): items.map(\.plain).joined(separator: "\n")
      case .table(let table): table.rows.map { $0.map(\.plain).joined(separator: " | ") }.joined(separator: "\n")
      default: ""
      }
    }.joined(separator: "\n")
  }

  @Test("It has its section with sentence, table and figure, and its rows, words and limitation in those of the whole")
  func everywhere() throws {
    let builder = try builder(findings())
    let document = try builder.document(author: nil)
    let sentence =
      "The largest activation, 2.00 under bf16, rises under int8 by 0.50 [0.40, 0.60] to 2.50 and under nf4 by 1.00 [0.90, 1.10] to 3.00, a small change."
    let expected = [
      "largest": [sentence, "nf4 | 3.00 | +1.00 [+0.90, +1.10]"],
      "question": ["and how large its activations are, for "],
      "tests": ["Primary | Largest activation | Mean of the largest of each token\nValidation | "],
      "results": ["Activations grow a little under int8 and nf4."],
      "conclusion": ["its activations grow"],
      "limitations": ["A mean of largest activations hides the largest of all."],
      "appendix": ["activation | A number of the residual stream.", "largest_change@1", "largest@1 | Σ max|x| / N"],
    ]
    for (key, texts) in expected {
      for text in texts { #expect(try words(document, key).contains(text), "\(key): \(text)") }
    }
    #expect(
      document.figures.map(\.figure.key).last == "largest"
        && document.figures.last?.label == "Figure S\(document.figures.count - 5)")
    #expect(document.tables.contains { $0.key == "largest" && TableData($0).csv.contains("nf4,3.0,1.0,0.9,1.1") })
    #expect(try builder.headline() == Fabricated().findings.headline() + ["Activations: measured."])
    let competing = try builder.measured.flatMap { try $0.frontFindings(atMost: 3) }.map(\.sentence.plain)
    #expect(competing.contains { $0.hasPrefix("The largest activation rises by ") })
    let page = try MarkdownWriter(templates: try Templates(folder: Shipped.templates, own: nil), creator: "clearbox")
      .write(document)
    #expect(page.contains("## Largest activation") && page.contains("figures/largest.svg"))
  }

  @Test("Where it was not measured, the report is as without it, but for its line of the headline")
  func absent() throws {
    let findings = Fabricated().findings
    let with = try builder(findings).document(author: nil)
    let without = try ReportBuilder.document(of: [findings], reference: try Shipped.reference())
    #expect(with.sections == without.sections)
  }
}

extension Findings {
  fileprivate func headline() throws -> [String] {
    try ReportBuilder([self], reference: try Shipped.reference()).headline()
  }
}
