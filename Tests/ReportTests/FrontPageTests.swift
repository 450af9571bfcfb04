import Analysis
import FabricatedFindings
import Testing
import Words

@testable import Report

@Suite("The front page")
struct FrontPageTests {
  /// A run of so many compressed conditions, and so many models of it.
  private func runs(conditions: Int, models: Int) -> [Fabricated] {
    (0..<models).map { index in
      var run: Fabricated = conditions > 2 ? .twenty : Fabricated()
      run.conditions = Array(run.conditions.prefix(conditions + 1))
      run.modelName = "gemma-3-\(index + 1)b"
      // Models agree on some verdicts and differ on others.
      for place in run.conditions.indices.dropFirst() where (place + index).isMultiple(of: 3) {
        run.conditions[place].change *= 0.05
        run.conditions[place].fvuFactor = 1 + (run.conditions[place].fvuFactor - 1) * 0.1
      }
      return run
    }
  }

  /// Counted otherwise than the report does.
  private func counts(_ text: String) -> (words: Int, numerals: Int) {
    let words = text.split(separator: " ").filter { !$0.isEmpty }
    let numerals = text.matches(of: /(^|[\s(\[–;])[+−±]?[0-9][0-9,.]*/)
    return (words.count, numerals.count)
  }

  @Test(
    "Bold sentence and findings are at most 120 words and 20 numerals, and six sentences",
    arguments: [1, 2, 12], [1, 2, 5])
  func budget(conditions: Int, models: Int) throws {
    let (lead, findings) = try FrontPage(report: runs(conditions: conditions, models: models).builder()).text()
    let (words, numerals) = counts(([lead] + findings).map(\.plain).joined(separator: " "))
    #expect(words <= 120 && numerals <= 20, "\(words) words, \(numerals) numerals")
    #expect((3...6).contains(findings.count), "\(findings.map(\.plain))")
    for sentence in [lead] + findings {
      #expect(
        sentence.plain.hasSuffix(".") && ReportSentences.sentences(sentence.plain).count == 1, "\(sentence.plain)")
    }
    // A number stands in one of the sentences.
    let ids = ([lead] + findings).flatMap(\.numberIDs)
    #expect(Set(ids).count == ids.count)
  }

  @Test("Every number on it can be explained", arguments: [1, 2])
  func explained(models: Int) throws {
    let runs = models == 1 ? [Fabricated()] : Fabricated.article
    let section = try #require(try runs.document().sections.first { $0.key == .summary })
    var shown: [Prose] = []
    for block in section.unfolded {
      switch block {
      case .lead(let prose), .paragraph(let prose): shown.append(prose)
      case .list(let items): shown += items
      case .tiles(let tiles): shown += tiles.tiles.flatMap { [$0.number, $0.interval, $0.value].compactMap(\.self) }
      case .figure(let figure): shown += [figure.figure.caption, figure.figure.altText]
      default: break
      }
    }
    let ids = shown.flatMap(\.numberIDs)
    #expect(ids.count > 10)
    for id in ids {
      let run = try #require(runs.first { models == 1 || id.hasPrefix($0.modelName + "/") })
      let own = models == 1 ? id : String(id.dropFirst(run.modelName.count + 1))
      let address = try #require(NumberAddress(own), "\(id)")
      #expect(run.findings.estimate(at: address) != nil, "\(id)")
    }
  }

  private func lead(_ outcomes: [Verdict.Question: [String: Verdict.Outcome]]) throws -> String {
    var fabricated = Fabricated()
    fabricated.outcomes = outcomes
    return try FrontPage(report: [fabricated].builder()).text().lead.plain
  }

  @Test("The answer says what the verdicts say, the worst first, and no more")
  func answer() throws {
    #expect(
      try lead([
        .crossEntropyChange: ["int8": .negligible, "nf4": .largeRise],
        .errorOrdinaryChange: ["int8": .undecided, "nf4": .smallRise],
      ])
        == "Under 4-bit nf4, gemma-3-270m predicts text much worse (perplexity +49.5%) and its sparse autoencoder reconstructs its states a little worse (squared error +9.4%); under 8-bit int8, about as well (+3.2%), and whether the autoencoder does worse is undecided (+1.2%)."
    )
    let same = try lead([.crossEntropyChange: ["*": .negligible], .errorOrdinaryChange: ["*": .negligible]])
    #expect(same.hasPrefix("Under int8 and nf4, gemma-3-270m predicts text about as well (perplexity +3"))
    let better = try lead([.crossEntropyChange: ["*": .largeFall], .errorOrdinaryChange: ["*": .identical]])
    #expect(better.contains("predicts text much better") && better.contains("reconstructs its states exactly as well"))
    let unsure = try lead([.crossEntropyChange: ["*": .undecided], .errorOrdinaryChange: ["*": .notMeasured]])
    #expect(unsure.contains("whether gemma-3-270m predicts text worse is undecided") && !unsure.contains("autoencoder"))
    #expect(
      try lead([.crossEntropyChange: ["*": .notMeasured], .errorOrdinaryChange: ["*": .notMeasured]])
        == "No test of this study was completed, so nothing can be concluded.")
  }

  @Test("Findings are ranked by size word, then by margins; trust and limits keep their places")
  func ranking() throws {
    var fabricated = Fabricated()
    fabricated.outcomes = [
      .disagreement: ["*": .negligible], .fvuArticleChange: ["*": .smallRise], .fvuOrdinaryChange: ["*": .largeRise],
    ]
    let findings = try FrontPage(report: [fabricated].builder()).text().findings.map(\.plain)
    let starts = [
      "On ordinary tokens, the textbook FVU rises by",
      "The variance that the autoencoder misses (FVU, article’s form) rises by",
    ]
    for (finding, start) in zip(findings, starts) { #expect(finding.hasPrefix(start), "\(findings)") }
    #expect(findings.suffix(2).first?.hasPrefix("FVU ") == true)
    #expect(
      findings.last
        == "All this holds for one model, one autoencoder and one mix of texts; bf16 itself comes from a compressed file."
    )
    #expect(
      FrontFinding(place: .exploratory, sentence: "").ranksBefore(
        .init(place: .result(size: 3, margins: 9), sentence: "")) == false)
  }

  @Test("Each tile shows the worst condition, with at most four numbers, and its strip all of them")
  func tiles() throws {
    let section = try #require(try Fabricated().document().sections.first { $0.key == .summary })
    let tiles = section.blocks.compactMap { if case .tiles(let tiles) = $0 { tiles } else { nil } }
    let own = try #require(tiles.first)
    #expect((3...5).contains(own.tiles.count) && own.table.rows.count == own.tiles.count)
    for tile in own.tiles {
      #expect(tile.condition == "nf4" && tile.strip.dots.map(\.name) == ["nf4", "int8"])
      let numbers = [tile.number, tile.interval ?? "", tile.value ?? ""].map { counts($0.plain).numerals }
      #expect(numbers.reduce(0, +) <= 4, "\(tile.title)")
    }
  }

  @Test("Several models are told together where they agree, and by their names where they do not")
  func severalModels() throws {
    let (lead, findings) = try FrontPage(report: Fabricated.article.builder()).text()
    #expect(
      lead.plain.hasPrefix("Under 4-bit nf4 on gemma-3-12b, the model predicts text a little worse"), "\(lead.plain)")
    #expect(findings.last?.plain == "All this holds for two models with an autoencoder each and one mix of texts.")
    #expect(findings.contains { $0.plain.hasPrefix("Beyond rounding, the top prediction changes at ") })
  }
}
