import Analysis
import FabricatedFindings
import Testing

@testable import Report

@Suite("The section against the published numbers")
struct PublishedTests {
  @Test("A model of the article is set beside the numbers on it, with the rule's word")
  func studied() throws {
    let words = try Fabricated.article.words("published")
    #expect(
      words.contains(
        "gemma-3-4b has the shape of its Gemma 3 4B (google/gemma-3-4b-pt: width 2,560, 34 layers) and is read after the same layer, 17"
      ))
    let rows = try Fabricated.article.table("published")
    #expect(
      rows.contains([
        "gemma-3-4b", "Change of cross-entropy", "nf4", "+2.0%", "+2.00% [+1.86%, +2.14%]",
        "within the published range (±0.05%)",
      ]))
    #expect(
      rows.contains([
        "gemma-3-12b", "Change of cross-entropy", "nf4", "+2.7%", "+2.70% [+2.53%, +2.88%]",
        "within the published range (±0.05%)",
      ]))
    #expect(
      rows.contains {
        $0[1] == "FVU (article’s form), from 200,000 to 500,000 tokens" && $0[5].hasPrefix("within the published")
      })
    #expect(
      words.contains("gemma-3-4b: Set beside the article’s published numbers, 9 of 9 measured quantities lie within"))
  }

  @Test("Another model has them as context, and the report says so")
  func context() throws {
    let words = try Fabricated().words("published")
    #expect(
      words.contains(
        "The article studied Gemma 3 4B and Gemma 3 12B, not this model. Its numbers stand here as context"))
    let rows = try [Fabricated()].table("published")
    #expect(
      rows[1] == [
        "Change of cross-entropy", "nf4", "+2.0% (Gemma 3 4B) and +2.7% (Gemma 3 12B)", "+12.5% [+11.9%, +13.1%]",
        "above the published range (±0.05%)",
      ])
    #expect(
      rows.contains([
        "FVU (article’s form), from 200,000 to 500,000 tokens", "bf16, int8 and nf4", "within 0.0001", "not measured",
        "–",
      ]))
    #expect(!(try Fabricated().words("summary")).contains("published"))
  }

  @Test("Each outcome has its word")
  func outcomes() throws {
    var model = Fabricated.article[0]
    model.conditions[1].change = 0.06
    model.conditions[2].change = 0.01
    model.conditions[1].perturbation = 0.05
    model.conditions[2].half = 0.003
    var rows = try [model].table("published")
    #expect(rows.first { $0[1] == "int8" && $0[0] == "Change of cross-entropy" }?.last?.hasPrefix("above") == true)
    #expect(rows.first { $0[1] == "nf4" && $0[0] == "Change of cross-entropy" }?.last?.hasPrefix("below") == true)
    #expect(rows.first { $0[1] == "int8" && $0[0].hasPrefix("Noise-floor") }?.last?.hasPrefix("below") == true)
    model.conditions[2].change = 0.045
    model.conditions[2].half = 0.04
    rows = try [model].table("published")
    #expect(rows.first { $0[1] == "nf4" && $0[0] == "Change of cross-entropy" }?.last == "inconclusive")
    let words = try [model].words("published")
    #expect(
      words.contains("above it: change of cross-entropy under int8")
        && words.contains("inconclusive: change of cross-entropy under nf4"))
  }

  @Test("What the article's model lacks is not measured; what another model lacks altogether is no section")
  func missing() throws {
    var accuracyOnly = Fabricated.article[0]
    accuracyOnly.hasSAE = false
    let rows = try [accuracyOnly].table("published")
    #expect(rows.filter { $0.contains("not measured") }.count == 4)
    var nothing = Fabricated()
    nothing.hasAccuracy = false
    nothing.hasSAE = false
    #expect(try nothing.words("published") == "")
    #expect(!(try nothing.words("appendix")).contains("against_published@1"))
  }

  @Test("Where the article's text and code differ, both are said and both numbers are shown")
  func forms() throws {
    let words = try Fabricated.article.words("published")
    for text in [
      "In words, FVU is the share of the tokens’ variance", "The article’s text divides the perturbation by",
      "The article’s text names 200,000 tokens as its headline; its code measured cross-entropy on 51,200 tokens and the noise floor on 50,176. This report has 200,312 predictions for cross-entropy, 200,704 tokens for FVU and 200,704 tokens for the noise floor.",
    ] { #expect(words.contains(text), "\(text)") }
    let rows = try Fabricated.article.table("forms")
    #expect(rows.count == 4 && rows[0].count == 6)
    #expect(rows[1][4].hasPrefix("1.76") && rows[1][5].hasPrefix("1.68"))
  }
}
