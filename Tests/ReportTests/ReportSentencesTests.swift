import Analysis
import FabricatedFindings
import Testing

@testable import Report

@Suite("What two reports say differently")
struct ReportSentencesTests {
  private func report(_ findings: [(String, [String])]) -> ReportSentences { ReportSentences(findings: findings) }

  @Test("a sentence ends where a new one begins, not at a decimal point or an abbreviation before a small letter")
  func sentences() {
    #expect(
      ReportSentences.sentences("It rises by 0.5% [0.1%, 0.9%] to 3.21. FVU falls, i.e. less is missed. Why? “So.”")
        == ["It rises by 0.5% [0.1%, 0.9%] to 3.21.", "FVU falls, i.e. less is missed.", "Why?", "“So.”"])
    #expect(ReportSentences.sentences("") == [])
  }

  @Test("the same sentence of other numbers or names stands beside its like; what one side lacks stands alone")
  func differences() {
    let a = report([
      ("Accuracy.", ["Cross-entropy, 3.8 nats per token under bf16, rises under nf4 by 7% to 4.1.", "The same."]),
      ("Only A.", ["A says this."]),
    ])
    let b = report([
      (
        "Accuracy.",
        [
          "Here is something new to say.",
          "Cross-entropy, 3.8 nats per token under bf16, rises under nf4-dq by 8% to 4.2.", "The same.",
        ]
      )
    ])
    let differences = ReportSentences.differences(a, b)
    #expect(
      differences == [
        .init(heading: "Accuracy.", a: nil, b: "Here is something new to say."),
        .init(heading: "Accuracy.", a: a.findings[0].sentences[0], b: b.findings[0].sentences[1]),
        .init(heading: "Only A.", a: "A says this.", b: nil),
      ])
    #expect(ReportSentences.differences(a, a).isEmpty)
    let words = ReportSentences.words("rises under nf4 by 7% to 4.1.", against: "rises under nf4-dq by 7% to 4.2.")
    #expect(
      words.map(\.text) == ["rises under", "nf4", "by 7% to", "4.1."]
        && words.map(\.isDifferent) == [false, true, false, true])
  }

  @Test("a report's key findings are all there, finding by finding")
  func report() throws {
    let findings = Fabricated().findings
    let sentences = try ReportSentences(of: [findings], reference: Shipped.reference())
    #expect(
      sentences.findings.map(\.heading).contains("Key findings.")
        && sentences.findings.map(\.heading).contains("Noise floor."))
    let words = try Section.Key.ofReport.map { try Fabricated().words($0) }.joined(separator: "\n")
    for (_, own) in sentences.findings { for sentence in own { #expect(words.contains(sentence), "\(sentence)") } }
    #expect(
      try ReportSentences.differences(sentences, ReportSentences(of: [findings], reference: Shipped.reference()))
        .isEmpty)
  }
}
