import Foundation
import Plot

/// A document as one file that needs nothing beside it.
public struct SinglePage {
  private let templates: Templates
  private let fonts: URL
  private let creator: String

  /// - Parameters:
  ///   - home: folder with `templates` and `assets`.
  ///   - ownTemplates: folder of the user's, which stand in for the shipped ones of the same paths.
  ///   - creator: "clearbox 1.0.0".
  /// - Throws: `TemplateError`.
  public init(home: URL, ownTemplates: URL?, creator: String) throws {
    templates = try Templates(folder: home.appendingPathComponent("templates"), own: ownTemplates)
    fonts = home.appendingPathComponent("assets/fonts")
    self.creator = creator
  }

  /// - Throws: `TemplateError`, `PlotError`, `ReportError.file` for a font that cannot be read.
  public func html(_ document: Document) throws -> String {
    // Inside a page a figure has no date of its own.
    let renderer = FigureRenderer(fonts: try FontFamily(folder: fonts), date: "", creator: creator)
    return try HTMLWriter(
      templates: templates, renderer: renderer, fontFaces: try WebFonts.faces(in: fonts), hasFiles: false
    ).write(document)
  }

  /// GitHub's Markdown; figures, which would be files beside it, are not to be in the document.
  /// - Throws: `TemplateError`.
  public func markdown(_ document: Document) throws -> String {
    try MarkdownWriter(templates: templates, creator: creator).write(document)
  }
}
