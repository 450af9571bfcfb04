import Analysis
import ArgumentParser
import Foundation
import Plot
import Report
import RunFile

struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw figures and report from run files alone: no model is needed.",
    discussion: """
      Give one run file per model: one report tells of all of them. The folder of a run that was interrupted \
      (<model>.h5.parts) does too; its report says that it is partial. The same run files give the same bytes.

      EXAMPLE
        clearbox render out/quick/gemma-3-270m.h5 --format html,hugo
      """)

  @Argument(help: ArgumentHelp("Run files, or folders of parts.", valueName: "run"))
  var runs: [String]

  @Option(help: ArgumentHelp("Folder for the report; default: where the first run lies.", valueName: "folder"))
  var out: String?

  @Flag(
    help: ArgumentHelp(
      "Do not copy run files into a folder that they do not lie in: it is then verified by 'clearbox verify --run'."))
  var withoutRun = false

  @OptionGroup var report: ReportOptions

  func run() throws {
    let folder = out.map { URL(fileURLWithPath: $0) } ?? URL(fileURLWithPath: runs[0]).deletingLastPathComponent()
    try Self.report(runs, to: folder, home: Resources.home(), report, copiesRuns: !withoutRun)
  }

  /// Writes the report, then the folder's manifest, and prints where it is and its headline.
  ///
  /// - Parameters:
  ///   - study: the study file that was run, beside which its author's words may lie.
  ///   - copiesRuns: copy run files that lie elsewhere into the folder.
  ///   - patience: how many seconds to wait for another report that is being written there.
  static func report(
    _ runs: [String], to folder: URL, home: URL, _ options: ReportOptions, study: String? = nil,
    copiesRuns: Bool = true,
    patience: Double = 0
  ) throws {
    Terminal.say("== Report")
    let formats = try options.formats()
    let readers = try runs.map { try open($0) }
    // Files of two reports in one folder would be of neither.
    let lock = try FolderLock(report: folder.path, patience: patience)
    defer { withExtendedLifetime(lock) {} }
    let authorFile = options.authorFile(beside: runs[0], study: study)
    let author = try authorFile.map { try AuthorText.read($0) }
    let (date, imageBase) = (try RenderingDate.fromEnvironment(), try options.imageBase())
    let written = try ReportWriter.rendered(
      findings: try Findings.each(of: readers), formats: formats,
      templates: home.appendingPathComponent("templates"), ownTemplates: options.templates,
      fonts: home.appendingPathComponent("assets/fonts"), references: home.appendingPathComponent("assets/references"),
      date: date, imageBase: imageBase, author: author, length: options.length)
    let places = try StudyFolder.complete(
      folder, with: .init(runs: readers, author: authorFile, templates: options.templates), copiesRuns: copiesRuns)
    try written.save(in: folder)
    let manifest = try StudyFolder.manifest(
      of: written, in: folder, runs: readers, places: places, author: author,
      recipe: StudyFolder.recipe(
        formats: formats, date: date, imageBase: imageBase, length: options.length, version: Version.text, home: home))
    let losesSignature = try manifest.save(in: folder)
    let others = "\(written.files.count - written.pages.count) files of figures and tables"
    for (index, page) in written.pages.enumerated() {
      let path = folder.appendingPathComponent(page).path
      Terminal.say("   \(path)" + (index == written.pages.count - 1 ? ", and \(others)" : ""))
    }
    if written.pages.isEmpty { Terminal.say("   \(folder.path): \(others)") }
    if formats.contains(.lesswrong), imageBase == nil {
      Terminal.say(
        "   LessWrong shows no images of a local folder: upload those of lesswrong/images and give their folder's address by --image-base-url, or drag them into the editor."
      )
    }
    for case (let run, nil) in zip(readers, places.runs) {
      Terminal.say("   The run \(run.path) stays where it is: give it to 'clearbox verify' by --run.")
    }
    if let note = try labels(
      readers.map(\.description).flatMap { run in
        [run.title, run.model.name] + run.conditions.map(\.label) + run.corpus.sources
      }, home: home)
    {
      Terminal.say("   \(note)")
    }
    if losesSignature {
      Terminal.say("   \(StudyManifest.signatureName) was of the earlier report: sign again with 'clearbox sign'.")
    }
    Terminal.say()
    for line in written.headline { Terminal.say(line) }
  }

  /// What figures show of these labels in another font than the report's own, in a sentence; nil where there is nothing
  /// to say.
  static func labels(_ texts: [String], home: URL) throws -> String? {
    try FontFamily(folder: home.appendingPathComponent("assets/fonts")).substitutions(in: texts)
  }

  /// - Parameter verifyingContent: false for who compares the content with its hash later.
  static func open(_ path: String, verifyingContent: Bool = true) throws -> RunReader {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return exists && isFolder.boolValue
      ? try RunReader(partsFolder: path) : try RunReader(path, verifyingContent: verifyingContent)
  }
}

extension ReportLength: ExpressibleByArgument {}

/// How a report is written, for every command that writes one.
struct ReportOptions: ParsableArguments {
  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      "What to write: \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")), with commas between; docs/formats.md describes them.",
      valueName: "formats"))
  var formatNames: String = ReportFormat.usual.map(\.rawValue).joined(separator: ",")

  @Option(
    help: ArgumentHelp(
      "How much to write of it in every format: full, or short, some 1,200 words; default: short for lesswrong, else full.",
      valueName: "length"))
  var length: ReportLength?

  @OptionGroup var templateOption: TemplateOption

  @Option(
    name: .customLong("image-base-url"),
    help: ArgumentHelp("Address of the folder where a LessWrong post's images will lie.", valueName: "url"))
  var imageBaseAddress: String?

  @Option(
    name: .customLong("author"),
    help: ArgumentHelp(
      "Your own words for the report; default: <study>.author.yaml beside the study that is run, or author.yaml beside the first run file, where there is one.",
      valueName: "file"))
  var authorFile: String?

  /// The author's file: the one that is named, or the usual one where it is there.
  func authorFile(beside run: String?, study: String? = nil) -> URL? {
    if let authorFile { return URL(fileURLWithPath: authorFile) }
    let usual = [
      study.map { URL(fileURLWithPath: $0).deletingPathExtension().appendingPathExtension("author.yaml") },
      run.map { URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent("author.yaml") },
    ]
    return usual.compactMap(\.self).first { FileManager.default.fileExists(atPath: $0.path) }
  }

  var templates: URL? { templateOption.folder }

  func formats() throws -> [ReportFormat] { try ReportFormat.list(formatNames) }
  func imageBase() throws -> ImageBase? { try imageBaseAddress.map { try ImageBase($0) } }

  func validate() throws {
    do {
      let formats = try formats()
      if try imageBase() != nil, !formats.contains(.lesswrong) {
        throw ValidationError("--image-base-url is for a LessWrong post: add --format lesswrong.")
      }
    } catch let error as ReportFormatError {
      throw ValidationError(error.description)
    }
  }

  /// Before hours of measuring: whether the templates can be used, and the author's words be read.
  func check(home: URL, study: String) throws {
    _ = try Templates(folder: home.appendingPathComponent("templates"), own: templates)
    _ = try authorFile(beside: nil, study: study).map { try AuthorText.read($0) }
  }
}
