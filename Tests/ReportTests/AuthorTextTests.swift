import Analysis
import FabricatedFindings
import Foundation
import Plot
import Testing

@testable import Report

@Suite("An author's own text")
struct AuthorTextTests {
  private func document(_ yaml: String, of fabricated: [Fabricated] = [Fabricated()]) throws -> Document {
    try ReportBuilder.document(
      of: fabricated.map(\.findings), reference: PublishedReference.article(in: Shipped.references),
      author: AuthorText.parse(yaml, file: "author.yaml"))
  }

  private static let text = """
    title: What four bits cost
    authors: [A. Author, B. Builder]
    abstract: |
      Cross-entropy rises by {{cross_entropy@1/nf4/all/percent}} under **nf4**, see [the code](https://example.org/a_b).
    commentary:
      performance: |
        First paragraph,
        going on with *care* and `code`.

        - python: {{cross_entropy@1/nf4/source/python/percent}}
        - early: {{fvu@1/bf16/all/first-6144}}
    checks:
      - says: 12.5%
        of: cross_entropy@1/nf4/all/percent
      - { says: "0.15", of: fvu@1/bf16/all }
    """

  @Test("Title, names, abstract and comments are merged, and their numbers are the report's")
  func merged() throws {
    let document = try document(Self.text)
    #expect(document.title == "What four bits cost")
    #expect(document.dateline.hasPrefix("By A. Author and B. Builder. Measured on"))
    let summary = try #require(document.sections.first { $0.key == "summary" })
    guard case .paragraph(let abstract) = summary.blocks[0] else { return }
    #expect(abstract.plain == "Cross-entropy rises by +12.5% under nf4, see the code.")
    #expect(abstract.inlines.contains(.link(url: "https://example.org/a_b", text: "the code")))
    guard case .number(let number)? = abstract.inlines.first(where: { if case .number = $0 { true } else { false } })
    else {
      Issue.record("no bound number")
      return
    }
    #expect(number.id == "cross_entropy@1/nf4/all/percent" && !number.detail.isEmpty)
    let performance = try #require(document.sections.first { $0.key == "performance" })
    let own = performance.blocks.suffix(3)
    #expect(own.first == .heading("The authors’ comment"))
    guard case .paragraph(let first) = own[own.startIndex + 1], case .list(let items) = own[own.startIndex + 2] else {
      Issue.record("not a paragraph and a list")
      return
    }
    #expect(first.plain == "First paragraph, going on with care and code.")
    #expect(items.count == 2 && items[0].plain.hasSuffix("%") && items[1].plain == "early: 0.1549")
  }

  @Test("It is in every format, and rendering twice changes nothing")
  func everyFormat() throws {
    let folder = try TemporaryFolder()
    let author = try AuthorText.parse(Self.text, file: "author.yaml")
    func write() throws -> WrittenReport {
      try ReportWriter.write(
        findings: [Fabricated().findings], to: folder.url, formats: [.html, .gfm, .hugo, .lesswrong],
        templates: Shipped.templates, fonts: Shipped.fontsFolder, references: Shipped.references, author: author)
    }
    let report = try write()
    let first = try report.pages.map { try folder.text($0) }
    for text in first { #expect(text.contains("What four bits cost") || text.contains("Author and B. Builder")) }
    for text in first { #expect(text.contains("going on with")) }
    _ = try write()
    #expect(try report.pages.map { try folder.text($0) } == first)
  }

  @Test(
    "A number that contradicts the data is refused, and what it is is said",
    arguments: [
      ("12.6%", "cross_entropy@1/nf4/all/percent"), ("−12.5%", "cross_entropy@1/nf4/all/percent"),
      ("0.16", "fvu@1/bf16/all"), ("71.4%", "top1_agreement@1/nf4/all"),
    ])
  func contradiction(says: String, id: String) throws {
    let error = #expect(throws: ReportError.self) {
      try document("checks:\n  - { says: \"\(says)\", of: \(id) }")
    }
    let words = "\(try #require(error))"
    #expect(words.contains(says) && words.contains(id) && words.contains("which is"))
  }

  @Test(
    "What agrees to its own decimals passes",
    arguments: [
      ("12%", "cross_entropy@1/nf4/all/percent"), ("+12.50%", "cross_entropy@1/nf4/all/percent"),
      ("0.150", "fvu@1/bf16/all"),
      ("71.3%", "top1_agreement@1/nf4/all"), ("3.2174 nats", "cross_entropy@1/bf16/all"),
    ])
  func agreement(says: String, id: String) throws {
    _ = try document("checks:\n  - { says: \"\(says)\", of: \(id) }")
  }

  @Test(
    "Mistakes are errors with the line and what is known",
    arguments: [
      ("titel: x", ["line 1", "titel", "title, authors"]),
      ("title: x\ncommentary:\n  perfomance: y", ["line 3", "perfomance", "performance"]),
      ("authors: x", ["line 1", "authors must be a list"]), ("title: [x]", ["title must be a text"]),
      ("checks:\n  - { says: 1 }", ["line 2", "says", "of"]), ("a: [", ["not YAML"]), ("- x", ["keys are expected"]),
      ("abstract: \"{{fvu@1/nf5/all}}\"", ["fvu@1/nf5/all", "clearbox explain"]),
      ("checks: [{ says: many, of: fvu@1/bf16/all }]", ["many", "no number"]),
    ])
  func mistakes(yaml: String, words: [String]) throws {
    let error = #expect(throws: (any Error).self) { try document(yaml) }
    for word in words {
      #expect("\(try #require(error))".contains(word), "\(String(describing: error)) does not say \(word)")
    }
  }

  @Test("A comment on a section that the report has not is an error")
  func noSection() throws {
    var fabricated = Fabricated()
    fabricated.hasSnapshots = false
    #expect(throws: ReportError.self) { try document("commentary: { stabilization: x }", of: [fabricated]) }
  }

  @Test("Marks that close nowhere stand as they are written")
  func plain() throws {
    let markdown = AuthorMarkdown { _ in throw ReportError.unknownNumber("") }
    for text in ["2 * 3 * 4", "a ** b", "[x](y)", "`", "{{", "a [b", "5 < 6 & 7 > 2 | <b>"] {
      #expect(try markdown.prose(text).plain == text)
    }
  }

  @Test("With several models an id begins with the model's name")
  func several() throws {
    let document = try document("abstract: \"{{gemma-3-4b/fvu@1/nf4/all}}\"", of: Fabricated.article)
    guard case .paragraph(let abstract)? = document.sections[0].blocks.first else { return }
    #expect(abstract.plain == "0.03461")
    #expect(throws: ReportError.self) { try self.document("abstract: \"{{fvu@1/nf4/all}}\"", of: Fabricated.article) }
  }
}
