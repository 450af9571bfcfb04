import Foundation
import Plot
import Words

/// Tables as LaTeX.
extension LaTeXWriter {
  func latex(_ table: TableBlock) throws -> String {
    let layout = LaTeXTableLayout(table)
    // An article’s own tables break between pages, and set intervals under their values where the line is short.
    let (isLong, isTight) = (isArticle && layout.isLong, isArticle && layout.isWide)
    let rows = table.rows.enumerated().map { index, row in
      let group = table.groupTitle(before: index).map { title in
        let space = index == 0 ? "" : "\\addlinespace\n"
        return space + "\\multicolumn{\(table.columns.count)}{l}{\\emph{\(LaTeXText.escaped(title))}} \\\\\n"
      }
      return (group ?? "") + Self.row(row.map { isTight ? Self.stacked($0) : LaTeXText.prose($0) })
    }
    let head = table.columns.map { isTight ? Self.stacked($0) : LaTeXText.escaped($0.title) }
    return try templates.render(
      isLong ? "latex/blocks/long-table" : "latex/blocks/table",
      .object(
        numbered(table.label).merging([
          "label": .text(LaTeXText.argument("tab:" + table.key)),
          "caption": .text(LaTeXText.argument(LaTeXText.prose(table.caption))),
          "alignment": .text(LaTeXText.argument(layout.alignment(isShrunk: !isLong))),
          "head": .text(Self.row(head)), "rows": .text(rows.joined(separator: "\n")),
          "remarks": table.remarks.map { .object(["body": .text(LaTeXText.prose($0))]) } ?? .flag(false),
        ]) { $1 })
    ).tidied
  }

  /// What starts like an option of the line break before it is told not to.
  private static func row(_ cells: [String]) -> String {
    let row = cells.joined(separator: " & ")
    return (row.hasPrefix("[") || row.hasPrefix("*") ? "{}" : "") + row + " \\\\"
  }

  /// A number over its interval, and what marks it.
  private static func stacked(_ cell: Prose) -> String {
    let index = cell.inlines.firstIndex { if case .interval = $0 { true } else { false } }
    guard let index, index > 0 else { return LaTeXText.prose(cell) }
    return stacked(
      LaTeXText.prose(Prose(Array(cell.inlines[..<index]))),
      "\\footnotesize \(LaTeXText.prose(Prose(Array(cell.inlines[index...]))))", side: "r")
  }

  private static func stacked(_ first: String, _ second: String, side: String) -> String {
    "\\begin{tabular}[t]{@{}\(side)@{}}\(first)\\\\{}\(second)\\end{tabular}"
  }

  /// A title of several words in two lines, at the space nearest to its middle.
  private static func stacked(_ column: TableBlock.Column) -> String {
    let words = column.title.split(separator: " ").map(String.init)
    guard words.count > 1, column.title.count > 12 else { return LaTeXText.escaped(column.title) }
    let lines = (1..<words.count).map { count in
      (words.prefix(count).joined(separator: " "), words.dropFirst(count).joined(separator: " "))
    }
    guard let best = lines.min(by: { max($0.0.count, $0.1.count) < max($1.0.count, $1.1.count) }) else { return "" }
    return stacked(
      LaTeXText.escaped(best.0), LaTeXText.escaped(best.1), side: column.alignment == .right ? "r" : "l")
  }
}

/// How a table’s columns share a line of a paper of one column.
struct LaTeXTableLayout {
  private let table: TableBlock
  /// Letters to a line, lines to a page, of the size that the templates set; longer cells are paragraphs.
  private static let (line, page, long) = (75.0, 36.0, 30)

  /// In letters, by column, its title first.
  private let lengths: [[Int]]
  private let longest: [Int]
  private let isParagraph: [Bool]
  private let widths: [Double]

  init(_ table: TableBlock) {
    self.table = table
    let texts = table.columns.indices.map { column in
      [table.columns[column].title] + table.rows.map { $0[column].plain }
    }
    lengths = texts.map { $0.map(\.count) }
    longest = lengths.map { $0.max() ?? 0 }
    let (lengths, longest) = (lengths, longest)
    let isParagraph = longest.map { $0 > Self.long }
    let taken = table.columns.indices.map { isParagraph[$0] ? 3 : longest[$0] + 3 }.reduce(0, +)
    let all = table.columns.indices.map { isParagraph[$0] ? lengths[$0].reduce(0, +) : 0 }.reduce(0, +)
    // Columns of many words share what the others leave of the line by how much they have to say, each at least as wide as
    // its longest word.
    widths = table.columns.indices.map { column in
      let words = texts[column].flatMap { $0.split(separator: " ") }.map { min($0.count, Self.long) }.max() ?? 0
      return max(
        max(0.4 * Self.line, Self.line - Double(taken)) * Double(lengths[column].reduce(0, +)) / Double(max(all, 1)),
        Double(words + 1))
    }
    self.isParagraph = isParagraph
  }

  private var lines: Double {
    table.rows.indices.map { row in
      table.columns.indices.filter { isParagraph[$0] }
        .map { (Double(lengths[$0][row + 1]) / widths[$0]).rounded(.up) }.max() ?? 1
    }.reduce(0, +)
  }

  /// What makes paragraphs share the line without more; a table that breaks between pages is not made smaller.
  private var share: Double {
    let (paragraphs, others) = (
      table.columns.indices.filter { isParagraph[$0] }.map { widths[$0] }.reduce(0, +),
      table.columns.indices.filter { !isParagraph[$0] }.map { Double(longest[$0]) }.reduce(0, +)
    )
    return max(0.3, (Self.line - others - 2 * Double(table.columns.count)) / max(paragraphs, 1))
  }

  /// Higher than a page.
  var isLong: Bool { lines > Self.page }
  /// Wider than the line by more than a somewhat smaller type would mend.
  var isWide: Bool {
    let all = table.columns.indices.map { isParagraph[$0] ? widths[$0] : Double(longest[$0] + 2) }.reduce(0, +)
    return all > Self.line * 1.4
  }

  /// Numbers right, words left, columns of many words as paragraphs.
  /// - Parameter isShrunk: what is too high for a page is set wider and made smaller as a whole, so that it fills the page’s
  ///   shape.
  func alignment(isShrunk: Bool) -> String {
    let factor = isLong ? isShrunk ? (lines / Self.page).squareRoot() : share : 1
    return table.columns.indices.map { column in
      let isRight = table.columns[column].alignment == .right
      guard isParagraph[column] else { return isRight ? "r" : "l" }
      let percent = Int((widths[column] * factor / Self.line * 100).rounded())
      return
        ">{\\ragged\(isRight ? "left" : "right")\\arraybackslash}p{\(percent / 100).\(percent % 100 < 10 ? "0" : "")\(percent % 100)\\linewidth}"
    }.joined()
  }
}
