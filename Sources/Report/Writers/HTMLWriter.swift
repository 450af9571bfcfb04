import Digests
import Foundation
import Plot
import Words

/// The document as one HTML file that needs nothing else: styles, font and figures are inside.
struct HTMLWriter {
  let templates: Templates
  let renderer: FigureRenderer
  /// `@font-face` rules with the font inside.
  let fontFaces: String
  /// Whether figures lie beside the page as files.
  var hasFiles = true

  func write(_ document: Document) throws -> String {
    let terms = HTMLTerms(document)
    let context = try PageContext.make(
      document, creator: renderer.creator, separator: "\n",
      own: [
        "glossary": terms.context,
        "authors": .list(document.authors.map { .object(["name": .text($0)]) }),
        "date": document.day.map { .object(["text": .text($0.replacing("-", with: "/"))]) } ?? .flag(false),
        "preview": document.preview.flatMap { hasFiles ? $0 : nil }
          .map { .object(["file": .text("figures/\($0.key)@2x.png")]) } ?? .flag(false),
        "heading": .text(document.title.withNumbersAttached), "language": .text("en"),
        "style": .text(templates.style), "script": Self.script(templates.script), "fontFaces": .text(fontFaces),
        "lightColors": .text(Self.variables(.light)), "darkColors": .text(Self.variables(.dark)),
      ]
    ) { try html($0, id: $1, terms) }
    return try templates.render("html/page", context).tidied
  }

  /// `--fig-ink:#16191d;…`
  private static func variables(_ theme: Theme) -> String {
    ColorRole.allCases.map { "--fig-\($0.rawValue):\(theme[$0].hex);" }.joined()
  }

  /// The script with the hash that the page's policy allows it by: of its bytes as they stand in the page.
  private static func script(_ text: String?) -> TemplateValue {
    guard let text else { return .flag(false) }
    let inside = String(text.tidied.dropLast())
    let hash = Data(SHA256.hash(data: Data(inside.utf8))).base64EncodedString()
    return .object(["text": .text(inside), "hash": .text("sha256-" + hash)])
  }

  /// A CSV file as an address that needs no file.
  private static func address(ofCSV text: String) -> String {
    "data:text/csv;charset=utf-8;base64," + Data(text.utf8).base64EncodedString()
  }

  private func html(_ block: Block, id: String, _ terms: HTMLTerms) throws -> String {
    func set(_ prose: Prose) -> String { terms.prose(prose, in: String(id.prefix { $0 != "-" })) }
    switch block {
    case .heading(let text):
      return "<h3 id=\"\(id)\">\(HTMLText.escaped(text))</h3>"
    case .paragraph(let prose):
      return "<p>\(set(prose))</p>"
    case .lead(let prose):
      return "<p class=\"lead\">\(set(prose))</p>"
    case .list(let items):
      return "<ul>\n" + items.map { "<li>\(set($0))</li>\n" }.joined() + "</ul>"
    case .code(let text):
      return "<pre tabindex=\"0\"><code>\(HTMLText.escaped(text))</code></pre>"
    case .note(let note):
      return try templates.render(
        "html/blocks/note",
        .object([
          "kind": .text(note.kind.rawValue), "title": .text(note.title), "body": .text(set(note.text)),
        ]))
    case .table(let table): return try html(table)
    case .tiles(let tiles): return try templates.render("html/blocks/tiles", HTMLTiles.context(tiles))
    case .figure(let figure): return try html(figure)
    case .fold(let fold):
      let inside = try fold.blocks.enumerated().map { try html($1, id: "\(id)-\($0)", terms) }.joined(separator: "\n")
      return "<details class=\"fold\">\n<summary>\(HTMLText.escaped(fold.title))</summary>\n\(inside)\n</details>"
    }
  }

