import Foundation
import RunFile

/// What lies in a study's folder and what it was made from: what `ro-crate-metadata.json` says.
public struct StudyManifest: Sendable, Equatable {
  public static let fileName = "ro-crate-metadata.json"
  public static let signatureName = fileName + ".sig"

  public var title: String
  public var authors: [String]
  /// An SPDX identifier or an address; nil where nobody said.
  public var license: String?
  public var recipe: RenderingRecipe
  /// In the report's order.
  public var runs: [RunRecord]
  /// Run files, and what of the user's the report was rendered with.
  public var sources: [ListedFile]
  /// Figures, tables, pages.
  public var rendered: [ListedFile]
  /// Titles of figures and tables, as `RenderedReport` has them.
  public var titles: [String: String]

  public var files: [ListedFile] {
    (sources + rendered).sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }
}

extension StudyManifest {
  /// Writes `ro-crate-metadata.json`.
  ///
  /// - Returns: true when a signature lies there that was of another manifest.
  /// - Throws: `ReportError.file`.
  public func save(in folder: URL) throws -> Bool {
    let (bytes, url) = (try bytes(), folder.appendingPathComponent(Self.fileName))
    let isSigned = FileManager.default.fileExists(atPath: folder.appendingPathComponent(Self.signatureName).path)
    let isSame = (try? FileDigest.data(url)).map { Array($0) == bytes } ?? false
    try OutputFile.save(bytes, at: url)
    return isSigned && !isSame
  }
}

/// One run that a folder's report tells of.
public struct RunRecord: Sendable, Equatable {
  /// The file's, or the parts folder's, inside the folder; nil for one that lies elsewhere.
  public var path: String?
  public var fileName: String
  public var description: RunDescription
  public var isPartial: Bool
  /// Nil for a run in progress.
  public var contentSHA256: String?
  /// One digest per group and data set, so that a change can be named; empty for a run in progress.
  public var objects: [RunContentDigests.Object]

  /// - Parameter path: inside the folder; nil for a run that lies elsewhere.
  /// - Throws: `HDF5Error` for a file that cannot be read.
  public init(_ reader: RunReader, path: String?) throws {
    let isFile = reader.contentSHA256 != nil
    self.init(
      reader, path: path, objects: isFile ? try reader.contentDigests().objects : [])
  }

  public init(_ reader: RunReader, path: String?, objects: [RunContentDigests.Object]) {
    self.path = path
    fileName = URL(fileURLWithPath: reader.path).lastPathComponent
    description = reader.description
    isPartial = reader.isPartial
    contentSHA256 = reader.contentSHA256
    self.objects = objects
  }
}

/// What a report is rendered with, besides the runs: enough to render it again.
public struct RenderingRecipe: Sendable, Equatable {
  public var formats: [ReportFormat]
  /// ISO 8601 in UTC, where the caller set one; nil for the run's own.
  public var date: String?
  public var imageBase: String?
  /// Nil where each format has its own.
  public var length: ReportLength?
  /// The author's text inside the folder; nil without.
  public var author: String?
  /// The folder of the user's templates inside the folder; nil without.
  public var templates: String?
  /// Its files, inside the folder.
  public var templateFiles: [String] = []
  /// Of the clearbox that rendered.
  public var version: String
  /// "Cairo 1.16.0".
  public var drawingLibrary: String
  /// SHA-256 of clearbox's own templates, fonts and published numbers, by name.
  public var resources: [Resource: String] = [:]

  public enum Resource: String, Sendable, CaseIterable {
    case templates, fonts, references

    /// In words, for messages.
    public var text: String {
      switch self {
      case .templates: "shipped templates"
      case .fonts: "fonts"
      case .references: "published numbers"
      }
    }
  }
}
