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
    arguments: ["GLOSSARY.md", "docs/figures.md", "docs/templates.md", "docs/references.md"])
  func filesExist(document: String) throws {
    let paths = try text(document).matches(of: /`((?:Sources|templates|docs|assets)\/[\w+\/.-]+\.\w+)`/).map { String($0.1) }
    for path in paths {
      #expect(FileManager.default.fileExists(atPath: Shipped.root.appendingPathComponent(path).path), "\(path)")
    }
    if document == "GLOSSARY.md" { #expect(paths.count > 40) }
  }

  @Test("The guide to templates names every key that templates may use")
  func keys() throws {
    let guide = try text("docs/templates.md")
    let document = try Fabricated.article.document()
    var names = Section.Key.allCases.map(\.rawValue) + document.facts.keys
    names += document.figures.map { TemplateKey.camelCase($0.figure.key) }
    names += document.tables.map { TemplateKey.camelCase($0.key) }
    for name in names { #expect(guide.contains("`\(name)`"), "\(name)") }
  }

  @Test("The guide to figures lists every figure")
  func figures() throws {
    let guide = try text("docs/figures.md")
    for kind in StudyFigures.Kind.allCases { #expect(guide.contains("| `\(kind.rawValue)` |")) }
  }
}
