import Crypto
import Foundation
import Plot

/// What a comparison's page shares with the report: its style, script and font.
public struct PageResources {
  let style: String
  let script: String
  let fontFaces: String
  let renderer: FigureRenderer

  /// - Parameters:
  ///   - home: folder with `templates` and `assets`.
  ///   - creator: "clearbox 1.0.0".
  /// - Throws: `ReportError.file`, `PlotError.unreadableFont`.
  public init(home: URL, creator: String) throws {
    func text(_ path: String) throws -> String {
      let url = home.appendingPathComponent(path)
      guard let text = try? String(contentsOf: url, encoding: .utf8) else {
        throw ReportError.file(path: url.path, reason: "it cannot be read. Set CLEARBOX_HOME to clearbox's source folder.")
      }
      return text
    }
    let fonts = home.appendingPathComponent("assets/fonts")
    style = try text("templates/html/style.css")
    script = try text("templates/html/script.js")
    fontFaces = try WebFonts.faces(in: fonts)
    // Inside a page a figure has no date of its own.
    renderer = FigureRenderer(fonts: try FontFamily(folder: fonts), date: "", creator: creator)
  }
}

/// A page that needs nothing else, in the report's style: sections of text, tables that sort, and figures.
struct ComparisonPage {
  var title: String
  var subtitle: String
  private(set) var sections: [(id: String, title: String, body: [String])] = []
  private var figureCount = 0
  private var tableCount = 0

  init(title: String, subtitle: String) { (self.title, self.subtitle) = (title, subtitle) }

  mutating func section(_ id: String, _ title: String) { sections.append((id, title, [])) }

  /// To the last section.
  mutating func add(_ html: String) {
    guard !sections.isEmpty else { return }
    sections[sections.count - 1].body.append(html)
  }

  mutating func heading(_ text: String) { add("<h3>\(HTMLText.escaped(text))</h3>") }
  mutating func paragraph(_ text: String) { add("<p>\(HTMLText.escaped(text))</p>") }

  mutating func list(_ items: [String]) {
    guard !items.isEmpty else { return }
    add("<ul>\n" + items.map { "<li>\(HTMLText.escaped($0))</li>\n" }.joined() + "</ul>")
  }

  // MARK: Tables

  /// A cell's markup, escaped by whoever made it.
  struct Cell {
    var html: String
    var className = ""

    static func text(_ text: String) -> Cell { Cell(html: HTMLText.escaped(text)) }
    static func code(_ text: String) -> Cell { Cell(html: "<code>\(HTMLText.escaped(text))</code>") }

    /// A number to sort by, as printed, with an interval under it.
    static func number(_ shown: String, _ value: Double?, interval: String = "", detail: String = "") -> Cell {
      guard let value, value.isFinite else { return .text(shown) }
      let title = detail.isEmpty ? "" : " title=\"\(HTMLText.escaped(detail))\""
      let range = interval.isEmpty ? "" : " <span class=\"interval\">\(HTMLText.escaped(interval))</span>"
      return Cell(html: "<data value=\"\(value.description)\"\(title)>\(HTMLText.escaped(shown))</data>\(range)")
    }
  }

  /// - Parameters:
  ///   - columns: titles, and whether numbers stand in them.
  ///   - headings: so many columns at the left name the row.
  ///   - data: the numbers in full, to save as CSV.
  mutating func table(
    _ caption: String, _ columns: [(title: String, isNumeric: Bool)], _ rows: [[Cell]], headings: Int = 1, data: DataTable? = nil
  ) {
    tableCount += 1
    let id = "table-\(tableCount)"
    let head = columns.map { "<th scope=\"col\" class=\"\($0.isNumeric ? "right" : "left")\">\(HTMLText.escaped($0.title))</th>\n" }.joined()
    let body = rows.map { row in
      let cells = zip(columns, row).enumerated().map { index, pair in
        let (column, cell) = pair
        let name = ([column.isNumeric ? "right" : "left"] + (cell.className.isEmpty ? [] : [cell.className])).joined(separator: " ")
        return index < headings
          ? "<th scope=\"row\" class=\"\(name)\">\(cell.html)</th>\n" : "<td class=\"\(name)\">\(cell.html)</td>\n"
      }
      return "<tr>\n\(cells.joined())</tr>\n"
    }.joined()
    add(
      """
      <figure class="table" id="\(id)">
      <figcaption id="\(id)-caption">\(HTMLText.escaped(caption))</figcaption>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="\(id)-caption">
      <table aria-labelledby="\(id)-caption">
      <thead>
      <tr>
      \(head)</tr>
      </thead>
      <tbody>
      \(body)</tbody>
      </table>
      </div>\(data.map { "\n<p class=\"files\"><a download=\"\(id).csv\" href=\"\(Self.address(ofCSV: $0.csv))\">This table as CSV</a></p>" } ?? "")
      </figure>
      """)
  }

  private static func address(ofCSV text: String) -> String {
    "data:text/csv;charset=utf-8;base64," + Data(text.utf8).base64EncodedString()
  }

  // MARK: Figures

