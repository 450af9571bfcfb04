import FabricatedFindings
import Foundation
import Testing

@testable import Report

@Suite("Templates")
struct TemplateTests {
  /// Templates in a folder of their own, `html/style.css` included.
  private func templates(_ files: [String: String]) throws -> (Templates, TemporaryFolder) {
    let folder = try TemporaryFolder()
    var files = files
    files["html/style.css"] = ""
    for (path, text) in files {
      let url = folder.url.appendingPathComponent(path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    return (try Templates(folder: folder.url), folder)
  }

  private let context: TemplateValue = .object([
    "title": .text("A & B <c>"), "items": .list([.object(["name": .text("x")]), .object(["name": .text("y")])]),
    "none": .list([]), "yes": .flag(true), "no": .flag(false), "deep": .object(["er": .object(["key": .text("k")])]),
  ])

  @Test("Variables, sections, inverted sections, dotted names and partials render as Mustache says")
  func renders() throws {
    let (templates, folder) = try templates([
      "html/page.mustache":
        "{{title}} {{{title}}}{{#items}} {{name}}{{/items}}{{^none}} none{{/none}}{{#yes}} yes{{/yes}}{{#no}} {{anything}}{{/no}} {{deep.er.key}} {{#deep}}{{er.key}}{{title}}{{/deep}} {{> html/part}}{{! a comment }}",
      "html/part.mustache": "[{{deep.er.key}}]",
    ])
    defer { _ = folder }
    #expect(
      try templates.render("html/page", context)
        == "A &amp; B &lt;c&gt; A & B <c> x y none yes k kA &amp; B &lt;c&gt; [k]")
  }

  @Test(
    "A key that does not exist is an error with file, line and the nearest key",
    arguments: [
      ("line one\n{{titel}}", 2, "titel", "title"),
      ("{{#items}}\n\n{{nme}}\n{{/items}}", 3, "nme", "name"),
      ("{{deep.er.kee}}", 1, "deep.er.kee", "key"),
      ("{{#dep}}x{{/dep}}", 1, "dep", "deep"),
      ("{{^nones}}x{{/nones}}", 1, "nones", "none"),
    ])
  func unknownKey(text: String, line: Int, key: String, nearest: String) throws {
    let (templates, folder) = try templates(["html/page.mustache": text])
    defer { _ = folder }
    #expect(
      throws: TemplateError.unknownKey(file: "html/page.mustache", line: line, key: key, nearest: nearest)
    ) { try templates.render("html/page", context) }
  }

