import Foundation
import RunFile

/// The manifest as RO-Crate 1.1 metadata (https://w3id.org/ro/crate/1.1) that follows Process Run Crate 0.5
/// (https://w3id.org/ro/wfrun/process/0.5): the folder is the root data set, each measurement and the rendering an action.
extension StudyManifest {
  static let crateProfile = "https://w3id.org/ro/crate/1.1"
  static let runProfile = "https://w3id.org/ro/wfrun/process/0.5"

  /// The bytes of `ro-crate-metadata.json`: they follow from the manifest alone.
  public func bytes() throws -> [UInt8] {
    var entities: [String: [String: SortedJSON]] = [:]
    func add(_ id: String, _ type: String, _ properties: [String: SortedJSON?]) {
      var entity = properties.compactMapValues(\.self)
      entity["@id"] = .text(id)
      entity["@type"] = .text(type)
      entities[id] = entity
    }
    add(Self.runProfile, "CreativeWork", ["name": .text("Process Run Crate"), "version": .text("0.5")])
    for file in files {
      add(
        Self.id(file.path), "File",
        [
          "name": .text(name(of: file.path)), "contentSize": .text(String(file.byteCount)),
          "encodingFormat": .text(Self.mediaType(file.path)), "sha256": .text(file.sha256),
        ])
    }
    for (index, author) in authors.enumerated() { add("#author-\(index + 1)", "Person", ["name": .text(author)]) }
    let license = license.flatMap { LicenseReference($0) }
    if let license { add(license.address, "CreativeWork", ["name": .text(license.name)]) }

    var actions: [String] = []
    for run in runs {
      describe(run, add)
      actions.append("#measure-\(Self.fragment(run.description.model.name))")
    }
    describeRendering(add)
    actions.append("#render")

    let folders = runs.compactMap { $0.isFolder ? $0.path.map { Self.id($0 + "/") } : nil }
    let root: [String: SortedJSON] = [
      "@id": .text("./"), "@type": .text("Dataset"), "name": .text(title), "description": .text(summary),
      "datePublished": .text(date.flatMap { Self.time($0) } ?? "1970-01-01"), "conformsTo": .id(Self.runProfile),
      "hasPart": .ids(files.map { Self.id($0.path) } + folders),
      "mentions": .ids(actions),
      // The metadata must say something of it, be it that nothing was said.
      "license": license.map { .id($0.address) } ?? .text("No licence was stated: ask the authors before using this."),
    ].merging(authors.isEmpty ? [:] : ["author": .ids(authors.indices.map { "#author-\($0 + 1)" })]) { $1 }
    let descriptor: [String: SortedJSON] = [
      "@id": .text(Self.fileName), "@type": .text("CreativeWork"), "about": .id("./"),
      "conformsTo": .id(Self.crateProfile),
    ]
    let rest = entities.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
    return try SortedJSON.object([
      // Version 1.1 of the context has no word for a digest; schema.org has.
      "@context": .list([.text(Self.crateProfile + "/context"), .object(["sha256": .text("http://schema.org/sha256")])]
      ),
      "@graph": .list(([descriptor, root] + rest).map(SortedJSON.object)),
    ]).bytes()
  }

  private typealias Adding = (_ id: String, _ type: String, _ properties: [String: SortedJSON?]) -> Void

  /// When the folder was made, as far as its runs or `SOURCE_DATE_EPOCH` tell.
  private var date: String? {
    recipe.date ?? runs.first.flatMap { $0.description.provenance.finishTime ?? $0.description.provenance.startTime }
  }

  private var summary: String {
    let models = runs.map(\.description.model.name).joined(separator: ", ")
    return "What compression does to \(models): measurements, and the report rendered from them by clearbox."
  }

  // MARK: Runs

