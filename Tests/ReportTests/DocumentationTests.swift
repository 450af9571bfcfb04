import FabricatedFindings
import Foundation
import Plot
import Testing

@testable import Report

@Suite("Documentation")
struct DocumentationTests {
  private func text(_ path: String) throws -> String {
    try String(contentsOf: Shipped.root.appendingPathComponent(path), encoding: .utf8)
  }

  @Test(
    "Every file that the glossary and the guides name exists",
    arguments: ["GLOSSARY.md", "docs/figures.md", "docs/templates.md", "docs/references.md", "docs/formats.md"])
  func filesExist(document: String) throws {
    let paths = try text(document).matches(of: /`((?:Sources|templates|docs|assets)\/[\w+\/.-]+\.\w+)`/).map {
      String($0.1)
    }
    for path in paths {
      #expect(FileManager.default.fileExists(atPath: Shipped.root.appendingPathComponent(path).path), "\(path)")
    }
    if document == "GLOSSARY.md" { #expect(paths.count > 40) }
  }

  @Test("The guide to templates names every key that templates may use")
  func keys() throws {
    let guide = try text("docs/templates.md")
    let document = try Fabricated.article.document()
    var names = Section.Key.ofReport.map(\.rawValue) + document.facts.keys
    names += document.figures.map { TemplateKey.camelCase($0.figure.key) }
    names += document.tables.map { TemplateKey.camelCase($0.key) }
    for name in names { #expect(guide.contains("`\(name)`"), "\(name)") }
  }

  @Test("The guide to templates names every key that a shipped template uses")
  func usedKeys() throws {
    let guide = try text("docs/templates.md")
    var keys: Set<String> = []
    for (path, url) in try TemplateFolder.files(in: Shipped.templates) where path.hasSuffix(".mustache") {
      func collect(_ nodes: [TemplateTags.Node]) {
        for node in nodes {
          switch node {
          case .variable(let key, _): keys.insert(key)
          case .section(let key, _, _, let body):
            keys.insert(key)
            collect(body)
          case .partial: break
          }
        }
      }
      collect(try TemplateTags(String(contentsOf: url, encoding: .utf8), file: path).nodes)
    }
    #expect(keys.count > 40)
    for part in keys.flatMap({ $0.split(separator: ".").map(String.init) }) {
      let isNamed = guide.contains("`\(part)`") || guide.contains("`\(part).<key>`")
      #expect(isNamed, "\(part)")
    }
  }

  @Test("The guide to formats describes every one")
  func formats() throws {
    let guide = try text("docs/formats.md")
    for format in ReportFormat.allCases { #expect(guide.contains("`\(format.rawValue)`"), "\(format)") }
  }

  @Test("The guide to figures lists every figure")
  func figures() throws {
    let guide = try text("docs/figures.md")
    for kind in StudyFigure.all { #expect(guide.contains("| `\(kind.key)` |")) }
  }
}
