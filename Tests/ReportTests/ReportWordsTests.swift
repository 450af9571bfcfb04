import Analysis
import FabricatedFindings
import Testing

@testable import Report

/// What the report says of what it was given.
extension ReportTests {
  @Test("The report says plainly that the baseline is a dequantized file, and only where it is")
  func dequantized() throws {
    let words = try Fabricated().words("methodology")
    #expect(try Fabricated().words("summary").contains("bf16 itself comes from a compressed file"))
    #expect(
      words.contains("The baseline bf16 is not the original checkpoint: its weights were decoded from a lossy file"))
    #expect(words.contains("GGUF: Q5_0 ×90, Q8_0 ×19, Q6_K ×18, F32 ×109"))
    #expect(try Fabricated().words("limitations").contains("The baseline is a dequantized file"))
    var original = Fabricated()
    original.isDequantized = false
    for key in Section.Key.ofReport { #expect(!(try original.words(key)).contains("dequantized")) }
    #expect(try original.words("methodology").contains("Its weights are stored as safetensors: BF16 ×236."))
  }

  @Test("Limitations follow from the run")
  func limitations() throws {
    let usual = try Fabricated().words("limitations")
    #expect(usual.contains("51,200 tokens are few: the article’s headline stands on 200,000."))
    #expect(!usual.contains("units is indicative"))
    #expect(usual.contains("A few massive tokens hold most of the variance"))
    #expect(!usual.contains("last batch is short"))
    var small = Fabricated()
    small.tokens = 8_192 + 512
    small.chunks = 17
    #expect(
      try small.words("summary").contains(
        "Small sample. Intervals stand on 17 documents. Below 40 they are indicative, and no verdict is given."))
    #expect(!(try Fabricated().words("summary")).contains("Small sample"))
    let few = try small.words("limitations")
    #expect(few.contains("Intervals stand on 17 documents. A bootstrap over fewer than 40 units is indicative"))
    #expect(few.contains("the last batch is short (1 of 4 chunks)."))
    var large = Fabricated()
    large.tokens = 200_704
    large.chunks = 392
    #expect(!(try large.words("limitations")).contains("are few"))
  }

  @Test("On a model whose bits are not what its method is called, the report says so")
  func effectiveBits() throws {
    #expect(
      try Fabricated().words("methodology").contains(
        "Only 37% of the parameters are in layers that are compressed. So nf4, with 4.13 bits per parameter where it applies, leaves the whole model at 11.59 bits per parameter"
      ))
  }

  @Test("Agreement is one sentence over the conditions")
  func agreement() throws {
    #expect(
      try Fabricated().words("performance").contains(
        "The top prediction matches bf16 at 89.4% of the positions under int8 (KL divergence 0.0271 nats per token) and at 71.3% under nf4 (0.3862)."
      ))
  }

  @Test("Massive tokens are weighed; where there are none, the report says so")
  func cells() throws {
    #expect(
      try Fabricated().words("reconstruction").contains(
        "Massive tokens are 0.79% of all tokens; they hold 92.7% of the variation that the textbook form divides by, and 55.5% of the squared error. So the textbook FVU of all tokens mostly tells how well these few are reconstructed"
      ))
    for (variance, error, expected) in [
      (0.8, 0.1, "sets the error on the rest against the variance of these few"),
      (0.2, 0.7, "So most of the error in the textbook FVU of all tokens comes from these few"),
      (0.2, 0.1, "So they do not dominate the textbook FVU of all tokens."),
    ] {
      var findings = Fabricated().findings
      findings.cells = [
        CellShare(
          cell: .ordinary, tokens: 99, tokenShare: 0.99, energyShare: 0.5, varianceShare: 1 - variance,
          errorShare: 1 - error),
        CellShare(
          cell: .massive, tokens: 1, tokenShare: 0.01, energyShare: 0.5, varianceShare: variance, errorShare: error),
      ]
      let section = try #require(
        try ReportBuilder.document(of: [findings], reference: Shipped.reference()).sections.first {
          $0.key == "reconstruction"
        })
      let paragraphs = section.unfolded.compactMap { if case .paragraph(let prose) = $0 { prose.plain } else { nil } }
      #expect(paragraphs.contains { $0.contains(expected) }, "\(variance), \(error)")
    }
    var findings = Fabricated().findings
    findings.cells = [
      CellShare(cell: .ordinary, tokens: 10, tokenShare: 1, energyShare: 1, varianceShare: 1, errorShare: 1)
    ]
    let document = try ReportBuilder.document(of: [findings], reference: Shipped.reference())
    let section = try #require(document.sections.first { $0.key == "reconstruction" })
    let paragraphs = section.unfolded.compactMap { if case .paragraph(let prose) = $0 { prose.plain } else { nil } }
    #expect(paragraphs.contains("Of 10 tokens none is massive, so no handful of tokens dominates FVU on this run."))
  }
}