  private func describe(_ run: RunRecord, _ add: Adding) {
    let description = run.description
    let (model, provenance) = (description.model, description.provenance)
    let name = Self.fragment(model.name)
    var inputs: [String] = []
    func input(_ kind: String, _ title: String, _ words: String, _ sha256: String, url: String? = nil) {
      let id = "#\(kind)-\(name)"
      inputs.append(id)
      add(
        id, "CreativeWork",
        [
          "name": .text(title), "description": .text(words), "url": url.map { .text($0) },
          "sha256": sha256 == RunDescription.notRecorded ? nil : .text(sha256),
        ])
    }
    func address(_ role: String) -> String? {
      (description.fetched ?? []).first { $0.role == role }.map { "\($0.reference) (commit \($0.commit))" }
    }
    if let origin = description.origin {
      input("origin", origin.file, "The file that the run was imported from: \(origin.format.rawValue).", origin.sha256)
    } else {
      input(
        "checkpoint", model.checkpointFiles.joined(separator: ", "),
        "The model's checkpoint, \(model.storage). The digest is the file's; of several, that of what sha256sum prints for them.",
        model.checkpointSHA256, url: address("checkpoint"))
      for condition in description.conditions {
        guard let own = condition.checkpoint else { continue }
        input(
          "checkpoint-" + Self.fragment(condition.name), own.files.joined(separator: ", "),
          "The checkpoint of the condition \(condition.name) (\(condition.origin.rawValue)), \(own.storage).",
          own.sha256,
          url: address("checkpoint of \(condition.name)"))
      }
      input(
        "tokenizer", "Tokenizer of \(model.name)",
        "The digest is of the tokenizer file, or of the tables in a GGUF file.",
        model.tokenizerSHA256)
      input(
        "corpus", description.corpus.files.joined(separator: ", "),
        "The text. The digest is the file's; of several, that of what sha256sum prints for them. Measured tokens have SHA-256 \(description.corpus.tokenStreamSHA256).",
        description.corpus.sha256, url: address("corpus"))
      if let sae = description.sae {
        input(
          "sae", sae.name,
          "The sparse autoencoder, \(sae.architecture), \(sae.featureCount) features. The digest is of its weights.",
          sae.sha256, url: address("sae"))
      }
    }
    let version = "\(provenance.clearboxVersion), commit \(provenance.commit)"
    let program = "#clearbox-\(Self.fragment(provenance.clearboxVersion))-\(Self.fragment(provenance.commit))"
    add(program, "SoftwareApplication", ["name": .text("clearbox"), "softwareVersion": .text(version)])

    var results: [String]
    if let path = run.path {
      results = [Self.id(run.isFolder ? path + "/" : path)]
      if run.isFolder {
        add(
          results[0], "Dataset",
          [
            "name": .text("Measurements of \(model.name), unfinished"),
            "hasPart": .ids(files.filter { $0.path.hasPrefix(path + "/") }.map { Self.id($0.path) }),
          ])
      }
    } else {
      results = ["#run-\(name)"]
      add(
        results[0], "CreativeWork",
        ["name": .text(run.fileName), "description": .text("The run, which lies elsewhere.")])
    }
    if let content = run.contentSHA256 {
      let id = "#content-\(name)"
      add(
        id, "PropertyValue",
        [
          "name": .text("SHA-256 of the run file's content, and of each of its groups and data sets"),
          "propertyID": .text("content_sha256"),
          "value": .list([.text("\(content)  content_sha256")] + run.objects.map { .text("\($0.sha256)  \($0.path)") }),
        ])
      results.append(id)
    }
    let conditions = description.conditions.map(\.name).joined(separator: ", ")
    let verb = description.origin == nil ? "Measurement of" : "Import of"
    add(
      "#measure-\(name)", "CreateAction",
      [
        "name": .text("\(verb) \(model.name)"),
        "description": .text(
          "\(verb) \(model.name) under \(conditions), study \(description.study)\(run.isPartial ? "; unfinished" : "")."
        ),
        "instrument": .id(program), "object": .ids(inputs), "result": .ids(results),
        "startTime": Self.time(provenance.startTime).map { .text($0) },
        "endTime": provenance.finishTime.flatMap { Self.time($0) }.map { .text($0) },
      ])
  }

  // MARK: Rendering

