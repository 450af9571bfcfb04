import Analysis
import Foundation
import Plot
import RunFile

/// Verifies a study's folder: its files against the manifest, its run files against their hashes, and everything rendered
/// against what the run files give when they are rendered anew.
public struct FolderVerification {
  let folder: URL
  /// Where templates, fonts and published numbers lie.
  private let home: URL
  private let version: String
  /// Run files that lie elsewhere, to be tried where the folder has none.
  private let others: [RunReader]
  public let listed: ListedStudy
  public let manifestBytes: [UInt8]
  public internal(set) var result = Verification()
  /// The folder's runs that could be read, in the report's order.
  public private(set) var runs: [RunReader] = []

  /// - Throws: `ManifestError` where there is no manifest, or it cannot be understood.
  public init(of folder: URL, home: URL, version: String, others: [RunReader] = []) throws {
    self.folder = folder
    self.home = home
    self.version = version
    self.others = others
    let url = folder.appendingPathComponent(StudyManifest.fileName)
    guard FileManager.default.fileExists(atPath: url.path) else { throw ManifestError.none(url.path) }
    manifestBytes = Array(try FileDigest.data(url))
    listed = try ListedStudy(manifestBytes, path: url.path)
  }

  // MARK: 1. Files

  /// Compares the files with the manifest.
  public mutating func checkFiles() throws {
    let entries = try Self.filesAgainst(listed, in: folder)
    result.entries += entries
    result.add(
      .manifest, StudyManifest.fileName, .note,
      [
        "\(listed.files.count - entries.count { [.differs, .missing].contains($0.outcome) }) of \(listed.files.count) files are as listed"
      ])
  }

  /// What is not as listed, in the order of paths; empty when all is well.
  public static func filesAgainst(_ listed: ListedStudy, in folder: URL) throws -> [Verification.Entry] {
    var entries: [Verification.Entry] = []
    for file in listed.files {
      guard FileManager.default.fileExists(atPath: folder.appendingPathComponent(file.path).path) else {
        entries.append(.init(.manifest, file.path, .missing, ["listed, and not there"]))
        continue
      }
      let found: ListedFile
      do { found = try ListedFile(path: file.path, in: folder) } catch {
        entries.append(.init(.manifest, file.path, .differs, ["\(error)"]))
        continue
      }
      guard found != file else { continue }
      let sizes = found.byteCount == file.byteCount ? [] : ["\(found.byteCount) bytes, \(file.byteCount) are listed"]
      entries.append(
        .init(.manifest, file.path, .differs, sizes + ["SHA-256 \(found.sha256)", "listed  \(file.sha256)"]))
    }
    let known = Set(listed.files.map(\.path) + [StudyManifest.fileName, StudyManifest.signatureName])
    // Beside a finished run file, a run that goes on or was stopped: no part of what the manifest stands for.
    let unfinished = listed.runs.filter { $0.contentSHA256 != nil }.compactMap { $0.path }
      .flatMap { [$0 + RunInProgress.partsEnding, $0 + RunInProgress.temporaryEnding] }
    var noted: Set<String> = []
    for path in try FolderListing.files(in: folder) where !known.contains(path) {
      if let run = unfinished.first(where: { path == $0 || path.hasPrefix($0 + "/") }) {
        if noted.insert(run).inserted {
          entries.append(.init(.manifest, run, .note, ["of a run that is not finished; not looked at"]))
        }
        continue
      }
      entries.append(
        .init(.manifest, path, .unlisted, ["no manifest knows it: left from an earlier rendering, or added since"]))
    }
    return entries
  }

  // MARK: 2. Runs

  /// Compares the run files' content with its hashes.
  public mutating func checkRuns() {
    for run in listed.runs {
      let name = run.path ?? run.fileName
      do {
        guard let reader = try reader(of: run) else {
          result.add(
            .runs, name, .missing,
            [run.path == nil ? "the report was rendered without it: give the run file by --run" : "not there"])
          continue
        }
        result.check(run: reader, as: name, listed: run)
        runs.append(reader)
      } catch {
        result.add(.runs, name, .differs, ["cannot be read: \(error)"])
      }
    }
  }

  private func reader(of run: ListedStudy.Run) throws -> RunReader? {
    if let path = run.path {
      let place = folder.appendingPathComponent(path).path
      if FileManager.default.fileExists(atPath: place) {
        return run.contentSHA256 == nil
          ? try RunReader(partsFolder: place) : try RunReader(place, verifyingContent: false)
      }
    }
    return others.first { $0.contentSHA256 == run.contentSHA256 && $0.description.model.name == run.model }
  }

