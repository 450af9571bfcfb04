import Analysis
import Foundation
import Plot

/// What was written, for the command to tell.
public struct WrittenReport: Sendable, Equatable {
  /// Paths relative to the folder, in order of writing.
  public var files: [String]
  /// Three lines per model: accuracy, reconstruction, noise floor.
  public var headline: [String]
}

/// Writes the report of one run, or of several models, into a folder.
///
///     report.html                      one file, needs nothing else
///     report.md                        with the files below
///     figures/<key>.svg .pdf .png @2x.png .csv, and -dark.svg for dark pages
///     tables/<key>.csv
public enum ReportWriter {
  /// - Parameters:
  ///   - findings: one per model: the report tells of all of them together.
  ///   - folder: made if it is not there. Everything is rendered before the first file is written, and each file is
  ///     replaced in one step, so that a failure leaves an earlier report as it was.
  ///   - templates: folder with `html/page.mustache` and `markdown/page.mustache`.
  ///   - fonts: folder with `Inter-*.otf` and `Inter-*.woff2`.
  ///   - references: folder with the numbers that the article published, `black-box-part-4.json`.
  ///   - date: ISO 8601 in UTC for the files' metadata; nil takes the first run's finish time, or its start.
  /// - Throws: `ReportError`, `PlotError`, `TemplateError`, `ReferenceError`.
  public static func write(
    findings: [Findings], to folder: URL, templates: URL, fonts: URL, references: URL, date: String? = nil
  ) throws -> WrittenReport {
    let reference = try PublishedReference.article(in: references)
    let document = try ReportBuilder.document(of: findings, reference: reference)
    let templates = try Templates(folder: templates)
    let fontFaces = try WebFonts.faces(in: fonts)

    var files = RenderingQueue()
    files.add("report.html") { renderer in
      Array(try HTMLWriter(templates: templates, renderer: renderer, fontFaces: fontFaces).write(document).utf8)
    }
    files.add("report.md") { renderer in
      Array(try MarkdownWriter(templates: templates, creator: renderer.creator).write(document).utf8)
    }
    for block in document.figures {
      let (path, figure) = ("figures/\(block.figure.key)", block.figure)
      files.add("\(path).svg") { Array(try $0.svg(figure, theme: .light).utf8) }
      files.add("\(path)-dark.svg") { Array(try $0.svg(figure, theme: .dark).utf8) }
      files.add("\(path).pdf") { try $0.pdf(figure) }
      files.add("\(path).png") { try $0.png(figure) }
      files.add("\(path)@2x.png") { try $0.png(figure, pixelRatio: 2) }
      files.add("\(path).csv") { _ in Array(figure.table.csv.utf8) }
    }
    for table in document.tables { files.add("tables/\(table.key).csv") { _ in Array(table.csv.utf8) } }
    // A font family is not for several threads at once.
    let rendered = try files.rendered { try StudyFigures.renderer(of: findings, fonts: fonts, date: date) }

    let headline = try ReportBuilder(findings, reference: reference).headline()
    for file in rendered { try OutputFile.save(file.bytes, at: folder.appendingPathComponent(file.path)) }
    return WrittenReport(files: rendered.map(\.path), headline: headline)
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
