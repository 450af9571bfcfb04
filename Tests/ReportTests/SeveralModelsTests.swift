import Analysis
import FabricatedFindings
import Measures
import Testing

@testable import Report

@Suite("Several models in one report")
struct SeveralModelsTests {
  private let article = Fabricated.article

  private func sentence(_ all: [Fabricated], _ question: Verdict.Question) throws -> String {
    try #require(try all.builder().sentences(question)).plain
  }

  // MARK: across_models@1

  @Test("Where models agree one clause gives the range; where they do not, each has its own")
  func ranges() throws {
    #expect(
      try sentence(article, .crossEntropyChange)
        == "Cross-entropy, 2.239 nats per token under bf16 on gemma-3-4b and 2.047 on gemma-3-12b, changes negligibly under int8 (+0.10% to +0.18%) on both models; it rises under nf4 by 2.00–2.70%, a small change on both models."
    )
    #expect(
      try sentence(article, .fvuArticleChange).contains(
        /rises on gemma-3-4b under nf4 by 0\.23 .+ whether by more than the margin of 1\.0% is undecided; it rises on gemma-3-12b under nf4 by 0\.26/
      ))
  }

  @Test("A range has the decimals of the least precise number, and equal ends are one number")
  func decimals() throws {
    var models = article
    models[1].conditions[2].half = 0.02
    #expect(
      try sentence(models, .crossEntropyChange).contains("rises under nf4 by 2.0–2.7%, a small change on both models"))
    models = article
    models[1].conditions = models[0].conditions
    models[1].crossEntropy = models[0].crossEntropy
    #expect(
      try sentence(models, .crossEntropyChange).contains(
        "changes negligibly under int8 (+0.18%) on both models; it rises under nf4 by 2.00%, a small change on both models."
      ))
  }

  @Test("A fall on all models is a range of positive amounts; an undecided change a range with signs")
  func falls() throws {
    var models = article
    for index in models.indices { models[index].conditions[2].change *= -1 }
    #expect(
      try sentence(models, .crossEntropyChange).contains("falls under nf4 by 2.00–2.70%, a small change on both models")
    )
    for index in models.indices { models[index].conditions[1].half = 0.02 }
    #expect(
      try sentence(models, .crossEntropyChange).contains(
        "is undecided under int8 (+0.1% to +0.2%) on both models"))
  }

  @Test("A condition of the same name with other settings is not told together")
  func otherSettings() throws {
    var findings = article.map(\.findings)
    findings[1].description.conditions[2].parameters[1].value = "false"
    let builder = try ReportBuilder(findings, reference: try Shipped.reference())
    let said = try #require(try builder.sentences(.crossEntropyChange)).plain
    #expect(said.contains("on gemma-3-4b under nf4 by 2.00% [1.86%, 2.14%] to 2.284, a small change"))
    #expect(said.contains("on gemma-3-12b under nf4 by 2.70% [2.53%, 2.88%] to 2.103, a small change"))
  }

  @Test("A model that was not measured is named")
  func notMeasured() throws {
    let four: [Fabricated] = .four
    #expect(try sentence(four, .fvuOrdinaryChange).hasSuffix(" Not measured on gemma-3-270m."))
    #expect(
      try sentence(four, .crossEntropyChange).contains(
        /rises on gemma-3-270m under nf4 by 12\.5% [^;]+, a large change/))
    #expect(try four.words("tests").contains("with both denominators; not measured on gemma-3-270m"))
  }

  @Test("Validations have ranges too")
  func validations() throws {
    #expect(
      try sentence(article, .noiseFloor).contains(
        /own error under nf4 \(ratio 1\.5\d+–1\.6\d+ beyond rounding\) on both models/))
    #expect(
      try sentence(article, .fvuStable).hasPrefix(
        "The article’s FVU of all tokens has settled between the last two counts under bf16 (last two counts 0.00002 apart)"
      ))
    #expect(
      try article.words("performance").contains(
        "The top prediction matches bf16 at 95.1% of the positions under int8 (KL divergence 0.0061 nats per token) and at 88.7% under nf4 (0.0513) on both models."
      ))
  }

  @Test("The rule is printed where there are several models, and only there")
  func rulePrinted() throws {
    #expect(try article.words("appendix").contains("across_models@1"))
    #expect(!(try Fabricated().words("appendix")).contains("across_models@1"))
  }

  // MARK: One model

  @Test("A report on one model names no other and has no column of models", arguments: Section.Key.ofReport)
  func alone(key: Section.Key) throws {
    let words = try Fabricated().words(key)
    for phrase in ["both models", "on gemma-3-270m", "each model", "Not measured", "these runs"] {
      #expect(!words.contains(phrase), "\(phrase)")
    }
    #expect(try Fabricated().document().tables.allSatisfy { $0.columns[0].title != "Model" && $0.headingCount == 1 })
  }

  // MARK: Tables

  @Test("Detail tables have a row per model and condition, the model first")
  func tables() throws {
    let rows = try article.table("performance")
    #expect(
      rows.map { Array($0.prefix(2)) } == [
        ["gemma-3-4b", "bf16"], ["gemma-3-4b", "int8"], ["gemma-3-4b", "nf4"],
        ["gemma-3-12b", "bf16"], ["gemma-3-12b", "int8"], ["gemma-3-12b", "nf4"],
      ])
    #expect(rows[5][2...3] == ["2.103 [2.042, 2.164]", "26.38 [24.86, 27.90]"])
    let document = try article.document()
    for table in document.tables {
      #expect(table.rows.allSatisfy { $0.count == table.columns.count }, "\(table.key)")
      #expect(table.groups.isEmpty || table.groups.count == table.rows.count)
    }
    for key in ["fvu", "noise-floor", "stabilization", "reconstruction", "cells", "sources", "conditions", "forms"] {
      #expect(document.tables.first { $0.key == key }?.columns[0].title == "Model", "\(key)")
    }
  }

  @Test("What one model lacks and another has is “not measured”; what none has is no row")
  func missingCells() throws {
    let rows = try [Fabricated].four.table("performance")
    #expect(rows.count == 12)
    #expect(rows.last == ["gemma-3-1b", "nf4", "not measured", "–", "–", "–"])
    let fvu = try [Fabricated].four.table("fvu")
    #expect(fvu.contains(["gemma-3-270m", "bf16", "not measured", "–", "–", "–"]))
    #expect(try [Fabricated.two].table("performance").count == 2)
  }

  @Test("Four models make a report with every section of theirs, the same each time")
  func four() throws {
    let four: [Fabricated] = .four
    #expect(try four.document().sections.map(\.key) == Section.Key.ofReport.filter { $0 != "curve" })
    let (first, second) = (try four.document(), try four.document())
    #expect(first == second)
    #expect(
      try four.words("limitations").contains("Four models: what holds for gemma-3-4b with 3,880,263,168 parameters"))
  }

  // MARK: Methodology

  @Test("What models share is said once, what differs is in a table")
  func methodology() throws {
    let words = try article.words("methodology")
    #expect(words.components(separatedBy: "Packing is the article’s").count == 2)
    #expect(words.components(separatedBy: "All intervals are symmetric studentized").count == 2)
    #expect(words.contains("All models were measured on the same token stream in the same conditions."))
    let rows = try article.table("models")
    #expect(rows.contains(["Read after layer", "17 (53%)", "24 (52%)"]))
    #expect(rows.contains(["Parameters", "3,880,263,168", "11,765,788,416"]))
    #expect(!rows.contains { $0[0] == "Token stream, SHA-256" })
    #expect(
      words.contains(
        "Only 83–91% of the parameters are in layers that are compressed. So nf4, with 4.13 bits per parameter where it applies, leaves the whole model at 5.15–6.18 bits per parameter on both models"
      ))
  }

  @Test("Models that were not measured alike are said not to be, in a note and in the methodology")
  func differences() throws {
    #expect(!(try article.words("summary")).contains("Not measured alike"))
    var models = article
    models[1].tokenStream = "ffff"
    models[1].tokens = 100_352
    models[1].conditions.removeLast()
    let summary = try models.words("summary")
    #expect(
      summary.contains(
        "Not measured alike. The models differ in more than themselves: token stream, number of tokens and conditions.")
    )
    #expect(try models.words("methodology").contains("The models were not measured alike: they differ in token stream"))
    #expect(try models.table("models").contains { $0[0] == "Token stream, SHA-256" })
    #expect(
      try models.words("methodology").contains("gemma-3-12b: We asked for 200,000 tokens; measured were 100,352"))
  }

  @Test("Hashes that differ stand under their model, those that do not once")
  func hashes() throws {
    let table = try #require(try article.document().tables.first { $0.key == "provenance" })
    #expect(Set(table.groups) == ["All models", "gemma-3-4b", "gemma-3-12b"])
    #expect(table.rows.filter { $0[0].plain == "Checkpoint, SHA-256" }.count == 2)
    #expect(table.rows.filter { $0[0].plain == "Corpus, SHA-256" }.count == 1)
    #expect(
      try article.words("reproduction").contains(
        "clearbox run studies/black-box-part-4.yaml\nclearbox render out/black-box-part-4/gemma-3-4b.h5 out/black-box-part-4/gemma-3-12b.h5"
      ))
  }

  // MARK: Conclusion

  @Test("Models with the same conclusion share it")
  func conclusion() throws {
    let words = try article.words("conclusion")
    #expect(words.contains("Under nf4 on gemma-3-12b, the model predicts this text a little worse than bf16"))
    #expect(
      words.contains(
        "nf4 needs 61–68% fewer bits for the weights than bf16, at a small cost in cross-entropy on both models"
      ))
    #expect(
      words.contains("Accuracy and reconstruction went the same way under int8 and nf4 on both models:"))
  }

  // MARK: Runs from elsewhere

  @Test("Estimates without intervals and strata that are missing stop no report", arguments: [1, 2])
  func lacking(models: Int) throws {
    var all = Array(article.prefix(models))
    for index in all.indices {
      all[index].hasIntervals = false
      all[index].lacking = [.ordinary, .withoutFirst, .withoutMassive]
    }
    let document = try all.document()
    #expect(document.figures.count == 10)
    #expect(try all.table("published").contains { $0.contains("inconclusive") })
    #expect(try all.table("fvu").count == 3 * models)
    // Nor do findings without baseline values or without changes.
    var findings = all.map(\.findings)
    for index in findings.indices {
      findings[index].findings.removeAll { $0.condition == "bf16" && $0.metric.id != Metric.crossEntropy.id }
      for finding in findings[index].findings.indices {
        findings[index].findings[finding].change = nil
        findings[index].findings[finding].percentChange = nil
      }
      findings[index].cells = []
      findings[index].buckets = []
      findings[index].verdicts = VerdictRules.verdicts(of: findings[index])
    }
    _ = try ReportBuilder.document(of: findings, reference: try Shipped.reference())
    for index in findings.indices { findings[index].findings = [] }
    for index in findings.indices { findings[index].verdicts = VerdictRules.verdicts(of: findings[index]) }
    _ = try ReportBuilder.document(of: findings, reference: try Shipped.reference())
  }
}
