import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing
import Words

@testable import Report

@Suite("Comparisons as documents")
struct ComparisonDocumentTests {
  private let folder = FabricatedRuns.TemporaryFolder()

  private func run(_ name: String, _ change: (inout FabricatedRun) -> Void = { _ in }) throws -> RunReader {
    var run = FabricatedRun()
    (run.documentLength, run.replicates) = (40, 300)
    // So little noise that no loss falls below 0, whatever the seed.
    run.effects[1].lossNoise = 0.05
    change(&run)
    try run.write(to: folder.file(name))
    return try RunReader(folder.file(name))
  }

  private func compared() throws -> (document: Document, a: Findings, b: Findings) {
    let (a, b) = (try run("a.h5"), try run("b.h5") { $0.effects[1].lossChange = 0.16 })
    var options = RunComparison.Options()
    options.replicates = 400
    let comparison = try RunComparison([a], [b], options)
    let gates = try GateResults([Gate("cross_entropy nf4 <= 1%")], comparison)
    let (inA, inB) = (try Findings(of: a), try Findings(of: b))
    let document = try Document(
      comparison, a: [inA], b: [inB], gates: gates, showsAll: true,
      presentation: ComparedPresentation(
        comparison, a: [inA], b: [inB], references: Shipped.references, hasFigures: false),
      creator: "clearbox 1.0.0")
    return (document, inA, inB)
  }

  private func page(_ own: [String: String] = [:]) throws -> SinglePage {
    let templates = own.isEmpty ? nil : URL(fileURLWithPath: folder.file("templates"))
    for (path, text) in own {
      let file = folder.file("templates/" + path)
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: file).deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    }
    return try SinglePage(home: Shipped.root, ownTemplates: templates, creator: "clearbox 1.0.0")
  }

  @Test("text, Markdown and page of one diff hold the same numbers and verdicts, row by row")
  func same() throws {
    let document = try compared().document
    let text = TextWriter().write(document)
    let (markdown, html) = (try page().markdown(document), try page().html(document))
    // The filled cells of each row, as each format has them.
    let inText = text.split(separator: "\n").map { line in
      line.split(separator: #/ {2,}/#).map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let inMarkdown = markdown.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
      line.replacing("\\", with: "").replacing("`", with: "").split(separator: "|").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      .filter { !$0.isEmpty }
    }
    let inPage = html.split(separator: "<tr").map { row in
      row.replacing(/<\/tr>[\s\S]*/, with: "").split(separator: /<\/t[hd]>/).map { cell in
        cell.replacing(/<[^>]*>/, with: "").replacing("&lt;", with: "<").split(separator: ">").last.map {
          $0.trimmingCharacters(in: .whitespacesAndNewlines)
        } ?? ""
      }.filter { !$0.isEmpty }
    }
    let tables = document.tables.filter { $0.key.hasSuffix("metrics") }
    #expect(tables.count == 2)
    var compared = 0
    for row in tables.flatMap(\.rows) {
      let cells = row.map(\.plain).filter { !$0.isEmpty }
      #expect(inText.contains(cells), "\(cells)")
      #expect(inMarkdown.contains(cells), "\(cells)")
      #expect(inPage.contains { $0.suffix(cells.count) == cells[...] }, "\(cells)")
      compared += 1
    }
    #expect(compared > 30)
    for words in ["✗ failed", "✗ worse"] {
      #expect([text, markdown, html].allSatisfy { $0.contains(words) }, "\(words)")
    }
  }

  @Test("a value has the digits that the report of its run gives it")
  func digits() throws {
    let (document, a, b) = try compared()
    let numbers = document.tables.flatMap { $0.rows.joined().flatMap(\.inlines) }.compactMap { inline -> BoundNumber? in
      if case .number(let number) = inline { number } else { nil }
    }
    var compared = 0
    for (run, findings) in [("A/", a), ("B/", b)] {
      for number in numbers where number.id.hasPrefix(run) {
        let address = try #require(NumberAddress(String(number.id.dropFirst(2))))
        guard let own = try Numbers(findings).number(address) else { continue }
        #expect(number.text == own.text, "\(number.id)")
        compared += 1
      }
    }
    #expect(compared > 60)
  }

  @Test("templates of the user's serve a comparison as they serve a report")
  func templates() throws {
    let document = try compared().document
    let own = try page([
      "html/page.mustache":
        "{{title}} of {{facts.model}}:{{#contents}} {{id}}{{/contents}}{{#sections.summary}}?{{/sections.summary}}",
      "markdown/blocks/table.mustache": "TABLE {{id}}",
    ])
    #expect(try own.html(document) == "Comparison of two runs of fabricated-270m: result causes metrics presentation\n")
    let markdown = try own.markdown(document)
    #expect(markdown.contains("TABLE table-metrics") && !markdown.contains("| metric"))
    #expect(markdown.contains("# Comparison of two runs"))
  }

  @Test("a page links no files, and what differs in a sentence is marked")
  func pageAlone() throws {
    let document = try compared().document
    let html = try page().html(document)
    #expect(
      !html.contains("Beside this page") && html.contains("<mark>")
        && html.contains("<details class=\"fold\">\n<summary>The other rows"))
    let sentences = try #require(document.tables.first { $0.key == "sentences" })
    #expect(
      sentences.rows.joined().flatMap(\.inlines).contains { if case .marked(.changed, _) = $0 { true } else { false } })
  }
}
