import Analysis
import Foundation
import Plot

/// What was written, for the command to tell.
public struct WrittenReport: Sendable, Equatable {
  /// Paths relative to the folder, in order of writing.
  public var files: [String]
  /// Those to open first: a page, a post, a file to include. The others belong to them.
  public var pages: [String]
  /// Three lines per model: accuracy, reconstruction, noise floor.
  public var headline: [String]
}

/// A report in memory, before a byte of it is on the disk.
public struct RenderedReport: Sendable {
  /// Paths relative to the folder, in order of writing.
  public var files: [(path: String, bytes: [UInt8])]
  public var pages: [String]
  public var headline: [String]
  /// The report's title, the author's where there is one.
  public var title: String
  /// Titles of figures and captions of tables, by what their files' paths begin with: `figures/fvu`, `tables/fvu`.
  public var titles: [String: String]
}

/// Writes the report of one run, or of several models, into a folder.
///
///     report.html                      html: one file, needs nothing else
///     report.md                        gfm: with the files below
///     figures/<key>.svg .pdf .png @2x.png .csv, and -dark.svg for dark pages: html and gfm
///     tables/<key>.csv                 html, gfm and tables
///     tables/<key>.json                tables
///     hugo/<study>/index.md            hugo: a page bundle, with images/<key>.svg
///     lesswrong/post.md                lesswrong: with images/<key>.png
///     latex/article.tex                latex: with references.bib, tables.tex, figures.tex, figures/<key>.pdf
///     report.pdf                       pdf: that article, typeset
public enum ReportWriter {
  /// - Parameters:
  ///   - findings: one per model: the report tells of all of them together.
  ///   - folder: made if it is not there. Everything is rendered before the first file is written, and each file is
  ///     replaced in one step, so that a failure leaves an earlier report as it was.
  ///   - formats: what to write.
  ///   - templates: folder of the shipped templates.
  ///   - ownTemplates: folder of the user's, which stand in for the shipped ones of the same paths.
  ///   - fonts: folder with `Inter-*.otf` and `Inter-*.woff2`.
  ///   - references: folder with the numbers that the article published, `black-box-part-4.json`.
  ///   - date: ISO 8601 in UTC for the files' metadata; nil takes the first run's finish time, or its start.
  ///   - imageBase: where LessWrong's images will lie; nil names the folder beside the post.
  ///   - author: the author's own words, merged in.
  ///   - length: of every format; nil takes each format's own.
  /// - Throws: `ReportError`, `NumberError`, `PlotError`, `TemplateError`, `ReferenceError`.
  public static func write(
    findings: [Findings], to folder: URL, formats: [ReportFormat] = ReportFormat.usual, templates: URL,
    ownTemplates: URL? = nil, fonts: URL, references: URL, date: String? = nil, imageBase: ImageBase? = nil,
    author: AuthorText? = nil, length: ReportLength? = nil
  ) throws -> WrittenReport {
    let report = try rendered(
      findings: findings, formats: formats, templates: templates, ownTemplates: ownTemplates, fonts: fonts,
      references: references, date: date, imageBase: imageBase, author: author, length: length)
    try report.save(in: folder)
    return WrittenReport(files: report.files.map(\.path), pages: report.pages, headline: report.headline)
  }

