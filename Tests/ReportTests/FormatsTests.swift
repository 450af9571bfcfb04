import Analysis
import FabricatedFindings
import Foundation
import Plot
import Testing
import Words

@testable import Report

/// A report in every format, on disk.
private struct Written {
  let document: Document
  /// What a blog's post has of it.
  let short: Document
  let report: WrittenReport
  let folder = try! TemporaryFolder()

  init(
    _ runs: [Fabricated], _ formats: [ReportFormat] = ReportFormat.allCases.filter { $0 != .pdf }, images: String? = nil
  ) throws {
    document = try runs.document()
    short = try ReportBuilder.document(
      of: runs.map(\.findings), reference: Shipped.reference(), length: .short)
    report = try ReportWriter.write(
      findings: runs.map(\.findings), to: folder.url, formats: formats, templates: Shipped.templates,
      fonts: Shipped.fontsFolder, references: Shipped.references, imageBase: try images.map { try ImageBase($0) })
  }

  func text(_ path: String) throws -> String { try folder.text(path) }
  var hugo: String { report.pages.first { $0.hasPrefix("hugo/") } ?? "" }

  /// Hugo's page as CommonMark: without front matter, shortcodes and the headings' anchors.
  func hugoMarkdown() throws -> String {
    try text(hugo).replacing(/\A---\n.*?\n---\n/.dotMatchesNewlines(), with: "").replacing(
      /^\{\{< figure .*? >\}\}$/.anchorsMatchLineEndings(), with: ""
    )
    .replacing(/\ \{#\w+\}$/.anchorsMatchLineEndings(), with: "")
  }
}

/// Names with markup of every format in them.
private let hostileName = "<b>&|*_`$x$ {{< {{% \\[a](b) \"q' #~^"

private func hostile() -> Fabricated {
  var hostile = Fabricated()
  hostile.modelName = hostileName
  hostile.sources.append(("a|b*c_d`e<f>{{", 1.0))
  return hostile
}

@Suite("Formats", .serialized)
struct FormatsTests {
  @Test("Formats are named in a list; a name that is none is told, with those that are")
  func list() throws {
    #expect(try ReportFormat.list("html, hugo,html") == [.html, .hugo])
    #expect(throws: ReportFormatError.unknown(name: "word")) { try ReportFormat.list("html,word") }
    #expect(
      ReportFormatError.unknown(name: "word").description
        == "There is no format “word”. Give one or more of html, gfm, hugo, lesswrong, latex, pdf, tables, with commas between them."
    )
    for address in ["ftp://a.org", "images", "https://a.org/x)", "https://a.org/ b", ""] {
      #expect(throws: ReportFormatError.imageBase(address)) { try ImageBase(address) }
    }
  }

  @Test("Each format writes its own files and no others, and every image that a page names is among them")
  func files() throws {
    let all = try Written([Fabricated()])
    #expect(
      all.report.pages == [
        "report.html", "report.md", "hugo/gemma-3-270m/index.md", "lesswrong/post.md", "latex/tables.tex",
        "latex/figures.tex", "latex/article.tex",
      ])
    #expect(Set(all.report.files).count == all.report.files.count)
    let images: [(page: String, pattern: Regex<(Substring, Substring)>)] = [
      ("report.md", /!\[.*?\]\(([^)]+)\)/), (all.hugo, /figure src="([^"]+)"/),
      ("lesswrong/post.md", /!\[.*?\]\(<([^>]+)>\)/),
      ("latex/figures.tex", /\\includegraphics\[.*\]\{([^}]+)\}/),
    ]
    for (page, pattern) in images {
      let named = try all.text(page).matches(of: pattern).map { String($0.1) }
      #expect(named.count == (page.hasPrefix("lesswrong") ? all.short : all.document).figures.count, "\(page)")
      let folder = page.split(separator: "/").dropLast().map { $0 + "/" }.joined()
      for image in named { #expect(all.report.files.contains(folder + image), "\(page): \(image)") }
    }
    for format in [ReportFormat.hugo, .lesswrong, .latex, .tables] {
      let alone = try Written([Fabricated()], [format])
      let own = "\(format.rawValue)/"
      #expect(!alone.report.files.isEmpty && alone.report.files.allSatisfy { $0.hasPrefix(own) })
    }
    #expect(!(try Written([Fabricated()], [.gfm]).text("report.md")).contains("report.html"))
  }

  @Test("A LessWrong post names its images at the address given, once they are uploaded")
  func imageBase() throws {
    let post = try Written([Fabricated()], [.lesswrong], images: "https://example.org/a/").text("lesswrong/post.md")
    #expect(post.contains("](<https://example.org/a/fvu.png>)") && !post.contains("(<images/"))
  }

  @Test("The same findings give the same bytes in every format")
  func deterministic() throws {
    let (first, second) = (try Written(Fabricated.article), try Written(Fabricated.article))
    #expect(first.report.files == second.report.files)
    for path in first.report.files {
      let bytes = try [first, second].map { try Data(contentsOf: $0.folder.url.appendingPathComponent(path)) }
      #expect(bytes[0] == bytes[1], "\(path)")
    }
  }

  // MARK: Markdown, as parsed by a program that is not ours

  /// Rows with cells as the parser should find them.
  private func expected(_ table: TableBlock) -> [[String]] {
    var rows = [table.columns.map(\.title)]
    for (index, row) in table.rows.enumerated() {
      if let group = table.groupTitle(before: index) {
        rows.append([group] + Array(repeating: "", count: table.columns.count - 1))
      }
      rows.append(row.map(\.plain))
    }
    return rows
  }

  @Test(
    "A Markdown parser finds the document's tables and paragraphs in each Markdown", .enabled(if: Program.cmark != nil),
    arguments: [1, 2, 3])
  func parsed(models: Int) throws {
    let cmark = try #require(Program.cmark)
    let written = try Written(([hostile()] + Fabricated.article).prefix(models).map { $0 }, [.gfm, .hugo, .lesswrong])
    let flavours = try [
      (MarkdownFlavour.gitHub, written.document, written.text("report.md")),
      (.hugo, written.document, written.hugoMarkdown()),
      (.lessWrong(), written.short, written.text("lesswrong/post.md")),
    ]
    for (flavour, document, markdown) in flavours {
      let arguments = ["--unsafe", "-e", "table", "-e", "footnotes", "-e", "strikethrough"]
      let html = ParsedHTML(html: try cmark.run(arguments, input: markdown).text)
      let tables = document.tables.flatMap { table in
        flavour.widest.map { table.split(columns: $0.columns, characters: $0.characters) } ?? [table]
      }
      #expect(html.tables.count == tables.count)
      for (found, table) in zip(html.tables, tables) {
        #expect(found == expected(table), "\(flavour.folder) \(table.key)")
      }

      let found = html.paragraphs
      func expect(_ prose: Prose) {
        #expect(found.contains { $0.contains(prose.plain) }, "\(flavour.folder): \(prose.plain)")
      }
      for block in document.sections.flatMap(\.blocks) {
        switch block {
        case .paragraph(let prose), .lead(let prose):
          #expect(found.contains(prose.plain), "\(flavour.folder): \(prose.plain)")
        case .tiles(let tiles): expect(tiles.table.caption)
        case .list(let items):
          for item in items { #expect(found.contains(item.plain), "\(flavour.folder): \(item.plain)") }
        case .note(let note): expect("\(note.title). \(note.text)")
        case .table(let table):
          expect(table.caption)
          if let remarks = table.remarks { expect(remarks) }
        case .figure(let figure): if flavour.folder != "hugo" { expect(figure.figure.caption) }
        case .code(let text):
          if !text.contains("{{") || flavour.folder != "hugo" {
            #expect(html.code.contains(text.hasSuffix("\n") ? text : text + "\n"))
          }
        case .heading, .fold: break
        }
      }
    }
  }

  @Test("Neither Hugo's page nor the post has any HTML in it", .enabled(if: Program.cmark != nil))
  func noHTML() throws {
    let cmark = try #require(Program.cmark)
    let written = try Written([hostile()], [.hugo, .lesswrong])
    for markdown in [try written.hugoMarkdown(), try written.text("lesswrong/post.md")] {
      let html = try cmark.run(["-e", "table", "-e", "footnotes"], input: markdown).text
      #expect(!html.contains("<!-- raw HTML omitted -->"))
      #expect(!html.contains("<b>"))
    }
  }

  @Test("Markup in names calls nothing in Hugo: only the figures are shortcodes")
  func noCalls() throws {
    let written = try Written([hostile()], [.hugo])
    let page = try written.text(written.hugo)
    #expect(page.matches(of: /\{\{/).count == written.document.figures.count)
    #expect(
      page.matches(
        of: /^\{\{< figure src="images\/[\w-]+\.svg" alt=`[^`]*` caption="[^"\\]*" >\}\}$/.anchorsMatchLineEndings()
      ).count
        == written.document.figures.count)
    #expect(!page.contains("{%") && page.contains("\nimages: [\"images/overview.png\"]\n"))
    #expect(written.report.files.contains { $0.hasSuffix("images/overview.png") })
    let text = MarkdownText(.hugo)
    #expect(text.code("{{< x >}}") == "\\{\\{\\< x \\>}}")
    #expect(text.codeBlock("a:\n  b: {{% c %}}\n") == "a:\\\n&nbsp;&nbsp;b: \\{\\{\\% c %}}")
    #expect(HugoText.yaml("a \"b\" \\ {{< \u{7}\nc") == "\"a \\\"b\\\" \\\\ \\x7b{< \\u0007\\u000ac\"")
    #expect(HugoText.plainArgument("{{{%`\n") == "`{ { { %’ `")
    #expect(HugoText.entities("**a** -- \"b\" \\{") == "&#42;&#42;a&#42;&#42; -&#45; &#34;b&#34; &#92;&#123;")
    #expect(HugoText.slug("../Größe 3/x.y") == "gr-e-3-x-y" && HugoText.slug("…") == "report")
    #expect(HugoText.date("2026-03-01T10:11:42Z") != nil && HugoText.date("not recorded") == nil)
  }

  @Test(
    "Hugo builds the bundle: same paragraphs, tables, figures with their alt texts and captions",
    .enabled(if: Program.hugo != nil), arguments: [false, true])
  func hugoBuilds(isHostile: Bool) throws {
    let hugo = try #require(Program.hugo)
    let written = try Written(isHostile ? [hostile()] : Fabricated.article, [.hugo])
    let site = try TemporaryFolder()
    defer { _ = (written.folder, site) }
    for (path, text) in [
      (
        "config.toml",
        "baseURL = \"https://example.org/\"\ntitle = \"Test\"\ndisableKinds = [\"taxonomy\", \"term\", \"RSS\", \"sitemap\"]\n"
      ),
      ("layouts/_default/single.html", "<h1>{{ .Title }}</h1><i>{{ .Description }}</i>{{ .Content }}"),
      ("layouts/_default/list.html", ""), ("layouts/index.html", ""),
    ] { try OutputFile.save(Array(text.utf8), at: site.url.appendingPathComponent(path)) }
    try FileManager.default.copyItem(
      at: written.folder.url.appendingPathComponent("hugo"), to: site.url.appendingPathComponent("content"))
    let built = try hugo.run(["--quiet"], in: site.url)
    #expect(built.status == 0, "\(built.text)")
    let bundle = written.hugo.split(separator: "/")[1]
    let html = try site.text("public/\(bundle)/index.html")
    let page = ParsedHTML(html: html)
    #expect(!html.contains("raw HTML omitted") && !html.contains("<b>") && html.hasPrefix("<h1>"))
    #expect(ParsedHTML.words(html).contains(written.document.abstract))
    #expect(page.tables.count == written.document.tables.count)
    for (found, table) in zip(page.tables, written.document.tables) {
      #expect(found == expected(table), "\(table.key)")
    }
    let paragraphs = page.paragraphs
    for block in written.document.sections.flatMap(\.blocks) {
      switch block {
      case .paragraph(let prose): #expect(paragraphs.contains(prose.plain), "\(prose.plain)")
      case .figure(let block):
        let caption = "\(block.label). \(block.figure.title). \(block.figure.caption.plain)"
        #expect(paragraphs.contains(caption), "\(caption)")
      default: break
      }
    }
    let images = html.matches(of: /<img src="([^"]+)"\s+alt="([^"]+)"/)
    #expect(images.map { String($0.1) } == written.document.figures.map { "images/\($0.figure.key).svg" })
    if !isHostile {
      #expect(images.map { ParsedHTML.words(String($0.2)) } == written.document.figures.map(\.figure.altText.plain))
    }
    let place = site.url.appendingPathComponent("public/\(bundle)")
    for image in images { #expect(FileManager.default.fileExists(atPath: place.path + "/\(image.1)")) }
    for section in written.document.sections { #expect(html.contains("<h2 id=\"\(section.key.rawValue)\"")) }
    // Links inside the page lead to headings.
    let targets = Set(html.matches(of: /href="#([^"]+)"/).map { String($0.1) })
    #expect(targets.isSubset(of: Section.Key.ofReport.map(\.rawValue)))
  }

  // MARK: Every table everywhere

  @Test("Every table of the document is in every format, with the same rows")
  func everyTable() throws {
    let written = try Written(Fabricated.article)
    let (html, latex) = (try written.text("report.html"), try written.text("latex/tables.tex"))
    for table in written.document.tables {
      #expect(html.contains("id=\"table-\(table.key)\""))
      #expect(latex.contains("\\label{tab:\(table.key)}"))
      let csv = try written.text("tables/\(table.key).csv")
      if !csv.contains("\"") { #expect(csv.split(separator: "\n").count == table.rows.count + 1, "\(table.key)") }
      let json = try #require(
        try JSONSerialization.jsonObject(with: Data(written.text("tables/\(table.key).json").utf8)) as? [String: Any])
      #expect(json["key"] as? String == table.key && json["caption"] as? String == table.caption.plain)
      let columns = try #require(json["columns"] as? [[String: Any]])
      #expect(columns.map { $0["title"] as? String } == table.columns.map(\.title))
      #expect(
        columns.map { $0["alignment"] as? String } == table.columns.map { $0.alignment == .right ? "right" : "left" })
      let rows = try #require(json["rows"] as? [[String: Any]])
      #expect(rows.count == table.rows.count)
      for (row, expected) in zip(rows, table.rows) {
        let cells = try #require(row["cells"] as? [Any])
        let texts = cells.map { $0 as? String ?? ($0 as? [String: Any])?["text"] as? String ?? "–" }
        #expect(texts == expected.map { $0.plain.isEmpty ? "–" : $0.plain })
      }
    }
  }

  @Test("Wide tables are split for LessWrong, and together hold every cell once")
  func split() throws {
    for table in try Fabricated.article.document().tables {
      let parts = table.split(columns: 6, characters: 84)
      #expect(parts.allSatisfy { $0.columns.count <= 6 })
      let names = min(table.headingCount, table.columns.count)
      #expect(parts.reduce(0) { $0 + $1.columns.count - names } == table.columns.count - names)
      for row in table.rows.indices {
        #expect(parts.allSatisfy { Array($0.rows[row].prefix(names)) == Array(table.rows[row].prefix(names)) })
        #expect(parts.flatMap { $0.rows[row].dropFirst(names) } == Array(table.rows[row].dropFirst(names)))
      }
      if table.key == "noise-floor" { #expect(parts.count > 1) }
      if table.key == "tests" { #expect(parts == [table]) }
    }
  }
}