  @Test("An unknown key inside a partial names the partial's file")
  func inPartial() throws {
    let (templates, folder) = try templates([
      "html/page.mustache": "{{> html/part}}", "html/part.mustache": "\n\n{{wrong_key_far_from_all}}",
    ])
    defer { _ = folder }
    #expect(
      throws: TemplateError.unknownKey(
        file: "html/part.mustache", line: 3, key: "wrong_key_far_from_all", nearest: nil)
    ) { try templates.render("html/page", context) }
  }

  @Test("A list used as text, a missing partial, and a partial without end are errors")
  func otherErrors() throws {
    let (templates, folder) = try templates([
      "html/a.mustache": "{{items}}", "html/b.mustache": "\n{{> html/nothing}}", "html/c.mustache": "{{> html/c}}",
    ])
    defer { _ = folder }
    #expect(throws: TemplateError.notText(file: "html/a.mustache", line: 1, key: "items")) {
      try templates.render("html/a", context)
    }
    #expect(throws: TemplateError.missingPartial(file: "html/b.mustache", line: 2, name: "html/nothing")) {
      try templates.render("html/b", context)
    }
    #expect(throws: TemplateError.endlessPartial(file: "html/c.mustache", name: "html/c")) {
      try templates.render("html/c", context)
    }
  }

  @Test("Templates that would never be done, and sections without end, are errors")
  func bounds() throws {
    // Each includes the next twice: 2⁴⁰ of them.
    var files = Dictionary(
      uniqueKeysWithValues: (0..<40).map { ("html/p\($0).mustache", "{{> html/p\($0 + 1)}}{{> html/p\($0 + 1)}}") })
    files["html/p40.mustache"] = "x"
    let (templates, folder) = try templates(files)
    defer { _ = folder }
    let error = #expect(throws: TemplateError.self) { try templates.render("html/p0", context) }
    #expect(error?.description.contains("rendering passes more than 5000000 tags") == true)
    let nested = String(repeating: "{{#yes}}", count: 10_000) + String(repeating: "{{/yes}}", count: 10_000)
    #expect(throws: TemplateError.tooDeep(file: "html/page.mustache", line: 1, most: 100)) {
      try self.templates(["html/page.mustache": nested])
    }
  }

  @Test(
    "Broken tags are errors with file and line",
    arguments: [
      ("a\n{{title", TemplateError.unclosedTag(file: "html/page.mustache", line: 2)),
      ("{{#yes}}\n{{/no}}", .wrongClose(file: "html/page.mustache", line: 2, found: "no", expected: "yes")),
      ("{{/no}}", .wrongClose(file: "html/page.mustache", line: 1, found: "no", expected: nil)),
      ("\n\n{{#yes}}", .unclosedSection(file: "html/page.mustache", line: 3, name: "yes")),
      ("{{=<% %>=}}", .unsupportedTag(file: "html/page.mustache", line: 1, tag: "=<% %>=")),
      ("{{uppercased(title)}}", .unsupportedTag(file: "html/page.mustache", line: 1, tag: "uppercased(title)")),
    ])
  func broken(text: String, error: TemplateError) throws {
    #expect(throws: error) { try templates(["html/page.mustache": text]) }
  }

  @Test("A folder that is not there is an error with its path")
  func noFolder() {
    #expect(throws: TemplateError.self) { try Templates(folder: URL(fileURLWithPath: "/nowhere")) }
  }

  @Test("Names in Markdown templates are escaped for Markdown, not for HTML")
  func markdown() throws {
    let (templates, folder) = try templates([
      "markdown/page.mustache": "{{title}} {{#deep}}{{> markdown/part}}{{/deep}}",
      "markdown/part.mustache": "{{title}}",
    ])
    defer { _ = folder }
    #expect(try templates.render("markdown/page", context).contains("A &amp; B \\<c\\> A &amp; B \\<c\\>"))
  }

  @Test("Every error says where, and what to do or what is nearest")
  func descriptions() {
    let error = TemplateError.unknownKey(file: "html/page.mustache", line: 7, key: "titel", nearest: "title")
    #expect(
      error.description
        == "html/page.mustache, line 7: there is no “titel” here. The nearest is “title”. docs/templates.md lists all keys."
    )
  }

  private func folder(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (path, text) in files { try OutputFile.save(Array(text.utf8), at: folder.url.appendingPathComponent(path)) }
    return folder
  }

  @Test("A file of the user's stands in for the shipped one of the same path; the others are as shipped")
  func own() throws {
    let shipped = try folder([
      "html/style.css": "shipped", "html/page.mustache": "{{title}} {{> html/part}}", "html/part.mustache": "part",
    ])
    defer { _ = shipped }
    let own = try folder(["html/part.mustache": "{{> html/mine}}", "html/mine.mustache": "mine {{deep.er.key}}"])
    let style = try folder(["html/style.css": "own"])
    defer { _ = (own, style) }
    let templates = try Templates(folder: shipped.url, own: own.url)
    #expect(try templates.render("html/page", context) == "A &amp; B &lt;c&gt; mine k")
    #expect(templates.style == "shipped")
    #expect(try Templates(folder: shipped.url, own: style.url).style == "own")
  }

  @Test("A folder without templates, one that is not there, and a template that no page uses are errors")
  func ownErrors() throws {
    let (empty, misnamed) = (try TemporaryFolder(), try folder(["html/blocks/tabel.mustache": ""]))
    defer { _ = (empty, misnamed) }
    #expect(throws: TemplateError.noTemplates(path: empty.url.path)) {
      try Templates(folder: Shipped.templates, own: empty.url)
    }
    #expect(throws: TemplateError.unreadable(path: "/nowhere", reason: "no such folder")) {
      try Templates(folder: Shipped.templates, own: URL(fileURLWithPath: "/nowhere"))
    }
    #expect(throws: TemplateError.unused(file: "html/blocks/tabel.mustache", nearest: "html/blocks/table.mustache")) {
      try Templates(folder: Shipped.templates, own: misnamed.url)
    }
  }

  @Test("The shipped templates are copied whole, never over another file unless asked, and give the same report")
  func copy() throws {
    let copy = try TemporaryFolder()
    let files = try TemplateFolder.copy(Shipped.templates, to: copy.url, overwriting: false)
    #expect(files.contains("html/style.css") && files.contains("hugo/page.mustache") && files == files.sorted())
    try OutputFile.save(Array("changed".utf8), at: copy.url.appendingPathComponent("latex/tables.mustache"))
    #expect(throws: TemplateError.wouldOverwrite(folder: copy.url.path, files: files)) {
      try TemplateFolder.copy(Shipped.templates, to: copy.url, overwriting: false)
    }
    #expect(try copy.text("latex/tables.mustache") == "changed")
    _ = try TemplateFolder.copy(Shipped.templates, to: copy.url, overwriting: true)
    for file in files {
      #expect(
        try copy.text(file) == String(contentsOf: Shipped.templates.appendingPathComponent(file), encoding: .utf8))
    }
  }

  @Test("One partial of the user's changes its format alone")
  func ownPartial() throws {
    let own = try folder(["hugo/blocks/figure.mustache": "FIGURE {{label}} {{{shortcode.src}}}"])
    defer { _ = own }
    func write(_ own: URL?) throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      _ = try ReportWriter.write(
        findings: [Fabricated().findings], to: folder.url, formats: [.gfm, .hugo], templates: Shipped.templates,
        ownTemplates: own, fonts: Shipped.fontsFolder, references: Shipped.references)
      return folder
    }
    let (usual, changed) = (try write(nil), try write(own.url))
    #expect(try usual.text("report.md") == changed.text("report.md"))
    let page = try changed.text("hugo/gemma-3-270m/index.md")
    #expect(page.contains("FIGURE Figure 1 \"images/encoding.svg\"") && !page.contains("{{<"))
  }

  @Test("Names are escaped for the format in whose folder a template lies")
  func escaping() throws {
    let files =
      ["latex", "hugo", "lesswrong", "html"].map { ("\($0)/page.mustache", "{{text}}") } + [("html/style.css", "")]
    let place = try folder(Dictionary(uniqueKeysWithValues: files))
    defer { _ = place }
    let templates = try Templates(folder: place.url)
    let context = TemplateValue.object(["text": .text("a_b [1] 5% {")])
    #expect(try templates.render("latex/page", context).hasSuffix("a\\_b [1] 5\\% \\{"))
    #expect(try templates.render("hugo/page", context).hasSuffix("a\\_b &#91;1&#93; 5% \\{"))
    #expect(try templates.render("lesswrong/page", context).hasSuffix("a\\_b \\[1\\] 5% {"))
    #expect(try templates.render("html/page", context) == "a_b [1] 5% {")
  }
}