  private func describeRendering(_ add: Adding) {
    let program = "#clearbox-\(Self.fragment(recipe.version))"
    add(program, "SoftwareApplication", ["name": .text("clearbox"), "softwareVersion": .text(recipe.version)])
    var objects = runs.map { run in
      run.path.map { Self.id(run.isFolder ? $0 + "/" : $0) } ?? "#run-\(Self.fragment(run.description.model.name))"
    }
    objects += ([recipe.author].compactMap(\.self) + recipe.templateFiles).map { Self.id($0) }
    for (setting, value) in recipe.settings {
      let id = "#render-\(setting)"
      add(id, "PropertyValue", ["name": .text(setting), "value": .text(value)])
      objects.append(id)
    }
    add(
      "#render", "CreateAction",
      [
        "name": .text("Rendering of the report"),
        "description": .text("Figures, tables and text, from the run files alone."), "instrument": .id(program),
        "object": .ids(objects), "result": .ids(rendered.map { Self.id($0.path) }),
      ])
  }

  // MARK: Words

  /// A path as a relative URI reference.
  static func id(_ path: String) -> String {
    var allowed = CharacterSet.urlPathAllowed
    allowed.remove(charactersIn: ":;")
    return path.addingPercentEncoding(withAllowedCharacters: allowed) ?? path
  }

  /// A name as a part of a URI's fragment.
  static func fragment(_ name: String) -> String {
    name.addingPercentEncoding(
      withAllowedCharacters: .alphanumerics.intersection(.urlPathAllowed).union(["-", "_", "."])) ?? name
  }

  /// ISO 8601 with an offset, `2026-01-02T03:04:05+00:00`; nil for what is no time in UTC.
  static func time(_ text: String) -> String? {
    text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) == nil ? nil : text.dropLast() + "+00:00"
  }

  private func name(of path: String) -> String {
    let parts = path.split(separator: "/").map(String.init)
    guard let last = parts.last else { return path }
    let ending = (last as NSString).pathExtension
    var stem = (last as NSString).deletingPathExtension
    for suffix in ["-dark", "@2x"] where stem.hasSuffix(suffix) { stem.removeLast(suffix.count) }
    let folder = parts.dropLast().last
    let key = folder == "images" ? "figures/\(stem)" : "\(folder ?? "")/\(stem)"
    if recipe.author == path { return "The author’s text" }
    if recipe.templateFiles.contains(path) { return "Template \(last)" }
    if let run = runs.first(where: { $0.path == path }) { return "Measurements of \(run.description.model.name)" }
    if let title = titles[key] { return "\(title) (\(last))" }
    return ["html", "md"].contains(ending) ? "\(title) (\(last))" : last
  }

  private static func mediaType(_ path: String) -> String {
    switch (path as NSString).pathExtension.lowercased() {
    case "html": "text/html"
    case "md": "text/markdown"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "pdf": "application/pdf"
    case "csv": "text/csv"
    case "json": "application/json"
    case "tex": "application/x-tex"
    case "h5": "application/x-hdf5"
    case "yaml", "yml": "application/yaml"
    case "css": "text/css"
    case "js": "text/javascript"
    case "mustache": "text/plain"
    default: "application/octet-stream"
    }
  }
}

extension RunRecord {
  /// The folder of a run in progress.
  var isFolder: Bool { contentSHA256 == nil }
}

extension RenderingRecipe {
  /// Names and values as the manifest keeps them.
  var settings: [(name: String, value: String)] {
    var settings = [("formats", formats.map(\.rawValue).joined(separator: ",")), ("drawing-library", drawingLibrary)]
    if let date { settings.append(("date", date)) }
    if let imageBase { settings.append(("image-base-url", imageBase)) }
    if let length { settings.append(("length", length.rawValue)) }
    if let author { settings.append(("author", author)) }
    if let templates { settings.append(("own-templates", templates)) }
    for resource in Resource.allCases {
      if let digest = resources[resource] { settings.append((resource.rawValue + "-sha256", digest)) }
    }
    return settings
  }
}
