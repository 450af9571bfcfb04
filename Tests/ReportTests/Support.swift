import Analysis
import FabricatedFindings
import Foundation
import Plot

@testable import Report

/// The repository's own templates and fonts, found from this file.
enum Shipped {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let templates = root.appendingPathComponent("templates")
  static let fontsFolder = root.appendingPathComponent("assets/fonts")
  static let references = root.appendingPathComponent("assets/references")
  static func reference() throws -> PublishedReference { try PublishedReference.article(in: references) }
  static func fonts() throws -> FontFamily { try FontFamily(folder: fontsFolder) }
}

/// A folder that goes when its owner does.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("clearbox-report-tests-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: url) }

  func text(_ path: String) throws -> String {
    try String(contentsOf: url.appendingPathComponent(path), encoding: .utf8)
  }
}

extension Fabricated {
  func document() throws -> Document { try [self].document() }

  /// All words of a section, tables included.
  func words(_ key: Section.Key) throws -> String { try [self].words(key) }
}

extension [Fabricated] {
  func builder() throws -> ReportBuilder {
    try ReportBuilder(map(\.findings), reference: try Shipped.reference())
  }

  func document() throws -> Document {
    try ReportBuilder.document(of: map(\.findings), reference: try Shipped.reference())
  }

  /// All words of a section, tables included.
  func words(_ key: Section.Key) throws -> String {
    guard let section = try document().sections.first(where: { $0.key == key }) else { return "" }
    return words(section.blocks)
  }

  func words(_ blocks: [Block]) -> String {
    blocks.map { block in
      switch block {
      case .heading(let text), .code(let text): text
      case .paragraph(let prose), .lead(let prose): prose.plain
      case .tiles(let tiles): words([.table(tiles.table)])
      case .list(let items): items.map(\.plain).joined(separator: "\n")
      case .note(let note): note.title + ". " + note.text.plain
      case .table(let table):
        ([table.caption.plain] + table.rows.map { $0.map(\.plain).joined(separator: " | ") } + [
          table.remarks?.plain ?? ""
        ])
        .joined(separator: "\n")
      case .figure(let figure): figure.figure.caption.plain
      case .fold(let fold): fold.title + "\n" + words(fold.blocks)
      }
    }.joined(separator: "\n")
  }

  /// A table's rows as words.
  func table(_ key: String) throws -> [[String]] {
    try document().tables.first { $0.key == key }?.rows.map { $0.map(\.plain) } ?? []
  }
}
