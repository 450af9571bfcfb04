/// What sets one Markdown apart from another.
struct MarkdownFlavour: Sendable {
  /// What references inside the document can point to.
  enum Anchors: Sendable {
    /// Sections, tables and figures.
    case everything
    /// Sections alone: their headings carry the anchor.
    case sections
    case nothing
  }

  /// The folder of its templates.
  var folder: String
  /// Characters with a meaning, and what to write for them.
  var escapes: [Character: String]
  /// Characters that change when they stand twice: `--` becomes a dash where quotation marks are set as in print.
  var unrepeated: Set<Character> = []
  var anchors: Anchors
  /// Notes as GitHub's alerts, `> [!NOTE]`; else as plain quotations.
  var hasAlerts = false
  /// HTML that unfolds; else a fold lies open under its title.
  var hasFolds = false
  /// A table's note as a footnote.
  var hasFootnotes = false
  /// Code with `{{` or `{%` in it is read as a call even inside code.
  var callsInCode = false
  /// Intervals keep their brackets, though brackets are escaped elsewhere.
  var keepsIntervals = false
  /// Most columns of a table, and its width in characters; wider ones are split.
  var widest: (columns: Int, characters: Int)?
  /// Where the figure of a key lies.
  var image: @Sendable (_ key: String) -> String

  private static func backslashed(_ characters: String) -> [Character: String] {
    Dictionary(uniqueKeysWithValues: characters.map { ($0, "\\\($0)") })
  }

  private static let common = backslashed("\\`*_<>|~#").merging(["&": "&amp;"]) { $1 }

  static let gitHub = MarkdownFlavour(
    folder: "markdown", escapes: common.merging(backslashed("[]$")) { $1 }, anchors: .everything, hasAlerts: true,
    hasFolds: true, image: { "figures/\($0).svg" })

  /// For goldmark as Hugo sets it up, whether or not a site has mathematics between `$` or `\[` and `\]`: those
  /// characters are entities. Hugo drops HTML, reads `{{<` and `{{%` even in code, and sets quotation marks as in print.
  static let hugo = MarkdownFlavour(
    folder: "hugo",
    escapes: common.merging(backslashed("{\"'")) { $1 }.merging(["[": "&#91;", "]": "&#93;", "$": "&#36;"]) { $1 },
    unrepeated: ["-", "."], anchors: .sections, callsInCode: true, keepsIntervals: true,
    image: { "images/\($0).svg" })

  /// For LessWrong's editor, which takes no HTML and no anchors, and knows footnotes.
  /// - Parameter base: where the images will lie; nil for the folder beside the post.
  static func lessWrong(base: ImageBase? = nil) -> MarkdownFlavour {
    MarkdownFlavour(
      folder: "lesswrong", escapes: common.merging(backslashed("[]$")) { $1 }, anchors: .nothing, hasFootnotes: true,
      widest: (columns: 6, characters: 84), image: { "\(base?.address ?? "images")/\($0).png" })
  }
}
