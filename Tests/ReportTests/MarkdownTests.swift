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

  private static let parser = ["/usr/bin/cmark-gfm", "/usr/local/bin/cmark-gfm"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// GitHub's own parser, where Debian's package cmark-gfm is installed.
  @Test("GitHub's parser finds the same tables, cell by cell, and the same figures", .enabled(if: parser != nil),
    arguments: [1, 2])
  func gitHubAgrees(models: Int) throws {
    var fabricated = Fabricated()
    fabricated.sources.append(("a|b*c_d`e<f>", 1.0))
    let document = try ([fabricated] + Fabricated.article).prefix(models).map { $0 }.document()
    let markdown = try MarkdownWriter(templates: Templates(folder: Shipped.templates), creator: "clearbox").write(
      document)
    let html = try Self.parsed(markdown)
    let tables = html.matches(of: /<table>(.*?)<\/table>/.dotMatchesNewlines()).map { table in
      String(table.1).matches(of: /<tr>(.*?)<\/tr>/.dotMatchesNewlines()).map { row in
        String(row.1).matches(of: /<t[dh][^>]*>(.*?)<\/t[dh]>/.dotMatchesNewlines()).map { Self.words(String($0.1)) }
      }
    }
    #expect(tables.count == document.tables.count)
    for (parsed, table) in zip(tables, document.tables) {
      var expected = [table.columns.map(\.title)]
      for (index, row) in table.rows.enumerated() {
        if let group = table.groupTitle(before: index) {
          expected.append([group] + Array(repeating: "", count: table.columns.count - 1))
        }
        expected.append(row.map(\.plain))
      }
      #expect(parsed == expected, "\(table.key)")
    }
    let images = html.matches(of: /<img src="([^"]+)" alt="([^"]+)"/).map { (String($0.1), Self.words(String($0.2))) }
    #expect(images.map(\.0) == document.figures.map { "figures/\($0.figure.key).svg" })
    #expect(images.map(\.1) == document.figures.map { Self.words($0.figure.altText) })
    #expect(html.matches(of: /<h2>/).count == document.sections.count)
  }

  private static func parsed(_ markdown: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(parser))
    process.arguments = ["--unsafe", "-e", "table", "-e", "strikethrough", "-e", "autolink"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let data = Data(markdown.utf8)
    DispatchQueue.global().async {
      input.fileHandleForWriting.write(data)
      try? input.fileHandleForWriting.close()
    }
    let html = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: html, as: UTF8.self)
  }

  /// Text of a piece of HTML.
  private static func words(_ html: String) -> String {
    var text = html.replacing(/<[^>]+>/, with: "")
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")] {
      text = text.replacing(entity, with: character)
    }
    return text
  }
}
