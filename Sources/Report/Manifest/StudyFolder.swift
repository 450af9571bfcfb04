import Foundation
import Plot
import RunFile

/// A study's folder: made complete, so that it can be moved and verified anywhere.
public enum StudyFolder {
  /// Where copies lie of what the report was rendered with, and what lay outside the folder.
  static let copies = "rendered-from"

  /// What a report is rendered from.
  public struct Sources {
    public var runs: [RunReader]
    /// The author's file, where there is one.
    public var author: URL?
    /// The folder of the user's templates, where there is one.
    public var templates: URL?

    public init(runs: [RunReader], author: URL? = nil, templates: URL? = nil) {
      self.runs = runs
      self.author = author
      self.templates = templates
    }
  }

  /// Where sources lie inside the folder.
  public struct Places: Sendable, Equatable {
    /// In the runs' order; nil for what stays elsewhere.
    public var runs: [String?]
    public var author: String?
    public var templates: String?
    public var templateFiles: [String]
  }

  /// Copies into the folder what lies elsewhere: run files beside the report, author's text and templates into
  /// `rendered-from`. A run in progress stays where it is.
  ///
  /// - Parameter copiesRuns: false leaves run files where they are.
  /// - Throws: `ReportError.wouldReplace` where a run would replace another file.
  public static func complete(_ folder: URL, with sources: Sources, copiesRuns: Bool) throws -> Places {
    let names = sources.runs.map { URL(fileURLWithPath: $0.path).lastPathComponent }
    let areUnique = Set(names).count == names.count
    var runs: [String?] = []
    for (run, name) in zip(sources.runs, names) {
      let url = URL(fileURLWithPath: run.path)
      if let inside = FolderListing.path(of: url, in: folder) {
        runs.append(inside)
      } else if copiesRuns, run.contentSHA256 != nil {
        let name = areUnique ? name : run.description.model.name + ".h5"
        try copyRun(url, to: folder.appendingPathComponent(name))
        runs.append(name)
      } else {
        runs.append(nil)
      }
    }
    func kept(_ url: URL, as name: String) throws -> String {
      if let inside = FolderListing.path(of: url, in: folder) { return inside }
      try OutputFile.save(Array(try FileDigest.data(url)), at: folder.appendingPathComponent(name))
      return name
    }
    let author = try sources.author.map { try kept($0, as: copies + "/author.yaml") }
    var places = Places(runs: runs, author: author, templates: nil, templateFiles: [])
    if let templates = sources.templates {
      let files = try TemplateFolder.files(in: templates).keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      let place = FolderListing.path(of: templates, in: folder) ?? copies + "/templates"
      places.templates = place
      places.templateFiles = try files.map { try kept(templates.appendingPathComponent($0), as: "\(place)/\($0)") }
    }
    return places
  }

  /// Copies a run file in one step; one that is there already must be the same.
  private static func copyRun(_ source: URL, to place: URL) throws {
    let manager = FileManager.default
    if manager.fileExists(atPath: place.path) {
      guard manager.contentsEqual(atPath: source.path, andPath: place.path) else {
        throw ReportError.wouldReplace(path: place.path, source: source.path)
      }
      return
    }
    let part = OutputFile.temporary(place)
    do {
      try manager.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try? manager.removeItem(at: part)
      try manager.copyItem(at: source.resolvingSymlinksInPath(), to: part)
      try manager.moveItem(at: part, to: place)
    } catch {
      try? manager.removeItem(at: part)
      throw ReportError.file(
        path: place.path, reason: "the run file cannot be copied here (\(error.localizedDescription)).")
    }
  }

  /// The manifest of a folder, of what was rendered in memory and of the sources that lie in it.
  ///
  /// - Throws: `ReportError.file`; `HDF5Error` for a run file that cannot be read.
  public static func manifest(
    of report: RenderedReport, in folder: URL, runs: [RunReader], places: Places, author: AuthorText?,
    recipe: RenderingRecipe
  ) throws -> StudyManifest {
    var recipe = recipe
    recipe.author = places.author
    recipe.templates = places.templates
    recipe.templateFiles = places.templateFiles
    var sources = [places.author].compactMap(\.self) + places.templateFiles
    for case (let run, let place?) in zip(runs, places.runs) {
      sources +=
        run.contentSHA256 != nil
        ? [place] : try FolderListing.files(in: folder.appendingPathComponent(place)).map { place + "/" + $0 }
    }
    return StudyManifest(
      title: report.title, authors: author?.authors ?? [], license: author?.license, recipe: recipe,
      runs: try zip(runs, places.runs).map { try RunRecord($0, path: $1) },
      sources: try Set(sources).sorted().map { try ListedFile(path: $0, in: folder) },
      rendered: report.files.map { ListedFile(path: $0.path, bytes: $0.bytes) }, titles: report.titles)
  }

  /// What this clearbox renders with.
  /// - Parameter home: the folder with `templates` and `assets`.
  public static func recipe(
    formats: [ReportFormat], date: String?, imageBase: ImageBase?, length: ReportLength? = nil, version: String,
    home: URL
  ) throws -> RenderingRecipe {
    RenderingRecipe(
      formats: formats, date: date, imageBase: imageBase?.address, length: length, version: version,
      drawingLibrary: DrawingLibrary.version, resources: try resources(home: home))
  }

  /// Digests of what comes with clearbox.
  public static func resources(home: URL) throws -> [RenderingRecipe.Resource: String] {
    [
      .templates: try FileDigest.folder(home.appendingPathComponent("templates")),
      .fonts: try FileDigest.folder(home.appendingPathComponent("assets/fonts")),
      .references: try FileDigest.folder(home.appendingPathComponent("assets/references")),
    ]
  }
}
