import Foundation
import Hub
import Yams

/// A study file on disk: the study, where its paths start, and which line says what.
public struct StudyFile: Sendable {
  public let study: Study
  /// As given by the user.
  public let path: String
  /// The file's text, for the record.
  public let text: String
  /// SHA-256 of the file.
  public let sha256: String
  let environment: [String: String]
  /// Line of each key that later checks may complain about, by its path.
  private let lines: [String: Int]

  /// Reads and checks a study file.
  /// - Parameters:
  ///   - environment: where CLEARBOX_CACHE, HOME and the Hub cache's variables are looked up.
  /// - Throws: `FileError`, `StudyError`.
  public init(path: String, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    let file = try MappedFile(path: path)
    try self.init(
      text: file.withBytes { String(decoding: $0, as: UTF8.self) }, sha256: SHA256Hex.digest(of: file), path: path,
      environment: environment)
  }

  /// A study's text, as a run file keeps it, as if it lay at `path`.
  init(text: String, path: String, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    try self.init(text: text, sha256: SHA256Hex.digest(of: text), path: path, environment: environment)
  }

  private init(text: String, sha256: String, path: String, environment: [String: String]) throws {
    let root = StudyNode(node: try Self.compose(text, path: path), key: "", file: path)
    let study = try StudyReader.read(root)
    var lines: [String: Int] = [:]
    Self.collectLines(root, into: &lines)
    self.path = path
    self.text = text
    self.sha256 = sha256
    self.environment = environment
    self.study = study
    self.lines = lines
  }

  // MARK: Checks against the world

  /// Checks what only the model can tell: the layer must exist.
  public func validate(model index: Int, against configuration: Gemma3Configuration) throws {
    let model = study.models[index]
    guard model.layer < configuration.layerCount else {
      throw error(
        "models[\(index)].layer",
        .impossible(
          key: "models[\(index)].layer", found: "\(model.layer)",
          needed: "\(model.name) has \(configuration.layerCount) layers, 0 to \(configuration.layerCount - 1)"))
    }
    if study.packing.length > configuration.maxPositions {
      throw error(
        "packing.length",
        .impossible(
          key: "packing.length", found: "\(study.packing.length)",
          needed: "\(model.name) was made for at most \(configuration.maxPositions) positions"))
    }
  }

  /// Checks that every experiment named exists, and that each model has an SAE where one is needed.
  public func validate(experiments known: [String], needingSAE: Set<String> = []) throws {
    for (index, name) in study.experiments.enumerated() where !known.contains(name) {
      let key = "experiments[\(index)]"
      throw error(
        key, .unknownName(key: key, found: name, nearest: Spelling.nearest(to: name, in: known), known: known))
    }
    guard let name = study.experiments.first(where: needingSAE.contains) else { return }
    for (index, model) in study.models.enumerated() where model.sae == nil {
      throw error(
        "models[\(index)]",
        .missingKey(key: "models[\(index)].sae", example: "sae: path/to/sae   (the experiment \(name) needs one)"))
    }
  }

  // MARK: Paths

  /// Where a path in the study leads: from the study file's folder; `~` and `$CLEARBOX_CACHE` are replaced. A reference
  /// to the Hugging Face Hub leads into the Hub's cache on this machine.
  /// - Parameters:
  ///   - key: the path's key, for errors: "models[0].checkpoint".
  ///   - use: what must be there, where it is a reference to the Hub.
  public func path(of reference: String, key: String, for use: HubUse) throws -> String {
    if HubReference.isWritten(in: reference) { return try resolve(reference, key: key, for: use).path }
    if let scheme = reference.range(of: "://") {
      throw error(
        key,
        .unresolved(
          key: key, found: reference,
          advice:
            "Names on \(reference[..<scheme.lowerBound]) are not fetched: download it first and give the path of the file or folder; from the Hugging Face Hub, write hf://owner/name."
        ))
    }
    var expanded = reference
    if expanded == "~" || expanded.hasPrefix("~/") {
      guard let home = environment["HOME"], !home.isEmpty else {
        throw error(key, .unresolved(key: key, found: reference, advice: "HOME is not set; write the path in full."))
      }
      expanded = home + expanded.dropFirst(1)
    }
    expanded = try replacingVariables(expanded, key: key, written: reference)
    if expanded.hasPrefix("/") { return expanded }
    let folder = (path as NSString).deletingLastPathComponent
    let joined = folder.isEmpty ? expanded : folder + "/" + expanded
    return (joined as NSString).standardizingPath
  }

