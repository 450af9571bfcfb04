import Analysis
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
  /// Eight conditions, some of equal size, one with a long name.
  static var eight: Fabricated {
    var fabricated = Fabricated()
    for (name, kind, bits, change) in [
      ("nf4-f32", "nf4", 11.59, 0.4001), ("int8-cpu", "int8", 13.03, 0.0283), ("nf4-plain", "nf4", 11.73, 0.3802),
      ("q8-with-a-long-name", "q8", 13.4, 0.0102), ("q2", "q2", 10.2, 1.9),
    ] {
      fabricated.conditions.append(
        Condition(
          name: name, label: name, kind: kind, bits: bits, change: change, half: change * 0.05 + 0.003,
          fvuFactor: 1 + change / 3, perturbation: 0.1 + change / 2, agreement: 0.9 - change / 4, kl: change))
    }
    return fabricated
  }

  /// The baseline and one more.
  static var two: Fabricated {
    var fabricated = Fabricated()
    fabricated.conditions.removeLast()
    return fabricated
  }

  func document() throws -> Document { try [self].document() }

  /// All words of a section, tables included.
  func words(_ key: Section.Key) throws -> String { try [self].words(key) }
}

extension [Fabricated] {
  /// The article's two, one without an autoencoder on another text, and one without the 4-bit condition.
  static var four: [Fabricated] {
    var accuracyOnly = Fabricated()
    accuracyOnly.hasSAE = false
    accuracyOnly.tokenStream = "aaaa"
    var short = Fabricated.article[0]
    short.modelName = "gemma-3-1b"
    short.shape = (13, 26, 1152)
    short.conditions.removeLast()
    return Fabricated.article + [accuracyOnly, short]
  }

  func builder() throws -> ReportBuilder {
    try ReportBuilder(map(\.findings), reference: try Shipped.reference())
  }

  func document() throws -> Document {
    try ReportBuilder.document(of: map(\.findings), reference: try Shipped.reference())
  }

  /// All words of a section, tables included.
  func words(_ key: Section.Key) throws -> String {
    guard let section = try document().sections.first(where: { $0.key == key }) else { return "" }
    return section.blocks.map { block in
      switch block {
      case .heading(let text), .code(let text): text
      case .paragraph(let prose): prose.plain
      case .list(let items): items.map(\.plain).joined(separator: "\n")
      case .note(let note): note.title + ". " + note.text.plain
      case .table(let table):
        ([table.caption.plain] + table.rows.map { $0.map(\.plain).joined(separator: " | ") } + [
          table.remarks?.plain ?? ""
        ])
        .joined(separator: "\n")
      case .figure(let figure): figure.figure.caption
      }
    }.joined(separator: "\n")
  }

  /// A table's rows as words.
  func table(_ key: String) throws -> [[String]] {
    try document().tables.first { $0.key == key }?.rows.map { $0.map(\.plain) } ?? []
  }
}
