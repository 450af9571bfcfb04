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
    let provenance = findings[0].description.provenance
    let renderer = FigureRenderer(
      fonts: try FontFamily(folder: fonts), date: date ?? provenance.finishTime ?? provenance.startTime,
      creator: "clearbox \(provenance.clearboxVersion)")
    let templates = try Templates(folder: templates)

    var files: [(path: String, bytes: [UInt8])] = []
    func add(_ path: String, _ text: String) { files.append((path, Array(text.utf8))) }
    let html = HTMLWriter(templates: templates, renderer: renderer, fontFaces: try WebFonts.faces(in: fonts))
    add("report.html", try html.write(document))
    add("report.md", try MarkdownWriter(templates: templates, creator: renderer.creator).write(document))
    for block in document.figures {
      let path = "figures/\(block.figure.key)"
      add("\(path).svg", try renderer.svg(block.figure, theme: .light))
      add("\(path)-dark.svg", try renderer.svg(block.figure, theme: .dark))
      files.append(("\(path).pdf", try renderer.pdf(block.figure)))
      files.append(("\(path).png", try renderer.png(block.figure)))
      files.append(("\(path)@2x.png", try renderer.png(block.figure, pixelRatio: 2)))
      add("\(path).csv", block.figure.table.csv)
    }
    for table in document.tables { add("tables/\(table.key).csv", table.csv) }

    let headline = try ReportBuilder(findings, reference: reference).headline()
    for file in files { try save(file.bytes, at: folder.appendingPathComponent(file.path)) }
    return WrittenReport(files: files.map(\.path), headline: headline)
  }

  private static func save(_ bytes: [UInt8], at url: URL) throws {
    do {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url, options: .atomic)
    } catch {
      throw ReportError.file(
        path: url.path,
        reason: "cannot be written (\(error.localizedDescription)). Is the folder writable and the disk not full?")
    }
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