  public func checkpointPath(model index: Int) throws -> String {
    try path(of: study.models[index].checkpoint, key: "models[\(index)].checkpoint", for: .checkpoint)
  }

  /// Where the checkpoints of a model's conditions lie, by the conditions' names.
  public func conditionCheckpointPaths(model index: Int) throws -> [String: String] {
    var paths: [String: String] = [:]
    for (key, condition, written) in conditionCheckpoints(model: index) {
      paths[condition.name] = try path(of: written, key: key, for: .checkpoint)
    }
    return paths
  }

  /// The conditions of a model that have a checkpoint of their own, with the key of its path and the path as written.
  func conditionCheckpoints(model index: Int) -> [(key: String, condition: Study.Condition, path: String)] {
    let model = study.models[index].name
    return study.conditions.enumerated().compactMap { place, condition in
      guard let path = condition.checkpoint?.path(model: model) else { return nil }
      let key = "conditions[\(place)].checkpoint"
      let keys = ["\(key).path.\(model)", "\(key).path", key]
      return (keys.first { lines[$0] != nil } ?? key, condition, path)
    }
  }

  /// Nil for a model without an SAE.
  public func saePath(model index: Int) throws -> String? {
    try study.models[index].sae.map { try path(of: $0, key: "models[\(index)].sae", for: .autoencoder) }
  }

  /// The corpus's files, in order.
  public func corpusPaths() throws -> [String] {
    try study.corpus.paths.enumerated().map { index, reference in
      try path(of: reference, key: corpusKey(index), for: .file)
    }
  }

  /// The key of a corpus file: its place in the list, where there is one.
  func corpusKey(_ index: Int) -> String {
    let key = "corpus.path[\(index)]"
    return lines[key] == nil ? "corpus.path" : key
  }

  /// Where downloaded models lie: CLEARBOX_CACHE, or .cache/clearbox in the home folder.
  public static func cacheFolder(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
    if let folder = environment[cacheVariable], !folder.isEmpty { return folder }
    return (environment["HOME"] ?? NSHomeDirectory()) + "/.cache/clearbox"
  }

  private static let cacheVariable = "CLEARBOX_CACHE"

  private func replacingVariables(_ text: String, key: String, written: String) throws -> String {
    guard let dollar = text.firstIndex(of: "$") else { return text }
    let rest = text[text.index(after: dollar)...]
    let name: Substring
    let after: Substring
    if rest.hasPrefix("{"), let end = rest.firstIndex(of: "}") {
      name = rest[rest.index(after: rest.startIndex)..<end]
      after = rest[rest.index(after: end)...]
    } else {
      name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      after = rest[name.endIndex...]
    }
    guard name == Self.cacheVariable else {
      throw error(
        key,
        .unresolved(
          key: key, found: written,
          advice: "Only $\(Self.cacheVariable) is replaced in a path; write other paths in full."))
    }
    return text[..<dollar] + Self.cacheFolder(environment)
      + (try replacingVariables(String(after), key: key, written: written))
  }

  // MARK: Reading

  func error(_ key: String, _ reason: StudyError.Reason) -> StudyError {
    StudyError(path: path, line: lines[key], reason: reason)
  }

  private static func compose(_ text: String, path: String) throws -> Node {
    do {
      // Programs on Windows put a byte order mark first.
      guard let node = try Yams.compose(yaml: text.unicodeScalars.first == "\u{feff}" ? String(text.dropFirst()) : text)
      else {
        throw StudyError(path: path, line: nil, reason: .invalidYAML("the file is empty"))
      }
      return node
    } catch let error as YamlError {
      let (line, problem) = describe(error)
      throw StudyError(path: path, line: line, reason: .invalidYAML(problem))
    }
  }

  private static func describe(_ error: YamlError) -> (line: Int?, problem: String) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, problem)
    case .reader(let problem, _, _, _): (nil, problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      (context.mark.line, "the key \(duplicates.sorted().joined(separator: ", ")) is given twice")
    default: (nil, "\(error)")
    }
  }

  private static func collectLines(_ node: StudyNode, into lines: inout [String: Int]) {
    lines[node.key] = node.line
    if let mapping = node.node.mapping {
      for (name, value) in mapping {
        let text = name.string ?? ""
        collectLines(
          StudyNode(node: value, key: node.key.isEmpty ? text : "\(node.key).\(text)", file: node.file), into: &lines)
      }
    } else if let elements = try? node.list() {
      for element in elements { collectLines(element, into: &lines) }
    }
  }
}
