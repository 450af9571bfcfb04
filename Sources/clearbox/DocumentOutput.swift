import ArgumentParser
import Foundation
import Report

/// Where a document goes that is one file, and how it is set: for diff and compare.
struct DocumentOutput: ParsableArguments {
  @Option(name: [.short, .customLong("output")], help: ArgumentHelp("File to write, instead of standard output.", valueName: "file"))
  var output: String?

  @OptionGroup var templates: TemplateOption

  static let creator = "clearbox \(Version.text)"

  /// Before anything is read: whether the file can be written, and the format takes templates.
  func check(_ format: String) throws {
    try output.map(OutputPlace.check)
    if templates.folder != nil, !["markdown", "html"].contains(format) {
      throw ValidationError("--template is for markdown and html, not for \(format).")
    }
  }

  /// In colour on a terminal alone.
  func text(_ document: Document) -> Data {
    let isColoured =
      output == nil && isatty(FileHandle.standardOutput.fileDescriptor) == 1
      && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    return Data(TextWriter(isColoured: isColoured).write(document).utf8)
  }

  func markdown(_ document: Document) throws -> Data { Data(try page().markdown(document).utf8) }
  func html(_ document: Document) throws -> Data { Data(try page().html(document).utf8) }

  private func page() throws -> SinglePage {
    try SinglePage(home: Resources.home(), ownTemplates: templates.folder, creator: Self.creator)
  }

  func write(_ data: Data) throws { try OutputPlace.write(data, to: output) }
}

/// The user's templates, for every command that writes pages.
struct TemplateOption: ParsableArguments {
  @Option(
    name: .customLong("template"),
    help: ArgumentHelp("Folder of your templates; what it lacks is as shipped. Begin with 'clearbox template init'.", valueName: "folder"))
  var path: String?

  var folder: URL? { path.map { URL(fileURLWithPath: $0) } }
}
