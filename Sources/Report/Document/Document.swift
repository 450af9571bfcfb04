import Plot
import Words

/// The whole report as a value: built once from findings, written by every format's writer.
public struct Document: Sendable, Equatable {
  public var title: String
  /// One line under the title: what was measured.
  public var subtitle: String
  /// "Measured on 1 March 2026 with clearbox 1.0.0".
  public var dateline: String
  /// For metadata: two or three sentences.
  public var abstract: String
  public var sections: [Section]
  /// Single facts that templates may name: `facts.model`, `facts.tokens`.
  public var facts: [String: String]
  /// Who signs it.
  public var authors: [String] = []
  /// "2026-03-01", of the first run; nil where it is not recorded.
  public var day: String?
  /// What it stands on, the article that it follows first.
  var sources: [Source] = []

  /// The figure that stands for the whole where a link to it is shown: the front page’s.
  var preview: Figure? { figures.first?.figure }
  /// Every figure in order of appearance.
  var figures: [FigureBlock] { sections.flatMap(\.figures) }
  /// Every table in order of appearance.
  var tables: [TableBlock] { sections.flatMap(\.tables) }
}

/// A heading and what stands under it.
public struct Section: Sendable, Equatable {
  public var key: Key
  public var title: String
  public var blocks: [Block]

  /// Names its anchor, and its key in templates and in an author's text. Open: a document may have sections of its own.
  public struct Key: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }

    static let result = Key(rawValue: "result"), causes = Key(rawValue: "causes"), metrics = Key(rawValue: "metrics")
    static let presentation = Key(rawValue: "presentation"), runs = Key(rawValue: "runs")
    static let figures = Key(rawValue: "figures")
    /// Those of documents that compare runs.
    static let ofComparisons = [result, causes, metrics, presentation, runs, figures]
  }

  init(_ key: Key, _ title: String, _ blocks: [Block]) {
    self.key = key
    self.title = title
    self.blocks = blocks
  }

  var figures: [FigureBlock] {
    unfolded.compactMap { if case .figure(let figure) = $0 { figure } else { nil } }
  }
  var tables: [TableBlock] {
    unfolded.compactMap { block in
      switch block {
      case .table(let table): table
      case .tiles(let tiles): tiles.table
      default: nil
      }
    }
  }
  /// Its blocks, those inside folds in their place.
  var unfolded: [Block] {
    blocks.flatMap { if case .fold(let fold) = $0 { fold.blocks } else { [$0] } }
  }
}

public enum Block: Sendable, Equatable {
  case heading(String)
  /// The report's answer, set in bold.
  case lead(Prose)
  case paragraph(Prose)
  case list([Prose])
  case note(Note)
  case table(TableBlock)
  case tiles(Tiles)
  case figure(FigureBlock)
  /// Commands and file contents, character for character.
  case code(String)
  case fold(Fold)
}

/// What most readers do not need: its title stands there, the rest is there to unfold.
public struct Fold: Sendable, Equatable {
  public var title: String
  /// No folds among them.
  public var blocks: [Block]
}

/// Words set apart: what a reader must not miss.
public struct Note: Sendable, Equatable {
  public enum Kind: String, Sendable { case warning, remark }
  public var kind: Kind
  public var title: String
  public var text: Prose
}

public struct TableBlock: Sendable, Equatable {
  public enum Alignment: Sendable, Equatable { case left, right }
  public struct Column: Sendable, Equatable {
    public var title: String
    public var alignment: Alignment

    public init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  /// Names its anchor, its CSV file and its key in templates.
  public var key: String
  /// "Table 1"; nil for the small ones of the methodology.
  public var label: String?
  public var caption: Prose
  public var columns: [Column]
  public var rows: [[Prose]]
  /// Columns that name the row: one, or two where models stand before conditions.
  public var headingCount = 1
  /// The group that each row belongs to, empty where rows have none; rows of a group stand together.
  public var groups: [String] = []
  /// What a reader needs to know about the columns.
  public var remarks: Prose?
  /// So many columns that a page is to be wider for it.
  public var isWide = false

  /// The title to print before a row: its group's, where that begins.
  func groupTitle(before row: Int) -> String? {
    guard groups.indices.contains(row), row == 0 || groups[row] != groups[row - 1] else { return nil }
    return groups[row]
  }
}

public struct FigureBlock: Sendable, Equatable {
  /// "Figure 2".
  public var label: String
  public var figure: Figure

  public static func == (a: FigureBlock, b: FigureBlock) -> Bool {
    a.label == b.label && a.figure.key == b.figure.key && a.figure.caption == b.figure.caption
  }
}