  mutating func figure(_ figure: Figure, _ renderer: FigureRenderer) throws {
    figureCount += 1
    let (id, label) = ("figure-\(figure.key)", "Figure \(figureCount)")
    func drawing(_ variant: String, _ width: Points) throws -> String {
      try InlineSVG.compact(renderer.inlineSVG(figure, variant: variant, width: width))
    }
    let head = figure.table.columns.map { "<th scope=\"col\" class=\"\($0.isNumeric ? "right" : "left")\">\(HTMLText.escaped($0.title))</th>\n" }
    let rows = figure.table.rows.map { row in
      "<tr>\n"
        + zip(figure.table.columns, row).map { "<td class=\"\($0.isNumeric ? "right" : "left")\">\(HTMLText.cell($1))</td>\n" }.joined()
        + "</tr>\n"
    }
    add(
      """
      <figure class="figure" id="\(id)">
      <div class="wide">\(try drawing("wide", .doubleColumn))</div>
      <div class="narrow">\(try drawing("narrow", .singleColumn))</div>
      <figcaption><span class="label">\(label)</span> <strong>\(HTMLText.escaped(figure.title)).</strong> \(HTMLText.prose(figure.caption))</figcaption>
      <details>
      <summary>Data of \(label)</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Data of \(label)">
      <table aria-label="Data of \(label)">
      <thead>
      <tr>
      \(head.joined())</tr>
      </thead>
      <tbody>
      \(rows.joined())</tbody>
      </table>
      </div>
      <p class="files"><a download="\(id).csv" href="\(Self.address(ofCSV: figure.table.csv))">\(label) as CSV</a></p>
      </details>
      </figure>
      """)
  }

  // MARK: The page

  /// What the report's style lacks.
  private static let ownStyle = """
    .verdict{font-weight:600;white-space:nowrap}
    .verdict.worse{color:var(--worse)}
    .verdict.better{color:var(--better)}
    .verdict.calm{font-weight:400;color:var(--muted)}
    .verdict .more{display:block;font-weight:400;white-space:normal;color:var(--muted)}
    .change{margin:.6rem 0 1.2rem;display:grid;grid-template-columns:1.4rem minmax(0,1fr);font-size:.92rem;line-height:1.5}
    .change dt{font-weight:600;color:var(--muted)}
    .change dd{margin:0 0 .35rem}
    .change mark{background:var(--faint);color:inherit;font-weight:600;padding:0 .1em}
    .finding{margin:1.4rem 0 0}
    td.right{white-space:nowrap}
    details+ul{margin-top:1rem}
    .lead{font-size:1.06rem;font-weight:600}
    :root{--worse:#a02608;--better:#0b6b3a}
    @media (prefers-color-scheme:dark){:root{--worse:#ff9b7a;--better:#6fd39b}}
    @media print{:root{--worse:#000;--better:#000}}
    .page{grid-template-columns:minmax(0,54rem)}
    @media (min-width:1180px){.page{grid-template-columns:11rem minmax(0,54rem)}}
    """

  func html(_ resources: PageResources) -> String {
    func variables(_ theme: Theme) -> String {
      ColorRole.allCases.map { "--fig-\($0.rawValue):\(theme[$0].hex);" }.joined()
    }
    // The policy allows the script by the hash of its bytes as they stand in the page.
    let script = String(resources.script.tidied.dropLast())
    let hash = Data(SHA256.hash(data: Data(script.utf8))).base64EncodedString()
    let contents = sections.map { "<li><a href=\"#\($0.id)\">\(HTMLText.escaped($0.title))</a></li>\n" }.joined()
    let body = sections.map { section in
      "<section id=\"\(section.id)\">\n<h2>\(HTMLText.escaped(section.title))</h2>\n\(section.body.joined(separator: "\n"))\n</section>\n"
    }.joined()
    let page = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-\(hash)'; img-src data:; font-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="\(HTMLText.escaped(resources.renderer.creator))">
      <title>\(HTMLText.escaped(title))</title>
      <style>
      \(resources.fontFaces)
      :root{ \(variables(.light)) }
      @media (prefers-color-scheme:dark){:root{ \(variables(.dark)) }}
      @media print{:root{ \(variables(.light)) }}
      \(resources.style)
      \(Self.ownStyle)
      </style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the comparison</a>
      <div class="page">
      <header>
      <h1>\(HTMLText.escaped(title))</h1>
      <p class="subtitle">\(HTMLText.escaped(subtitle))</p>
      </header>
      <nav class="contents" aria-label="Contents">
      <details open>
      <summary>Contents</summary>
      <ol>
      \(contents)</ol>
      </details>
      </nav>
      <main id="main" tabindex="-1">
      \(body)</main>
      <footer>
      <p>\(HTMLText.escaped(resources.renderer.creator)). <span class="how">Point at a number to see what it is<span class="scripted" hidden>; or tap it, or go to it with the Tab and arrow keys. A table’s headings sort it</span>.</span></p>
      </footer>
      </div>
      <script>\(script)</script>
      </body>
      </html>

      """
    return page.tidied
  }
}