  private func html(_ table: TableBlock) throws -> String {
    let rows: [TemplateValue] = table.rows.enumerated().map { index, row in
      .object([
        "group": table.groupTitle(before: index).map {
          .object(["title": .text($0), "span": .text(String(table.columns.count))])
        } ?? .flag(false),
        "cells": .list(
          zip(table.columns, row).enumerated().map { index, pair in
            .object([
              "isHeading": .flag(index < table.headingCount),
              "alignment": .text(pair.0.alignment == .right ? "right" : "left"),
              "body": .text(HTMLText.prose(pair.1)),
            ])
          }),
      ])
    }
    let isByModel = table.columns.first?.title == "Model"
    let isWords = table.columns.allSatisfy { $0.alignment == .left }
    let classes = [(isWords, "words"), (isByModel, "models"), (table.isWide, "wide")].filter(\.0).map(\.1)
    return try templates.render(
      "html/blocks/table",
      .object([
        "id": .text("table-" + table.key),
        "label": table.label.map { .object(["text": .text($0)]) } ?? .flag(false),
        "caption": .text(HTMLText.prose(table.caption)),
        "isWords": .flag(isWords), "isByModel": .flag(isByModel), "isWide": .flag(table.isWide),
        "classes": classes.isEmpty ? .flag(false) : .object(["text": .text(classes.joined(separator: " "))]),
        "columns": .list(
          table.columns.map {
            .object(["title": .text($0.title), "alignment": .text($0.alignment == .right ? "right" : "left")])
          }), "rows": .list(rows),
        "remarks": table.remarks.map { .object(["body": .text(HTMLText.prose($0))]) } ?? .flag(false),
        "file": .text("tables/\(table.key).csv"), "csv": .text(Self.address(ofCSV: TableData(table).csv)),
      ]))
  }

  private func html(_ block: FigureBlock) throws -> String {
    let figure = block.figure
    let numbers = figure.altText.numberIDs
    let rows: [TemplateValue] = figure.table.rows.map { row in
      .object([
        "cells": .list(
          zip(figure.table.columns, row).map { column, cell in
            .object([
              "alignment": .text(column.isNumeric ? "right" : "left"), "body": .text(HTMLText.cell(cell)),
            ])
          })
      ])
    }
    return try templates.render(
      "html/blocks/figure",
      .object([
        "id": .text("figure-" + figure.key), "label": .text(block.label), "title": .text(figure.title),
        "caption": .text(HTMLText.prose(figure.caption)), "alt": .text(figure.altText.plain),
        "numbers": numbers.isEmpty ? .flag(false) : .object(["text": .text(numbers.joined(separator: " "))]),
        "wide": .text(try drawing(figure, "wide", .doubleColumn)),
        "narrow": .text(try drawing(figure, "narrow", .singleColumn)),
        "columns": .list(
          figure.table.columns.map {
            .object(["title": .text($0.title), "alignment": .text($0.isNumeric ? "right" : "left")])
          }), "rows": .list(rows), "file": .text("figures/\(figure.key)"), "hasFiles": .flag(hasFiles),
        "csv": .text(Self.address(ofCSV: figure.table.csv)),
      ]))
  }

  /// The drawing, and over it what its marks say.
  private func drawing(_ figure: Figure, _ variant: String, _ width: Points) throws -> String {
    let (svg, list) = try renderer.inline(figure, variant: variant, width: width)
    return InlineSVG.compact(svg) + "\n" + HTMLMarks(figure: figure).html(over: list)
  }
}

extension String {
  /// A number stays with the word before it: "Gemma 3 270M" does not break inside.
  fileprivate var withNumbersAttached: String {
    var result = ""
    for (index, word) in split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      if index > 0 { result += word.first?.isNumber == true ? "\u{a0}" : " " }
      result += word
    }
    return result
  }

  /// No trailing spaces, no runs of empty lines, one line feed at the end: stable, line-oriented files that diff well.
  var tidied: String {
    var text = self
    return text.withUTF8 { bytes in
      String(unsafeUninitializedCapacity: bytes.count + 1) { tidy in
        var written = 0
        var isLastEmpty = true
        var start = 0
        while start <= bytes.count {
          let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
          var kept = end
          while kept > start, bytes[kept - 1] == 0x20 || bytes[kept - 1] == 0x09 || bytes[kept - 1] == 0x0d {
            kept -= 1
          }
          if kept > start || !isLastEmpty {
            for index in start..<kept { tidy[written + index - start] = bytes[index] }
            written += kept - start
            tidy[written] = UInt8(ascii: "\n")
            written += 1
            isLastEmpty = kept == start
          }
          start = end + 1
        }
        // Of empty lines at the end none is kept.
        while written > 1, tidy[written - 1] == UInt8(ascii: "\n"), tidy[written - 2] == UInt8(ascii: "\n") {
          written -= 1
        }
        if written == 0 {
          tidy[0] = UInt8(ascii: "\n")
          written = 1
        }
        return written
      }
    }
  }
}