  // MARK: 3. Rendering

  /// Renders everything anew in memory and compares byte for byte, the manifest too.
  public mutating func checkRendering() {
    explainOthers()
    guard runs.count == listed.runs.count else {
      return result.add(.rendering, "report", .unchecked, ["a run file that it was rendered from cannot be read"])
    }
    let report: RenderedReport
    let author: AuthorText?
    do {
      author = try listed.recipe.author.map { try AuthorText.read(folder.appendingPathComponent($0)) }
      report = try ReportWriter.rendered(
        findings: try runs.map { try Findings(of: $0) }, formats: listed.recipe.formats,
        templates: home.appendingPathComponent("templates"),
        ownTemplates: listed.recipe.templates.map { folder.appendingPathComponent($0) },
        fonts: home.appendingPathComponent("assets/fonts"),
        references: home.appendingPathComponent("assets/references"),
        date: listed.recipe.date, imageBase: try listed.recipe.imageBase.map { try ImageBase($0) }, author: author,
        length: listed.recipe.length)
    } catch {
      return result.add(.rendering, "report", .differs, ["cannot be rendered anew: \(error)"])
    }
    if result.entries(of: .runs).contains(where: \.outcome.isFailure) {
      result.add(
        .rendering, "run files", .note, ["a run file is not as it was, so what is rendered from it may differ too"])
    }
    let known = Dictionary(listed.files.map { ($0.path, $0) }) { first, _ in first }
    var rendered: [ListedFile] = []
    var same = 0
    for file in report.files {
      let own = ListedFile(path: file.path, bytes: file.bytes)
      rendered.append(known[file.path] ?? own)
      if known[file.path] == nil {
        result.add(.rendering, file.path, .differs, ["the run gives it, the manifest does not list it"])
      }
      guard let found = try? FileDigest.data(folder.appendingPathComponent(file.path)) else { continue }
      if let lines = ByteDifference.lines(found: Array(found), expected: file.bytes) {
        result.add(.rendering, file.path, .differs, lines)
      } else {
        same += 1
      }
    }
    let given = Set(report.files.map(\.path))
    for path in listed.rendered.subtracting(given).sorted() {
      result.add(.rendering, path, .differs, ["the manifest says that it was rendered; the run does not give it"])
    }
    checkManifest(report, author, rendered)
    result.add(
      .rendering, "report", .note,
      ["\(same) of \(report.files.count) files are the same, byte for byte, when they are rendered anew"])
  }

  /// What the manifest says beyond digests follows from the runs, the author's text and the recipe.
  private mutating func checkManifest(_ report: RenderedReport, _ author: AuthorText?, _ rendered: [ListedFile]) {
    let made = Set(rendered.map(\.path)).union(listed.rendered)
    let manifest = StudyManifest(
      title: report.title, authors: author?.authors ?? [], license: author?.license, recipe: listed.recipe,
      runs: zip(runs, listed.runs).map { reader, listed in
        var record = RunRecord(reader, path: listed.path, objects: listed.objects)
        record.fileName = listed.fileName
        record.contentSHA256 = listed.contentSHA256
        return record
      },
      sources: listed.files.filter { !made.contains($0.path) }, rendered: rendered, titles: report.titles)
    do {
      guard let lines = ByteDifference.lines(found: manifestBytes, expected: try manifest.bytes()) else { return }
      result.add(.rendering, StudyManifest.fileName, .differs, lines)
    } catch {
      result.add(.rendering, StudyManifest.fileName, .differs, ["cannot be written anew: \(error)"])
    }
  }

  /// Says what may make bytes differ although nobody changed anything.
  private mutating func explainOthers() {
    func explain(_ subject: String, _ then: String, _ now: String) {
      guard then != now else { return }
      result.add(
        .rendering, subject, .note, ["rendered with \(then); this is \(now): bytes may differ for that reason"])
    }
    explain("clearbox", "clearbox \(listed.recipe.version)", "clearbox \(version)")
    explain("drawing library", listed.recipe.drawingLibrary, DrawingLibrary.version)
    let own = (try? StudyFolder.resources(home: home)) ?? [:]
    for resource in RenderingRecipe.Resource.allCases where own[resource] != listed.recipe.resources[resource] {
      result.add(
        .rendering, resource.text, .note,
        ["clearbox's \(resource.text) are others than those it was rendered with: bytes may differ for that reason"])
    }
  }
}

extension ManifestError {
  static func none(_ path: String) -> ManifestError { ManifestError(path: path, reason: nil) }
}