  /// Everything that `write` writes, as it would lie on the disk. Parameters and errors are those of `write`.
  public static func rendered(
    findings: [Findings], formats: [ReportFormat] = ReportFormat.usual, templates: URL, ownTemplates: URL? = nil,
    fonts: URL, references: URL, date: String? = nil, imageBase: ImageBase? = nil, author: AuthorText? = nil,
    length: ReportLength? = nil
  ) throws -> RenderedReport {
    let reference = try PublishedReference.article(in: references)
    let builder = try ReportBuilder(findings, reference: reference)
    let full = try builder.document(author: author)
    let isShort = formats.contains { ($0.length(length)) == .short }
    let short = isShort ? try builder.document(author: author, length: .short) : full
    func chosen(_ format: ReportFormat) -> Document { format.length(length) == .short ? short : full }
    // Figures and tables beside the page are those of the longest that refers to them.
    let document = formats.contains { $0.length(length) == .full } ? full : short
    let templates = try Templates(folder: templates, own: ownTemplates)

    var files = RenderingQueue()
    var pages: [String] = []
    func addPage(_ path: String, _ render: @escaping (FigureRenderer) throws -> String) {
      pages.append(path)
      files.add(path) { Array(try render($0).utf8) }
    }
    func addFigures(
      _ format: ReportFormat, _ folder: String, _ ending: String,
      _ render: @escaping (FigureRenderer, Figure) throws -> [UInt8]
    ) {
      for block in chosen(format).figures {
        let figure = block.figure
        files.add("\(folder)/\(figure.key)\(ending)") { try render($0, figure) }
      }
    }

    if formats.contains(.html) {
      let fontFaces = try WebFonts.faces(in: fonts)
      let document = chosen(.html)
      addPage("report.html") {
        try HTMLWriter(templates: templates, renderer: $0, fontFaces: fontFaces).write(document)
      }
    }
    if formats.contains(.gfm) {
      let (page, document) = (formats.contains(.html) ? "report.html" : nil, chosen(.gfm))
      addPage("report.md") {
        try MarkdownWriter(templates: templates, creator: $0.creator, page: page).write(document)
      }
    }
    if formats.contains(.html) || formats.contains(.gfm) {
      for block in chosen(.html).figures {
        let (path, figure) = ("figures/\(block.figure.key)", block.figure)
        files.add("\(path).svg") { Array(try $0.svg(figure, theme: .light).utf8) }
        files.add("\(path)-dark.svg") { Array(try $0.svg(figure, theme: .dark).utf8) }
        files.add("\(path).pdf") { try $0.pdf(figure) }
        files.add("\(path).png") { try $0.png(figure) }
        files.add("\(path)@2x.png") { try $0.png(figure, pixelRatio: 2) }
        files.add("\(path).csv") { _ in Array(figure.table.csv.utf8) }
      }
    }
    if !Set(formats).isDisjoint(with: [.html, .gfm, .tables]) {
      for table in chosen(.tables).tables {
        files.add("tables/\(table.key).csv") { _ in Array(TableData(table).csv.utf8) }
      }
    }
    if formats.contains(.tables) {
      for table in chosen(.tables).tables {
        files.add("tables/\(table.key).json") { _ in Array(try TableData(table).json().utf8) }
      }
    }
    if formats.contains(.hugo) {
      let document = chosen(.hugo)
      let bundle = "hugo/" + HugoText.slug(document.facts["study"] ?? "")
      addPage("\(bundle)/index.md") {
        try MarkdownWriter(templates: templates, creator: $0.creator, flavour: .hugo, date: $0.date).write(document)
      }
      addFigures(.hugo, "\(bundle)/images", ".svg") { Array(try $0.svg($1, theme: .light).utf8) }
      // What shows a link to the page shows no SVG.
      if let preview = document.preview {
        files.add("\(bundle)/images/\(preview.key).png") { try $0.png(preview, pixelRatio: 2) }
      }
    }
    if formats.contains(.lesswrong) {
      let document = chosen(.lesswrong)
      addPage("lesswrong/post.md") {
        try MarkdownWriter(templates: templates, creator: $0.creator, flavour: .lessWrong(base: imageBase)).write(
          document)
      }
      addFigures(.lesswrong, "lesswrong/images", ".png") { try $0.png($1, pixelRatio: 2) }
    }
    if formats.contains(.latex) {
      let document = chosen(.latex)
      addPage("latex/tables.tex") { try LaTeXWriter(templates: templates, creator: $0.creator).tables(document) }
      addPage("latex/figures.tex") { try LaTeXWriter(templates: templates, creator: $0.creator).figures(document) }
    }
    var article = RenderingQueue()
    if formats.contains(.latex) || formats.contains(.pdf) {
      let document = chosen(formats.contains(.latex) ? .latex : .pdf)
      if formats.contains(.latex) { pages.append("latex/article.tex") }
      article.add("article.tex") {
        Array(try LaTeXArticle(templates: templates, creator: $0.creator).write(document).utf8)
      }
      article.add("references.bib") { _ in Array(BibTeX.file(document.sources).utf8) }
      for figure in document.figures.map(\.figure) { article.add("figures/\(figure.key).pdf") { try $0.pdf(figure) } }
    }
    // A font family is not for several threads at once.
    func renderer() throws -> FigureRenderer { try StudyFigure.renderer(of: findings, fonts: fonts, date: date) }
    var rendered = try files.rendered(renderer)
    let typeset = try article.rendered(renderer)
    if formats.contains(.latex) { rendered += typeset.map { ("latex/" + $0.path, $0.bytes) } }
    if formats.contains(.pdf) {
      pages.append("report.pdf")
      rendered.append(("report.pdf", try ArticlePDF.typeset(typeset, date: try renderer().date)))
    }

    let headline = try builder.headline()
    var titles: [String: String] = [:]
    for block in document.figures { titles["figures/\(block.figure.key)"] = block.figure.title }
    for table in document.tables { titles["tables/\(table.key)"] = table.caption.plain }
    return RenderedReport(files: rendered, pages: pages, headline: headline, title: document.title, titles: titles)
  }
}

extension RenderedReport {
  /// Clears away the halves of an earlier rendering that was stopped, too.
  ///
  /// - Throws: `ReportError.file`.
  public func save(in folder: URL) throws {
    let copies = (try? FolderListing.files(in: folder)) ?? []
    OutputFile.clearAway(halvesOf: files.map(\.path) + copies + [StudyManifest.fileName], in: folder)
    for file in files { try OutputFile.save(file.bytes, at: folder.appendingPathComponent(file.path)) }
  }
}

/// The font inside the page.
enum WebFonts {
  static func faces(in folder: URL) throws -> String {
    let styles = [
      ("Inter-Regular.woff2", 400, "normal"), ("Inter-SemiBold.woff2", 600, "normal"),
      ("Inter-Italic.woff2", 400, "italic"),
    ]
    return try styles.map { file, weight, style in
      let url = folder.appendingPathComponent(file)
      guard let data = try? Data(contentsOf: url) else {
        throw ReportError.file(
          path: url.path, reason: "the font cannot be read. Point to the folder assets/fonts of the sources.")
      }
      return
        """
        @font-face{font-family:"Inter";font-weight:\(weight);font-style:\(style);src:url(data:font/woff2;base64,\(data.base64EncodedString())) \
        format("woff2");}
        """
    }.joined(separator: "\n")
  }
}
