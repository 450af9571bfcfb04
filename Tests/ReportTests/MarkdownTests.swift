import FabricatedFindings
import Foundation
import Testing

@testable import Report

@Suite("Markdown")
struct MarkdownTests {
  @Test("A table's columns are aligned in the source")
  func aligned() {
    let table = MarkdownText.table(
      columns: [("Name", false), ("Value", true)], rows: [["a", "1.5"], ["long name", "−12.25"]])
    #expect(
      table == """
        | Name      |  Value |
        |:----------|-------:|
        | a         |    1.5 |
        | long name | −12.25 |
        """)
  }

  @Test("Code spans and blocks survive backticks and pipes")
  func code() {
    let text = MarkdownText(.gitHub)
    #expect(text.code("a`b") == "``a`b``")
    #expect(text.code("a|b") == "`a|b`")
    #expect(text.code("a|b", isCell: true) == "`a\\|b`")
    #expect(text.codeBlock("x\n```\ny") == "````\nx\n```\ny\n````")
  }

  @Test("A paragraph that starts like a list item is still a paragraph")
  func paragraphs() {
    let text = MarkdownText(.gitHub)
    #expect(text.paragraph("+0.97% is a change") == "\\+0.97% is a change")
    #expect(text.paragraph("4. is a number") == "4\\. is a number")
    #expect(text.paragraph("51,200 tokens") == "51,200 tokens")
  }

  /// GitHub's own parser, where Debian's package cmark-gfm is installed.
  @Test(
    "GitHub's parser finds the same figures and headings", .enabled(if: Program.cmark != nil),
    arguments: [1, 2])
  func gitHubAgrees(models: Int) throws {
    var fabricated = Fabricated()
    fabricated.sources.append(("a|b*c_d`e<f>", 1.0))
    let document = try ([fabricated] + Fabricated.article).prefix(models).map { $0 }.document()
    let markdown = try MarkdownWriter(templates: Templates(folder: Shipped.templates), creator: "clearbox").write(
      document)
    let html = try #require(Program.cmark).run(
      ["--unsafe", "-e", "table", "-e", "strikethrough", "-e", "autolink"], input: markdown
    ).text
    let images = html.matches(of: /<img src="([^"]+)" alt="([^"]+)"/).map {
      (String($0.1), ParsedHTML.words(String($0.2)))
    }
    #expect(images.map(\.0) == document.figures.map { "figures/\($0.figure.key).svg" })
    #expect(images.map(\.1) == document.figures.map { ParsedHTML.words($0.figure.altText.plain) })
    #expect(html.matches(of: /<h2>/).count == document.sections.count)
  }
}
