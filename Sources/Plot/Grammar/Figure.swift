import Words

/// A figure: what is drawn, what is said about it, and the numbers behind it.
public struct Figure: Sendable {
  /// Names its files and its ids in a page: `performance`, `fvu`.
  public var key: String
  /// A few words for headings and document metadata.
  public var title: String
  /// What stands under it: what is shown, what the bars are, how many tokens.
  public var caption: Prose
  /// For who cannot see it: kind, variables, main finding with numbers.
  public var altText: Prose
  /// The numbers drawn.
  public var table: DataTable
  /// Which run it was made from, for its files' metadata.
  public var source: String
  public var content: Content

  public enum Content: Sendable {
    /// Panels in reading order, `columns` beside each other where the width allows. `key` explains markers above them
    /// all, where direct labels cannot.
    case panels([Panel], columns: Int, key: [DirectLabel])
    /// Drawn by itself, where panels do not serve.
    case illustration(any Illustration)
  }

  public init(
    key: String, title: String, caption: Prose, altText: Prose, table: DataTable, source: String = "",
    content: Content
  ) {
    self.key = key
    self.title = title
    self.caption = caption
    self.altText = altText
    self.table = table
    self.source = source
    self.content = content
  }

  /// Measured and placed at a width: `Points.singleColumn` stacks what `Points.doubleColumn` sets side by side.
  /// - Throws: `PlotError` for data that cannot be shown and for characters without glyph.
  public func drawing(width: Points, fonts: FontFamily) throws(PlotError) -> DrawList {
    switch content {
    case .panels(let panels, let columns, let legend):
      let fits = width < .millimetres(120) ? 1 : columns
      return try FigureLayout(fonts: fonts, width: width, columns: fits, place: "figure \(key)").drawing(
        of: panels, key: legend)
    case .illustration(let illustration):
      return try illustration.drawing(width: width, fonts: fonts)
    }
  }
}

/// A drawing without axes, such as a diagram.
public protocol Illustration: Sendable {
  /// - Throws: `PlotError` for data that cannot be shown and for characters without glyph.
  func drawing(width: Points, fonts: FontFamily) throws(PlotError) -> DrawList
}

/// The numbers of a figure: shown rounded as in the text, exported in full.
public struct DataTable: Sendable, Equatable {
  public struct Column: Sendable, Equatable {
    public var title: String
    public var isNumeric: Bool

    public init(_ title: String, isNumeric: Bool = true) {
      self.title = title
      self.isNumeric = isNumeric
    }
  }

  public enum Cell: Sendable, Equatable {
    case text(String)
    /// In full for CSV, rounded for reading.
    case number(Double, shown: String)
    case count(Int)
    /// Not defined here, e.g. the baseline's change.
    case none

    public var shown: String {
      switch self {
      case .text(let text): text
      case .number(_, let shown): shown
      case .count(let count): NumberText.integer(count)
      case .none: "–"
      }
    }

    var exported: String {
      switch self {
      case .text(let text): text
      case .number(let value, _): value.description
      case .count(let count): String(count)
      case .none: ""
      }
    }
  }

  public var columns: [Column]
  public var rows: [[Cell]]

  /// Columns of words, then columns of numbers.
  public init(words: [String], numbers: [String], rows: [[Cell]]) {
    self.init(columns: words.map { Column($0, isNumeric: false) } + numbers.map { Column($0) }, rows: rows)
  }

  public init(columns: [Column], rows: [[Cell]]) {
    self.columns = columns
    self.rows = rows
  }

  /// RFC 4180 with line feeds: numbers in full with a point, nothing where a value is not defined. A text that a spreadsheet
  /// would compute gets an apostrophe before it; what hides or turns text is written as an escape.
  public var csv: String {
    func field(_ text: String) -> String {
      let text = (Self.isFormula(text) ? "'" : "") + VisibleText.of(text)
      return text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
        ? "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : text
    }
    let lines = [columns.map(\.title)] + rows.map { $0.map(\.exported) }
    return lines.map { $0.map(field).joined(separator: ",") + "\n" }.joined()
  }

  private static func isFormula(_ text: String) -> Bool {
    switch text.unicodeScalars.first {
    case "=", "+", "-", "@", "\t", "\r": Double(text) == nil
    default: false
    }
  }
}
