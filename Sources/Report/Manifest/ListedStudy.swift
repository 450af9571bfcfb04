import Foundation
import RunFile

/// What a manifest on the disk lists: as much of it as verifying needs.
public struct ListedStudy: Sendable, Equatable {
  public var files: [ListedFile]
  /// In the report's order.
  public var runs: [Run]
  public var recipe: RenderingRecipe
  /// Files that the rendering made.
  public var rendered: Set<String>

  public struct Run: Sendable, Equatable {
    public var model: String
    /// Inside the folder, of a file or of a folder of parts; nil for a run that lies elsewhere.
    public var path: String?
    public var fileName: String
    public var contentSHA256: String?
    public var objects: [RunContentDigests.Object]
  }

  /// - Throws: `ManifestError` when the bytes are no manifest of clearbox's.
  public init(_ bytes: [UInt8], path: String) throws {
    func wrong(_ reason: String) -> ManifestError { ManifestError(path: path, reason: reason) }
    let document: SortedJSON
    do { document = try SortedJSON.parsed(bytes) } catch { throw wrong("it is not JSON") }
    guard let graph = document["@graph"]?.elements else { throw wrong("it has no @graph") }
    var entities: [String: SortedJSON] = [:]
    for entity in graph {
      guard let id = entity["@id"]?.text else { throw wrong("an entity of it has no @id") }
      guard entities.updateValue(entity, forKey: id) == nil else { throw wrong("it describes \(id) twice") }
    }
    func settled(_ id: String) -> String? { id.removingPercentEncoding }

    files = []
    for id in entities["./"]?["hasPart"]?.ids ?? [] where !id.hasSuffix("/") {
      guard let file = entities[id], let listed = settled(id), Self.isInside(listed) else {
        throw wrong("it lists \(id), which is no file of the folder or is not described")
      }
      guard let digest = file["sha256"]?.text, let size = file["contentSize"]?.text.flatMap({ Int($0) }) else {
        throw wrong("it lists \(id) without size or SHA-256")
      }
      files.append(ListedFile(path: listed, byteCount: size, sha256: digest))
    }
    guard !files.isEmpty else { throw wrong("it lists no files") }
    guard let rendering = entities["#render"] else { throw wrong("it does not say how the report was rendered") }
    rendered = Set((rendering["result"]?.ids ?? []).compactMap(settled))

    var settings: [String: String] = [:]
    var templateFiles: [String] = []
    let measured = graph.filter { $0["@id"]?.text?.hasPrefix("#measure-") == true }
    runs = []
    for id in rendering["object"]?.ids ?? [] {
      if let measurement = measured.first(where: { $0["result"]?.ids.contains(id) == true }) {
        let model = measurement["@id"]?.text?.dropFirst("#measure-".count).removingPercentEncoding ?? ""
        let content = entities["#content-" + StudyManifest.fragment(model)]?["value"]?.elements.compactMap(\.text) ?? []
        var objects = content.compactMap { line -> RunContentDigests.Object? in
          let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
          guard parts.count == 2 else { return nil }
          return .init(path: parts[1].trimmingCharacters(in: .whitespaces), sha256: String(parts[0]))
        }
        let whole = objects.first.flatMap { $0.path == "content_sha256" ? $0.sha256 : nil }
        if whole != nil { objects.removeFirst() }
        let place = id.hasPrefix("#") ? nil : settled(id).map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        if let place, !Self.isInside(place) { throw wrong("its run \(id) lies outside the folder") }
        runs.append(
          Run(
            model: model, path: place, fileName: place ?? entities[id]?["name"]?.text ?? model, contentSHA256: whole,
            objects: objects))
      } else if id.hasPrefix("#render-"), let value = entities[id]?["value"]?.text {
        settings[String(id.dropFirst("#render-".count))] = value
      } else if let file = settled(id) {
        templateFiles.append(file)
      }
    }
    guard !runs.isEmpty else { throw wrong("it names no run") }
    guard let formats = settings["formats"], let list = try? ReportFormat.list(formats) else {
      throw wrong("it does not say in which formats the report was rendered")
    }
    for place in [settings["author"], settings["own-templates"]].compactMap(\.self) where !Self.isInside(place) {
      throw wrong("\(place) lies outside the folder")
    }
    let version = rendering["instrument"]?.ids.first.flatMap { entities[$0]?["softwareVersion"]?.text }
    recipe = RenderingRecipe(
      formats: list, date: settings["date"], imageBase: settings["image-base-url"],
      length: settings["length"].flatMap(ReportLength.init(rawValue:)), author: settings["author"],
      templates: settings["own-templates"], templateFiles: templateFiles.filter { $0 != settings["author"] },
      version: version ?? "unknown", drawingLibrary: settings["drawing-library"] ?? "unknown",
      resources: Dictionary(
        uniqueKeysWithValues: RenderingRecipe.Resource.allCases.compactMap { resource in
          settings[resource.rawValue + "-sha256"].map { (resource, $0) }
        }))
  }

  /// No absolute path, and none that climbs out.
  private static func isInside(_ path: String) -> Bool {
    !path.isEmpty && !path.hasPrefix("/") && !path.utf8.contains(0) && !path.split(separator: "/").contains("..")
  }
}

/// A folder's manifest is missing or cannot be used.
public struct ManifestError: Error, Sendable, Equatable, CustomStringConvertible {
  public var path: String
  /// Nil where there is none.
  public var reason: String?

  public var description: String {
    guard let reason else {
      return
        "\(path): no such file: this is no study's folder, or one of before there were manifests. Write it anew with 'clearbox render'."
    }
    return
      "\(path): this is not a manifest that clearbox wrote: \(reason). Restore it, or write it anew with 'clearbox render'."
  }
}
